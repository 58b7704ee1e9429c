"""Read one profile document: its own values and every mistake in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lbcheck.document import Entry, Mistakes, Node
from lbcheck.profile import Profile
from lbcheck.rule_names import code_of, unknown
from lbcheck.shape import described, read_struct


class Document(Profile, frozen=True, forbid_unknown_fields=True):
    """A profile as it is written: its own values and whose it inherits.

    `extends` names parents: shipped profiles, or files relative to this one. A later parent
    overrides an earlier one.
    """

    extends: tuple[str, ...] = ()


def read(root: Node, mistakes: Mistakes) -> dict[str, Any]:
    """The values the document itself declares, `rules` by code."""
    own = read_struct(root, described(Document), mistakes)
    rule_codes(root, own, mistakes)
    return own


def entry_at(root: Node, *keys: str) -> Entry | None:
    found: Entry | None = None
    for key in keys:
        within = found.node if found else root
        found = within.value.get(key) if isinstance(within.value, dict) else None
        if found is None:
            return None
    return found


def parents(root: Node) -> Iterator[Node]:
    """What the document extends, in order."""
    extends = entry_at(root, "extends")
    if extends is not None:
        value = extends.node.value
        items = value if isinstance(value, list) else [extends.node]
        yield from (item for item in items if isinstance(item.value, str))


def rule_codes(root: Node, own: dict[str, Any], mistakes: Mistakes) -> None:
    """Turn the rules' names into codes, in place."""
    rules: dict[str, str] = {}
    for name, severity in own.get("rules", {}).items():
        entry = entry_at(root, "rules", name)
        code = code_of(name)
        if entry is not None and (code is None or code in rules):
            mistakes.add(entry, f"`{name}` is {code} once more" if code else unknown(name[:60]))
        elif code is not None:
            rules[code] = severity
    if rules:
        own["rules"] = rules


def check_heartbeat(root: Node, values: Mapping[str, Any], mistakes: Mistakes) -> None:
    beat = values.get("heartbeat", {})
    sender, interval = beat.get("sender", "undeclared"), beat.get("interval_s")
    entry = entry_at(root, "heartbeat", "sender")
    if entry is None:
        return
    if sender in ("server", "client", "both") and interval is None:
        mistakes.add(entry, f"`sender: {sender}` needs an `interval_s`: how often does it ping?")
    elif entry.node.value == "none" and entry_at(root, "heartbeat", "interval_s") is not None:
        mistakes.add(entry, "`sender: none` says that nobody pings, `interval_s` says how often")
