"""Locations that a `server-snippet` adds beside those of an Ingress → routes of nginx.

A location without a `proxy_pass` proxies nothing and is left alone, and so is one with blocks of
its own. Around it stands nothing: the templates of both controllers set headers and versions in
their own locations only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from msgspec.structs import replace

from lbcheck.model import (
    Belief,
    CheckKind,
    Forward,
    HealthCheck,
    Origin,
    Pool,
    Route,
    Setting,
    Span,
    Vendor,
)
from lbcheck.sources import k8s_paths, k8s_snippets, nginx_time
from lbcheck.sources.k8s_controller import Controller
from lbcheck.sources.k8s_objects import Annotation, Object
from lbcheck.sources.k8s_paths import Path

_LOCATION = re.compile(
    r"(?m)^[ \t]*+(location[ \t]++(?:(=|\^~|~\*?+)[ \t]*+)?+([^\s{}]++)[ \t]*+\{)([^{}]*+)\}"
)
_PASS = re.compile(r"\bproxy_pass[ \t]++https?+://([\w-]++)")
_MOST = 50
"""hosts and locations that are looked at: together they make a route each"""
_KINDS = {"=": "Exact", "~": "", "~*": ""}


def of(ingress: Object, controller: Controller | None) -> Iterator[Path]:
    snippet = k8s_snippets.around(ingress, controller)
    if snippet is None or len(snippet.text) > k8s_snippets.LONGEST:
        return
    hosts = list(dict.fromkeys(k8s_paths.hosts(ingress) or [""]))[:_MOST]
    for found in islice(_LOCATION.finditer(snippet.text), _MOST):
        target = _PASS.search(found[4])
        if target is None:
            continue
        place = snippet.part(found[1])
        body = Annotation(
            found[1], found[4], "str", Span(place.source, place.start, snippet.place.end)
        )
        kind = _KINDS.get(found[2] or "", "Prefix")
        for host in hosts:
            yield Path(ingress, host, found[3], kind, target[1], "", place, body)


def route(path: Path, body: Annotation, belief: Belief) -> Route:
    """What nginx does with a WebSocket there; it has the defaults of nginx."""
    check = HealthCheck(CheckKind.UNKNOWN, path.place)
    pool = Pool(
        vendor=Vendor.NGINX,
        name=path.service,
        address=f"{path.address}/service[{path.service}]",
        place=path.place,
        belief=belief,
        targets=(),
        check=check,
        complete=False,
    )
    version = k8s_snippets.statement(body, "proxy_http_version")
    spoken = Setting("proxy_http_version", "1.0", Origin.DEFAULT, path.place)
    if version is not None:
        spoken = replace(spoken, value=version[0], origin=Origin.SET, place=version[1])
    return Route(
        vendor=Vendor.NGINX,
        address=path.address,
        place=path.place,
        path=path.path,
        belief=belief,
        forwards=(Forward(pool, spoken),),
        idle=_idle(body, path),
        upgrade=_header("Upgrade", k8s_snippets.upgrade(body), "", path),
        connection=_header("Connection", k8s_snippets.connection(body), "close", path),
    )


def _header(
    name: str, found: tuple[str | None, Span] | None, usual: str, path: Path
) -> Setting[str | None]:
    if found is None:
        return Setting(name, usual, Origin.DEFAULT, path.place)
    return Setting(name, found[0], Origin.SET, found[1])


def _idle(body: Annotation, path: Path) -> Setting[float] | None:
    found = k8s_snippets.statement(body, "proxy_read_timeout")
    if found is None:
        return Setting("proxy_read_timeout", 60.0, Origin.DEFAULT, path.place)
    value = nginx_time.seconds(found[0])
    return None if value is None else Setting("proxy_read_timeout", value, Origin.SET, found[1])
