"""Leave out the tenants of an nginx configuration that say the same as one before: it stands for
them.

A tenant is what belongs together of the servers and upstreams of `http`: blocks that have a name or
an address in common. Where the one that was read gives a finding, all is read after all
(`Topology.whole`), so that every finding has its own place and words. What "the same" means is in
`nginx_alike`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lbcheck.model import Source, Status
from lbcheck.regex import regex
from lbcheck.sources.alike import ATOM, ZEROS
from lbcheck.sources.nginx_directive import Directive
from lbcheck.sources.nginx_template import has_placeholder
from lbcheck.sources.nginx_token import PIECE

_FEW = 4
"""A skeleton that fewer blocks have is not worth a look."""
_MANY = 16
"""A tenant with more blocks is none."""
_POPULAR = 4
"""What more blocks than this name belongs to none of them."""
_LOOPBACK = "127."
"""such an address may lead to a server of this file (`nginx_hop`): it is never one of several"""
_DYNAMIC = regex(r"_pass[\"']?+ [\"']?+(?:[A-Za-z]++://)?+[^ /$]*+\$")
"""the target may be put together from pieces of names"""
_CODE = regex("_by_(?:lua|js)_block")
_SUPPRESSION = "lbcheck:"


class Block(Struct, eq=False, gc=False):
    """A server or an upstream; what is equal for blocks that `says` the same, and its names and
    addresses, in small letters as nginx compares them; `own` are those it gives to itself."""

    directive: Directive
    says: int
    atoms: tuple[str, ...]
    own: list[str]


class Kept(Struct, frozen=True, gc=False):
    """The tree without what is left out, and for how many blocks each one in it stands."""

    tree: list[Directive]
    alike: dict[Directive, int]


def kept(tree: list[Directive], sources: Sequence[Source]) -> Kept | None:
    """What of a tree must be resolved; None: all of it."""
    if any(s.status is not Status.READ or _SUPPRESSION in (s.text or "") for s in sources):
        return None
    roots = [each for each in tree if each.name == "http" and each.block is not None]
    if len(roots) != 1:
        return None
    fleet = _Fleet(roots[0].block or [], sources)
    if not fleet.compare():
        return None
    alike: dict[Directive, int] = {}
    left_out: set[Directive] = set()
    for first, *others in fleet.tenants():
        for other in others:
            left_out.update(block.directive for block in other)
        alike.update(dict.fromkeys([block.directive for block in first], 1 + len(others)))
    if not left_out:
        return None
    left = [each for each in roots[0].block or () if each not in left_out]
    http = replace(roots[0], block=left)
    return Kept([http if each is roots[0] else each for each in tree], alike)


class _Fleet:
    """The blocks of an `http`; `elsewhere` is every name or address that stands outside of them,
    or where it may not differ."""

    __slots__ = ("blocks", "elsewhere", "inner", "sources")

    def __init__(self, inner: list[Directive], sources: Sequence[Source]) -> None:
        self.sources = sources
        self.inner = [
            each for each in inner if each.name in ("server", "upstream") and each.close > 0
        ]
        self.blocks: list[Block] = []
        self.elsewhere: set[str] = set()

    def compare(self) -> bool:
        """Find out what each block says. False: little could be left out."""
        similar = self._similar()
        if not similar:
            return False
        from lbcheck.sources.nginx_alike import layout

        found: list[tuple[int, Block]] = []
        said: dict[object, int] = {}
        for numbers in similar:
            plan = layout(self.inner[numbers[0]], _text(self.inner[numbers[0]]))
            if plan is None:
                continue
            for number in numbers:
                directive = self.inner[number]
                text = _text(directive).lower()
                key = numbers[0], plan.fixed(text)
                if key not in said:
                    said[key] = len(said)
                    self.elsewhere.update(plan.others(text))
                atoms = plan.atoms(text)[:-2]
                own = [atoms[at] for at in plan.named]
                found.append((number, Block(directive, said[key], atoms, own)))
        if 2 * len(found) < len(self.inner):
            return False
        self.blocks = [block for _, block in sorted(found, key=lambda each: each[0])]
        return self._look_around()

    def _similar(self) -> list[list[int]]:
        """The blocks that have a skeleton with others."""
        skeletons: dict[Source, str] = {}
        found: dict[tuple[str, str], list[int]] = {}
        for number, each in enumerate(self.inner):
            skeleton = skeletons.get(each.source)
            if skeleton is None:
                skeleton = skeletons[each.source] = (each.source.text or "").translate(ZEROS)
            key = each.name, skeleton[each.start : each.close + 1]
            found.setdefault(key, []).append(number)
        similar = [numbers for numbers in found.values() if len(numbers) >= _FEW]
        return similar if 2 * sum(map(len, similar)) >= len(self.inner) else []

    def _look_around(self) -> bool:
        """What stands outside of the blocks. False: it may name any of them."""
        places: dict[Source, list[tuple[int, int]]] = {source: [] for source in self.sources}
        for block in self.blocks:
            where = block.directive
            places[where.source].append((where.start, where.close + 1))
        for source, taken in places.items():
            for rest in _between(source.text or "", sorted(taken)):
                said = _without_comments(rest)
                if _DYNAMIC.search(said) or has_placeholder(rest):
                    return False
                self.elsewhere.update(ATOM.findall(said.lower()))
        return True

    def tenants(self) -> Iterator[list[list[Block]]]:
        """Each tenant with the later ones that say the same."""
        common, members = self._together()
        found: dict[object, list[list[tuple[int, Block]]]] = {}
        for tenant in members:
            key = _key([block for _, block in tenant], common)
            known = found.setdefault(key, [])
            if not known or all(a < b for (a, _), (b, _) in zip(known[0], tenant, strict=True)):
                known.append(tenant)
        for alike in found.values():
            yield [[block for _, block in tenant] for tenant in alike]

    def _together(self) -> tuple[set[str], list[list[tuple[int, Block]]]]:
        """The names and addresses that belong to no tenant, and the tenants."""
        where = self._where()
        if self._keep_common(where):
            where = self._where()
        own = {name for block in self.blocks for name in block.own}
        common = {
            atom
            for atom, numbers in where.items()
            if atom not in own
            and (len(numbers) > _POPULAR or atom in self.elsewhere or atom.startswith(_LOOPBACK))
        }
        leader = list(range(len(self.blocks)))
        for atom, numbers in where.items():
            if len(numbers) > 1 and atom not in common:
                _join(leader, numbers)
        members: dict[int, list[tuple[int, Block]]] = {}
        for number, block in enumerate(self.blocks):
            members.setdefault(_leader(leader, number), []).append((number, block))
        return common, [each for each in members.values() if self._apart(each)]

    def _where(self) -> dict[str, list[int]]:
        """The blocks in which each name or address stands."""
        found: dict[str, list[int]] = {}
        for number, block in enumerate(self.blocks):
            for atom in dict.fromkeys(block.atoms):
                found.setdefault(atom, []).append(number)
        return found

    def _keep_common(self, where: dict[str, list[int]]) -> bool:
        """Blocks with a name that many have, or name, are of no tenant. Were there any?"""
        many = {atom for atom, numbers in where.items() if len(numbers) > _MANY}
        left = [block for block in self.blocks if many.isdisjoint(block.own)]
        if len(left) == len(self.blocks):
            return False
        for block in self.blocks:
            if not many.isdisjoint(block.own):
                self.elsewhere.update(block.atoms)
        self.blocks = left
        return True

    def _apart(self, tenant: list[tuple[int, Block]]) -> bool:
        """Does nothing name it but itself?"""
        names = (name for _, block in tenant for name in block.own)
        return len(tenant) <= _MANY and self.elsewhere.isdisjoint(names)


def _text(directive: Directive) -> str:
    return (directive.source.text or "")[directive.start : directive.close + 1]


def _between(text: str, places: Iterable[tuple[int, int]]) -> Iterator[str]:
    at = 0
    for start, end in places:
        yield text[at:start]
        at = max(at, end)
    yield text[at:]


def _without_comments(rest: str) -> str:
    """The words of a stretch that begins and ends between two of them."""
    if "#" not in rest or _CODE.search(rest):
        return rest
    return " ".join([piece for piece in PIECE.findall(rest) if piece[0] != "#"])


def _leader(leader: list[int], number: int) -> int:
    while leader[number] != number:
        leader[number] = number = leader[leader[number]]
    return number


def _join(leader: list[int], numbers: list[int]) -> None:
    """Make the first of all of them lead the others."""
    leaders = [_leader(leader, number) for number in numbers]
    first = min(leaders)
    for each in leaders:
        leader[each] = first


def _key(tenant: list[Block], common: set[str]) -> object:
    """What a tenant says: what its blocks say, and which of its names and addresses are equal."""
    seen: dict[str, int] = {}
    pattern = [
        atom if atom in common else seen.setdefault(atom, len(seen))
        for block in tenant
        for atom in block.atoms
    ]
    return tuple([block.says for block in tenant]), tuple(pattern)
