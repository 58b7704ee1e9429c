"""Sessions of protocols that begin with plain requests: opened, and looked for again.

Engine.IO's long polling and SockJS's xhr keep a session in one process. A request that follows and
is led to another one is answered that nobody knows the session.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

from lbcheck.probe.checks import Asker
from lbcheck.probe.handshake import Answer, Request
from lbcheck.probe.landings import Session
from lbcheck.probe.node import cookies

_TIMES = 6
_SID = re.compile(r'"sid":\s?"([A-Za-z0-9_-]{1,128})"')
_TEXT = ("Content-Type", "text/plain;charset=UTF-8")


def engine_io(asker: Asker, url: str) -> Session:
    """Open a session of Engine.IO's long polling, send noops to it, and close it."""
    path = _polling(url)
    opened = asker.ask(url, Request(path=path))
    sid = _SID.search(opened.body)
    if opened.status != 200 or sid is None:
        return Session("Engine.IO", opened.status)
    path = f"{path}&sid={sid[1]}"
    jar = _jar(opened)
    # A noop ("6") asks nothing of the application; a poll would hang until there is news.
    answers = list(_followed(asker, url, path, b"6", jar))
    asker.ask(url, Request((_TEXT, *jar), "POST", path, body=b"1"))
    return _session("Engine.IO", opened, answers, _unknown_to_engine_io)


def sockjs(asker: Asker, url: str) -> Session:
    """Open a session of SockJS's xhr and send no messages to it; unused, it ends by itself."""
    server, name = random.randrange(1000), random.randrange(16**8)
    path = f"{_base(url)}/{server:03}/{name:08x}"
    opened = asker.ask(url, Request(method="POST", path=f"{path}/xhr"))
    if opened.status != 200 or not opened.body.startswith("o"):
        return Session("SockJS", opened.status)
    answers = list(_followed(asker, url, f"{path}/xhr_send", b"[]", _jar(opened)))
    return _session("SockJS", opened, answers, lambda answer: answer.status == 404)


def _followed(
    asker: Asker, url: str, path: str, body: bytes, jar: tuple[tuple[str, str], ...]
) -> Iterator[Answer]:
    for _ in range(_TIMES):
        yield asker.ask(url, Request((_TEXT, *jar), "POST", path, body=body))


def _session(
    protocol: str, opened: Answer, answers: list[Answer], unknown: Callable[[Answer], bool]
) -> Session:
    lost = sum(map(unknown, answers))
    return Session(protocol, opened.status, tuple(answer.status for answer in answers), lost)


def _unknown_to_engine_io(answer: Answer) -> bool:
    known = re.search(r'"code":\s?1\b|Session ID unknown', answer.body) is None
    return answer.status == 400 and not known


def _jar(answer: Answer) -> tuple[tuple[str, str], ...]:
    brought = "; ".join(f"{name}={value}" for name, value in cookies(answer).items())
    return (("Cookie", brought),) if brought else ()


def _polling(url: str) -> str:
    """The path and query of Engine.IO's long polling, of the WebSocket's own."""
    path, _, query = _path(url).partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith("transport=")]
    if not any(part.startswith("EIO=") for part in kept):
        kept.append("EIO=4")
    return f"{path}?{'&'.join([*kept, 'transport=polling'])}"


def _base(url: str) -> str:
    """SockJS's base path: without `/websocket`, and without `/000/session` before it."""
    path = _path(url).partition("?")[0].rstrip("/")
    return re.sub(r"(?:/[0-9]{3}/[^/]++)?/websocket$", "", path)


def _path(url: str) -> str:
    return "/" + url.partition("//")[2].partition("#")[0].partition("/")[2]
