"""Find where a value stands in a JSON text, without building a tree of positions.

Siblings are skipped by the C scanner of `json`, and what was found out about a container is kept:
the first look-up costs one parse of the text, the next ones hardly anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from lbcheck.regex import regex

_SPACE = regex(r"[ \t\r\n]*+")


class Member(Struct, frozen=True, gc=False):
    """A value of an object or array: `text[value:end]`, its key begins at `start`."""

    start: int
    value: int
    end: int


def find(text: str, path: Sequence[str | int]) -> tuple[int, int]:
    """The stretch of a value: `"key": value` in an object, the value in an array.

    An object is shown by its members (without its braces), so that it begins at a line that says
    something. A path that leads to nothing ends at the deepest part of it that exists.
    Raises ValueError where the text is not JSON.
    """
    at = _skip(text, 1 if text.startswith("\ufeff") else 0)
    here: Member | None = None
    for step in path:
        found = members(text, at).get(step)
        if found is None:
            break
        here, at = found, found.value
    if text[at : at + 1] == "{" and (inner := members(text, at)):
        inside = inner.values()
        return min(m.start for m in inside), max(m.end for m in inside)
    if here is None:
        return at, _end(text, at)
    return here.start, here.end


@lru_cache(maxsize=512)
def members(text: str, at: int) -> dict[str | int, Member]:
    """The members of the container that opens at an offset; nothing for a scalar.

    Of a key that stands twice the last one counts, as in every JSON parser.
    """
    return dict(_members(text, at))


def repeated(text: str) -> tuple[str, Member] | None:
    """A key that stands in its object again, and its last value there; None: there is none.

    Raises ValueError and RecursionError where the text is not JSON or nested too deeply.
    """
    if not _repeats(text):  # nearly always, and found out at the speed of the C scanner
        return None
    waiting = [_skip(text, 1 if text.startswith("\ufeff") else 0)]
    while waiting:
        seen: set[str | int] = set()
        for key, member in _members(text, waiting.pop()):
            if key in seen:
                return str(key), member
            seen.add(key)
            waiting.append(member.value)
    return None


def _repeats(text: str) -> bool:
    from json import JSONDecoder

    lost = False

    def keep(pairs: list[tuple[str, object]]) -> None:
        nonlocal lost
        lost = lost or len(dict(pairs)) < len(pairs)

    decoder = JSONDecoder(object_pairs_hook=keep, parse_int=str, parse_float=str, strict=False)
    decoder.decode(text.removeprefix("\ufeff"))
    return lost


def _members(text: str, at: int) -> Iterator[tuple[str | int, Member]]:
    opening = text[at : at + 1]
    if opening not in ("{", "["):
        return
    count, closing = 0, "}" if opening == "{" else "]"
    at = _skip(text, at + 1)
    while text[at : at + 1] not in (closing, ""):
        start: int = at
        key: str | int = count
        if opening == "{":
            key, at = _scan(text, at)
            at = _skip(text, _skip(text, at) + 1)
        end = _end(text, at)
        yield key, Member(start, at, end)
        count += 1
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _end(text: str, at: int) -> int:
    return _scan(text, at)[1]


def _scan(text: str, at: int) -> tuple[str | int, int]:
    from json import JSONDecoder

    # Numbers are not wanted: left as text, they cannot be too long to convert.
    decoder = JSONDecoder(parse_int=str, parse_float=str, strict=False)
    try:
        return decoder.scan_once(text, at)  # type: ignore[no-any-return,attr-defined]
    except StopIteration:
        raise ValueError(f"no JSON value at offset {at}") from None
