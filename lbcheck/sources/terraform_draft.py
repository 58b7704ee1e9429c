"""Terraform resources → an AWS document: load balancers, target groups, classic load balancers.

The same code reads a resource's block, the arguments of a module and a plan: all are objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lbcheck.model import Source, Span
from lbcheck.sources.aws_belief import TAG
from lbcheck.sources.aws_snapshot import Path
from lbcheck.sources.aws_written import UNKNOWN, Draft
from lbcheck.sources.terraform_value import Object, Value
from lbcheck.sources.terraform_words import (
    BALANCER_ATTRIBUTES,
    CHECK_DEFAULTS,
    CHECK_FIELDS,
    CHECK_PROTOCOL,
    GROUP_ATTRIBUTES,
    GROUP_FIELDS,
    GROUP_HEALTH,
    STICKINESS,
    UNHEALTHY,
    WORDS,
)

_GROUPS = "TargetGroupAttributes"


def start(source: Source) -> Draft:
    return Draft(source, WORDS)


def fields(draft: Draft, path: Path, body: Object, table: Mapping[str, str]) -> None:
    """Arguments as fields of the answer."""
    for own, aws in table.items():
        value = body.set(own)
        draft.put((*path, aws), value.plain, value.span)


def attributes(
    draft: Draft, section: str, arn: str, body: Object, table: Mapping[str, str]
) -> None:
    """Arguments as attributes."""
    for own, aws in table.items():
        value = body.set(own)
        draft.attribute(section, arn, aws, value.plain, value.span)


def tags(draft: Draft, address: str, body: Object) -> None:
    """What somebody says about WebSockets there, in a tag."""
    given = body.set("tags").data
    said = given.entries.get(TAG) if isinstance(given, Object) else None
    if said is not None and said.known:
        path = draft.add(("Tags", address))
        draft.put((*path, "Key"), TAG)
        draft.put((*path, "Value"), said.plain)


def name_of(body: Object, address: str) -> str:
    """The name as far as it is written; else the resource's own in the code."""
    for key in ("name", "name_prefix"):
        value = body.set(key)
        if isinstance(value.data, str) and value.data:
            return value.data
        if value.data is UNKNOWN and value.words.startswith('"'):
            return value.words.strip('"')
    return address


def balancer(draft: Draft, address: str, body: Object, span: Span | None) -> None:
    path = draft.add("LoadBalancers", span)
    draft.put((*path, "LoadBalancerArn"), address)
    draft.put((*path, "LoadBalancerName"), name_of(body, address))
    kind = body.set("load_balancer_type")
    draft.put((*path, "Type"), "application" if kind.data is None else kind.plain)
    draft.attributes("LoadBalancerAttributes", address)
    attributes(draft, "LoadBalancerAttributes", address, body, BALANCER_ATTRIBUTES)


def group(draft: Draft, address: str, body: Object, span: Span | None) -> None:
    path = draft.add("TargetGroups", span)
    draft.put((*path, "TargetGroupArn"), address)
    draft.put((*path, "TargetGroupName"), name_of(body, address))
    fields(draft, path, body, GROUP_FIELDS)
    _check(draft, path, body.blocks("health_check"))
    draft.attributes(_GROUPS, address)
    attributes(draft, _GROUPS, address, body, GROUP_ATTRIBUTES)
    _stickiness(draft, address, body)
    _health(draft, address, body)


def _check(draft: Draft, path: Path, checks: list[Object] | None) -> None:
    if checks is None:
        for aws in CHECK_FIELDS.values():
            draft.put((*path, aws), UNKNOWN)
        draft.put((*path, "Matcher", "HttpCode"), UNKNOWN)
        return
    for check in checks:
        if not check.entries and not check.open:
            continue  # `health_check {}` is none
        for aws, value in CHECK_DEFAULTS.items():
            draft.default((*path, aws), value)
        draft.put((*path, "HealthCheckProtocol"), CHECK_PROTOCOL, check.span)
        fields(draft, path, check, CHECK_FIELDS)
        matcher = check.set("matcher")
        draft.put((*path, "Matcher", "HttpCode"), matcher.plain, matcher.span)


def _stickiness(draft: Draft, address: str, body: Object) -> None:
    """A `stickiness` block is switched on unless it says that it is not."""
    blocks = body.blocks("stickiness")
    if blocks is None:
        draft.attribute(_GROUPS, address, "stickiness.enabled", UNKNOWN)
        return
    for block in blocks:
        enabled = block.set("enabled")
        on = True if enabled.data is None else enabled.plain
        draft.attribute(_GROUPS, address, "stickiness.enabled", on, enabled.span or block.span)
        attributes(draft, _GROUPS, address, block, STICKINESS)


def _health(draft: Draft, address: str, body: Object) -> None:
    for block in _known(body.blocks("target_health_state")):
        attributes(draft, _GROUPS, address, block, UNHEALTHY)
    for outer in _known(body.blocks("target_group_health")):
        for part in ("dns_failover", "unhealthy_state_routing"):
            table = {own: f"target_group_health.{part}.{aws}" for own, aws in GROUP_HEALTH.items()}
            for block in _known(outer.blocks(part)):
                attributes(draft, _GROUPS, address, block, table)


def _known(blocks: Iterable[Object] | None) -> Iterable[Object]:
    return blocks or ()


def classic(draft: Draft, address: str, body: Object, span: Span | None) -> None:
    path = draft.add("LoadBalancerDescriptions", span)
    name = address if name_of(body, address) == address else f"{name_of(body, address)} {address}"
    draft.put((*path, "LoadBalancerName"), name)
    _classic_attributes(draft, ("ClassicAttributes", name), body, span)
    for block in _known(body.blocks("listener")):
        described = draft.add((*path, "ListenerDescriptions"), block.span)
        listener = (*described, "Listener")
        table = {
            "lb_port": "LoadBalancerPort",
            "lb_protocol": "Protocol",
            "instance_port": "InstancePort",
        }
        fields(draft, listener, block, table)
    for block in _known(body.blocks("health_check")):
        table = {
            "target": "Target",
            "interval": "Interval",
            "timeout": "Timeout",
            "healthy_threshold": "HealthyThreshold",
            "unhealthy_threshold": "UnhealthyThreshold",
        }
        fields(draft, (*path, "HealthCheck"), block, table)


def _classic_attributes(draft: Draft, path: Path, body: Object, span: Span | None) -> None:
    """Without `connection_draining` everything is cut at once: it is off (AWS provider 5, 6)."""
    for own, field, usual in (
        ("idle_timeout", ("ConnectionSettings", "IdleTimeout"), 60),
        ("connection_draining", ("ConnectionDraining", "Enabled"), False),
        ("connection_draining_timeout", ("ConnectionDraining", "Timeout"), 300),
    ):
        value = body.set(own)
        if value.data is None:
            draft.default((*path, *field), usual)
        draft.put((*path, *field), usual if value.data is None else value.plain, value.span or span)


def texts(value: Value) -> object:
    """A list of texts, or UNKNOWN; a single text counts as one."""
    plain = value.plain
    return plain if plain is UNKNOWN or plain is None or isinstance(plain, list) else [plain]
