"""What a probe saw of one service. Values only: reporters show them, `problems` judges them."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from lbcheck.probe.diagnosis import Diagnosis
from lbcheck.probe.handshake import Answer


class Kind(Enum):
    """Requests that are no proper handshake, and what a person calls them."""

    PLAIN = "without Upgrade"
    VERSION_12 = "version 12"
    NO_KEY = "without a key"
    FOREIGN_ORIGIN = "foreign Origin"
    RANDOM_PATH = "random path"


class Control(Struct, frozen=True):
    """The answer to a request that is no proper handshake."""

    kind: Kind
    answer: Answer


class Handshake(Struct, frozen=True):
    """The proper handshake: why a client could not use it, and the controls where it could.

    `diagnosis` is there for every answer but 101.
    """

    answer: Answer
    faults: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None
    controls: tuple[Control, ...] = ()

    @property
    def good(self) -> bool:
        return self.answer.status == 101 and not self.faults


class Target(Struct, frozen=True):
    """A target's health check beside a handshake with it.

    `asked`: the check's method and path; `cannot_fail`: a path that nobody has passes as well.
    """

    name: str
    asked: str
    check: Answer
    passes: bool
    cannot_fail: bool
    handshake: Handshake

    @property
    def agree(self) -> bool:
        """Do the check and the WebSocket say the same?"""
        return self.passes == self.handshake.good


class Seen(Struct, frozen=True):
    """All that was seen of one URL, whose `name` has no secrets in it."""

    name: str
    handshake: Handshake
    targets: tuple[Target, ...] = ()
