"""Leave out the tenants of a HAProxy file that say the same as one before: it stands for them.

A tenant is a section that no other one names, with the sections that nobody but it names. Where
the one that was read gives a finding, the whole file is read after all (`Topology.whole`), so
that every finding has its own place and words. What "the same" means is in `haproxy_alike`.
"""

from __future__ import annotations

from collections.abc import Iterator
from re import escape

from msgspec import Struct

from lbcheck.regex import regex
from lbcheck.sources.haproxy_alike import ATOM, ZEROS, Layout, layout
from lbcheck.sources.haproxy_config import PROXIES, SECTIONS
from lbcheck.sources.haproxy_line import Line
from lbcheck.sources.haproxy_loop import LOCAL
from lbcheck.sources.haproxy_syntax import STRANGE, Range, signs_in

_FEW = 4
"""A skeleton that fewer sections have is not worth a look."""
_DEEP = 8
_SHARED = -1
_SECTION = regex(
    rf"\n[ \t]*+({'|'.join(SECTIONS)})(?![^\s#])(?:[ \t]++([A-Za-z0-9_.:-]++)(?![^\s#]))?"
)
_NUMBERED = regex("[0-9]")
_ESCAPED = regex(r"""["'\\]""")
_SIGNS = (*STRANGE, "\v", "\f", "\\x", "lbcheck:")
"""with them: other blanks, characters written as numbers, suppressions"""
_BRANCH = regex(r"\n[ \t]*+[\"']?+\.")
_DYNAMIC = regex(r"_backend[\"']?+[ \t]++[^\s%$\\]*+[%$\\]")
_LOOP = regex(
    r"(?:server|server-template[\"' \t]++\S++)[\"' \t]++\S++[ \t]++"
    rf"(?:{'|'.join(map(escape, LOCAL))}|\S*?[$\"'\\])"
)


class Part(Struct, eq=False, gc=False):
    """A section in its text, from the beginning of its line to that of the next section.

    `says` is equal for parts that say the same (None: it is read for itself), `names` the other
    parts that it names.
    """

    start: int
    end: int
    opening: int
    keyword: str
    name: str
    says: int | None = None
    names: list[int] = []


class Kept(Struct, frozen=True, gc=False):
    """What of a text is read: `places`, and `alike`: for how many sections each one stands that
    begins at an offset."""

    places: list[Range]
    alike: dict[int, int]


def kept(text: str) -> Kept | None:
    """What of a text must be read; None: all of it."""
    if not text.isascii() or signs_in(text, _SIGNS):
        return None
    if _BRANCH.search(text) or _DYNAMIC.search(text):
        return None
    parts = list(_parts(text))
    if not _compare(text, parts):
        return None
    tenants = _tenants(parts)
    left_out = {number for members, others in tenants for other in others for number in other}
    if not left_out or any(_leads_back(text, parts, left_out)):
        return None
    alike = {
        parts[number].opening: 1 + len(others) for members, others in tenants for number in members
    }
    return Kept(list(_places(parts, left_out)), alike)


def _parts(text: str) -> Iterator[Part]:
    """What stands before the first section, then each section."""
    before = Part(0, len(text), 0, "", "")
    for match in _SECTION.finditer(text):
        before.end = match.start() + 1
        yield before
        before = Part(before.end, len(text), match.start(1), match[1], match[2] or "")
    yield before


def _compare(text: str, parts: list[Part]) -> bool:
    """Find out what each part says and names. False: there is nothing to leave out."""
    known: dict[str, list[int]] = {}
    for number, part in enumerate(parts):
        if part.keyword in PROXIES and _NUMBERED.search(part.name):
            known.setdefault(part.name, []).append(number)
    similar = _similar(text, parts, known)
    if 2 * sum(map(len, similar)) < len(parts):
        return False
    said: dict[object, int] = {}
    for kind, numbers in enumerate(similar):
        plan = layout(text[parts[numbers[0]].start : parts[numbers[0]].end])
        if plan is not None:
            for number in numbers:
                says = kind, *_ask(text, parts, number, plan, known)
                parts[number].says = said.setdefault(says, number)
    _finish(text, parts, known)
    return True


def _similar(text: str, parts: list[Part], known: dict[str, list[int]]) -> list[list[int]]:
    """The parts that have a skeleton and the same `defaults` with many others."""
    if any(len(numbers) > 2 for numbers in known.values()):
        return []  # a frontend and a backend may share a name, and no more
    skeleton = text.translate(ZEROS)
    found: dict[tuple[int, str], list[int]] = {}
    defaults = 0
    for number, part in enumerate(parts):
        if part.keyword == "defaults":
            defaults = number
        elif number in known.get(part.name, ()):
            key = defaults, skeleton[part.start : part.end]
            found.setdefault(key, []).append(number)
    return [numbers for numbers in found.values() if len(numbers) >= _FEW]


def _ask(
    text: str, parts: list[Part], number: int, plan: Layout, known: dict[str, list[int]]
) -> tuple[object, ...]:
    """What a part says, and which others it names, at which of its places."""
    part = parts[number]
    section = text[part.start : part.end]
    atoms = plan.atoms(section)
    last = dict(zip(atoms, range(len(atoms)), strict=True))
    places: list[int] = []
    part.names = []
    for at in sorted([last[atom] for atom in known.keys() & last.keys()]):
        for other in known[atoms[at]]:
            if other != number and at:  # the first is its own name
                part.names.append(other)
                places.append(at)
    pattern = tuple(map(last.__getitem__, atoms))
    return plan.fixed(section), pattern, tuple(places)


def _finish(text: str, parts: list[Part], known: dict[str, list[int]]) -> None:
    """What the other parts name; and what has the name of another one is like no other."""
    for number, part in enumerate(parts):
        if part.says is None:
            found = dict.fromkeys(_written(text[part.start : part.end]))
            named = [other for atom in found for other in known.get(atom, ())]
            part.names = [other for other in named if other != number]
    for numbers in known.values():
        keywords = {parts[number].keyword for number in numbers}
        if len(numbers) > 1 and ("listen" in keywords or len(keywords) < len(numbers)):
            for number in numbers:
                parts[number].says = None


def _written(section: str) -> Iterator[str]:
    """All that may be a name in a section, quotes and escapes undone."""
    if not _ESCAPED.search(section):
        yield from ATOM.findall(section)
        return
    for line in section.split("\n"):
        words = Line(line, 0, len(line), {}).words if _ESCAPED.search(line) else [line]
        for word in words:
            yield from ATOM.findall(word)


_Tenant = tuple[list[int], list[list[int]]]
"""The parts of a tenant, and those of each other that says the same."""


def _tenants(parts: list[Part]) -> list[_Tenant]:
    owner: dict[int, int] = {}
    for number, part in enumerate(parts):
        for other in part.names:
            alone = part.says is not None and owner.get(other, number) == number
            owner[other] = number if alone else _SHARED
    found: dict[object, _Tenant] = {}
    for number, part in enumerate(parts):
        if part.says is not None and number not in owner:
            members: list[int] = []
            says = _tenant(parts, owner, number, members, 0)
            first = found.setdefault(says, (members, []))
            if first[0] is not members:
                first[1].append(members)
    return list(found.values())


def _tenant(
    parts: list[Part], owner: dict[int, int], number: int, members: list[int], depth: int
) -> object:
    """What a tenant says from one of its parts on; that part and those below join the members.
    What is not its own is the same for another tenant only if it is the very same part."""
    part = parts[number]
    if part.says is None or depth > _DEEP or owner.get(number) == _SHARED:
        return number
    members.append(number)
    below = [_tenant(parts, owner, other, members, depth + 1) for other in part.names]
    return part.says, tuple(below)


def _leads_back(text: str, parts: list[Part], left_out: set[int]) -> Iterator[bool]:
    """May a server lead to a frontend of this file (`haproxy_loop`)? Then all must be there."""
    for number, part in enumerate(parts):
        if number not in left_out:
            yield _LOOP.search(text, part.start, part.end) is not None


def _places(parts: list[Part], left_out: set[int]) -> Iterator[Range]:
    start = end = 0
    for number, part in enumerate(parts):
        if number not in left_out:
            if part.start != end:
                yield start, end
                start = part.start
            end = part.end
    yield start, end
