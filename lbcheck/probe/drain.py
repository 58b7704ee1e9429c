"""The drain rehearsal: many WebSockets are held while a target drains, and clients come back.

One loop waits at every socket; a few threads do nothing but connect, which blocks. A thread for
each of a thousand sockets would wake up more often than anything happens.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Protocol

from msgspec import Struct

from lbcheck.probe import checks, ladder
from lbcheck.probe.comeback import SOONEST_S, Comeback
from lbcheck.probe.drain_command import Command
from lbcheck.probe.frames import End, Talk
from lbcheck.probe.handshake import Answer, Request, new_key, opening
from lbcheck.probe.node import Node
from lbcheck.probe.rehearsal import Attempt, Rehearsal

_SLICE_S = 0.5
_SEND_S = 0.2
_THREADS = 64


class Line(ladder.Line, Protocol):
    """A connection after its 101, at which somebody can wait."""

    def send(self, data: bytes, within_s: float = ...) -> End | None: ...

    def fileno(self) -> int: ...

    @property
    def waiting(self) -> bool: ...

    def close(self) -> None: ...


class Opener(checks.Asker, Protocol):
    """Whoever opens connections, and leaves it to others to end them."""

    def open(
        self, url: str, request: Request, *, gently: bool = True
    ) -> tuple[Answer, Line | None]: ...


class Drill(Struct, frozen=True):
    """What is rehearsed.

    clients: WebSockets that are held; rate: how many are opened a second; window_s: how long they
    are watched then; ping_s: how often each is pinged; health: the path that clients ask before
    they come back; command: drains a target.
    """

    clients: int = 20
    rate: float = 5.0
    window_s: float = 60.0
    ping_s: float = 20.0
    comeback: Comeback = Comeback()
    health: str | None = None
    command: tuple[str, ...] = ()


def rehearse(
    opener: Opener,
    url: str,
    drill: Drill,
    node: Node,
    subprotocols: tuple[str, ...] = (),
    ready: Callable[[int], None] = lambda held: None,
    shown: Callable[[float], None] = lambda elapsed_s: None,
) -> Rehearsal:
    """Hold WebSockets, let a target be drained, and follow the clients until the window ends.

    Args: node: how instances tell who they are; ready: is called with the number of WebSockets
    that are held, when a target may be drained; shown: again and again with the seconds since then.

    Raises: UsageError for a command that cannot be started.
    """
    crowd = _Crowd(opener, url, drill, node, subprotocols)
    try:
        crowd.gather()
        ready(crowd.held)
        # Where nobody is held there is nothing to learn, and so no reason to drain anything.
        with Command(drill.command if crowd.held else ()) as command:
            began_s = crowd.watch(drill.window_s, shown)
            return crowd.seen(command, began_s)
    finally:
        crowd.leave()


class _Client:
    """One client: its last WebSocket, its connection, how often it failed since, and when it may
    try again."""

    __slots__ = ("attempt", "failed", "line", "not_before_s", "number", "talk")

    def __init__(self, number: int) -> None:
        self.number = number
        self.failed = 0
        self.not_before_s = 0.0
        self.attempt: Attempt | None = None
        self.line: Line | None = None
        self.talk = Talk()


class _Crowd:
    """All clients, and what is due when."""

    def __init__(
        self, opener: Opener, url: str, drill: Drill, node: Node, subprotocols: tuple[str, ...]
    ) -> None:
        self._opener, self._url, self._drill, self._node = opener, url, drill, node
        self._subprotocols = subprotocols
        self._started = time.monotonic()
        self._attempts: list[Attempt] = []
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = count()
        self._clients = [_Client(number) for number in range(drill.clients)]
        self._pool = ThreadPoolExecutor(min(drill.clients, _THREADS))
        self._under_way: set[Future[None]] = set()
        self._arrived: deque[tuple[_Client, Attempt, Answer, Line | None]] = deque()
        self._bell, self._heard = socket.socketpair()
        self._bell.setblocking(False)
        self._heard.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._heard, selectors.EVENT_READ)

    @property
    def held(self) -> int:
        return sum(client.line is not None for client in self._clients)

    def gather(self) -> None:
        """Open a WebSocket for each client, no faster than the rate allows."""
        for client in self._clients:
            self._later(client.number / self._drill.rate, partial(self._try, client))
        while len({attempt.client for attempt in self._attempts}) < len(self._clients):
            self._turn(self._now() + _SLICE_S)

    def watch(self, window_s: float, shown: Callable[[float], None]) -> float:
        """Follow them for so long. Returns: when that began."""
        began_s = self._now()
        while (passed_s := self._now() - began_s) < window_s:
            shown(passed_s)
            self._turn(min(began_s + window_s, self._now() + _SLICE_S))
        return began_s

    def seen(self, command: Command, began_s: float) -> Rehearsal:
        drill = self._drill
        return Rehearsal(
            window_s=drill.window_s,
            clients=drill.clients,
            manner=drill.comeback.manner,
            attempts=tuple(self._attempts),
            automatic=drill.comeback.automatic,
            named=self._node.told,
            began_s=began_s,
            ran=command.ran(),
        )

    def leave(self) -> None:
        """Say goodbye; what is still being connected is closed when it comes."""
        self._pool.shutdown(cancel_futures=True)
        for _, _, _, line in self._arrived:
            if line is not None:
                line.close()
        for client in self._clients:
            if client.line is not None:
                client.line.send(client.talk.goodbye(), _SEND_S)
                client.line.close()
        self._selector.close()
        self._bell.close()
        self._heard.close()

    def _now(self) -> float:
        return time.monotonic() - self._started

    def _later(self, at_s: float, what: Callable[[], None]) -> None:
        heappush(self._due, (at_s, next(self._serial), what))

    def _turn(self, until_s: float) -> None:
        """Do what is due, and wait for what comes."""
        while self._due and self._due[0][0] <= self._now() <= until_s:
            heappop(self._due)[2]()
        next_s = min(until_s, self._due[0][0]) if self._due else until_s
        for key, _ in self._selector.select(max(0.0, next_s - self._now())):
            if self._now() > until_s:
                break  # those who flood must not take all the time there is
            if isinstance(key.data, _Client):
                self._listen(key.data)
            else:
                with suppress(BlockingIOError):
                    self._heard.recv(4096)
        for future in [each for each in self._under_way if each.done()]:
            self._under_way.remove(future)
            future.result()
        while self._arrived:
            self._take(*self._arrived.popleft())

    def _try(self, client: _Client) -> None:
        client.not_before_s = self._now() + SOONEST_S
        self._under_way.add(self._pool.submit(self._connect, client, self._now()))

    def _connect(self, client: _Client, at_s: float) -> None:
        """In a thread of the pool."""
        drill, line = self._drill, None
        attempt = Attempt(client.number, at_s, "health")
        try:
            if drill.health is not None and client.attempt is not None:
                asked = Request(path=drill.health)
                answer, line = self._opener.open(self._url, asked, gently=False)
                attempt.healthy = 200 <= (answer.status or 0) < 300
                if line is not None:
                    line.close()
                line = None
            if attempt.healthy is not False:
                request = opening(new_key(), subprotocols=self._subprotocols)
                answer, line = self._opener.open(self._url, request, gently=False)
                attempt.said = answer.said
                attempt.node = self._node.of(answer)
            attempt.opened_s = self._now()
            self._arrived.append((client, attempt, answer, line))
        finally:
            with suppress(OSError):
                self._bell.send(b"!")

    def _take(self, client: _Client, attempt: Attempt, answer: Answer, line: Line | None) -> None:
        comeback = self._drill.comeback
        self._attempts.append(attempt)
        if line is None:
            client.failed += 1
            later = attempt.healthy is False or comeback.again(answer)
            attempt.final = not later or client.failed >= comeback.attempts
            if client.attempt is not None and not attempt.final:
                self._come_back(client)
            return
        client.attempt, client.line, client.talk, client.failed = attempt, line, Talk(), 0
        self._selector.register(line, selectors.EVENT_READ, client)
        self._later(self._now() + self._drill.ping_s, partial(self._ping, client, line))
        self._listen(client)  # frames that came along with the 101 are read already

    def _listen(self, client: _Client) -> None:
        more = True
        while more and (line := client.line) is not None:
            heard = line.receive(0.0)
            if isinstance(heard, bytes):
                answer = client.talk.take(heard)
                gone = line.send(answer, _SEND_S) if answer else None
                heard = client.talk.end or gone
            more = line.waiting
            if heard is not None:
                self._end(client, line, heard)

    def _ping(self, client: _Client, line: Line) -> None:
        if client.line is not line:
            return
        if (gone := line.send(client.talk.ping(), _SEND_S)) is not None:
            self._end(client, line, gone)
            return
        self._later(self._now() + self._drill.ping_s, partial(self._ping, client, line))

    def _end(self, client: _Client, line: Line, end: End) -> None:
        if client.attempt is not None:
            client.attempt.end, client.attempt.ended_s = end, self._now()
        self._selector.unregister(line)
        line.close()
        client.line = None
        if self._drill.comeback.after(end):
            self._come_back(client)
        elif client.attempt is not None:
            client.attempt.final = True

    def _come_back(self, client: _Client) -> None:
        delay_s = self._drill.comeback.delay_s(client.failed)
        self._later(max(self._now() + delay_s, client.not_before_s), partial(self._try, client))
