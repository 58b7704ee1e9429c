"""The module terraform-aws-modules/alb: its arguments as the resources that it makes of them.

Versions 9 and 10 have maps (`listeners`, `target_groups`), versions up to 8 lists.
"""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Span
from lbcheck.sources.terraform_module import Resource
from lbcheck.sources.terraform_value import NULL, Object, Ref, Value, opening

_OLD_LISTENERS = {"http_tcp": "HTTP", "https": "HTTPS"}
_MARKS = ("listeners", "target_groups", "http_tcp_listeners", "https_listeners")
_OLD_CONDITIONS = {
    "path_patterns": "path_pattern",
    "host_headers": "host_header",
    "http_request_methods": "http_request_method",
}
Element = tuple[str | int, Object, Span | None]


def is_alb(call: Resource) -> bool:
    """Is a call that cannot be followed one of the module, or of a copy of it?"""
    source = call.body.set("source").data
    if not isinstance(source, str):
        return False
    if "terraform-aws-modules/alb" in source or "terraform-aws-alb" in source:
        return True
    last = source.partition("?")[0].rstrip("/").rpartition("/")[2].removesuffix(".git")
    return last in ("alb", "nlb") and any(mark in call.body.entries for mark in _MARKS)


def resources(call: Resource) -> Iterator[Resource]:
    """The load balancer, its groups, listeners and rules."""
    body, address = call.body, call.address
    if False in (body.set("create").data, body.set("create_lb").data):
        return
    yield Resource("aws_lb", address, body, call.span)
    for key, group, span in _elements(body.set("target_groups")):
        at = _group(address, key)
        yield Resource("aws_lb_target_group", at, _of_group(group), span or call.span)
    for key, own, span in _elements(body.set("listeners")):
        at = f"{address}.listeners[{key}]"
        yield Resource("aws_lb_listener", at, _listener(own, address), span or call.span)
        yield from _rules(own.set("rules"), at, call)
    for kind, protocol in _OLD_LISTENERS.items():
        for key, own, span in _elements(body.set(f"{kind}_listeners")):
            at = f"{address}.{kind}_listener_arns[{key}]"
            found = _listener(own, address, protocol)
            yield Resource("aws_lb_listener", at, found, span or call.span)
        yield from _rules(body.set(f"{kind}_listener_rules"), "", call, kind)


def _elements(value: Value) -> Iterator[Element]:
    """Key, object and opening line of each element of a map or list that is an object."""
    pairs: list[tuple[str | int, Value]] = []
    if isinstance(value.data, Object):
        pairs = list(value.data.entries.items())
    elif isinstance(value.data, list):
        pairs = list(enumerate(value.data))
    for key, element in pairs:
        if isinstance(element.data, Object):
            yield key, element.data, opening(element.span)


def _group(address: str, key: str | int) -> str:
    if isinstance(key, int):
        return f"{address}.target_group_arns[{key}]"
    return f"{address}.target_groups[{key}]"


def _of_group(own: Object) -> Object:
    usual = {"protocol": Value("HTTP"), "port": Value(80)}
    old = {
        name: own.entries[f"backend_{name}"] for name in usual if f"backend_{name}" in own.entries
    }
    missing = {} if own.open else usual
    return Object({**missing, **old, **own.entries}, own.open, own.span)


def _listener(own: Object, address: str, protocol: str = "HTTP") -> Object:
    usual = {} if own.open else {"protocol": Value(protocol), "port": Value(80)}
    logins = [Value(login, opening(login.span)) for login in _logins(own)]
    action = Value([*logins, Value(_action(own, address), opening(own.span))])
    return Object({**usual, **own.entries, "default_action": action}, own.open, own.span)


def _logins(own: Object) -> Iterator[Object]:
    """The actions in front of a forward that ask for a session."""
    for name in ("authenticate_oidc", "authenticate_cognito"):
        said = Value(name.replace("_", "-"))
        for block in own.blocks(name) or ([own] if own.set("type").data == said.data else []):
            yield Object({"type": said, name: Value(block, block.span)}, False, block.span)


def _rules(rules: Value, listener: str, call: Resource, old: str = "") -> Iterator[Resource]:
    """The rules of a listener. In the old form each says by number which listener it is for."""
    for key, own, span in _elements(rules):
        number = own.set(f"{old}_listener_index").data or 0
        owner = f"{call.address}.{old}_listener_arns[{number}]" if old else listener
        actions = [
            next(_logins(each), None) or _action(each, call.address)
            for _, each, _ in _elements(own.set("actions"))
        ]
        entries = {
            **own.entries,
            "listener_arn": Value(Ref(owner)),
            "action": Value([Value(each, opening(each.span)) for each in actions]),
            "condition": _conditions(own.set("conditions")),
        }
        body = Object(entries, own.open, own.span)
        yield Resource("aws_lb_listener_rule", f"{owner}.{key}", body, span or call.span)


def _conditions(value: Value) -> Value:
    if value.items() is None:
        return value
    return Value([Value(_condition(own), span) for _, own, span in _elements(value)])


def _condition(own: Object) -> Object:
    entries = dict(own.entries)
    for old, new in _OLD_CONDITIONS.items():
        if old in entries:
            values = entries[old]
            entries[new] = Value(Object({"values": values}, False, values.span), values.span)
    if "http_headers" in entries:
        entries["http_header"] = entries["http_headers"]
    return Object(entries, own.open, own.span)


def _action(own: Object, address: str) -> Object:
    """What a listener or an action of a rule does, as the block of a resource."""
    kind = next((v.data for n in ("type", "action_type") if (v := own.set(n)).data), None)
    entries: dict[str, Value] = {"order": own.set("order")}
    weighted = own.blocks("weighted_forward") or ([own] if kind == "weighted-forward" else [])
    for block in weighted:
        shares = [_share(each, address) for _, each, _ in _elements(block.set("target_groups"))]
        forward = {"target_group": Value(shares), "stickiness": block.set("stickiness")}
        entries["forward"] = Value(Object(forward, False, block.span))
        return Object({**entries, "type": Value("forward")}, own.open, own.span)
    for name in ("redirect", "fixed_response"):
        said = name.replace("_", "-")
        for block in own.blocks(name) or ([own] if kind == said else []):
            entries[name] = Value(block, block.span)
            return Object({**entries, "type": Value(said)}, own.open, own.span)
    for block in own.blocks("forward") or [own]:
        entries["target_group_arn"] = _target(block, address)
    return Object({**entries, "type": Value("forward")}, own.open, own.span)


def _share(own: Object, address: str) -> Value:
    entries = {"arn": _target(own, address), "weight": own.set("weight")}
    return Value(Object(entries, own.open, own.span), opening(own.span))


def _target(own: Object, address: str) -> Value:
    """The group that an action names by key, by number, or by its ARN."""
    for name in ("target_group_key", "target_group_index"):
        key = own.set(name)
        if isinstance(key.data, str | int):
            return Value(Ref(_group(address, key.data)), key.span, key.words)
    given = [own.set(name) for name in ("target_group_arn", "arn")]
    return next((each for each in given if each.data is not None), NULL)
