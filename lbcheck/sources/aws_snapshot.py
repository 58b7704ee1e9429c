"""Load and save AWS snapshots, and find in their text what a finding points at.

A snapshot is the document "lbcheck-aws/1" (botocore's answers under botocore's names) or one answer
saved from the AWS command line. Reading is pure: text in, typed answers out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import msgspec

from lbcheck.model import Place, Pointer, Source, Trouble
from lbcheck.regex import regex
from lbcheck.sources import json_places
from lbcheck.sources.aws_answers import Document

SCHEMA = "lbcheck-aws/1"
_REMEDY = "save it again: `lbcheck snapshot aws -o FILE`"
_OWNER = rb"(arn:aws[a-z-]*+:[a-z0-9-]*+:[a-z0-9-]*+:)\d{12}(?=:)"
_AT_BYTE = regex(r" \(byte (\d++)\)$")
_AT_PATH = regex(r" - at `\$(?P<path>.*)`$")
_STEP = regex(r"\.(?P<key>\w++)|\[(?P<index>\d++)\]|\[\.\.\.\]")

Path = tuple[str | int, ...]
"""Keys and indices that lead into a document."""


class Account(Source):
    """An AWS account and region that was asked: plain answers instead of a text."""

    __slots__ = ("answers",)

    def __init__(self, name: str, answers: dict[str, Any]) -> None:
        super().__init__(name, "aws", None)
        self.answers = answers


class Snapshot(msgspec.Struct, frozen=True):
    """What AWS said about one account and region.

    `beside` are answers saved next to it, one command's each, which complete it. What the methods
    say is different where the document was made out of infrastructure code (`aws_written`).
    """

    source: Source
    document: Document
    beside: tuple[Snapshot, ...] = ()
    written: ClassVar[bool] = False
    """made out of code: then a value that is there was set by somebody, and nothing is running"""

    def place(self, path: Path, resource: str) -> Place:
        """Where the value at a path of the document stands."""
        return Pointer(self.source, path, resource)

    def unknown(self, path: Path) -> bool:
        """Is there a value that nobody knows? (What an answer does not have is only absent.)"""
        return False

    def default(self, path: Path) -> object:
        """What is in force where nothing is said; None: what AWS documents."""
        return None

    def word(self, name: str) -> str:
        """What a person calls the setting of this name."""
        return name


def load_all(sources: Iterable[Source]) -> list[Snapshot]:
    """The snapshots of one folder: whole ones stand for themselves, single answers become one."""
    loaded = [snapshot for source in sources if (snapshot := load(source))]
    whole = [snapshot for snapshot in loaded if not snapshot.document.partial]
    single = [snapshot for snapshot in loaded if snapshot.document.partial]
    return [*whole, merge(single)] if single else whole


def merge(snapshots: Sequence[Snapshot]) -> Snapshot:
    """Several answers as one snapshot (at least one). Each value keeps the source it comes from."""
    first, *others = snapshots
    beside = (*first.beside, *(part for other in others for part in (other, *other.beside)))
    return Snapshot(first.source, first.document, beside)


def load(source: Source) -> Snapshot | None:
    """The snapshot in a source; None (with a trouble on the source) where it cannot be read."""
    if source.unread:
        return None
    document = _document(source)
    if document is None:
        return None
    if document.schema not in (None, SCHEMA):
        start, end = locate(Pointer(source, ("schema",), "")) or (0, 0)
        said = f"has the schema `{document.schema}`; this lbcheck reads `{SCHEMA}`"
        _unread(source, said, start, "save it again with this version of lbcheck", end)
        return None
    if document.schema is None and document.empty:
        _unread(source, "has no answer of the ELB API in it", 0, _REMEDY)
        return None
    _tell_repeated(source)
    return Snapshot(source, document)


def _document(source: Source) -> Document | None:
    text = source.text or ""
    body = text.removeprefix("\ufeff")
    try:
        if isinstance(source, Account):
            return msgspec.convert(source.answers, Document, strict=False)
        return msgspec.json.decode(body, type=Document, strict=False)
    except UnicodeEncodeError as error:
        start = error.start + len(text) - len(body)
        _unread(source, "is not UTF-8", start, "save it as UTF-8")
    except msgspec.ValidationError as error:
        _misshapen(source, str(error))
    except msgspec.DecodeError as error:
        _malformed(source, str(error), text, body)
    except RecursionError:
        _unread(source, "is nested too deeply", 0, _REMEDY)
    return None


def _tell_repeated(source: Source) -> None:
    """A key that stands twice: the later value counts, what the earlier one says is lost."""
    try:
        again = json_places.repeated(source.text or "null")
    except (ValueError, RecursionError):
        return  # what msgspec has read and `json` does not, such as a deep nesting
    if again is not None:
        key, member = again
        said = f"`{key}` stands twice in one object, and only the later value counts"
        source.troubles.append(Trouble(said, member.start, member.end, "join the two, or drop one"))


def save(snapshot: Snapshot, path: str, *, mask_account: bool = False) -> None:
    """Write a snapshot, readable by its owner only, whole or not at all.

    Args: mask_account: write zeros for the account's number, and for every other in an ARN.

    Raises: OSError.
    """
    from lbcheck import whole_file

    source = snapshot.source
    if isinstance(source, Account):
        raw = source.answers
    else:
        raw = msgspec.json.decode((source.text or "{}").removeprefix("\ufeff"))
    data = msgspec.json.format(msgspec.json.encode(raw), indent=2) + b"\n"
    account = str(raw.get("account") or "")
    if mask_account:
        data = _masked(data, account)
    whole_file.write(path, data, 0o600)  # it names every target's address


def _masked(data: bytes, account: str) -> bytes:
    data = re.sub(_OWNER, rb"\g<1>000000000000", data)
    return data.replace(account.encode(), b"0" * len(account)) if account else data


def locate(pointer: Pointer) -> tuple[int, int] | None:
    """The characters of the source's text that a pointer leads to; None where there is no text.

    `"Key": value` for a member of an object, the value for an element of an array; an object is
    shown by its members, so that an attribute begins at its `"Key"`.
    """
    text = pointer.source.text
    if not text:
        return None
    try:
        return json_places.find(text, pointer.path)
    except (ValueError, RecursionError):
        return None


def _unread(source: Source, message: str, start: int, remedy: str, end: int = 0) -> None:
    source.unread = True
    source.troubles.append(Trouble(message, start, max(end, start), remedy))


def _malformed(source: Source, error: str, text: str, body: str) -> None:
    """msgspec counts bytes of UTF-8; people and editors count characters."""
    found = _AT_BYTE.search(error)
    if found is None:
        _unread(source, "is cut off: the JSON ends too early", len(text), _REMEDY)
        return
    before = body.encode()[: int(found[1])].decode("utf-8", "ignore")
    start = min(len(before) + len(text) - len(body), len(text))
    reason = error[: found.start()].removeprefix("JSON is malformed: ")
    _unread(source, f"is not JSON: {reason}", start, _REMEDY)


def _misshapen(source: Source, error: str) -> None:
    """A value of the wrong type: msgspec names its path, up to the first ARN."""
    found = _AT_PATH.search(error)
    said = error[: found.start()] if found else error
    path: list[str | int] = []
    for step in _STEP.finditer(found["path"]) if found else ():
        if step["key"] is None and step["index"] is None:
            break
        path.append(step["key"] or int(step["index"]))
    place = locate(Pointer(source, tuple(path), "")) or (0, 0)
    shown = f"`{found['path'].lstrip('.')}`" if found and found["path"] else "the document"
    message = f"is no AWS answer: {shown}: {said[:1].lower()}{said[1:]}"
    _unread(source, message, place[0], _REMEDY, place[1])
