"""Classic load balancers: an HTTP or HTTPS listener drops the upgrade, TCP and SSL pass it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

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
    State,
    Target,
    Topology,
    Vendor,
)
from lbcheck.sources.aws_answers import (
    ClassicAttributes,
    ClassicBalancer,
    ClassicListener,
    InstanceState,
)
from lbcheck.sources.aws_belief import TAG
from lbcheck.sources.aws_inventory import Inventory, Item

T = TypeVar("T", int, float)
_DEFAULT_IDLE_S = 60
# What the console makes of a health check. An answer does not tell who has chosen it.
_USUAL = {"Interval": 30, "Timeout": 5, "HealthyThreshold": 10, "UnhealthyThreshold": 2}
_STATES = {"InService": State.HEALTHY, "OutOfService": State.UNHEALTHY}


def read(inventory: Inventory, declared: Declared) -> Topology:
    """Their listeners, with idle timeout, draining and instances as far as they were read."""
    listeners = [
        listener
        for classic in inventory.classics
        if (belief := belief_of(classic, inventory, declared))
        for listener in _listeners(classic, belief, inventory)
    ]
    routes = tuple(route for listener in listeners for route in listener.routes)
    pools = tuple(edge.pool for route in routes for edge in route.forwards)
    return Topology(listeners=tuple(listeners), routes=routes, pools=pools)


def belief_of(
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


def _listeners(
    classic: Item[ClassicBalancer], belief: Belief, inventory: Inventory
) -> Iterator[Listener]:
    attributes = inventory.classic_attributes.get(classic.resource)
    for at, described in enumerate(classic.value.listener_descriptions or ()):
        listener = described.listener
        if listener is None:
            continue
        base = ("ListenerDescriptions", at, "Listener")
        address = f"aws/{classic.value.load_balancer_name}/{listener.load_balancer_port}"
        place = classic.at(*base, "LoadBalancerPort")
        pool = _pool(classic, listener, base, belief, inventory)
        route = Route(
            vendor=Vendor.AWS,
            address=f"{address}/rule[default]",
            place=place,
            path="default",
            belief=belief,
            forwards=(Forward(pool),),
            idle=None if pool.incapable else _idle(classic, attributes),
            covers_all=True,
        )
        tls = (listener.protocol or "").upper() in ("HTTPS", "SSL")
        yield Listener(Vendor.AWS, address, place, (route,), tls)


def _pool(
    classic: Item[ClassicBalancer],
    listener: ClassicListener,
    base: tuple[str | int, ...],
    belief: Belief,
    inventory: Inventory,
) -> Pool:
    states = inventory.instance_states.get(classic.resource)
    name = f"{classic.value.load_balancer_name}:{listener.instance_port}"
    http = (listener.protocol or "").upper() in ("HTTP", "HTTPS")
    incapable = None
    if http:
        reason = f"a classic load balancer's {listener.protocol} listener drops the upgrade"
        word = classic.part.word("Protocol")
        incapable = Setting(word, reason, Origin.SET, classic.at(*base, "Protocol"))
    return Pool(
        vendor=Vendor.AWS,
        name=name,
        address=f"aws/classic[{name}]",
        place=classic.at("LoadBalancerName"),
        belief=belief,
        targets=tuple(_targets(classic, states)),
        check=_check(classic),
        drain_time=_drain_time(classic, inventory.classic_attributes.get(classic.resource)),
        incapable=incapable,
        mode="http" if http else "tcp",
        complete=states is not None,
    )


def _idle(
    classic: Item[ClassicBalancer], attributes: Item[ClassicAttributes] | None
) -> Setting[float] | None:
    settings = attributes and attributes.value.connection_settings
    if not attributes or not settings or settings.idle_timeout is None:
        return None
    value, place = settings.idle_timeout, attributes.at("ConnectionSettings", "IdleTimeout")
    # AWS always answers with the value in force: the default cannot be told from a set 60.
    origin = Origin.DEFAULT if value == _DEFAULT_IDLE_S else Origin.SET
    word = attributes.part.word("ConnectionSettings.IdleTimeout")
    return Setting(word, float(value), origin, place)


def _drain_time(
    classic: Item[ClassicBalancer], attributes: Item[ClassicAttributes] | None
) -> Setting[float] | None:
    """Without connection draining everything is cut at once (classic user guide)."""
    draining = attributes and attributes.value.connection_draining
    if not attributes or not draining or draining.enabled is None:
        return None
    if not draining.enabled:
        place = attributes.at("ConnectionDraining", "Enabled")
        word = attributes.part.word("ConnectionDraining.Enabled")
        path = (*attributes.path, "ConnectionDraining", "Enabled")
        chosen = attributes.part.default(path) is None
        return Setting(word, 0.0, Origin.SET if chosen else Origin.DEFAULT, place)
    if draining.timeout is None:
        return None
    place = attributes.at("ConnectionDraining", "Timeout")
    word = attributes.part.word("ConnectionDraining.Timeout")
    return Setting(word, float(draining.timeout), Origin.SET, place)


def _targets(
    classic: Item[ClassicBalancer], states: Item[list[InstanceState]] | None
) -> Iterator[Target]:
    weight = Setting("Weight", 1, Origin.DEFAULT, classic.at("LoadBalancerName"))
    for at, state in enumerate(states.value if states else ()):
        assert states is not None
        name = state.instance_id or f"instance {at + 1}"
        said = (state.reason_code, state.description)
        yield Target(
            name=name,
            address=name,
            place=states.at(at, "InstanceId"),
            weight=weight,
            state=_STATES.get(state.state or "", State.UNKNOWN),
            state_place=states.at(at),
            reason=": ".join(text for text in said if text and text != "N/A"),
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
        word = classic.part.word("Target")
        path = Setting(word, "/" + rest.partition("/")[2], Origin.SET, place)
    return HealthCheck(
        CheckKind.HTTP if path else CheckKind.CONNECT,
        place,
        path=path,
        interval=_number(classic, "Interval", _float(check.interval)),
        timeout=_number(classic, "Timeout", _float(check.timeout)),
        rise=_number(classic, "HealthyThreshold", check.healthy_threshold),
        fall=_number(classic, "UnhealthyThreshold", check.unhealthy_threshold),
    )


def _float(value: int | None) -> float | None:
    return None if value is None else float(value)


def _number(classic: Item[ClassicBalancer], name: str, value: T | None) -> Setting[T] | None:
    if value is None:
        return None
    usual = value == _USUAL[name] and not classic.part.written
    origin = Origin.DEFAULT if usual else Origin.SET
    return Setting(classic.part.word(name), value, origin, classic.at("HealthCheck", name))
