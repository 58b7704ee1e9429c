"""Intrinsic functions of CloudFormation → values, in one world: an assignment of the parameters.

A value is a text, a list, a mapping of nodes, or UNKNOWN; ABSENT is what `AWS::NoValue` leaves.
Functions are those of the CloudFormation user guide, "Intrinsic function reference", in their
short (`!Sub`) and long form (`Fn::Sub`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Final

from msgspec import Struct

from lbcheck.sources.aws_written import UNKNOWN, Unknown
from lbcheck.sources.yaml_tree import Mapping as Map
from lbcheck.sources.yaml_tree import Node, Scalar, Sequence, at

_SUB = re.compile(r"\$\{([^!${}][^${}]*+)\}")
_LITERAL = re.compile(r"\$\{!([^${}]*+)\}")
_MAX_DEPTH = 60
_MAX_TEXT = 10_000
_ADDRESSES = ("Arn", "TargetGroupArn", "LoadBalancerArn", "ListenerArn", "RuleArn")


class Absent(Enum):
    ABSENT = auto()


ABSENT: Final = Absent.ABSENT
"""what stands there is `AWS::NoValue`: as if nobody had written it"""


class Item(Struct, frozen=True, gc=False):
    """A value and the node that says it (of two branches the one that counts)."""

    value: Value
    node: Node


Value = str | Unknown | Absent | tuple[Item, ...] | Map


class World:
    """One way the template may turn out.

    `parameters`: what each parameter is; one that is missing is unknown. `conditions`: which hold.
    """

    def __init__(
        self,
        template: Map,
        parameters: Mapping[str, str],
        holds: Callable[[str], bool | None],
    ) -> None:
        self._template = template
        self._parameters = parameters
        self.holds = holds
        self._known: dict[int, Item] = {}
        self.origins: dict[int, dict[Scalar, str]] = {}
        """what decides the value of a node, by its identity, and what that is"""

    def value(self, node: Node, depth: int = 0) -> Item:
        """What a node comes to, worked out once: aliases and maps lead to one again and again."""
        if depth > _MAX_DEPTH:
            return Item(UNKNOWN, node)
        if id(node) not in self._known:
            self._known[id(node)] = Item(UNKNOWN, node)  # for circles
            self._known[id(node)] = self._value(node, depth)
        return self._known[id(node)]

    def _value(self, node: Node, depth: int) -> Item:
        call = function(node)
        if call is not None:
            return self._call(*call, node, depth + 1)
        if isinstance(node, Scalar):
            return Item(self._scalar(node), node)
        if isinstance(node, Sequence):
            items = (self.value(item, depth + 1) for item in node.items)
            return Item(tuple(item for item in items if item.value is not ABSENT), node)
        return Item(node, node)

    def _scalar(self, node: Scalar) -> Value:
        if node.kind == "null":
            return ABSENT
        # A dynamic reference is looked up when the stack is made; other braces are filled in before
        # (the Serverless Framework's `${self:custom.idle}`, Jinja's `{{ idle }}`).
        hidden = "{{" in node.text or "${" in node.text or node.tag
        return UNKNOWN if hidden else node.text

    def _call(self, name: str, argument: Node, node: Node, depth: int) -> Item:
        if name in ("If", "Select", "Split", "FindInMap"):
            parts = argument.items if isinstance(argument, Sequence) else []
            found = self._chosen(name, parts, node, depth)
        elif name in ("Sub", "Join"):
            build = self._sub if name == "Sub" else self._join
            found = Item(build(argument, depth), node)
        elif name in ("Ref", "GetAtt"):
            refer = self._ref if name == "Ref" else self._get_att
            found = Item(refer(argument), node)
            if name == "Ref" and isinstance(argument, Scalar) and isinstance(found.value, str):
                self._decided(node, "Parameters", argument.text)
        else:
            found = None
        return Item(UNKNOWN, node) if found is None else found

    def _chosen(self, name: str, parts: list[Node], node: Node, depth: int) -> Item | None:
        """The functions that lead to something that is written somewhere; None: nobody knows."""
        match name:
            case "If" if len(parts) == 3:
                return self._if(parts, depth)
            case "Select" if len(parts) == 2:
                return self._select(parts, depth)
            case "Split" if len(parts) == 2:
                return self._split(parts, node, depth)
            case "FindInMap" if len(parts) > 2:
                return self._find_in_map(parts, depth)
        return None

    def _ref(self, argument: Node) -> Value:
        name = argument.text if isinstance(argument, Scalar) else ""
        if name == "AWS::NoValue":
            return ABSENT
        if at(self._template, "Resources", name) is not None:
            return name  # a reference to a load balancer, listener or group is its ARN
        return self._parameters.get(name, UNKNOWN)

    def _decided(self, node: Node, section: str, name: str) -> None:
        """Remember which parameter or condition decides the value of a node."""
        declared = at(self._template, section)
        place = declared.key(name) if isinstance(declared, Map) else None
        said = f"condition `{name}` decides it"
        if section == "Parameters":
            value, default = self._parameters.get(name), at(declared, name, "Default")
            said = f"where `{name}` is `{value}`"
            if isinstance(default, Scalar) and default.text == value:
                place, said = default, f"the default of `{name}`"
        if place is not None:
            self.origins.setdefault(id(node), {})[place] = said

    def _if(self, parts: list[Node], depth: int) -> Item | None:
        name, then, otherwise = parts
        holds = self.holds(name.text) if isinstance(name, Scalar) else None
        if holds is None or not isinstance(name, Scalar):
            return None
        found = self.value(then if holds else otherwise, depth)
        self._decided(found.node, "Conditions", name.text)
        return found

    def _sub(self, argument: Node, depth: int) -> Value:
        own: Node | None = None
        if isinstance(argument, Sequence) and len(argument.items) == 2:
            argument, own = argument.items
        if not isinstance(argument, Scalar) or "{{resolve:" in argument.text:
            return UNKNOWN
        parts: list[str] = []
        end = 0
        for match in _SUB.finditer(argument.text):
            found = self._named(match[1].strip(), own, depth)
            if not isinstance(found, str):
                return UNKNOWN
            parts += [argument.text[end : match.start()], found]
            end = match.end()
        text = "".join([*parts, argument.text[end:]])
        return _LITERAL.sub(r"${\1}", text) if len(text) <= _MAX_TEXT else UNKNOWN

    def _named(self, name: str, own: Node | None, depth: int) -> Value:
        """What `${name}` stands for. An ARN within a text is not known: nobody needs it there."""
        given = own.get(name) if isinstance(own, Map) else None
        if given is not None:
            return self.value(given, depth).value
        return self._parameters.get(name, UNKNOWN)

    def _join(self, argument: Node, depth: int) -> Value:
        items = argument.items if isinstance(argument, Sequence) else []
        if len(items) != 2 or not isinstance(items[0], Scalar):
            return UNKNOWN
        parts = self.value(items[1], depth).value
        texts = [part.value for part in parts] if isinstance(parts, tuple) else [UNKNOWN]
        if not all(isinstance(text, str) for text in texts):
            return UNKNOWN
        text = items[0].text.join(map(str, texts))
        return text if len(text) <= _MAX_TEXT else UNKNOWN

    def _select(self, parts: list[Node], depth: int) -> Item | None:
        index, items = (self.value(part, depth).value for part in parts)
        if not isinstance(index, str) or not isinstance(items, tuple):
            return None
        known = index.isascii() and index.isdigit() and len(index) < 5
        return items[int(index)] if known and int(index) < len(items) else None

    def _split(self, parts: list[Node], node: Node, depth: int) -> Item | None:
        separator, text = (self.value(part, depth).value for part in parts)
        if not isinstance(separator, str) or not separator or not isinstance(text, str):
            return None
        return Item(tuple(Item(part, node) for part in text.split(separator)), node)

    def _find_in_map(self, parts: list[Node], depth: int) -> Item | None:
        keys = [self.value(part, depth).value for part in parts[:3]]
        known = [key for key in keys if isinstance(key, str)]
        found = at(self._template, "Mappings", *known) if len(known) == 3 else None
        return None if found is None else self.value(found, depth)

    def _get_att(self, argument: Node) -> Value:
        """The ARN of a resource is its logical id; other attributes are known to AWS alone."""
        if isinstance(argument, Sequence):
            texts = [item.text for item in argument.items if isinstance(item, Scalar)]
            name, attribute = (texts[0], ".".join(texts[1:])) if texts else ("", "")
        else:
            text = argument.text if isinstance(argument, Scalar) else ""
            name, _, attribute = text.partition(".")
        return name if attribute in _ADDRESSES else UNKNOWN


def function(node: Node) -> tuple[str, Node] | None:
    """Name and argument of an intrinsic function; None where a node is none.

    `!Sub x` and `{"Fn::Sub": x}` are ("Sub", x).
    """
    tag = node.tag
    if tag is not None and tag.startswith("!") and len(tag) > 1:
        return tag[1:], node
    if isinstance(node, Map):
        entries = list(node.entries())
        if len(entries) == 1:
            key, argument = entries[0]
            if key.text in ("Ref", "Condition") or key.text.startswith("Fn::"):
                return key.text.removeprefix("Fn::"), argument
    return None
