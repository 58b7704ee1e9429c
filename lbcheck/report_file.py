"""Read a JSON report (`lbcheck/1`) again. It is hostile: its shape is checked as a whole."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from lbcheck import small_file
from lbcheck.errors import UsageError
from lbcheck.finding import Confidence, Severity, Verdict
from lbcheck.rules import BY_CODE

SCHEMA = "lbcheck/1"
MAX_BYTES = 200_000_000

Number = Annotated[int, Meta(ge=0, le=2**40)]
Text = str | None
Kind = Annotated[str, Meta(pattern="^[a-z-]{1,40}$")]
Print = Annotated[str, Meta(pattern="^[0-9a-f]{1,64}(:[0-9]{1,9})?$")]
Day = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class SourceRow(Struct, frozen=True):
    name: str
    kind: Kind
    status: Literal["read", "partial", "unread"]
    detail: Text = None


class RelatedRow(Struct, frozen=True):
    path: str
    message: str
    line: Number | None = None
    column: Number | None = None


class NamedRow(Struct, frozen=True):
    name: str
    path: str
    line: Number | None = None
    column: Number | None = None


class EditRow(Struct, frozen=True):
    path: str
    start: Number
    end: Number
    text: str


class FixRow(Struct, frozen=True):
    description: str
    safe: bool = False
    edits: tuple[EditRow, ...] = ()
    command: Text = None


class TrialRow(Struct, frozen=True):
    verdict: Verdict
    detail: str = ""


class FindingRow(Struct, frozen=True):
    code: str
    severity: Severity
    confidence: Confidence
    message: str
    path: str
    fingerprint: Print
    line: Number | None = None
    column: Number | None = None
    end_line: Number | None = None
    end_column: Number | None = None
    resource: Text = None
    address: Text = None
    evidence: str = ""
    related: tuple[RelatedRow, ...] = ()
    fix: FixRow | None = None
    trial: TrialRow | None = None
    reason: str = ""
    until: Day | None = None


class ShardRow(Struct, frozen=True):
    index: Number
    count: Number


class Document(Struct, frozen=True):
    schema: str
    complete: bool
    exit_code: Number
    sources: tuple[SourceRow, ...]
    findings: tuple[FindingRow, ...]
    suppressed: tuple[FindingRow, ...] = ()
    baselined: tuple[FindingRow, ...] = ()
    not_known: tuple[NamedRow, ...] = ()
    profile: str = "default"
    shard: ShardRow | None = None


def read(path: str) -> Document:
    """The report in a file.

    Raises: UsageError for what is no report of this schema, or names rules that do not exist here.
    """
    data = small_file.read(path, MAX_BYTES)
    try:
        document = msgspec.json.decode(data, type=Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = str(error)[:200]
        raise UsageError(f"{path}: is no report of `lbcheck audit --format json`: {said}") from None
    if document.schema != SCHEMA:
        said = f"its schema is {document.schema[:40]!r}, and this lbcheck reads {SCHEMA}"
        raise UsageError(f"{path}: {said}")
    for one in (*document.findings, *document.suppressed, *document.baselined):
        if one.code not in BY_CODE:
            remedy = "merge with the version that wrote it"
            raise UsageError(f"{path}: this lbcheck has no rule {one.code[:40]!r}: {remedy}")
    return document
