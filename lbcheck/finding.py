"""Problems (a rule says them) and findings (a person reads them)."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from lbcheck.model import Level, Place, Source


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """2 for an error, 1 for a warning, 0 for an info."""
        return _RANK[self]


_RANK = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.INFO: 0}


class Confidence(Enum):
    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"

    @property
    def level(self) -> Level:
        return _LEVEL[self]

    @classmethod
    def of(cls, level: Level) -> Confidence:
        """The confidence of a finding about something believed to this level."""
        return _CONFIDENCE[level]


_LEVEL = {
    Confidence.CERTAIN: Level.CERTAIN,
    Confidence.LIKELY: Level.LIKELY,
    Confidence.POSSIBLE: Level.POSSIBLE,
}
_CONFIDENCE = {level: confidence for confidence, level in _LEVEL.items()}


class Edit(Struct, frozen=True):
    """Replace `source.text[start:end]` by `text`."""

    source: Source
    start: int
    end: int
    text: str


class Fix(Struct, frozen=True):
    """How to mend it.

    `safe` fixes keep the meaning of everything else; `command` is for what has no file.
    """

    description: str
    safe: bool = False
    edits: tuple[Edit, ...] = ()
    command: str | None = None


class Note(Struct, frozen=True):
    """A second place that belongs to a problem."""

    place: Place
    message: str


class Problem(Struct, frozen=True):
    """What a rule found: one primary place, a message, and what else to show.

    `severity` overrides the rule's own where the rule has two; `notes` are shown under the frame.
    `default`: a vendor default that nothing changes; many blocks of a server have it alike.
    """

    place: Place
    message: str
    severity: Severity | None = None
    related: tuple[Note, ...] = ()
    fix: Fix | None = None
    notes: tuple[str, ...] = ()
    default: bool = False


class Location(Struct, frozen=True):
    """A resolved place: lines and columns from 1, end column exclusive; None without a text."""

    source: Source
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    resource: str | None = None

    @property
    def path(self) -> str:
        return self.source.name


class Related(Struct, frozen=True):
    location: Location
    message: str


class Verdict(Enum):
    """What a live test said of a finding."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    NOT_TRIED = "not tried"


class Trial(Struct, frozen=True):
    """A finding put to the test on the running service, and what was seen."""

    verdict: Verdict
    detail: str = ""


class Identity(Struct, frozen=True):
    """What makes a finding the same one in another run, wherever its file has gone.

    `marks` are digests of the rule, the logical address and what the statement says, one for each
    address that the fault concerns, in the order of addresses; `seen_from` the sources through
    which it is seen besides its own.
    """

    marks: tuple[str, ...] = ()
    seen_from: tuple[Source, ...] = ()


_NO_IDENTITY = Identity()


class Finding(Struct, frozen=True):
    """A problem as it is reported. `fingerprint` holds no line number and no message text."""

    code: str
    name: str
    family: str
    severity: Severity
    confidence: Confidence
    message: str
    location: Location
    address: str | None
    evidence: str
    fingerprint: str
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    notes: tuple[str, ...] = ()
    default: bool = False
    """the fault is a default of its server: `assemble.merged` says it once for all its blocks"""
    trial: Trial | None = None
    """None: nothing live was asked"""
    identity: Identity = _NO_IDENTITY
    alike: tuple[str, ...] = ()
    """the fingerprints of all that were merged into it, its own among them"""
