"""The ways a CloudFormation template may turn out: every condition both ways, as far as they agree.

A world gives each parameter that a condition reads one of the values that make a difference: the
default, what it is compared with, what else is allowed; one that leads into a mapping, each of the
mapping's keys. Comparisons of what nobody knows before the
deploy (imports, the region) are assumed true once and false once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice, product

from lbcheck.sources.cfn_value import World, function
from lbcheck.sources.yaml_tree import Mapping as Map
from lbcheck.sources.yaml_tree import Node, Scalar, Sequence, at, text

_MAX_ASSIGNMENTS = 512
_MAX_WORLDS = 64
_MAX_DEPTH = 40
_OTHER = None
"""a value that equals none of those a parameter is compared with"""
Choice = str | bool | None
Assignment = Mapping[str, Choice]


def worlds(template: Map, roots: Iterable[Node]) -> Iterator[World]:
    """The worlds that differ in a condition or a mapping's key which the roots depend on; the
    defaults' world first.

    At most 64: of a template with more ways those that differ from the defaults in one thing come
    first.
    """
    roots = list(roots)
    names = sorted(_used(template, roots))
    keys = _keys(template, roots)
    seen: set[tuple[object, ...]] = set()
    for assignment in islice(_assignments(template, names, keys), _MAX_ASSIGNMENTS):
        conditions = _Conditions(template, assignment)
        truths = tuple(conditions.holds(name) for name in names)
        differing = (*truths, *(conditions.parameters.get(key) for key in keys))
        if differing not in seen and len(seen) < _MAX_WORLDS:
            seen.add(differing)
            yield World(template, conditions.parameters, conditions.holds)


def _used(template: Map, roots: Iterable[Node]) -> set[str]:
    """The conditions that nodes name, and those that these depend on."""
    used: set[str] = set()
    waiting = list(roots)
    while waiting:
        for name in _named(waiting.pop()):
            body = at(template, "Conditions", name)
            if body is not None and name not in used:
                used.add(name)
                waiting.append(body)
    return used


def _named(root: Node) -> Iterator[str]:
    """The names of conditions below a node: of `!If`, of `!Condition`, of a resource."""
    for node in below(root):
        call = function(node)
        if call is not None:
            name, argument = call
            first = at(argument, 0) if name == "If" else argument
            if name in ("If", "Condition") and isinstance(first, Scalar):
                yield first.text
        if isinstance(node, Map) and isinstance(name_of := node.get("Condition"), Scalar):
            yield name_of.text


def below(root: Node) -> Iterator[Node]:
    """A node and all that is in it, each once, however many aliases lead to it."""
    seen = {id(root)}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        parts: Iterable[Node] = ()
        if isinstance(node, Sequence):
            parts = node.items
        elif isinstance(node, Map):
            parts = [value for _, value in node.entries()]
        for part in parts:
            if id(part) not in seen:
                seen.add(id(part))
                waiting.append(part)


def _keys(template: Map, roots: Iterable[Node]) -> dict[str, list[Choice]]:
    """The parameters that `!FindInMap` below some nodes leads by, and what each may be: its
    default, what is allowed, and the keys of the mappings."""
    led: dict[tuple[str, str], Map] = {}
    for node in chain.from_iterable(below(root) for root in roots):
        call = function(node)
        if call is not None and call[0] == "FindInMap":
            name, key = at(call[1], 0), at(call[1], 1)
            mapping = at(template, "Mappings", name.text) if isinstance(name, Scalar) else None
            parameter = _parameter(template, key) if key is not None else None
            if parameter is not None and isinstance(mapping, Map) and isinstance(name, Scalar):
                led[parameter, name.text] = mapping
    found: dict[str, dict[Choice, None]] = {}
    for (parameter, _), mapping in led.items():
        own = found.setdefault(parameter, dict.fromkeys(_basic(template, parameter)))
        if _open(template, parameter):
            own.update(dict.fromkeys(each.text for each, _ in mapping.entries()))
    return {parameter: list(own) for parameter, own in found.items()}


def _assignments(
    template: Map, names: Iterable[str], keys: Mapping[str, list[Choice]]
) -> Iterator[Assignment]:
    """Values that may make a difference: the defaults, then each other value by itself, then every
    combination."""
    choices = {key: values for key, values in _different(template, names, keys).items() if values}
    usual = {key: values[0] for key, values in choices.items()}
    yield usual
    for key, values in choices.items():  # each by itself: no condition is left unseen
        for value in values[1:]:
            yield {**usual, key: value}
    for combination in product(*choices.values()):
        yield dict(zip(choices, combination, strict=True))


def _different(
    template: Map, names: Iterable[str], keys: Mapping[str, list[Choice]]
) -> dict[str, list[Choice]]:
    """For each parameter and undecidable comparison the values that are worth a look."""
    choices: dict[str, list[Choice]] = dict(keys)
    bodies = [at(template, "Conditions", name) for name in names]
    for node in chain.from_iterable(below(body) for body in bodies if body is not None):
        for comparison in _comparison(node):
            for key, choice in _choices(template, comparison):
                if key not in choices:
                    choices[key] = _basic(template, key)
                known = choices[key]
                if choice not in known and _open(template, key):
                    known.append(choice)
    return choices


def _comparison(node: Node) -> Iterator[tuple[Node, Node]]:
    """The two sides of `Fn::Equals`."""
    call = function(node)
    if call is not None and call[0] == "Equals" and isinstance(call[1], Sequence):
        sides = call[1].items
        if len(sides) == 2:
            yield sides[0], sides[1]


def _choices(template: Map, sides: tuple[Node, Node]) -> Iterator[tuple[str, Choice]]:
    """What a comparison makes worth a look: parameter and value, or itself as true and false."""
    for one, other in (sides, sides[::-1]):
        parameter = _parameter(template, one)
        if parameter is not None and isinstance(other, Scalar) and function(other) is None:
            yield parameter, other.text
            return
    if any(function(side) is not None for side in sides):
        yield _atom(sides), True
        yield _atom(sides), False


def _basic(template: Map, key: str) -> list[Choice]:
    """A parameter's default, and any other value that it may have."""
    if key.startswith("="):
        return []
    default = text(template, "Parameters", key, "Default")
    allowed = at(template, "Parameters", key, "AllowedValues")
    if isinstance(allowed, Sequence):
        texts: list[Choice] = [item.text for item in allowed.items if isinstance(item, Scalar)]
        return [
            *(one for one in texts if one == default),
            *(one for one in texts if one != default),
        ]
    return [default, _OTHER] if default is not None else [_OTHER]


def _open(template: Map, key: str) -> bool:
    """May it be something else? Allowed values are all there is, and choices already."""
    return not isinstance(at(template, "Parameters", key, "AllowedValues"), Sequence)


def _parameter(template: Map, node: Node) -> str | None:
    """The parameter that a node refers to."""
    call = function(node)
    if call is None or call[0] != "Ref" or not isinstance(call[1], Scalar):
        return None
    return call[1].text if at(template, "Parameters", call[1].text) is not None else None


def _atom(sides: tuple[Node, Node]) -> str:
    """A name for a comparison that nobody can decide: no parameter is called so."""
    return f"={sides[0].start}:{sides[1].start}"


class _Conditions:
    """Which conditions hold under an assignment."""

    def __init__(self, template: Map, assignment: Assignment) -> None:
        self._template = template
        self._assignment = assignment
        self._known: dict[str | int, bool | None] = {}
        self.parameters = dict(self._parameters())
        self._values = World(template, self.parameters, self.holds)

    def _parameters(self) -> Iterator[tuple[str, str]]:
        declared = at(self._template, "Parameters")
        for key, body in declared.entries() if isinstance(declared, Map) else ():
            kind = text(body, "Type") or ""
            value = self._assignment.get(key.text, text(body, "Default"))
            # Of these the template holds only the name under which the value is kept.
            if isinstance(value, str) and not kind.startswith("AWS::SSM::"):
                yield key.text, value

    def holds(self, name: str) -> bool | None:
        """Is a condition true? None where it is not there, or runs in a circle."""
        if name not in self._known:
            self._known[name] = None
            body = at(self._template, "Conditions", name)
            self._known[name] = None if body is None else self._true(body, 0)
        return self._known[name]

    def _true(self, node: Node, depth: int) -> bool | None:
        call = function(node)
        if call is None or depth > _MAX_DEPTH:
            return None
        name, argument = call
        if name == "Condition":
            return self.holds(argument.text) if isinstance(argument, Scalar) else None
        if not isinstance(argument, Sequence):
            return None
        if id(node) not in self._known:  # aliases lead to one node many times
            self._known[id(node)] = self._called(name, argument.items, depth)
        return self._known[id(node)]

    def _called(self, name: str, arguments: list[Node], depth: int) -> bool | None:
        if name == "Equals" and len(arguments) == 2:
            return self._equal((arguments[0], arguments[1]))
        return _joined(name, [self._true(item, depth + 1) for item in arguments])

    def _equal(self, sides: tuple[Node, Node]) -> bool | None:
        one, other = (self._values.value(side).value for side in sides)
        if isinstance(one, str) and isinstance(other, str):
            return one == other
        assumed = self._assignment.get(_atom(sides))
        if isinstance(assumed, bool):
            return assumed
        names = (_parameter(self._template, side) for side in sides)
        different = any(name in self._assignment for name in names if name is not None)
        return False if different else None


def _joined(name: str, truths: list[bool | None]) -> bool | None:
    """`Fn::Not`, `Fn::And` and `Fn::Or` of what may be unknown."""
    match name:
        case "Not":
            return None if truths[:1] == [None] or not truths else not truths[0]
        case "And":
            return False if False in truths else None if None in truths else True
        case "Or":
            return True if True in truths else None if None in truths else False
    return None
