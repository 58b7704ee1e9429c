"""What the type of a variable adds to its value: `optional(number, 60)` where nothing is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lbcheck.sources.terraform_expression import evaluate
from lbcheck.sources.terraform_scope import Scope
from lbcheck.sources.terraform_value import MISSING, NULL, Object, Value

if TYPE_CHECKING:
    from lbcheck.sources.terraform_syntax import File, Node

_MAX_DEPTH = 20


def completed(value: Value, node: Node, file: File, scope: Scope, depth: int = 0) -> Value:
    """A value with the defaults of its type; what is optional and has none is null."""
    call = _called(node)
    if call is None or depth > _MAX_DEPTH:
        return value
    name, arguments = file.text(call.named_children[0]), _expressions(call)
    if name == "optional" and arguments:
        if value is MISSING or value.data is None:
            value = evaluate(arguments[1], file, scope) if len(arguments) > 1 else NULL
        return completed(value, arguments[0], file, scope, depth + 1)
    if name == "object" and arguments:
        return _object(value, arguments[0], file, scope, depth)
    if name in ("list", "map", "set") and arguments:
        return _each(value, arguments[0], file, scope, depth)
    return value


def _object(value: Value, node: Node, file: File, scope: Scope, depth: int) -> Value:
    data, shape = value.data, _only(node)
    if not isinstance(data, Object) or shape.type != "object":
        return value
    entries = dict(data.entries)
    for element in shape.named_children:
        parts = [child for child in element.named_children if child.type == "expression"]
        if element.type != "object_elem" or len(parts) != 2:
            continue
        key = file.text(parts[0]).strip().strip('"')
        if key in entries or not data.open:
            found = completed(entries.get(key, MISSING), parts[1], file, scope, depth + 1)
            if found is not MISSING:
                entries[key] = found
    return Value(Object(entries, data.open, data.span), value.span, value.words)


def _each(value: Value, node: Node, file: File, scope: Scope, depth: int) -> Value:
    data = value.data
    if isinstance(data, list):
        elements = [completed(each, node, file, scope, depth + 1) for each in data]
        return Value(elements, value.span, value.words)
    if isinstance(data, Object):
        entries = {
            key: completed(each, node, file, scope, depth + 1) for key, each in data.entries.items()
        }
        return Value(Object(entries, data.open, data.span), value.span, value.words)
    return value


def _only(node: Node) -> Node:
    """What stands in the brackets and wrappers around a single thing."""
    while node.type != "object" and len(node.named_children) == 1:
        node = node.named_children[0]
        if node.type == "function_call":
            break
    return node


def _called(node: Node) -> Node | None:
    found = _only(node)
    return found if found.type == "function_call" else None


def _expressions(call: Node) -> list[Node]:
    given = call.named_children[1:2]
    return [child for each in given for child in each.named_children if child.type == "expression"]
