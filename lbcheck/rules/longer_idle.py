"""Edits that raise an idle timeout, in each vendor's words."""

from __future__ import annotations

from lbcheck import fix
from lbcheck.finding import Fix
from lbcheck.model import Origin, Pointer, Route, Setting, Vendor
from lbcheck.rules.aws_code import in_code

ALB_MAX_S = 4000
"""AWS takes 1 to 4000 seconds for `idle_timeout.timeout_seconds`."""


def longer(route: Route, idle: Setting[float], needed: float | None) -> Fix | None:
    """The next full minute from `needed` seconds on, which survive one lost ping.

    Safe where the value is this route's own: nothing else depends on it.
    """
    if needed is None:
        return None
    value = int(-(-needed // 60) * 60)
    line = f"{idle.name} {value}s"
    if route.vendor is Vendor.AWS:
        return _command(idle, value) or (in_code(idle, str(value)) if value <= ALB_MAX_S else None)
    if route.vendor is Vendor.NGINX and idle.origin is not Origin.SET:
        return fix.insert(route.place, (f"{line};",), safe=True)
    if route.vendor is Vendor.HAPROXY and idle.name != "timeout tunnel":
        return None  # `set-timeout` has a condition that would be lost
    return fix.replace(idle.place, line, safe=idle.origin is Origin.SET)


def _command(idle: Setting[float], value: int) -> Fix | None:
    if not isinstance(idle.place, Pointer) or idle.name != "idle_timeout.timeout_seconds":
        return None
    if value > ALB_MAX_S:
        return None
    command = (
        "aws elbv2 modify-load-balancer-attributes "
        f"--load-balancer-arn {idle.place.resource} --attributes Key={idle.name},Value={value}"
    )
    return Fix(f"{idle.name} = {value}", safe=True, command=command)
