"""The balancers in front of two servers, one of which leaves."""

from __future__ import annotations

from msgspec import Struct


class Balancer(Struct, frozen=True):
    """One configuration. kind: "nginx" or "haproxy"; targets are 127.0.0.1:9001 and 9002."""

    name: str
    kind: str
    config: str


_NGINX = """\
upstream chat { server 127.0.0.1:9001; server 127.0.0.1:9002; }
server {
    listen 127.0.0.1:8080;
    location / {
        proxy_pass http://chat;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
    }
}
"""
_HAPROXY = """\
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout tunnel 60s
frontend edge
    bind 127.0.0.1:8080
    default_backend chat
backend chat
    balance roundrobin
    server a 127.0.0.1:9001
    server b 127.0.0.1:9002
"""
_CHECKED = """\
    option httpchk GET /healthz
    default-server check inter 1s fall 2
"""


def _haproxy(more: str = "") -> str:
    return _HAPROXY.replace("    server a", f"{more}    server a")


BALANCERS = (
    Balancer("nginx", "nginx", _NGINX),
    Balancer("HAProxy, no checks", "haproxy", _haproxy()),
    Balancer("HAProxy, `check inter 1s fall 2`", "haproxy", _haproxy(_CHECKED)),
    Balancer("HAProxy, `option redispatch 1`", "haproxy", _haproxy("    option redispatch 1\n")),
)
"""in the order of the table"""
