"""Ingresses of the AWS Load Balancer Controller → the listeners, and whose rule comes first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from lbcheck.sources import k8s_draft
from lbcheck.sources import k8s_keys as keys
from lbcheck.sources.k8s_controller import Served
from lbcheck.sources.k8s_objects import Annotation, Object, say
from lbcheck.sources.k8s_paths import Path

_KEPT = {
    "Host": ("#{host}",),
    "Port": ("443", 443),
    "Path": ("/#{path}",),
    "Query": ("#{query}",),
}
"""what a redirect that only changes the protocol leaves as it is"""
_ORDER = re.compile(r"-?+\d{1,4}")


class Balanced(Struct, frozen=True):
    """An Ingress, who serves it, and its paths. `number` tells its target groups from others'."""

    ingress: Object
    served: Served
    paths: Sequence[Path]
    number: int
    params: Object | None = None
    """the IngressClassParams of its class"""


def turn(member: Balanced) -> tuple[int, str]:
    """Whose rules are tried first: by `group.order`, then by namespace and name."""
    ingress = member.ingress
    order = ingress.annotations.get(f"{keys.ALB}/group.order")
    number = order.text if order and _ORDER.fullmatch(order.text) else "0"
    return int(number), f"{ingress.namespace}/{ingress.name}"


def listeners(members: Iterable[Balanced]) -> dict[tuple[str, object], list[Balanced]]:
    """The listeners of a group, each with the members that have rules there."""
    found: dict[tuple[str, object], list[Balanced]] = {}
    for member in members:
        for listening in _ports(member.ingress):
            found.setdefault(listening, []).append(member)
    return found


def _ports(ingress: Object) -> list[tuple[str, object]]:
    """The listeners, without those that only redirect to https."""
    own = ingress.annotations
    tls = f"{keys.ALB}/certificate-arn" in own
    usual: list[tuple[str, object]] = [("HTTPS", 443) if tls else ("HTTP", 80)]
    written = own.get(f"{keys.ALB}/listen-ports")
    if written is None or written.unknown:
        return usual
    entries = parsed(ingress, written)
    found = [
        (str(protocol), port)
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict)
        for protocol, port in entry.items()
    ]
    secure = [entry for entry in found if entry[0] == "HTTPS"]
    return (secure if secure and f"{keys.ALB}/ssl-redirect" in own else found) or usual


def parsed(thing: Object, annotation: Annotation) -> Any:
    """What an annotation has as JSON; None, and a trouble, where it has none."""
    try:
        return json.loads(annotation.text)
    except (ValueError, RecursionError):
        if not annotation.unknown:
            said = f"`{annotation.name}` is no JSON: the controller refuses the Ingress"
            say(thing.source, said, annotation.place, "correct it")
    return None


def rules(members: Iterable[Balanced], protocol: str) -> Iterator[tuple[Balanced, Path]]:
    """Without what the controller leaves out (pkg/ingress/rule_optimizer.go): a redirect to https
    on https, and on http what stands behind such a redirect of everything."""
    secured: set[str] = set()  # hosts
    for member in members:
        for way in _in_order(member.paths):
            secures = _secures(member, way)
            behind = secured and ("" in secured or way.host in secured)
            if not behind and not (secures and protocol == "HTTPS"):
                yield member, way
            if secures and protocol == "HTTP" and patterns(way) == ["/*"]:
                secured.add(way.host)


def _secures(member: Balanced, way: Path) -> bool:
    """Does the action of a path redirect to https, and change nothing else?"""
    written = member.ingress.annotations.get(f"{keys.ALB}/actions.{way.service}")
    if way.port != "use-annotation" or written is None:
        return False
    config = large(large(parsed(way.ingress, written)).get("RedirectConfig"))
    kept = all(config.get(name) in (None, *usual) for name, usual in _KEPT.items())
    return config.get("Protocol") == "HTTPS" and kept


def _in_order(paths: Sequence[Path]) -> list[Path]:
    """The controller puts exact paths first, then the longer prefixes; patterns as written."""
    ranks = {"Exact": 0, "Prefix": 1}
    return sorted(
        paths,
        key=lambda p: (ranks.get(p.kind, 2), -len(p.path) if p.kind == "Prefix" else 0),
    )


def patterns(way: Path) -> list[str]:
    return k8s_draft.below(way.path) if way.kind == "Prefix" else [way.path or "/*"]


def large(found: Any) -> dict[str, Any]:
    """Keys as the API writes them: `targetGroupARN` and `TargetGroupARN` are the same."""
    if not isinstance(found, dict):
        return {}
    return {f"{key[:1].upper()}{key[1:]}": value for key, value in found.items()}
