"""Listener rules in the order in which the load balancer tries them: what each matches and does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from lbcheck.model import Place
from lbcheck.sources.aws_answers import Action, Condition, Listener, LoadBalancer, Rule
from lbcheck.sources.aws_inventory import Inventory, Item
from lbcheck.sources.aws_patterns import contains

_CATCH_ALL = frozenset({"*", "/*"})
STREAMS = frozenset({"TCP", "TLS", "TCP_UDP"})
_HTTP = frozenset({"HTTP", "HTTPS"})
# The thing itself, its priority, and the section and value of its actions.
_Base = tuple[Item[Rule] | Item[Listener], str, str, Sequence[Action] | None]


class Match(Struct, frozen=True, gc=False):
    """What a rule asks for. None: it does not ask.

    `others`: there is a condition that cannot be compared (query, source address, header, regular
    expression); `upgrade`: the rule asks for the header `Upgrade: websocket`; `names` are texts
    that only serve as names (regular expressions).
    """

    paths: tuple[str, ...] | None = None
    hosts: tuple[str, ...] | None = None
    names: tuple[str, ...] = ()
    upgrade: bool = False
    get: bool = True
    others: bool = False

    @property
    def everything(self) -> bool:
        """Does every path match?"""
        return self.paths is None or any(path in _CATCH_ALL for path in self.paths)


class Share(Struct, frozen=True, gc=False):
    """One target group of a forward action. `weight` is None where a single group takes all."""

    group: str
    place: Place
    weight: int | None = None


class Step(Struct, frozen=True, gc=False):
    """A listener rule, or a listener's default action where rules were not read.

    `item` is the rule or the listener: the place of the whole; `label` its priority; `action` where
    the last action stands, which ends the request.
    """

    balancer: Item[LoadBalancer]
    listener: Item[Listener]
    item: Item[Rule] | Item[Listener]
    label: str
    match: Match
    action: Action
    action_path: tuple[str | int, ...]
    shares: tuple[Share, ...]
    earlier: tuple[Step, ...] = ()

    @property
    def text(self) -> str:
        """The matcher as people read it: paths, else hosts, else "default"."""
        match = self.match
        for texts in (match.paths, match.hosts, match.names):
            if texts:
                return " ".join(texts)
        return "Upgrade" if match.upgrade else "default"

    @property
    def carries(self) -> bool:
        """Does it forward? A trimmed answer without actions counts as forwarding somewhere."""
        return bool(self.shares) or self.action.type in (None, "forward")

    @property
    def place(self) -> Place:
        return self.item.at("Priority" if isinstance(self.item.value, Rule) else "Port")


def steps(
    inventory: Inventory, balancer: Item[LoadBalancer], listener: Item[Listener]
) -> list[Step]:
    """The rules of a listener, first tried first; nothing for protocols without WebSockets."""
    if (listener.value.protocol or "HTTP") not in STREAMS | _HTTP:
        return []
    found: list[Step] = []
    rules = inventory.rules.get(listener.resource, [])
    for rule in sorted(rules, key=_priority):
        match = match_of(rule.value.conditions or ())
        unordered = rule.unknown("Priority")
        label = "?" if unordered else str(rule.value.priority or "default")
        base: _Base = (rule, label, "Actions", rule.value.actions)
        # Of a rule whose priority nobody knows nothing comes provably before or behind.
        earlier = () if unordered else tuple(step for step in found if step.label != "?")
        found.append(_step(balancer, listener, base, match, earlier))
    # Every listener has a default; one that a trimmed answer leaves out goes nobody knows where.
    trimmed = bool(found) and listener.value.default_actions is None
    if not trimmed and not any(step.label == "default" for step in found):
        base = (listener, "default", "DefaultActions", listener.value.default_actions)
        found.append(_step(balancer, listener, base, Match(), tuple(found)))
    return found


def _priority(rule: Item[Rule]) -> float:
    text = str(rule.value.priority)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else float("inf")


def _step(
    balancer: Item[LoadBalancer],
    listener: Item[Listener],
    base: _Base,
    match: Match,
    earlier: tuple[Step, ...],
) -> Step:
    item, label, section, actions = base
    at, action = _last(actions or ())
    path = (section, at)
    shares = tuple(_shares(item, path, action))
    return Step(balancer, listener, item, label, match, action, path, shares, earlier)


def _last(actions: Sequence[Action]) -> tuple[int, Action]:
    """The action that ends the request: authentication comes before it, by `Order`."""
    ordered = sorted(enumerate(actions), key=lambda pair: pair[1].order or 0)
    return ordered[-1] if ordered else (0, Action())


def _shares(
    item: Item[Rule] | Item[Listener], path: tuple[str | int, ...], action: Action
) -> Iterator[Share]:
    groups = (action.forward_config and action.forward_config.target_groups) or []
    for at, group in enumerate(groups):
        where = (*path, "ForwardConfig", "TargetGroups", at)
        place = item.at(*where) if group.weight is None else item.at(*where, "Weight")
        yield Share(group.target_group_arn or "", place, group.weight)
    if not groups and action.target_group_arn:
        yield Share(action.target_group_arn, item.at(*path, "TargetGroupArn"))


def match_of(conditions: Iterable[Condition]) -> Match:
    """All conditions of a rule must hold; the values of one are alternatives."""
    paths: tuple[str, ...] | None = None
    hosts: tuple[str, ...] | None = None
    names: tuple[str, ...] = ()
    upgrade, get, others = False, True, False
    for condition in conditions:
        values, patterns = _values(condition)
        if patterns:
            names, others = (*names, *patterns), True
        elif condition.field == "path-pattern" and paths is None:
            paths = values
        elif condition.field == "host-header" and hosts is None:
            hosts = tuple(value.lower() for value in values)
        elif condition.field == "http-request-method":
            get = get and ("GET" in values or not values)
        elif _asks_upgrade(condition, values):
            upgrade = True
        else:
            others = True
    return Match(paths, hosts, names, upgrade, get, others)


def _values(condition: Condition) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Values and regular expressions of a condition, in its old and its new form."""
    config = (
        condition.path_pattern_config
        or condition.host_header_config
        or condition.http_header_config
        or condition.http_request_method_config
    )
    values = (config and config.values) or condition.values or []
    patterns = (config and config.regex_values) or condition.regex_values or []
    return tuple(values), tuple(patterns)


def _asks_upgrade(condition: Condition, values: Iterable[str]) -> bool:
    config = condition.http_header_config
    name = (config and config.http_header_name) or ""
    return name.lower() == "upgrade" and any(contains(v.lower(), "websocket") for v in values)


def covers(step: Step, path: str | None, hosts: Sequence[str] | None) -> bool:
    """Does a rule provably take every handshake for a path pattern (None: any path) and hosts?"""
    match = step.match
    if match.others or not match.get:
        return False
    if not match.everything and (
        path is None or not any(contains(own, path) for own in match.paths or ())
    ):
        return False
    if match.hosts is None:
        return True
    return bool(hosts) and all(any(contains(own, h) for own in match.hosts) for h in hosts or ())


def taker(step: Step, path: str | None) -> Step | None:
    """The earlier rule that provably takes a path pattern's handshakes away from a rule."""
    hosts = step.match.hosts
    return next((earlier for earlier in step.earlier if covers(earlier, path, hosts)), None)
