"""Where handshakes land, with and without cookies, and whether sessions are found again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lbcheck.probe.checks import Asker
from lbcheck.probe.handshake import new_key, opening
from lbcheck.probe.landings import Landing, Session, Spread
from lbcheck.probe.node import Node, cookies


def spread(
    asker: Asker,
    url: str,
    times: int,
    node: Node,
    subprotocols: tuple[str, ...] = (),
    session: Callable[[Asker, str], Session] | None = None,
) -> Spread:
    """So many handshakes without cookies and as many with those of the answers before.

    Args: session: opens a session of the profile's protocol and comes back to it.
    """
    jar: dict[str, str] = {}

    def landings(*, brings: bool) -> Iterator[Landing]:
        for _ in range(times):
            cookie = written(jar) if brings else ""
            request = opening(new_key(), subprotocols=subprotocols, cookie=cookie)
            answer = asker.ask(url, request)
            if brings:
                jar.update(cookies(answer))
            yield Landing(answer.said, node.of(answer))

    without = tuple(landings(brings=False))
    sticky = tuple(landings(brings=True))
    found = session(asker, url) if session is not None else None
    return Spread(without, sticky, tuple(jar), found, node.told)


def written(jar: dict[str, str]) -> str:
    """The value of a `Cookie` header."""
    return "; ".join(f"{name}={value}" for name, value in jar.items())
