"""Ingresses of the two nginx controllers → what nginx does with a WebSocket there.

ingress-nginx (kubernetes/ingress-nginx 1.15) forwards `Upgrade` and `Connection` for every path
and speaks HTTP/1.1; NGINX Inc's controller (nginx/kubernetes-ingress 5) forwards them for the
services that `nginx.org/websocket-services` names, or where a snippet does it.
"""

from __future__ import annotations

from lbcheck.model import (
    Effect,
    Ineffective,
    Origin,
    Redirect,
    RedirectKind,
    Setting,
    SocketLimit,
)
from lbcheck.sources import k8s_snippets, nginx_time
from lbcheck.sources.k8s_controller import Controller
from lbcheck.sources.k8s_objects import Annotation
from lbcheck.sources.k8s_paths import Path
from lbcheck.sources.k8s_settings import Settings

READ, SEND, CONNECT = "proxy-read-timeout", "proxy-send-timeout", "proxy-connect-timeout"
SERVICES = "nginx.org/websocket-services"
_SNIPPETS = "location-snippets"
DEFAULT_S = 60.0
_RAISED_S = 300.0
_HASHES = ("hash ", "ip_hash", "sticky ")


def idle(settings: Settings, controller: Controller) -> Setting[float] | None:
    """The silence that ends a WebSocket: nginx's `proxy_read_timeout`. Connections that pass with
    their TLS are carried by the controller's own proxy, which has no such time."""
    if _passed_through(settings, controller):
        return None
    seconds = _whole if controller is Controller.INGRESS_NGINX else _nginx_time
    return settings.time(READ, DEFAULT_S, seconds, "60s")


def _whole(text: str) -> tuple[float, bool] | None:
    """ingress-nginx reads annotations with `strconv.Atoi`: `60s` is none."""
    digits = text.removeprefix("+")
    return (float(digits), False) if digits.isascii() and digits.isdigit() else None


def _nginx_time(text: str) -> tuple[float, bool] | None:
    value = nginx_time.seconds(text)
    return None if value is None else (value, False)


def wrong_timeouts(settings: Settings, controller: Controller) -> tuple[Ineffective, ...]:
    """Other timeouts that were raised alone: none of them keeps a quiet WebSocket open."""
    seconds = _whole if controller is Controller.INGRESS_NGINX else _nginx_time
    raised = []
    for name in (SEND, CONNECT) if settings.find(READ) is None else ():
        found = settings.find(name)
        value = seconds(found.text) if found else None
        if found is not None and value is not None and value[0] >= _RAISED_S:
            setting: Setting[object] = Setting(name, value[0], Origin.SET, found.place)
            reason = f"the silence of a WebSocket is limited by `{READ}`, left at 60s"
            raised.append(Ineffective(Effect.WRONG_TIMEOUT, setting, reason))
    return tuple(raised)


def upgrade(settings: Settings, controller: Controller, service: str) -> Setting[str | None] | None:
    """The `Upgrade` header that a target sees; None: the controller always passes it."""
    if controller is not Controller.NGINX_INC:
        return None
    found = settings.find("websocket-services")
    if found and service in {part.strip() for part in found.text.split(",")}:
        return Setting(SERVICES, "websocket", Origin.SET, found.place)
    if own := k8s_snippets.upgrade(settings.find(_SNIPPETS)):
        return Setting(_SNIPPETS, own[0], Origin.SET, own[1])
    listed = settings.find("proxy-set-headers")
    if listed is not None and "upgrade" in listed.text.lower():
        return Setting(listed.name, None, Origin.SET, listed.place)
    if found is None:
        return Setting(SERVICES, "", Origin.DEFAULT, settings.place)
    return Setting(SERVICES, None if found.unknown else "", Origin.SET, found.place)


def connection(settings: Settings, controller: Controller) -> Setting[str | None] | None:
    """ingress-nginx sends `$connection_upgrade` unless an annotation replaces it."""
    if controller is Controller.NGINX_INC:
        return _in_snippet(settings)
    found = settings.find("connection-proxy-header")
    if controller is not Controller.INGRESS_NGINX or found is None:
        return None
    value = None if "$" in found.text else found.text
    return Setting(found.name, value, Origin.SET, found.place)


def _in_snippet(settings: Settings) -> Setting[str | None] | None:
    """The `Connection` header beside the `Upgrade` header of a snippet; without it `close`."""
    if own := k8s_snippets.connection(settings.find(_SNIPPETS)):
        return Setting(_SNIPPETS, own[0], Origin.SET, own[1])
    asked = k8s_snippets.upgrade(settings.find(_SNIPPETS))
    if asked is None or settings.find("websocket-services") or settings.find("proxy-set-headers"):
        return None
    return Setting("Connection", "close", Origin.DEFAULT, asked[1])


def http_version(settings: Settings, controller: Controller) -> Setting[str] | None:
    if controller is not Controller.INGRESS_NGINX:
        return None
    protocol = settings.find("backend-protocol")
    if protocol is not None and protocol.text.upper() in ("GRPC", "GRPCS"):
        return Setting("backend-protocol", "grpc", Origin.SET, protocol.place)
    version = settings.find("proxy-http-version")
    if version is None or version.text not in ("1.0", "1.1"):
        return None
    return settings.setting("proxy-http-version", "1.1")


def redirect(settings: Settings, controller: Controller) -> Redirect | None:
    """A redirect to somewhere else. Those to https have a twin and are healthy."""
    if controller is not Controller.INGRESS_NGINX:
        return None
    for name, status in (("permanent-redirect", 301), ("temporal-redirect", 302)):
        found = settings.find(name)
        if found is not None and found.text:
            setting = Setting(name, status, Origin.SET, found.place)
            return Redirect(RedirectKind.OTHER, setting)
    return None


def host_kept(settings: Settings, controller: Controller) -> Setting[bool] | None:
    found = settings.find("upstream-vhost")
    if controller is not Controller.INGRESS_NGINX or found is None or "$" in found.text:
        return None
    return Setting("upstream-vhost", False, Origin.SET, found.place)


def limits(settings: Settings, controller: Controller) -> tuple[SocketLimit, ...]:
    """`limit-connections`: how many may be open at once for one client address; 0 is no limit."""
    found = settings.find("limit-connections")
    value = _whole(found.text) if found else None
    if found is None or not value or value[0] < 1 or controller is not Controller.INGRESS_NGINX:
        return ()
    setting = Setting(found.name, int(value[0]), Origin.SET, found.place)
    return (SocketLimit(setting, per_client=True),)


def stickiness(settings: Settings, controller: Controller, service: str) -> Setting[str] | None:
    """What leads a client back to the pod it had.

    With `service-upstream` ingress-nginx knows one address for the whole Service, and no cookie
    helps (its documentation, "Service Upstream").
    """
    if controller is Controller.INGRESS_NGINX:
        if settings.text("service-upstream").lower() == "true":
            return None
        if settings.text("affinity") == "cookie":
            return settings.setting("affinity", "")
        return (
            settings.setting("upstream-hash-by", "") if settings.find("upstream-hash-by") else None
        )
    if settings.text("lb-method").startswith(_HASHES):
        return settings.setting("lb-method", "")
    sticky = settings.find("sticky-cookie-services")
    named = f"serviceName={service} "
    if sticky is not None and named in f"{sticky.text} ":
        return settings.setting("sticky-cookie-services", "")
    return None


def broken_stickiness(
    settings: Settings, controller: Controller, path: Path
) -> tuple[Ineffective, ...]:
    """An affinity that keeps nobody, and parts of one that is not switched on."""
    if controller is not Controller.INGRESS_NGINX:
        return ()
    affinity, upstream = settings.find("affinity"), settings.find("service-upstream")
    hashed = settings.find("upstream-hash-by")
    if hashed is not None and hashed.text and not hashed.unknown:
        return (_broken(hashed, "without a variable it leads every client to the same pod"),)
    if affinity is not None and not affinity.unknown:
        if affinity.text != "cookie":
            return (_broken(affinity, "ingress-nginx knows `cookie` only"),)
        if upstream is not None and upstream.text.lower() == "true":
            reason = "with `service-upstream` ingress-nginx knows one address of the Service only"
            return (_broken(affinity, reason, upstream),)
        if _is_pattern(settings, path) and settings.find("session-cookie-path") is None:
            reason = (
                f"its path is `{path.path}`, which no browser asks for; set `session-cookie-path`"
            )
            return (_broken(affinity, reason),)
    cookie = settings.find("session-cookie-name")
    if affinity is None and cookie is not None:
        reason = "nothing switches the cookie on; add `affinity: cookie`"
        return (_broken(cookie, reason, effect=Effect.STICKINESS_LEFT),)
    return ()


def _is_pattern(settings: Settings, path: Path) -> bool:
    """Is a path a regular expression? Then the cookie has it as its `Path`, too (ingress-nginx,
    examples/affinity/cookie: `session-cookie-path` is required)."""
    switched = settings.text("use-regex").lower() == "true" or settings.find("rewrite-target")
    return bool(switched) and path.head != path.path


def _passed_through(settings: Settings, controller: Controller) -> bool:
    passed = settings.text("ssl-passthrough").lower() == "true"
    return passed and controller is Controller.INGRESS_NGINX


def _broken(
    found: Annotation,
    reason: str,
    cause: Annotation | None = None,
    effect: Effect = Effect.STICKINESS_BROKEN,
) -> Ineffective:
    setting: Setting[object] = Setting(found.name, found.text, Origin.SET, found.place)
    return Ineffective(effect, setting, reason, cause.place if cause else None)


def drain_time(settings: Settings, controller: Controller) -> Setting[float] | None:
    """How long old workers live on after a reload; known only where the ConfigMap is."""
    config_map = settings.config_map
    if config_map is None or controller is not Controller.INGRESS_NGINX:
        return None
    found = config_map.data.get("worker-shutdown-timeout")
    place = found.place if found else config_map.thing.place
    value = nginx_time.seconds(found.text) if found else 240.0
    if value is None:
        return None
    origin = Origin.SET if found else Origin.DEFAULT
    return Setting("worker-shutdown-timeout", value, origin, place)
