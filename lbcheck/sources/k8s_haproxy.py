"""Ingresses of the two HAProxy controllers → what HAProxy does with a WebSocket there.

haproxy-ingress (jcmoraisjr 0.15) reads annotations of Service and Ingress; HAProxy Technologies'
controller (3.2) takes `timeout-tunnel` from its ConfigMap only. Both set an hour by default.
"""

from __future__ import annotations

import re

from lbcheck.model import CheckKind, HealthCheck, Origin, Setting, StatusSet
from lbcheck.sources import haproxy_values
from lbcheck.sources.k8s_controller import Controller
from lbcheck.sources.k8s_settings import Settings

TUNNEL = "timeout-tunnel"
_DEFAULT_TUNNEL_S = 3600.0
_SNIPPETS = {
    Controller.HAPROXY_INGRESS: "config-backend",
    Controller.HAPROXY_TECH: "backend-config-snippet",
}
_LONGEST = 20_000
_WRITTEN = re.compile(r"(?m)^[ \t]*+timeout[ \t]++tunnel[ \t]++([^\s#]++)")
_STOP = {Controller.HAPROXY_INGRESS: "timeout-stop", Controller.HAPROXY_TECH: "hard-stop-after"}
_HASHES = ("source", "uri", "hdr", "url_param", "rdp-cookie", "hash")


def idle(settings: Settings, controller: Controller) -> Setting[float] | None:
    """A snippet of the backend comes after what the controller writes, and wins."""
    snippet = settings.find(_SNIPPETS[controller])
    found = _WRITTEN.search(snippet.text[:_LONGEST]) if snippet else None
    value = haproxy_values.seconds(found[1]) if found else None
    if snippet and found and value:
        place = snippet.part(found[0].strip())
        return Setting("timeout tunnel", value[0], Origin.SET, place, unitless=value[1])
    return settings.time(TUNNEL, _DEFAULT_TUNNEL_S, haproxy_values.seconds, "1h")


def check(settings: Settings, controller: Controller) -> HealthCheck:
    """The check that somebody asked for. Pods leave by their readiness probe beside it."""
    unknown = HealthCheck(CheckKind.UNKNOWN, settings.place)
    ingress = controller is Controller.HAPROXY_INGRESS
    found = settings.find("health-check-uri" if ingress else "check-http")
    if found is None or found.unknown:
        return unknown
    words = found.text.split()
    path = next((word for word in words if word.startswith("/")), None)
    if path is None:
        return unknown
    asked = Setting(found.name, path, Origin.SET, found.place)
    interval = settings.find("health-check-interval" if ingress else "check-interval")
    every = haproxy_values.seconds(interval.text) if interval else None
    return HealthCheck(
        CheckKind.HTTP,
        found.place,
        path=asked,
        # HAProxy takes 2xx and 3xx for healthy where nothing else is said.
        accepts=Setting(
            found.name, StatusSet(((200, 399),), "2xx, 3xx"), Origin.DEFAULT, found.place
        ),
        interval=Setting(interval.name, every[0], Origin.SET, interval.place)
        if interval and every
        else None,
    )


def stickiness(settings: Settings, controller: Controller) -> Setting[str] | None:
    if controller is Controller.HAPROXY_INGRESS:
        if settings.text("affinity") == "cookie":
            return settings.setting("affinity", "")
        balance = "balance-algorithm"
    else:
        if settings.text("cookie-persistence"):
            return settings.setting("cookie-persistence", "")
        balance = "load-balance"
    return settings.setting(balance, "") if settings.text(balance).startswith(_HASHES) else None


def drain_time(settings: Settings, controller: Controller) -> Setting[float] | None:
    """How long an old process lives on after a reload; known only where the ConfigMap is."""
    config_map = settings.config_map
    found = config_map.data.get(_STOP[controller]) if config_map else None
    value = haproxy_values.seconds(found.text) if found else None
    if found is None or value is None:
        return None
    return Setting(found.name, value[0], Origin.SET, found.place)
