"""Target groups → pools: health check, drain time, stickiness."""

from __future__ import annotations

import math
from typing import Any, TypeVar, cast

from lbcheck.model import (
    Belief,
    CheckKind,
    HealthCheck,
    Origin,
    Place,
    Pool,
    Setting,
    StatusSet,
    Vendor,
)
from lbcheck.regex import regex
from lbcheck.sources import aws_hidden
from lbcheck.sources.aws_answers import HealthDescription, TargetGroup
from lbcheck.sources.aws_inventory import Attributes, Inventory, Item
from lbcheck.sources.aws_targets import mass_close, minimums, targets, zonal

T = TypeVar("T")
_HTTP = frozenset({"HTTP", "HTTPS"})
_RANGE = regex(r"[ \t]*+(\d{1,5}+)(?:-(\d{1,5}+))?[ \t]*+")
_STICKY = "stickiness.enabled"
UNREAD = "unknown"
"""the value of a stickiness of which nobody knows whether it is on"""
DRAIN = "deregistration_delay.timeout_seconds"
_TERMINATE = "deregistration_delay.connection_termination.enabled"
DEFAULT_DRAIN_S = 300.0


def pool(group: Item[TargetGroup], inventory: Inventory, belief: Belief) -> Pool:
    """One target group. Its targets' state is what AWS said when it was asked."""
    value = group.value
    attributes = inventory.group_attributes.get(group.resource)
    health = inventory.health.get(group.resource)
    check = _check(group, health)
    return Pool(
        vendor=Vendor.AWS,
        name=_name(group),
        address=f"aws/target-group[{_name(group)}]",
        place=group.at("TargetGroupName"),
        belief=belief,
        targets=targets(group, health, check),
        check=check,
        drain_time=_drain_time(group, attributes),
        stickiness=_stickiness(group, attributes),
        not_sticky=_not_sticky(attributes),
        incapable=_incapable(group),
        mode="http" if (value.protocol or "HTTP") in _HTTP else "tcp",
        mass_close=tuple(mass_close(group, attributes)),
        minimums=tuple(minimums(attributes)),
        zonal=zonal(group, attributes, inventory),
        unknown=aws_hidden.of_group(group, attributes) if group.part.written else (),
        several=health is None,
        complete=health is not None,
    )


def unread(arn: str, place: Place, belief: Belief) -> Pool:
    """A target group that a rule names and no answer describes."""
    name = arn.split("/")[1] if arn.count("/") > 1 else arn
    check = HealthCheck(CheckKind.UNKNOWN, place)
    address = f"aws/target-group[{name}]"
    return Pool(Vendor.AWS, name, address, place, belief, (), check, mode="", complete=False)


def setting(group: Item[TargetGroup], name: str, value: T | None, default: T) -> Setting[T] | None:
    """A field in force: as AWS says it, or its documented default at the group's name.

    None where it is set to a value that nobody knows.
    """
    word = group.part.word(name)
    if value is not None:
        return Setting(word, value, _origin(group, value == default), group.at(name))
    if group.unknown(name):
        return None
    default = cast(T, group.part.default((*group.path, name)) or default)
    return Setting(word, default, Origin.DEFAULT, group.at("TargetGroupName"))


def attribute(
    attributes: Attributes, key: str, default: float, owner: Place
) -> Setting[float] | None:
    """An attribute in seconds, in force: as set, or its default at its owner's place.

    None where it is set to what nobody knows, or to no number.
    """
    word, found = attributes.part.word(key), attributes.find(key)
    if found is None:
        hidden = attributes.hides(key)
        return None if hidden else Setting(word, default, Origin.DEFAULT, owner)
    value = seconds(found[0])
    if value is None:
        return None
    return Setting(word, value, _origin(attributes, value == default), found[1])


def _origin(item: Item[Any], usual: bool) -> Origin:
    """AWS answers with what is in force: nobody can tell who has set what equals the default."""
    return Origin.DEFAULT if usual and not item.part.written else Origin.SET


def _name(group: Item[TargetGroup]) -> str:
    return group.value.target_group_name or group.resource


def _check(group: Item[TargetGroup], health: Item[list[HealthDescription]] | None) -> HealthCheck:
    value = group.value
    enabled = value.health_check_enabled
    if enabled is None and value.target_type == "lambda":
        enabled = False
    if enabled is False:
        return HealthCheck(CheckKind.NONE, group.at("HealthCheckEnabled"))
    if group.unknown("HealthCheckEnabled") or group.unknown("HealthCheckProtocol"):
        return HealthCheck(CheckKind.UNKNOWN, group.at("HealthCheckProtocol"))
    protocol = value.health_check_protocol
    if protocol is None:
        if value.protocol is None:
            return HealthCheck(CheckKind.UNKNOWN, group.at("TargetGroupName"))
        protocol = "HTTP" if value.protocol in _HTTP else "TCP"
    kind = CheckKind.HTTP if protocol in _HTTP else CheckKind.CONNECT
    if value.protocol_version == "GRPC":
        kind = CheckKind.OTHER
    asks = kind is CheckKind.HTTP
    return HealthCheck(
        kind,
        group.at("HealthCheckProtocol"),
        path=setting(group, "HealthCheckPath", value.health_check_path, "/") if asks else None,
        port=_port(group, health),
        accepts=_accepts(group) if asks else None,
        interval=_seconds(
            group, "HealthCheckIntervalSeconds", value.health_check_interval_seconds, 30
        ),
        timeout=_seconds(
            group,
            "HealthCheckTimeoutSeconds",
            value.health_check_timeout_seconds,
            # CreateTargetGroup: 6 s for HTTP, 10 s for TCP, TLS and HTTPS groups.
            6 if value.protocol == "HTTP" else 10,
        ),
        rise=setting(group, "HealthyThresholdCount", value.healthy_threshold_count, 5),
        fall=setting(group, "UnhealthyThresholdCount", value.unhealthy_threshold_count, 2),
    )


def _seconds(
    group: Item[TargetGroup], name: str, value: int | None, default: int
) -> Setting[float] | None:
    return setting(group, name, None if value is None else float(value), float(default))


def _port(
    group: Item[TargetGroup], health: Item[list[HealthDescription]] | None
) -> Setting[str] | None:
    """Only where it is not the port of the traffic, which each target may set for itself."""
    if group.unknown("HealthCheckPort") or group.unknown("Port"):
        return None
    port = str(group.value.health_check_port or "traffic-port")
    own = {str(d.target.port) for d in health.value if d.target} if health else set()
    if port == "traffic-port" or own == {port} or (not own and port == str(group.value.port)):
        return None
    word = group.part.word("HealthCheckPort")
    return Setting(word, port, Origin.SET, group.at("HealthCheckPort"))


def _accepts(group: Item[TargetGroup]) -> Setting[StatusSet] | None:
    written = group.value.matcher.http_code if group.value.matcher else None
    word = group.part.word("Matcher.HttpCode")
    if written is None:
        if group.unknown("Matcher", "HttpCode") or group.unknown("Protocol"):
            return None
        # The default of a Network Load Balancer's group is wider than that of an ALB's.
        text = "200" if (group.value.protocol or "HTTP") in _HTTP else "200-399"
        ranges = status_ranges(text)
        place = group.at("TargetGroupName")
        return Setting(word, StatusSet(ranges, text), Origin.DEFAULT, place)
    ranges = status_ranges(str(written))
    if not ranges:
        return None
    accepted = StatusSet(ranges, str(written))
    return Setting(word, accepted, Origin.SET, group.at("Matcher", "HttpCode"))


def status_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """`200,300-399` -> ((200, 200), (300, 399)); empty where it cannot be read."""
    found: list[tuple[int, int]] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            return ()
        found.append((int(match[1]), int(match[2] or match[1])))
    return tuple(found)


def _drain_time(group: Item[TargetGroup], attributes: Attributes | None) -> Setting[float] | None:
    if attributes is None or group.value.target_type == "lambda" or group.unknown("Protocol"):
        return None
    owner = group.at("TargetGroupName")
    if (group.value.protocol or "HTTP") not in _HTTP:
        # A Network Load Balancer keeps a deregistered target's open connections for ever
        # unless it is told to end them (NLB user guide, "Deregistration delay").
        found = attributes.find(_TERMINATE)
        if found is None and attributes.hides(_TERMINATE):
            return None
        if found is None or found[0].lower() != "true":
            place = found[1] if found else owner
            return Setting(attributes.part.word(_TERMINATE), math.inf, Origin.DEFAULT, place)
    return attribute(attributes, DRAIN, DEFAULT_DRAIN_S, owner)


def seconds(text: str) -> float | None:
    """An attribute's number of seconds; None where it is none."""
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _stickiness(group: Item[TargetGroup], attributes: Attributes | None) -> Setting[str] | None:
    """The target stickiness of the group, in AWS's words (lb_cookie, app_cookie, source_ip).

    Stickiness between groups, which is a rule's, leads to no target.
    """
    if attributes is None:
        # Not read: None would claim that there is none.
        return Setting(_STICKY, UNREAD, Origin.DEFAULT, group.at("TargetGroupName"))
    enabled = attributes.find(_STICKY)
    if enabled is None and attributes.hides(_STICKY):
        place = group.at("TargetGroupName")
        return Setting(_STICKY, UNREAD, Origin.DEFAULT, place)
    if enabled is None or enabled[0].lower() != "true":
        return None
    kind = attributes.find("stickiness.type") or ("lb_cookie", enabled[1])
    word = attributes.part.word("stickiness.type")
    return Setting(word, kind[0], Origin.SET, enabled[1])


def _not_sticky(attributes: Attributes | None) -> Setting[bool] | None:
    """Where somebody, or the answer of AWS, says that there is none."""
    enabled = attributes.find(_STICKY) if attributes else None
    if not attributes or not enabled or enabled[0].lower() != "false":
        return None
    return Setting(attributes.part.word(_STICKY), False, _origin(attributes, True), enabled[1])


def _incapable(group: Item[TargetGroup]) -> Setting[str] | None:
    if group.value.target_type == "lambda":
        # Reason code of the ALB's access log for a handshake to a Lambda function.
        reason = "Lambda targets cannot take WebSockets (`LambdaWebsocketNotSupported`)"
        return Setting(group.part.word("TargetType"), reason, Origin.SET, group.at("TargetType"))
    if group.value.target_control_port:
        reason = "target optimizer groups do not support WebSockets"
        return Setting("TargetControlPort", reason, Origin.SET, group.at("TargetControlPort"))
    return None
