"""What AWS refuses: attributes it does not know, values out of range, settings that exclude others.

Code that says so is accepted by every linter and fails in the middle of a deployment. Live load
balancers cannot have it. Ranges: ELBv2 API reference and user guides, November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from lbcheck.model import Invalid, Origin, Place, Setting, Vendor
from lbcheck.sources.aws_answers import TargetGroup
from lbcheck.sources.aws_inventory import Attributes, Inventory, Item
from lbcheck.spelling import did_you_mean

_ALGORITHM = "load_balancing.algorithm.type"
_SLOW_START = "slow_start.duration_seconds"
_MITIGATION = "load_balancing.algorithm.anomaly_mitigation"
_STICKINESS = "stickiness.type"
_COOKIE = "stickiness.app_cookie.cookie_name"
_COOKIES = ("lb_cookie", "app_cookie")


class Range(Struct, frozen=True):
    """Whole numbers from `low` to `high`, or one of `words`."""

    low: int
    high: int
    words: tuple[str, ...] = ()

    def __contains__(self, text: object) -> bool:
        if not isinstance(text, str) or text in self.words:
            return True
        number = text.removeprefix("-")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return False
        return self.low <= int(text) <= self.high

    def __str__(self) -> str:
        also = "".join(f" or `{word}`" for word in self.words)
        return f"{self.low} to {self.high}{also}"


class Choice(Struct, frozen=True):
    words: tuple[str, ...]

    def __contains__(self, text: object) -> bool:
        return text in self.words

    def __str__(self) -> str:
        *first, last = (f"`{word}`" for word in self.words)
        return f"{', '.join(first)} or {last}"


Limit = Range | Choice
_BOOL = Choice(("true", "false"))
_SECONDS_OF_A_WEEK = Range(1, 604_800)
_BALANCER: dict[str, Limit] = {
    "idle_timeout.timeout_seconds": Range(1, 4000),
    "client_keep_alive.seconds": Range(60, 604_800),
}
_LISTENER: dict[str, Limit] = {"tcp.idle_timeout.seconds": Range(60, 6000)}
_GROUP: dict[str, Limit] = {
    "deregistration_delay.timeout_seconds": Range(0, 3600),
    "deregistration_delay.connection_termination.enabled": _BOOL,
    _SLOW_START: Range(30, 900, ("0",)),
    "stickiness.enabled": _BOOL,
    _STICKINESS: Choice((*_COOKIES, "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto")),
    "stickiness.lb_cookie.duration_seconds": _SECONDS_OF_A_WEEK,
    "stickiness.app_cookie.duration_seconds": _SECONDS_OF_A_WEEK,
    _ALGORITHM: Choice(("round_robin", "least_outstanding_requests", "weighted_random")),
    _MITIGATION: Choice(("on", "off")),
    "target_health_state.unhealthy.draining_interval_seconds": Range(0, 360_000),
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": Range(1, 100, ("off",)),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": Range(
        1, 100, ("off",)
    ),
}
_OWNERS = {"a load balancer": _BALANCER, "a listener": _LISTENER, "a target group": _GROUP}
# Other keys that begin so are known here, or are none.
_CLOSED = ("idle_timeout", "client_keep_alive", "deregistration_delay", "slow_start", "tcp.")
_OTHERS = frozenset({_COOKIE})
_FIELDS: dict[str, tuple[str, Range]] = {
    "health_check_interval_seconds": ("HealthCheckIntervalSeconds", Range(5, 300)),
    "health_check_timeout_seconds": ("HealthCheckTimeoutSeconds", Range(2, 120)),
    "healthy_threshold_count": ("HealthyThresholdCount", Range(2, 10)),
    "unhealthy_threshold_count": ("UnhealthyThresholdCount", Range(2, 10)),
}


def refused(inventory: Inventory) -> Iterator[Invalid]:
    """Everything in a document that AWS would not take."""
    for attributes in inventory.balancer_attributes.values():
        yield from _attributes(attributes, _BALANCER, "a load balancer")
    for attributes in inventory.listener_attributes.values():
        yield from _attributes(attributes, _LISTENER, "a listener")
    for arn, attributes in inventory.group_attributes.items():
        yield from _attributes(attributes, _GROUP, "a target group")
        yield from _exclusions(attributes)
        if arn in inventory.groups:
            yield from _stickiness(inventory.groups[arn], attributes)
    for group in inventory.groups.values():
        yield from _fields(group)


def _attributes(attributes: Attributes, limits: dict[str, Limit], owner: str) -> Iterator[Invalid]:
    for number, attribute in enumerate(attributes.value):
        key, place = attribute.key or "", attributes.at(number)
        limit = limits.get(key)
        if limit is None and key.startswith(_CLOSED) and key not in _OTHERS:
            home = next((name for name, keys in _OWNERS.items() if key in keys), None)
            meant = f"; {home} has it" if home else did_you_mean(key, limits)
            yield _invalid(attributes, key, "", place, f"{owner} has no such attribute{meant}")
        elif limit is not None and attribute.value is not None and attribute.text not in limit:
            yield _invalid(attributes, key, attribute.text, place, f"AWS takes {limit}")


def _exclusions(attributes: Attributes) -> Iterator[Invalid]:
    algorithm, slow = attributes.find(_ALGORITHM), attributes.find(_SLOW_START)
    if algorithm and slow and slow[0] != "0" and algorithm[0] != "round_robin":
        reason = f"slow start and `{algorithm[0]}` exclude each other"
        yield _invalid(attributes, _SLOW_START, slow[0], slow[1], reason)
    mitigation = attributes.find(_MITIGATION)
    fits = attributes.hides(_ALGORITHM) or (algorithm and algorithm[0] == "weighted_random")
    if mitigation and mitigation[0] == "on" and not fits:
        reason = "only `weighted_random` has it"
        yield _invalid(attributes, _MITIGATION, mitigation[0], mitigation[1], reason)


def _stickiness(group: Item[TargetGroup], attributes: Attributes) -> Iterator[Invalid]:
    """Refused even where it is switched off."""
    kind, protocol = attributes.find(_STICKINESS), group.value.protocol
    if kind is None or protocol is None:
        return
    cookie, http = kind[0] in _COOKIES, protocol in ("HTTP", "HTTPS")
    if cookie and not http:
        reason = f"a group for {protocol} takes `source_ip` only"
        yield _invalid(attributes, _STICKINESS, kind[0], kind[1], reason)
    elif http and not cookie:
        reason = f"a group for {protocol} takes `lb_cookie` or `app_cookie`"
        yield _invalid(attributes, _STICKINESS, kind[0], kind[1], reason)
    elif kind[0] == "app_cookie" and _is_unnamed(attributes):
        reason = f"it needs the name of the application's cookie, `{attributes.part.word(_COOKIE)}`"
        yield _invalid(attributes, _STICKINESS, kind[0], kind[1], reason)


def _is_unnamed(attributes: Attributes) -> bool:
    """Is the application's cookie, which is to be followed, called nothing?"""
    enabled = attributes.find("stickiness.enabled")
    if attributes.find(_COOKIE) is not None or attributes.hides(_COOKIE):
        return False
    return enabled is not None and enabled[0] == "true"


def _fields(group: Item[TargetGroup]) -> Iterator[Invalid]:
    value = group.value
    for attribute, (name, limit) in _FIELDS.items():
        number = getattr(value, attribute)
        if number is not None and str(number) not in limit:
            yield _invalid(group, name, str(number), group.at(name), f"AWS takes {limit}")
    http = value.protocol in ("HTTP", "HTTPS")
    if http and value.health_check_protocol == "TCP":
        reason = f"a group for {value.protocol} is checked over HTTP or HTTPS"
        place = group.at("HealthCheckProtocol")
        yield _invalid(group, "HealthCheckProtocol", "TCP", place, reason)
    if value.protocol is not None and not http and value.protocol_version:
        reason = "only groups for HTTP and HTTPS have one"
        version, place = value.protocol_version, group.at("ProtocolVersion")
        yield _invalid(group, "ProtocolVersion", version, place, reason)


def _invalid(
    item: Attributes | Item[TargetGroup], name: str, value: str, place: Place, reason: str
) -> Invalid:
    word = item.part.word(name)
    return Invalid(Vendor.AWS, Setting(word, value, Origin.SET, place), reason)
