"""Classic load balancers: an HTTP or HTTPS listener drops the upgrade, TCP and SSL pass it."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.belief import by_names
from lbcheck.model import (
    Belief,
    CheckKind,
    Declared,
    Forward,
    HealthCheck,
    Level,
    Listener,
    Origin,
    Pool,
    Route,
    Setting,
    Topology,
    Vendor,
)
from lbcheck.sources.aws_answers import ClassicBalancer, ClassicListener
from lbcheck.sources.aws_belief import TAG
from lbcheck.sources.aws_inventory import Inventory, Item


def read(inventory: Inventory, declared: Declared) -> Topology:
    """Their listeners. Attributes and instance health are other answers, which are not read."""
    listeners = [
        listener
        for classic in inventory.classics
        if (belief := _belief(classic, inventory, declared))
        for listener in _listeners(classic, belief)
    ]
    routes = tuple(route for listener in listeners for route in listener.routes)
    pools = tuple(edge.pool for route in routes for edge in route.forwards)
    return Topology(listeners=tuple(listeners), routes=routes, pools=pools)


def _belief(
    classic: Item[ClassicBalancer], inventory: Inventory, declared: Declared
) -> Belief | None:
    tag = inventory.tags.get(classic.resource, {}).get(TAG, "").lower()
    if tag == "false":
        return None
    if tag == "true":
        return Belief(Level.CERTAIN, f"tag `{TAG}=true`")
    if any(path in ("/", "/*", "*") for path in declared.websocket_paths):
        return Belief(Level.CERTAIN, "the profile declares every path", declared=True)
    if declared.websocket_paths and len(inventory.classics) == 1 and not inventory.balancers:
        said = f"the profile declares `{declared.websocket_paths[0]}`, and there is no other"
        return Belief(Level.LIKELY, said)
    return by_names(classic.value.load_balancer_name or "")


def _listeners(classic: Item[ClassicBalancer], belief: Belief) -> Iterator[Listener]:
    for at, described in enumerate(classic.value.listener_descriptions or ()):
        listener = described.listener
        if listener is None:
            continue
        base = ("ListenerDescriptions", at, "Listener")
        address = f"aws/{classic.value.load_balancer_name}/{listener.load_balancer_port}"
        place = classic.at(*base, "LoadBalancerPort")
        edge = Forward(_pool(classic, listener, base, belief))
        route = Route(
            vendor=Vendor.AWS,
            address=f"{address}/rule[default]",
            place=place,
            path="default",
            belief=belief,
            forwards=(edge,),
            covers_all=True,
        )
        tls = (listener.protocol or "").upper() in ("HTTPS", "SSL")
        yield Listener(Vendor.AWS, address, place, (route,), tls)


def _pool(
    classic: Item[ClassicBalancer],
    listener: ClassicListener,
    base: tuple[str | int, ...],
    belief: Belief,
) -> Pool:
    name = f"{classic.value.load_balancer_name}:{listener.instance_port}"
    http = (listener.protocol or "").upper() in ("HTTP", "HTTPS")
    incapable = None
    if http:
        reason = f"a classic load balancer's {listener.protocol} listener drops the upgrade"
        incapable = Setting("Protocol", reason, Origin.SET, classic.at(*base, "Protocol"))
    return Pool(
        vendor=Vendor.AWS,
        name=name,
        address=f"aws/classic[{name}]",
        place=classic.at("LoadBalancerName"),
        belief=belief,
        targets=(),
        check=_check(classic),
        incapable=incapable,
        mode="http" if http else "tcp",
        complete=False,
    )


def _check(classic: Item[ClassicBalancer]) -> HealthCheck:
    """`HTTP:3100/healthz`, `TCP:3100`: protocol, port, path."""
    check = classic.value.health_check
    place = classic.at("HealthCheck", "Target")
    protocol, _, rest = ((check and check.target) or "").partition(":")
    if check is None or not protocol:
        return HealthCheck(CheckKind.UNKNOWN, place)
    path = None
    if protocol.upper() in ("HTTP", "HTTPS"):
        path = Setting("Target", "/" + rest.partition("/")[2], Origin.SET, place)
    return HealthCheck(
        CheckKind.HTTP if path else CheckKind.CONNECT,
        place,
        path=path,
        interval=_seconds(classic, "Interval", check.interval),
        timeout=_seconds(classic, "Timeout", check.timeout),
        rise=_count(classic, "HealthyThreshold", check.healthy_threshold),
        fall=_count(classic, "UnhealthyThreshold", check.unhealthy_threshold),
    )


def _seconds(classic: Item[ClassicBalancer], name: str, value: int | None) -> Setting[float] | None:
    if value is None:
        return None
    return Setting(name, float(value), Origin.SET, classic.at("HealthCheck", name))


def _count(classic: Item[ClassicBalancer], name: str, value: int | None) -> Setting[int] | None:
    if value is None:
        return None
    return Setting(name, value, Origin.SET, classic.at("HealthCheck", name))
