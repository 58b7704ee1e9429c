"""What is done to a proxy, and how what a client saw is told in words: acts of many experiments."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from lbcheck.lab.client import Client, accepted
from lbcheck.lab.experiment import Act
from lbcheck.lab.proxy import Proxy, Running, running
from lbcheck.lab.target import Target, dead, serving, silent

CHECKED_S = 1.3
"""After this time the fast checks of experiments have taken out what fails them."""
SILENCE_S = 1.7
"""The silence of a client: timeouts of one second end it, those of three do not."""
HANDSHAKE_OK = "the handshake is answered 101"
ALL_OK = "handshakes are answered 101"
CUT = "a silent socket is cut"
OPEN = "a silent socket stays open and carries frames"

Made = Target | None | str
"""A target, None: a dead one, or "silent": one that drops what is sent to it."""


@contextmanager
def in_front(proxy: Proxy, config: str, targets: Mapping[int, Made | int]) -> Iterator[Running]:
    """`proxy` serving `config` in front of these targets (by the port the example gives them)."""
    with ExitStack() as stack:
        ports: dict[int, int] = {}
        made: dict[int, int] = {}
        for written, target in targets.items():
            if isinstance(target, int):
                ports[written] = target
                continue
            if id(target) not in made:
                made[id(target)] = stack.enter_context(_port(target))
            ports[written] = made[id(target)]
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lbcheck-"))
        yield stack.enter_context(running(proxy, config, folder, ports))


@contextmanager
def _port(target: Made) -> Iterator[int]:
    if target is None:
        with dead() as port:
            yield port
    elif isinstance(target, str):
        with silent() as port:
            yield port
    else:
        with serving(target):
            yield target.port


def usual(target: Made) -> dict[int, Made | int]:
    """The targets of most examples: this one, and at 9003 the pages of a plain web server."""
    return {9000: target, 9001: target, 9002: target, 9003: Target("pages", pages=True)}


def status(port: int, cookie: str = "", within: float = 4.0) -> int | None:
    """What one handshake is answered with; None: nothing."""
    with Client(port, cookie=cookie) as client:
        return client.answer(within)[0]


def node(port: int, cookie: str = "", after_s: float = 0.0) -> str:
    """The target that one handshake is taken by, or its refusal."""
    with Client(port, cookie=cookie, after_s=after_s) as client:
        answered, headers = client.answer(4.0)
    return headers.get("x-node", "none") if answered == 101 else str(answered)


def answers(statuses: Iterable[int | None]) -> str:
    """In words: which answers there were, each told once."""
    told = sorted({"not at all" if each is None else str(each) for each in statuses})
    return f"handshakes are answered {', '.join(told)}"


def led_to(nodes: Collection[str]) -> str:
    """In words: which targets the handshakes reached."""
    return f"handshakes reach {' and '.join(sorted(set(nodes)))}"


def handshake(make: Callable[[], Target] = Target, path: str = "/ws/chat") -> Act:
    """One handshake, told by its answer; a 101 that no client accepts is told as such."""

    def act(proxy: Proxy, config: str) -> str:
        with in_front(proxy, config, usual(make())) as served, Client(served.port, path) as client:
            answered, headers = client.answer()
        if answered == 101 and not accepted(headers):
            return "the handshake is answered with a 101 that clients refuse"
        return f"the handshake is answered {answered}"

    return act


def handshakes(
    first: Callable[[], Made], second: Callable[[], Made] = lambda: Target("b"), times: int = 4,
    third: Callable[[], Made] = lambda: None, after_s: float = 0.0, cookie: str = "",
) -> Act:  # fmt: skip
    """Several handshakes, after health checks had their time."""

    def act(proxy: Proxy, config: str) -> str:
        targets = {9001: first(), 9002: second(), 9003: third()}
        with in_front(proxy, config, targets) as served:
            time.sleep(after_s)
            return answers(status(served.port, cookie) for _ in range(times))

    return act


def nodes(cookie: str = "", after_s: float = 0.0) -> Act:
    """Which of three targets some handshakes reach, with a cookie or without."""

    def act(proxy: Proxy, config: str) -> str:
        targets: dict[int, Made | int] = {9000 + n: Target(name) for n, name in _THREE}
        with in_front(proxy, config, targets) as served:
            time.sleep(CHECKED_S / 2)
            return led_to([node(served.port, cookie, after_s) for _ in range(4)])

    return act


_THREE = ((1, "a"), (2, "b"), (3, "c"))


def quiet(proxy: Proxy, config: str) -> str:
    """A WebSocket on which nobody says anything for a while."""
    with in_front(proxy, config, usual(Target())) as served, Client(served.port) as client:
        if client.answer()[0] != 101:
            return "the handshake fails"
        if client.closed_within(SILENCE_S):
            return CUT
        return OPEN if client.echoes() else "a silent socket carries nothing any more"


def lone() -> None:
    """A target that is dead."""


def refusing(ready: int = 503) -> Callable[[], Target]:
    """A target that takes no handshake and answers its health path so."""
    return lambda: Target("a", takes=False, ready=ready)
