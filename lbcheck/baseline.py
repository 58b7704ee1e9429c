"""A baseline: a file of the findings that a repository has agreed to live with for now.

Its paths are seen from its own folder, so it holds wherever the checkout is and whichever folder
a run starts from. Nothing in it is a date or an order of discovery: the same findings make the
same bytes, a line for each.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from lbcheck import small_file
from lbcheck.errors import DocumentError, UsageError
from lbcheck.finding import Confidence, Finding, Problem
from lbcheck.known import Comparison, Entry, Known, counted, entries, path_of
from lbcheck.model import Source, Span
from lbcheck.rules import BY_CODE

SCHEMA = "lbcheck-baseline/1"
Shape = TypeVar("Shape")
MAX_BYTES = 100_000_000
_NUMBERED = r"lbcheck-baseline/([0-9]{1,9}+)"


class Baseline(Struct, frozen=True):
    """What a baseline file says: the faults, and every source there was when it was written."""

    entries: tuple[Entry, ...] = ()
    sources: tuple[str, ...] = ()


class _Document(Struct, frozen=True, forbid_unknown_fields=True):
    schema: str
    sources: tuple[str, ...]
    findings: tuple[Entry, ...]


class _Head(Struct, frozen=True):
    schema: str = ""


def folder_of(path: str) -> str:
    """The folder that a baseline's paths are seen from."""
    return os.path.dirname(os.path.realpath(path))


def read(path: str) -> Baseline:
    """Read a baseline.

    Raises: UsageError where there is none that this lbcheck can read; DocumentError with line and
    column for what is wrong in it.
    """
    data = _bytes(path)
    schema = _schema(_decoded(path, data, _Head))
    if schema is None:
        raise UsageError(f"{path}: is no baseline: it says no `schema` such as {SCHEMA}")
    if schema > 1:
        newer = "it was written by a newer lbcheck: upgrade this one, or make the baseline again"
        raise UsageError(f"{path}: its schema is lbcheck-baseline/{schema}; {newer}")
    document = _decoded(path, data, _Document)
    return Baseline(document.findings, document.sources)


def _bytes(path: str) -> bytes:
    try:
        os.stat(path)
    except FileNotFoundError:
        made = "`lbcheck baseline create` makes one"
        raise UsageError(f"{path}: there is no such baseline; {made}") from None
    except OSError:
        pass  # who reads it says why not
    data = small_file.read(path, MAX_BYTES, "is this a baseline?")
    return data.removeprefix(b"\xef\xbb\xbf")


def _schema(head: _Head) -> int | None:
    match = re.fullmatch(_NUMBERED, head.schema)
    return int(match[1]) if match and int(match[1]) else None


def _decoded(path: str, data: bytes, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise _misshapen(path, data, str(error)) from None
    except msgspec.DecodeError as error:
        raise _broken(path, data, str(error)) from None
    except UnicodeDecodeError as error:
        raise _at(path, data, error.start, "is not UTF-8 text") from None
    except RecursionError:
        raise UsageError(f"{path}: nested too deep for a baseline") from None


def _broken(path: str, data: bytes, said: str) -> DocumentError:
    if conflict := re.search(rb"(?m)^(?:<<<<<<<|=======|>>>>>>>)", data):
        hint = "a merge conflict: take both sides' lines, then `lbcheck baseline update`"
        return _at(path, data, conflict.start(), hint)
    where = re.search(r"\(byte ([0-9]+)\)$", said)
    return _at(path, data, int(where[1]) if where else len(data), "is no valid JSON here")


def _misshapen(path: str, data: bytes, said: str) -> DocumentError:
    """msgspec names a place as `$.findings[3].count`."""
    from lbcheck.sources import json_places

    message, _, steps = said.partition(" - at `$")
    text = data.decode("utf-8", "replace")
    keys = re.findall(r"\.([^.\[\]`]+)|\[([0-9]+)\]", steps)
    try:
        start, _ = json_places.find(text, [name or int(number) for name, number in keys])
    except (RecursionError, ValueError):  # broken as well, or too deep, further down
        start = 0
    source = Source(path, "baseline", text)
    return DocumentError(path, *source.position(start), message[:1].lower() + message[1:200])


def _at(path: str, data: bytes, offset: int, message: str) -> DocumentError:
    text = data[:offset].decode("utf-8", "replace")
    return DocumentError(path, text.count("\n") + 1, len(text) - text.rfind("\n"), message)


def written(baseline: Baseline) -> bytes:
    """The bytes of a baseline file: ASCII, sorted, a line for each source and finding."""
    sources = _lines(sorted(set(baseline.sources)))
    findings = _lines(counted(baseline.entries))
    text = f'{{\n"schema": "{SCHEMA}",\n"sources": {sources},\n"findings": {findings}\n}}\n'
    return text.encode("ascii")


def _lines(values: Iterable[object]) -> str:
    from json import dumps

    lines = [dumps(msgspec.to_builtins(value)) for value in values]
    return "[\n" + ",\n".join(lines) + "\n]" if lines else "[]"


def known(
    path: str, baseline: Baseline, paths: Sequence[str] = (), least: Confidence = Confidence.LIKELY
) -> Known:
    """What a run over these paths knows by a baseline, asking for that confidence at least."""

    def about(comparison: Comparison) -> list[tuple[str, Problem]]:
        return [("LB907", problem) for problem in _stale(path, baseline, comparison)]

    return Known(
        name="in the baseline",
        entries=baseline.entries,
        paths=frozenset(baseline.sources),
        root=folder_of(path),
        folders=tuple(path for path in paths if os.path.isdir(path)),
        confidence=least,
        said=about,
    )


def _stale(path: str, baseline: Baseline, comparison: Comparison) -> Iterator[Problem]:
    source = Source(path, "baseline", None)
    gone = sum(entry.count for entry in comparison.gone)
    if gone:
        are = "1 known finding is" if gone == 1 else f"{gone} known findings are"
        remedy = "`lbcheck baseline prune` takes what is fixed out"
        yield Problem(Span(source, 0, 0), f"{are} no longer found: {remedy}")
    unknown = unknown_codes(baseline)
    if unknown:
        named = ", ".join(f"`{code[:40]}`" for code in unknown[:5])
        yield Problem(Span(source, 0, 0), f"it names rules that do not exist here: {named}")


def unknown_codes(baseline: Baseline) -> list[str]:
    """The rules it names and that do not exist here."""
    return sorted({entry.code for entry in baseline.entries} - set(BY_CODE))


def pruned(baseline: Baseline, comparison: Comparison) -> Baseline:
    """A baseline without what is gone, and everything else as it is."""
    kept = [msgspec.structs.replace(entry, count=1) for _, entry in comparison.matched]
    return Baseline(tuple(counted([*kept, *comparison.left])), baseline.sources)


def updated(
    baseline: Baseline,
    comparison: Comparison,
    known_now: Known,
    sources: Iterable[Source],
    accepted: Iterable[Finding] = (),
) -> Baseline:
    """A baseline without what is gone, with what is left as this run tells it.

    Args: sources: what the run has read; accepted: new findings that are to be known as well.
    """
    root = known_now.root
    kept = entries([*(finding for finding, _ in comparison.matched), *accepted], root)
    present = {path_of(source, root) for source in sources}
    present |= {path for path in baseline.sources if not known_now.vanished(path)}
    return Baseline(tuple(counted([*kept, *comparison.left])), tuple(present))
