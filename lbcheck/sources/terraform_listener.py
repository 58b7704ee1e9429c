"""Terraform listeners and their rules → an AWS document: conditions and actions."""

from __future__ import annotations

from collections.abc import Callable

from lbcheck.model import Span
from lbcheck.sources.aws_snapshot import Path
from lbcheck.sources.aws_written import UNKNOWN, Draft
from lbcheck.sources.terraform_draft import attributes, fields, texts
from lbcheck.sources.terraform_value import Object, Value
from lbcheck.sources.terraform_words import LISTENER_ATTRIBUTES

Resolve = Callable[[Value], str | None]
"""the address of the group that an expression leads to"""

_FIELDS = {
    "path_pattern": ("path-pattern", "PathPatternConfig"),
    "host_header": ("host-header", "HostHeaderConfig"),
    "http_header": ("http-header", "HttpHeaderConfig"),
    "http_request_method": ("http-request-method", "HttpRequestMethodConfig"),
}
_LOGINS = {
    "authenticate_oidc": "AuthenticateOidcConfig",
    "authenticate_cognito": "AuthenticateCognitoConfig",
}
_OTHERWISE = "OnUnauthenticatedRequest"
_REDIRECT = {
    "protocol": "Protocol",
    "port": "Port",
    "host": "Host",
    "path": "Path",
    "status_code": "StatusCode",
}


def listener(
    draft: Draft, owner: str, address: str, body: Object, span: Span | None, groups: Resolve
) -> None:
    """A listener of a load balancer, with its default action."""
    path = draft.add(("Listeners", owner), span)
    draft.put((*path, "ListenerArn"), address)
    draft.put((*path, "LoadBalancerArn"), owner)
    port, protocol = body.set("port"), body.set("protocol")
    draft.put((*path, "Port"), port.plain)
    draft.put((*path, "Protocol"), "HTTP" if protocol.data is None else protocol.plain)
    actions(draft, (*path, "DefaultActions"), body.blocks("default_action"), groups)
    draft.attributes("ListenerAttributes", address)
    attributes(draft, "ListenerAttributes", address, body, LISTENER_ATTRIBUTES)


def rule(
    draft: Draft, owner: str, address: str, body: Object, span: Span | None, groups: Resolve
) -> None:
    """A rule. Without a priority it comes behind those that are there when it is made."""
    path = draft.add(("Rules", owner), span)
    draft.put((*path, "RuleArn"), address)
    priority = body.set("priority")
    draft.put((*path, "Priority"), UNKNOWN if priority.data is None else priority.plain)
    _conditions(draft, (*path, "Conditions"), body.blocks("condition"))
    actions(draft, (*path, "Actions"), body.blocks("action"), groups)


def _conditions(draft: Draft, path: Path, blocks: list[Object] | None) -> None:
    if blocks is None:
        draft.add(path)
        return
    for block in blocks:
        if block.set("field").data is not None:
            _old_condition(draft, draft.add(path, block.span), block)
            continue
        known = False
        for own, (name, config) in _FIELDS.items():
            for inner in block.blocks(own) or ():
                known = True
                _condition(draft, draft.add(path, block.span), inner, name, config)
        if not known:  # a query, a source address, or what nobody knows
            draft.add(path, block.span)


def _condition(draft: Draft, path: Path, inner: Object, name: str, config: str) -> None:
    draft.put((*path, "Field"), name)
    values, patterns = inner.set("values"), inner.set("regex_values")
    draft.put((*path, config, "Values"), texts(values), values.span)
    draft.put((*path, config, "RegexValues"), texts(patterns), patterns.span)
    fields(draft, (*path, config), inner, {"http_header_name": "HttpHeaderName"})


def _old_condition(draft: Draft, path: Path, block: Object) -> None:
    """`field = "path-pattern"`, `values = [...]`: AWS provider 2."""
    fields(draft, path, block, {"field": "Field"})
    values = block.set("values")
    draft.put((*path, "Values"), texts(values), values.span)


def actions(draft: Draft, path: Path, blocks: list[Object] | None, groups: Resolve) -> None:
    for block in blocks or ():
        action = draft.add(path, block.span)
        fields(draft, action, block, {"type": "Type", "order": "Order"})
        target = block.set("target_group_arn")
        draft.put((*action, "TargetGroupArn"), groups(target), target.span)
        for forward in block.blocks("forward") or ():
            _forward(draft, (*action, "ForwardConfig"), forward, groups)
        for redirect in block.blocks("redirect") or ():
            fields(draft, (*action, "RedirectConfig"), redirect, _REDIRECT)
        for own, config in _LOGINS.items():
            for login in block.blocks(own) or ():
                path_ = (*action, config)
                fields(draft, path_, login, {"on_unauthenticated_request": _OTHERWISE})
                draft.put((*path_, "Issuer"), "", login.span)  # it is there, though all is default
        for fixed in block.blocks("fixed_response") or ():
            path_ = (*action, "FixedResponseConfig")
            fields(draft, path_, fixed, {"status_code": "StatusCode"})


def _forward(draft: Draft, path: Path, forward: Object, groups: Resolve) -> None:
    blocks = forward.blocks("stickiness")
    for sticky in [Object({}, True)] if blocks is None else blocks:
        fields(draft, (*path, "TargetGroupStickinessConfig"), sticky, {"enabled": "Enabled"})
    shares = forward.blocks("target_group") or []
    for share in shares:
        place = draft.add((*path, "TargetGroups"), share.span)
        arn, weight = share.set("arn"), share.set("weight")
        draft.put((*place, "TargetGroupArn"), groups(arn), arn.span)
        # one of several without a weight has 1; of one alone it makes no difference
        usual = 1 if weight.data is None and len(shares) > 1 else None
        draft.put((*place, "Weight"), usual or weight.plain, weight.span)
