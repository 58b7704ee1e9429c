"""What a rule is. Declaration only: importing a rule registers nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

from lbcheck.finding import Problem, Severity
from lbcheck.model import Listener, Pool, Route, Topology, Vendor

if TYPE_CHECKING:
    from lbcheck.profile import Profile

Subject = TypeVar("Subject", Listener, Route, Pool, Topology)


class Family(Enum):
    UPGRADE = "upgrade"
    HEALTH = "health"
    IDLE = "idle"
    DRAIN = "drain"
    BALANCE = "balance"
    CHAIN = "chain"
    LIVE = "live"
    LBCHECK = "lbcheck"

    @classmethod
    def of(cls, code: str) -> Family:
        """LB3xx is IDLE, and so on."""
        return _FAMILY[code[2]]


_FAMILY = {
    "1": Family.UPGRADE,
    "2": Family.HEALTH,
    "3": Family.IDLE,
    "4": Family.DRAIN,
    "5": Family.BALANCE,
    "6": Family.CHAIN,
    "7": Family.LIVE,
    "9": Family.LBCHECK,
}


class Example(Struct, frozen=True):
    """A configuration that shows the fault and one that does not.

    Lines that must be reported in `bad` end with the marker `# <- here` (in a JSON snapshot:
    `"#": "<- here"` cannot stand there, so `here` lists JSON-pointer-like paths instead).
    `good` is silent for every rule. `profile` is the name or YAML text of the profile to judge by.
    `since` is the oldest proxy version that accepts `bad`, and on which it is at fault, such as
    (1, 29, 4); empty: every one.
    `kind`: the kind of source where it is not the vendor's own ("kubernetes"); `edition`: that of
    nginx which alone knows its statements ("plus"), where open-source nginx refuses them;
    `draining_s`: for how long earlier runs have seen its draining targets so.
    """

    vendor: Vendor
    bad: str
    good: str
    profile: str = "default"
    here: tuple[str, ...] = ()
    kind: str = ""
    since: tuple[int, ...] = ()
    edition: str = ""
    draining_s: float | None = None


class Proof(Struct, frozen=True):
    """A proxy version on which the symptom was seen, and seen gone."""

    proxy: str
    version: str


class Rule(Struct, Generic[Subject], frozen=True):
    """A rule: a code that never changes, texts, examples, and the check.

    `check` gets one subject and the profile; it is None for rules that lbcheck itself raises
    (LB9xx) and for those of a probe (LB7xx). `remedy` and `why` are plain sentences with `code`
    in backticks.
    """

    code: str
    name: str
    severity: Severity
    vendors: tuple[Vendor, ...]
    summary: str
    why: str
    remedy: str
    subject: type[Subject] | None = None
    check: Callable[[Subject, Profile], Iterator[Problem]] | None = None
    references: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    proven: tuple[Proof, ...] = ()
    fixable: str = "no"

    @property
    def family(self) -> Family:
        return Family.of(self.code)
