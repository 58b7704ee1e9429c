"""Plans and states of Terraform (`terraform show -json`) → topology.

Variables, modules and counts are resolved there. What is known only after the apply is unknown,
but for references, which the plan's own copy of the configuration tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from lbcheck.model import Declared, Source, Span, Topology, Trouble
from lbcheck.sources import aws, json_places, terraform_unread
from lbcheck.sources.aws_written import UNKNOWN
from lbcheck.sources.terraform import document
from lbcheck.sources.terraform_folder import KINDS
from lbcheck.sources.terraform_module import Resource
from lbcheck.sources.terraform_plan_reference import References
from lbcheck.sources.terraform_value import HIDDEN, Object, Ref, Value, opening

_VERSIONS = ("0.1", "0.2", "1")
_REMEDY = "save it again: `terraform show -json FILE`"
_MAX_DEPTH = 20
_USUAL: dict[str, object] = {
    "idle_timeout": 60,
    "tcp_idle_timeout_seconds": 350,
    "deregistration_delay": "300",
    "slow_start": 0,
    "interval": 30,
    "healthy_threshold": 3,
    "unhealthy_threshold": 3,
}
"""What the provider fills in: written by somebody only where the configuration has it."""

Plan = dict[str, Any]


def read(sources: Sequence[Source], declared: Declared) -> Topology:
    made = [_resources(source) for source in sources if not source.unread]
    for resources in made:
        terraform_unread.say(resources)
    documents = [document(resources) for resources in made]
    topology = aws.read([each for each in documents if each], declared)
    return Topology(tuple(sources), topology.listeners, topology.routes, topology.pools)


def _resources(source: Source) -> list[Resource]:
    plan = _plan(source)
    if plan is None:
        return []
    references = References(plan.get("configuration"))
    try:
        return list(_made(source, plan, references))
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        _unread(source, f"is no plan that lbcheck understands ({type(error).__name__})")
        return []


def _plan(source: Source) -> Plan | None:
    body = (source.text or "").removeprefix("\ufeff")
    try:
        plan = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        _unread(source, f"is not JSON: {error}")
        return None
    version = plan.get("format_version") if isinstance(plan, dict) else None
    if str(version).partition(".")[0] not in _VERSIONS and version not in _VERSIONS:
        known = "0.1 to 1.x"
        _unread(source, f"has the format version `{version}`; this lbcheck reads {known}")
        return None
    return plan  # type: ignore[no-any-return]


def _unread(source: Source, message: str) -> None:
    source.unread = True
    source.troubles.append(Trouble(message, remedy=_REMEDY))


def _made(source: Source, plan: Plan, references: References) -> Iterator[Resource]:
    section = "planned_values" if "planned_values" in plan else "values"
    unknown = {
        change["address"]: change["change"].get("after_unknown") or {}
        for change in plan.get("resource_changes") or ()
    }
    text = source.text or ""
    at = len(text) - len(text.removeprefix("\ufeff"))
    for step in (section, "root_module"):
        member = json_places.members(text, _skipped(text, at)).get(step)
        if member is None:
            return
        at = member.value
    reader = _Reader(source, references, unknown)
    yield from reader.module((plan[section] or {}).get("root_module") or {}, at, 0)


def _skipped(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


class _Reader:
    def __init__(self, source: Source, references: References, unknown: Mapping[str, Any]) -> None:
        self._source = source
        self._text = source.text or ""
        self._references = references
        self._unknown = unknown

    def module(self, data: Plan, at: int, depth: int) -> Iterator[Resource]:
        if depth > _MAX_DEPTH:
            return
        own = json_places.members(self._text, at)
        for index, resource in enumerate(data.get("resources") or ()):
            if resource.get("mode") == "managed" and KINDS.fullmatch(str(resource.get("type"))):
                place = json_places.members(self._text, own["resources"].value)[index]
                yield self._resource(resource, place.value)
        for index, child in enumerate(data.get("child_modules") or ()):
            place = json_places.members(self._text, own["child_modules"].value)[index]
            yield from self.module(child, place.value, depth + 1)

    def _resource(self, data: Plan, at: int) -> Resource:
        address = str(data["address"])
        parts = json_places.members(self._text, at)
        written = self._references.expressions(address)
        unknown = self._unknown.get(address, {})
        values = parts["values"].value if "values" in parts else at
        body = self._object(data.get("values") or {}, values, unknown, written, address)
        first = parts.get("address") or next(iter(parts.values()))
        return Resource(data["type"], address, body, Span(self._source, first.start, first.end))

    def _object(self, data: Plan, at: int, unknown: Any, written: Any, address: str) -> Object:
        """An object, without what only the provider filled in."""
        entries: dict[str, Value] = {}
        inside = json_places.members(self._text, at)
        for key, value in data.items():
            said = _part(written, key)
            if value is None or (said is None and _USUAL.get(key, UNKNOWN) == value):
                continue
            span = Span(self._source, inside[key].start, inside[key].end)
            found = self._value(value, inside[key].value, _part(unknown, key), said, address)
            entries[key] = Value(found, span)
        for key, hidden in unknown.items() if isinstance(unknown, dict) else ():
            if hidden is True and (written is None or _part(written, key) is not None):
                entries[key] = self._reference(_part(written, key), address)
        if not self._unknown and isinstance(written, dict):
            # A plan without its changes does not say what is unknown: what somebody wrote is.
            for key in [each for each in written if each not in data]:
                if _part(written[key], "references"):
                    entries[key] = self._reference(written[key], address)
        return Object(entries, False, opening(Span(self._source, at, at)))

    def _value(self, data: Any, at: int, unknown: Any, written: Any, address: str) -> Any:
        if isinstance(data, dict):
            return self._object(data, at, unknown, written, address)
        if isinstance(data, list):
            inside = json_places.members(self._text, at)
            return [
                Value(
                    self._value(
                        each, inside[n].value, _part(unknown, n), _part(written, n), address
                    ),
                    self._inner(each, inside[n]),
                )
                for n, each in enumerate(data)
            ]
        return data

    def _inner(self, data: Any, member: json_places.Member) -> Span:
        """A block is shown by its first member, a value by itself."""
        if isinstance(data, dict) and data:
            first = next(iter(json_places.members(self._text, member.value).values()))
            return Span(self._source, first.start, first.end)
        return Span(self._source, member.start, member.end)

    def _reference(self, expression: Any, address: str) -> Value:
        found = self._references.target(expression, address)
        return Value(Ref(found)) if found else HIDDEN


def _part(whole: Any, key: str | int) -> Any:
    """A part of a structure that lies beside the values and may have another shape."""
    if isinstance(whole, dict):
        return whole.get(key)
    if isinstance(whole, list) and isinstance(key, int) and key < len(whole):
        return whole[key]
    return None
