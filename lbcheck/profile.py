"""What the service promises and the operator wants: the values rules compare with.

A profile is a YAML file (`profiles/*.yaml`, or the user's own); `lbcheck.profiles` loads and
validates it. All times are in seconds.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Seconds = Annotated[float, Meta(ge=0)]
Interval = Annotated[float, Meta(gt=0)]
HttpStatus = Annotated[int, Meta(ge=100, le=599)]
CloseCode = Annotated[int, Meta(ge=1000, le=4999)]
UrlPath = Annotated[str, Meta(pattern="^/", description="a path that starts with /")]
VersionText = Annotated[
    str,
    Meta(pattern=r"^[0-9]{1,5}(\.[0-9]{1,5}){0,3}$", description="a version such as 1.26.1"),
]
RuleSeverity = Literal["error", "warning", "info", "off"]


class Heartbeat(Struct, frozen=True, forbid_unknown_fields=True):
    """Who breaks the silence, how often, and after how long without an answer it gives up.

    `sender` "undeclared" means that nobody has said; "none" that nobody pings.
    """

    sender: Literal["undeclared", "none", "server", "client", "both"] = "undeclared"
    kind: Literal["ping", "data"] = "ping"
    interval_s: Interval | None = None
    timeout_s: Seconds | None = None


class Idle(Struct, frozen=True, forbid_unknown_fields=True):
    """Limits for idle timeouts.

    `server_timeout_s`: after this silence the service itself closes.
    """

    server_timeout_s: Seconds | None = None
    min_s: Seconds | None = None
    max_s: Seconds = 86400.0


class WebSocket(Struct, frozen=True, forbid_unknown_fields=True):
    """Which requests are WebSockets. "/" in `paths` means every request."""

    paths: tuple[UrlPath, ...] = ()
    not_paths: tuple[UrlPath, ...] = ()


class Handshake(Struct, frozen=True, forbid_unknown_fields=True):
    """How the service answers.

    `plain_get_status`: to a request without Upgrade on the WebSocket path.
    """

    path: UrlPath | None = None
    subprotocols: tuple[str, ...] = ()
    plain_get_status: tuple[HttpStatus, ...] = ()
    http10_upgrade: Literal["accepted", "rejected-400", "rejected-426", "rejected-505"] | None = (
        None
    )
    checks_origin: bool | None = None


class Health(Struct, frozen=True, forbid_unknown_fields=True):
    """The endpoint that tells whether the service takes new sockets, and how soon it must tell.

    `path` is None where the stack has none of its own; `suggest` is what messages propose then.
    `allow_paths`: check paths that are right although they look like a default.
    """

    path: UrlPath | None = None
    suggest: UrlPath = "/healthz"
    expect: tuple[HttpStatus, ...] = (200,)
    draining: tuple[HttpStatus, ...] = (503,)
    allow_paths: tuple[UrlPath, ...] = ()
    max_detection_s: Seconds = 30.0
    max_recovery_s: Seconds = 60.0


class Stickiness(Struct, frozen=True, forbid_unknown_fields=True):
    """Must a client return to the same target?

    "conditional": yes, but for the clients named in `unless`. `session`: the protocol whose
    sessions a probe can open and look for.
    """

    need: Literal["none", "conditional", "required"] = "none"
    unless: str | None = None
    symptom: str | None = None
    session: Literal["engine.io", "sockjs"] | None = None


class Drain(Struct, frozen=True, forbid_unknown_fields=True):
    """How the service leaves.

    `time_s`: what it needs to say goodbye to every socket; None: not declared.
    """

    time_s: Seconds | None = None
    max_s: Seconds | None = None
    default_close: str | None = None
    graceful_close: CloseCode | None = None
    silent_client_wait_s: Seconds | None = None
    hazards: tuple[str, ...] = ()


class Client(Struct, frozen=True, forbid_unknown_fields=True):
    """How the usual client reconnects (shown in explanations; used by the probe)."""

    auto_reconnect: bool | None = None
    base_s: Seconds | None = None
    factor: float | None = None
    cap_s: Seconds | None = None
    jitter: Literal["none", "partial", "full"] | None = None
    max_attempts: int | None = None
    fatal_codes: tuple[CloseCode, ...] = ()


class Versions(Struct, frozen=True, forbid_unknown_fields=True):
    """Versions of the proxies that run the configuration ("1.26.1"); None where not known.

    `ingress_controller`: which one serves Kubernetes Ingresses whose class leaves a choice, as
    `nginx` does between ingress-nginx and NGINX Inc's.
    """

    nginx: VersionText | None = None
    nginx_edition: Literal["oss", "plus", "angie", "tengine"] | None = None
    haproxy: VersionText | None = None
    ingress_controller: (
        Literal["aws", "ingress-nginx", "nginx-inc", "haproxy-ingress", "haproxytech"] | None
    ) = None


class Verified(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the values come from: how ("measured", "source", "docs"), on which version, when."""

    how: Literal["measured", "source", "docs"]
    version: str | None = None
    date: str | None = None


class Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """One profile, parents already merged in.

    `rules` changes a rule's severity ("error", "warning", "info") or switches it off ("off").
    """

    id: str = "default"
    title: str = "Nothing is declared"
    verified: Verified | None = None
    websocket: WebSocket = WebSocket()
    handshake: Handshake = Handshake()
    heartbeat: Heartbeat = Heartbeat()
    idle: Idle = Idle()
    health: Health = Health()
    stickiness: Stickiness = Stickiness()
    drain: Drain = Drain()
    client: Client = Client()
    versions: Versions = Versions()
    rules: dict[str, RuleSeverity] = {}
    sources: tuple[str, ...] = ()

    @property
    def whose(self) -> str:
        """Who allows what it allows, for messages: it may be that nobody chose a profile."""
        return "the default profile" if self.id == "default" else "the profile"

    @property
    def answer_s(self) -> float | None:
        """The service closes a client that has not answered its data for so long; None: it waits
        for none, or nobody has said."""
        if self.heartbeat.kind == "data" and self.heartbeat.sender in ("server", "both"):
            return self.idle.server_timeout_s
        return None

    @property
    def min_idle_s(self) -> float | None:
        """The shortest idle timeout that survives one lost beat.

        max(2 x interval + 5, interval + timeout + 5) seconds.

        Measured on nginx and HAProxy: an idle timeout equal to the interval is cut. None where
        no heartbeat is declared and no `idle.min_s` is given.
        """
        interval = self.heartbeat.interval_s
        if self.idle.min_s is not None or interval is None:
            return self.idle.min_s
        return max(2 * interval + 5, interval + (self.heartbeat.timeout_s or 0.0) + 5)
