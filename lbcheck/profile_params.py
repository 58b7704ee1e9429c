"""Read `--param key=value`: one value of a profile, from the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import inspect

from lbcheck.document import Entry, Mistakes, Node, scalar
from lbcheck.errors import UsageError
from lbcheck.profile import Profile
from lbcheck.profile_file import rule_codes
from lbcheck.shape import described, read_struct
from lbcheck.spelling import did_you_mean

_ALIASES = {
    "nginx.version": "versions.nginx",
    "nginx.edition": "versions.nginx_edition",
    "haproxy.version": "versions.haproxy",
    "ingress.controller": "versions.ingress_controller",
}


def from_params(params: Mapping[str, str]) -> dict[str, Any]:
    """The layer that `--param` makes. Raises: UsageError with a line for each mistake."""
    given = [f"{key}={text}" for key, text in params.items()]
    mistakes = Mistakes("--param")
    nodes = [
        (key, Node(scalar(text), number, 1, text))
        for number, (key, text) in enumerate(params.items())
    ]
    values = read_params(nodes, mistakes)
    if mistakes.found:
        wrong = (f"--param {given[mistake.line]}: {mistake.message}" for mistake in mistakes.found)
        raise UsageError("\n".join(wrong))
    return values


def read_params(given: Iterable[tuple[str, Node]], mistakes: Mistakes) -> dict[str, Any]:
    """The layer that dotted keys and their values make."""
    root = Node({}, 0, 1)
    for key, node in given:
        _place(root, _ALIASES.get(key, key), node, mistakes)
    values = read_struct(root, described(Profile), mistakes)
    rule_codes(root, values, mistakes)
    return values


def _place(root: Node, dotted: str, node: Node, mistakes: Mistakes) -> None:
    """Put a value under its dotted key into the document that all the parameters make."""
    keys = _keys()
    section, _, key = dotted.partition(".")
    wanted = keys.get(dotted)
    if wanted is None and (section != "rules" or not key):
        mistakes.add(node, f"unknown key{did_you_mean(dotted, [*keys, *_ALIASES])}")
        return
    if isinstance(wanted, inspect.VarTupleType) and not isinstance(node.value, list | dict):
        parts = (part.strip() for part in node.text.split(","))
        node.value = [Node(scalar(part), node.line, 1, part) for part in parts if part]
    assert isinstance(root.value, dict)
    within = root.value.setdefault(section, Entry(node.line, 1, Node({}, node.line, 1))).node
    assert isinstance(within.value, dict)
    within.value[key] = Entry(node.line, 1, node)


def _keys() -> dict[str, inspect.Type]:
    """Every dotted key of the profile's sections, and its type."""
    return {
        f"{section.name}.{field.name}": field.type
        for section in described(Profile).fields
        if isinstance(section.type, inspect.StructType)
        for field in section.type.fields
    }
