"""Listener rules → routes: where a handshake goes, and the silence that ends it there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lbcheck.model import (
    Belief,
    Effect,
    Forward,
    Ineffective,
    Level,
    Origin,
    Pool,
    Redirect,
    RedirectKind,
    Route,
    Setting,
    Vendor,
)
from lbcheck.sources import aws_hidden
from lbcheck.sources.aws_answers import Listener, LoadBalancer, Rule, TargetGroup
from lbcheck.sources.aws_inventory import Attributes, Inventory, Item
from lbcheck.sources.aws_patterns import contains
from lbcheck.sources.aws_pool import attribute, seconds, setting
from lbcheck.sources.aws_rules import Share, Step, taker

IDLE = "idle_timeout.timeout_seconds"
TCP_IDLE = "tcp.idle_timeout.seconds"
_DEFAULT_IDLE_S = 60.0
_DEFAULT_TCP_IDLE_S = 350.0
_NONE = "a Network Load Balancer has none; its listeners have `{}`"
# elasticloadbalancing/latest/network/update-idle-timeout: "can't be modified".
_FIXED = (
    "the idle timeout of a TLS listener is 350 s and cannot be changed; a TCP listener takes it"
)
_VERSIONS = {"HTTP1": "1.1", "HTTP2": "2", "GRPC": "grpc"}
_LOGIN = "authenticate"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def route(step: Step, belief: Belief, inventory: Inventory, pools: dict[str, Pool]) -> Route:
    """The route of a rule that forwards. Of a rule that is never reached only that is said."""
    shadows = tuple(shadowed(step)) if belief.level > Level.POSSIBLE else ()
    dead = unreached(step, belief)
    forwards = (forward(step, share, inventory, pools) for share in step.shares)
    return Route(
        vendor=Vendor.AWS,
        address=address(step),
        place=step.place,
        path=step.text,
        belief=belief,
        forwards=() if dead else tuple(forwards),
        idle=None if dead else idle(step.balancer, step.listener, inventory),
        ineffective=(*shadows, *misplaced(step, inventory)),
        login=None if dead else login(step),
        pool_stickiness=pool_stickiness(step),
        unknown=() if dead else tuple(unknown(step, inventory)),
        covers_all=step.match.everything,
    )


def unknown(step: Step, inventory: Inventory) -> Iterable[Setting[None]]:
    """The idle timeout, where code sets it to what nobody knows."""
    attributes, key = _timed(step.balancer, step.listener, inventory)
    if attributes is not None and attributes.find(key) is None:
        yield from aws_hidden.of_attributes(attributes, key)


def misplaced(step: Step, inventory: Inventory) -> Iterable[Ineffective]:
    """The idle timeout of an ALB on a Network Load Balancer, or one of a TLS listener, where code
    has it and AWS does not.

    Harmless unless somebody wants more than is in force: many modules hand it to every kind.
    """
    if step.balancer.value.type != "network":
        return
    for attributes, key, reason in (
        (inventory.balancer_attributes.get(step.balancer.resource), IDLE, _NONE),
        (_fixed(step.listener, inventory), TCP_IDLE, _FIXED),
    ):
        found = attributes.find(key) if attributes else None
        real = idle(step.balancer, step.listener, inventory)
        wanted = seconds(found[0]) if found else None
        if attributes and found and real is not None and wanted and wanted > real.value:
            own, other = attributes.part.word(key), attributes.part.word(TCP_IDLE)
            setting: Setting[object] = Setting(own, found[0], Origin.SET, found[1])
            yield Ineffective(Effect.TIMEOUT_INEFFECTIVE, setting, reason.format(other))


def _fixed(listener: Item[Listener] | None, inventory: Inventory) -> Attributes | None:
    """The attributes that code gives a TLS listener. An answer of AWS is what is in force."""
    if listener is None or listener.value.protocol != "TLS":
        return None
    attributes = inventory.listener_attributes.get(listener.resource)
    return attributes if attributes and attributes.part.written else None


def login(step: Step) -> Setting[str] | None:
    """The action in front of the forward that answers 302 to whoever has no session.

    `deny` answers 401, `allow` lets everybody pass.
    """
    rule = step.item.value
    section = "Actions" if isinstance(rule, Rule) else "DefaultActions"
    actions = rule.actions if isinstance(rule, Rule) else rule.default_actions
    for at, action in enumerate(actions or ()):
        for name, config in (
            ("AuthenticateOidcConfig", action.authenticate_oidc_config),
            ("AuthenticateCognitoConfig", action.authenticate_cognito_config),
        ):
            path = (section, at, name, "OnUnauthenticatedRequest")
            otherwise = config.on_unauthenticated_request if config else None
            if config and not step.item.unknown(*path) and (otherwise or _LOGIN) == _LOGIN:
                origin = Origin.SET if otherwise else Origin.DEFAULT
                kind = action.type or name
                return Setting(kind, _LOGIN, origin, step.item.at(section, at, "Type"))
    return None


def pool_stickiness(step: Step) -> Setting[bool] | None:
    """Whether a client returns to the same of several groups."""
    config = step.action.forward_config
    if config is None or len(step.shares) < 2:
        return None
    path = (*step.action_path, "ForwardConfig", "TargetGroupStickinessConfig")
    if step.item.unknown(*path, "Enabled"):
        return None
    said = config.target_group_stickiness_config
    if said is None or said.enabled is None:
        place = step.item.at(*step.action_path, "ForwardConfig")
        return Setting("TargetGroupStickinessConfig", False, Origin.DEFAULT, place)
    place = step.item.at(*path, "Enabled")
    return Setting("TargetGroupStickinessConfig", said.enabled, Origin.SET, place)


def redirecting(step: Step, belief: Belief, redirect: Redirect) -> Route:
    """The route of a rule that redirects handshakes; clients do not follow."""
    return Route(Vendor.AWS, address(step), step.place, step.text, belief, redirect=redirect)


def address(step: Step) -> str:
    return f"{listener_address(step.balancer, step.listener)}/rule[{_matcher(step)}]"


def listener_address(balancer: Item[LoadBalancer], listener: Item[Listener]) -> str:
    port = listener.value.port
    shown = "?" if port is None and listener.unknown("Port") else port
    return f"aws/{balancer.value.load_balancer_name or balancer.resource}/{shown}"


def _matcher(step: Step) -> str:
    return step.label if step.text == step.label else f"{step.label} {step.text}"


def forward(step: Step, share: Share, inventory: Inventory, pools: dict[str, Pool]) -> Forward:
    group = inventory.groups.get(share.group)
    weight = None
    if share.weight is not None:
        word = step.item.part.word("Weight")
        weight = Setting(word, share.weight, Origin.SET, share.place)
    version = http_version(group) if group else None
    return Forward(pools[share.group], version, weight)


def http_version(group: Item[TargetGroup]) -> Setting[str] | None:
    """Protocol to the targets; None for TCP groups and versions that are not known here."""
    if group.value.protocol not in ("HTTP", "HTTPS"):
        return None
    found = setting(group, "ProtocolVersion", group.value.protocol_version, "HTTP1")
    version = _VERSIONS.get(found.value) if found else None
    return Setting(found.name, version, found.origin, found.place) if found and version else None


def idle(
    balancer: Item[LoadBalancer], listener: Item[Listener] | None, inventory: Inventory
) -> Setting[float] | None:
    """The idle timeout: an attribute of an ALB, or of a Network Load Balancer's listener."""
    attributes, name = _timed(balancer, listener, inventory)
    if attributes is None or (balancer.unknown("Type") and attributes.find(name) is None):
        return None
    if name == TCP_IDLE and listener is not None:
        place, usual = listener.at("Port"), _DEFAULT_TCP_IDLE_S
        found = attribute(attributes, name, usual, place)
        if _fixed(listener, inventory) and (found is None or found.value != usual):
            return Setting(attributes.part.word(name), usual, Origin.DEFAULT, place)
        return found
    return attribute(attributes, name, _DEFAULT_IDLE_S, balancer.at("LoadBalancerName"))


def _timed(
    balancer: Item[LoadBalancer], listener: Item[Listener] | None, inventory: Inventory
) -> tuple[Attributes | None, str]:
    """The attributes that have the idle timeout, and its key."""
    if balancer.value.type != "network":
        return inventory.balancer_attributes.get(balancer.resource), IDLE
    if listener is None:
        return None, TCP_IDLE
    return inventory.listener_attributes.get(listener.resource), TCP_IDLE


def shadowed(step: Step) -> Iterable[Ineffective]:
    """The rule's paths whose handshakes an earlier rule provably takes to somewhere else."""
    own = {share.group for share in step.shares}
    for path in step.match.paths or (None,):
        earlier = taker(step, path)
        if earlier is None or {share.group for share in earlier.shares} == own:
            continue
        shown = step.text if path is None else path
        yield Ineffective(
            Effect.SHADOWED,
            Setting(shown, step.label, Origin.SET, step.place),
            f"rule {earlier.label} (`{earlier.text}`) is tried first and takes its requests",
            earlier.place,
        )


def unreached(step: Step, belief: Belief) -> bool:
    """Are all of a rule's requests taken away? Looked at only where WebSockets are believed."""
    if belief.level is Level.POSSIBLE or not step.earlier:
        return False
    return len(tuple(shadowed(step))) == len(step.match.paths or (None,))


def redirect_of(step: Step, siblings: Sequence[Step]) -> Redirect | None:
    """The redirect that a handshake meets; None where the rule has none, or a healthy one.

    Args: siblings: every rule of the same load balancer.
    """
    config, fixed = step.action.redirect_config, step.action.fixed_response_config
    if config is None:
        status = _status(fixed.status_code if fixed else None)
        if status not in _REDIRECTS:
            return None
        return Redirect(RedirectKind.OTHER, _status_setting(step, "FixedResponseConfig", status))
    path = (*step.action_path, "RedirectConfig")
    if any(step.item.unknown(*path, part) for part in ("Protocol", "Port", "Host", "Path")):
        return None
    status = _status(config.status_code)
    setting_ = _status_setting(step, "RedirectConfig", 302 if status is None else status)
    kept = config.host in (None, "#{host}")
    if config.protocol == "HTTPS" and step.listener.value.protocol == "HTTP" and kept:
        port = 443 if config.port is None else _status(config.port)
        twin = any(_is_twin(other, port, step) for other in siblings)
        return None if twin else Redirect(RedirectKind.SCHEME, setting_)
    slash = config.path == "/#{path}/" and kept
    return Redirect(RedirectKind.SLASH if slash else RedirectKind.OTHER, setting_)


def _is_twin(other: Step, port: int | None, step: Step) -> bool:
    """Does an HTTPS rule forward what the plain rule redirects? Undecidable counts as yes."""
    if other.listener.value.protocol != "HTTPS" or not other.carries:
        return False
    if port is not None and other.listener.value.port != port:
        return False
    mine, theirs = step.match, other.match
    if mine.everything or theirs.everything or mine.paths is None or theirs.paths is None:
        return True
    return any(contains(wide, path) for wide in theirs.paths for path in mine.paths)


def _status(code: str | int | None) -> int | None:
    """`HTTP_301` -> 301."""
    digits = str(code or "").removeprefix("HTTP_")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else None


def _status_setting(step: Step, section: str, status: int) -> Setting[int]:
    place = step.item.at(*step.action_path, section, "StatusCode")
    return Setting(step.item.part.word("StatusCode"), status, Origin.SET, place)
