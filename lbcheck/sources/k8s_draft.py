"""Annotations of AWS load balancers, put into a draft: single values, and `key=value` lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lbcheck.model import Span
from lbcheck.sources import k8s_keys as keys
from lbcheck.sources import yaml_tree
from lbcheck.sources.aws_snapshot import Path
from lbcheck.sources.aws_written import UNKNOWN, Draft
from lbcheck.sources.k8s_objects import Annotation, Object, say
from lbcheck.sources.yaml_tree import Node, Sequence

Find = Callable[[str], Annotation | None]
_PAIR = re.compile(r"(?:^|(?<=,))\s*+([^=,\s]++)\s*+=\s*+([^,]*+)")
_COUNTS = ("-seconds", "-count", "-interval", "-timeout", "-threshold")
_UPPER = ("-protocol", "-protocol-version")


def group(
    draft: Draft,
    path: Path,
    find: Find,
    fields: Mapping[str, tuple[str, ...]],
    defaults: Mapping[str, int],
) -> None:
    """What annotations set of a target group.

    Args: find: an annotation by the name that `fields` has; fields: what it is called in the API.
    """
    for name, field in fields.items():
        found = find(name)
        if found is not None:
            draft.put((*path, *field), _value(found), found.place)
    for key, value in defaults.items():
        draft.default((*path, key), value)


def _value(found: Annotation) -> object:
    if found.unknown or found.refused:
        return UNKNOWN
    if found.name.endswith(_COUNTS) and not (found.text.isascii() and found.text.isdigit()):
        said = f"`{found.name}: {found.text}` is no number: the controller refuses the object"
        say(found.place.source, said, found.place, "write a whole number in quotes")
        return UNKNOWN
    return found.text.upper() if found.name.endswith(_UPPER) else found.text


def attributes(draft: Draft, section: str, arn: str, found: Annotation | None) -> None:
    """`k1=v1,k2=v2`, each shown where it stands. Keys that AWS does not know and whose purpose is
    plain are told as settings without effect (`k8s_faults`)."""
    if found is None:
        return
    for pair in _PAIR.finditer(found.text):
        if keys.stray(found.name, pair[1]):
            continue
        value = pair[2].strip()
        shown = UNKNOWN if "$" in value else value
        draft.attribute(section, arn, pair[1], shown, found.part(pair[0].strip()))
    if found.unknown:
        draft.attribute(section, arn, None, UNKNOWN)


def condition(draft: Draft, rule: Path, field: str, values: list[str]) -> None:
    added = draft.add((*rule, "Conditions"))
    draft.put((*added, "Field"), field)
    draft.put((*added, "Values"), values)


def below(path: str) -> list[str]:
    """The patterns of a path prefix: itself, and everything below it."""
    stem = path.rstrip("/")
    return [stem, f"{stem}/*"] if stem else ["/*"]


def pairs(
    draft: Draft, section: str, arn: str, thing: Object, within: Node | None, name: str
) -> None:
    """A list of `key` and `value` in an object of the controller's own."""
    found = yaml_tree.at(within, name)
    for pair in found.items if isinstance(found, Sequence) else ():
        key, value = yaml_tree.text(pair, "key"), yaml_tree.text(pair, "value")
        if key is not None and value is not None:
            shown = UNKNOWN if "$" in value else value
            draft.attribute(section, arn, key, shown, Span(thing.source, pair.start, pair.end))


def refused(thing: Object) -> bool:
    """Does Kubernetes refuse an object because of its annotations?"""
    return any(annotation.refused for annotation in thing.annotations.values())
