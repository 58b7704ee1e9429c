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
from lbcheck.sources.alike import ATOM, ZEROS
from lbcheck.sources.haproxy_alike import Layout, layout
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
    fleet = _Fleet(text)
    if not fleet.compare():
        return None
    parts, tenants = fleet.parts, _tenants(fleet.parts)
    left_out = {number for members, others in tenants for other in others for number in other}
    if not left_out or any(_leads_back(text, parts, left_out)):
        return None
    alike = {
        parts[number].opening: 1 + len(others) for members, others in tenants for number in members
    }
    return Kept(list(_places(parts, left_out)), alike)


class _Fleet:
    """The parts of a text; `known` are those that have a number in their name, by that name."""

    __slots__ = ("known", "parts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts = list(_parts(text))
        self.known: dict[str, list[int]] = {}
        for number, part in enumerate(self.parts):
            if part.keyword in PROXIES and _NUMBERED.search(part.name):
                self.known.setdefault(part.name, []).append(number)

    def compare(self) -> bool:
        """Find out what each part says and names. False: little could be left out."""
        similar = self._similar()
        if not self._worth(similar):
            return False
        said: dict[object, int] = {}
        for kind, numbers in enumerate(similar):
            plan = layout(self._section(numbers[0]))
            for number in numbers:
                if plan is None:
                    self._read_names(number)
                else:
                    says = kind, *self._ask(number, plan)
                    self.parts[number].says = said.setdefault(says, number)
        self._keep_apart()
        return True

    def _section(self, number: int) -> str:
        part = self.parts[number]
        return self.text[part.start : part.end]

    def _similar(self) -> list[list[int]]:
        """The parts that have a skeleton and the same `defaults` with others."""
        if any(len(numbers) > 2 for numbers in self.known.values()):
            return []  # a frontend and a backend may share a name, and no more
        skeleton = self.text.translate(ZEROS)
        found: dict[tuple[int, str], list[int]] = {}
        defaults = 0
        for number, part in enumerate(self.parts):
            if part.keyword == "defaults":
                defaults = number
            elif number in self.known.get(part.name, ()):
                key = defaults, skeleton[part.start : part.end]
                found.setdefault(key, []).append(number)
        return [numbers for numbers in found.values() if len(numbers) >= _FEW]

    def _worth(self, similar: list[list[int]]) -> bool:
        """Is half of the parts similar to others, and not named by one that is like no other?"""
        found = {number for numbers in similar for number in numbers}
        if 2 * len(found) < len(self.parts):
            return False
        for number in range(len(self.parts)):
            if number not in found:
                self._read_names(number)
        named = {other for part in self.parts for other in part.names}
        return 2 * len(found - named) >= len(self.parts)

    def _read_names(self, number: int) -> None:
        """What a part names that is read for itself."""
        words = dict.fromkeys(_written(self._section(number)))
        named = [other for word in words for other in self.known.get(word, ())]
        self.parts[number].names = [other for other in named if other != number]

    def _ask(self, number: int, plan: Layout) -> tuple[object, ...]:
        """What a part says, and at which of its places it names others."""
        section, names = self._section(number), self.parts[number].names
        atoms = plan.atoms(section)
        last = dict(zip(atoms, range(len(atoms)), strict=True))
        places: list[int] = []
        for at in sorted([last[atom] for atom in self.known.keys() & last.keys()]):
            for other in self.known[atoms[at]]:
                if other != number and at:  # the first is its own name
                    names.append(other)
                    places.append(at)
        pattern = tuple(map(last.__getitem__, atoms))
        return plan.fixed(section), pattern, tuple(places)

    def _keep_apart(self) -> None:
        """What has the name of another one is like no other."""
        for numbers in self.known.values():
            keywords = {self.parts[number].keyword for number in numbers}
            if len(numbers) > 1 and ("listen" in keywords or len(keywords) < len(numbers)):
                for number in numbers:
                    self.parts[number].says = None


def _parts(text: str) -> Iterator[Part]:
    """What stands before the first section, then each section."""
    before = Part(0, len(text), 0, "", "")
    for match in _SECTION.finditer(text):
        before.end = match.start() + 1
        yield before
        before = Part(before.end, len(text), match.start(1), match[1], match[2] or "")
    yield before


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
