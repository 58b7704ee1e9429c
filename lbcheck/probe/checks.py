"""What is asked of a URL, one request after the other: the handshake and its negative controls."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Protocol

from lbcheck.probe.diagnosis import diagnose
from lbcheck.probe.handshake import FOREIGN_ORIGIN, Answer, Request, faults, new_key, opening
from lbcheck.probe.result import Control, Handshake, Kind


class Asker(Protocol):
    """Whoever brings the answer to a request."""

    def ask(self, url: str, request: Request) -> Answer: ...


def handshake(asker: Asker, url: str, subprotocols: tuple[str, ...] = ()) -> Handshake:
    """The handshake of a URL and, where it is good, the controls: six requests at most."""
    key = new_key()
    answer = asker.ask(url, opening(key, subprotocols=subprotocols))
    if answer.status != 101:
        return Handshake(answer, diagnosis=diagnose(answer))
    wrong = tuple(faults(answer, key, subprotocols))
    controls = tuple(_controls(asker, url, subprotocols)) if not wrong else ()
    return Handshake(answer, wrong, controls=controls)


def random_path() -> str:
    """A path that no service has: what answers it answers to anything."""
    return f"/lbcheck-{random.randrange(16**12):012x}"


def _controls(asker: Asker, url: str, subprotocols: tuple[str, ...]) -> Iterator[Control]:
    def proper(**changed: str) -> Request:
        return opening(new_key(), subprotocols=subprotocols, **changed)

    for kind, request in (
        (Kind.PLAIN, Request()),
        (Kind.VERSION_12, proper(version="12")),
        (Kind.NO_KEY, opening(None, subprotocols=subprotocols)),
        (Kind.FOREIGN_ORIGIN, proper(origin=FOREIGN_ORIGIN)),
        (Kind.RANDOM_PATH, proper(path=random_path())),
    ):
        yield Control(kind, asker.ask(url, request))
