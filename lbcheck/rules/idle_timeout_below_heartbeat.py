"""LB301: quiet WebSockets are cut before the next ping."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Origin, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule

COMMON_HEARTBEAT_S = 30.0


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    idle = route.idle
    if idle is None or route.tunnel_missing:
        return
    ping, needed = profile.heartbeat.interval_s, profile.min_idle_s
    cut = f"`{idle.name}` cuts after {human(idle.value)} of silence"
    if ping is not None and idle.value <= ping:
        yield Problem(idle.place, f"{cut}; the next ping comes after {human(ping)}")
    elif needed is not None and idle.value < needed:
        yield Problem(
            idle.place,
            f"{cut}; one lost ping is enough, {human(needed)} would survive it",
            severity=Severity.WARNING,
        )
    elif ping is None and idle.origin is not Origin.DEFAULT and idle.value <= COMMON_HEARTBEAT_S:
        yield Problem(
            idle.place,
            f"{cut}; common heartbeats come every 20 to 30s, and the profile declares none",
            severity=Severity.WARNING,
        )


RULE = Rule(
    code="LB301",
    name="idle-timeout-below-heartbeat",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Route,
    check=check,
    summary="The idle timeout ends a quiet WebSocket before its next ping.",
    why=(
        "Any frame in either direction starts the idle timer again; silence as long as the timeout ends the "
        "connection with a bare FIN, and clients see close code 1006. A timeout equal to the ping interval is cut too."
    ),
    remedy="Set the idle timeout above twice the ping interval, or ping more often.",
    references=("https://nginx.org/en/docs/http/websocket.html",),
    examples=(
        Example(
            Vendor.NGINX,
            profile="socketio-v4",
            bad="""\
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
server {
    listen 127.0.0.1:8080;
    location /ws/ {
        proxy_pass http://127.0.0.1:9000;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 10s;  # <- here
    }
}
""",
            good="""\
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
server {
    listen 127.0.0.1:8080;
    location /ws/ {
        proxy_pass http://127.0.0.1:9000;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 120s;
    }
}
""",
        ),
    ),
)
