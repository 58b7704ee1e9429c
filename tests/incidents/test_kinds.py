"""One sound configuration, and what people do to it: each change is told, and nothing else.

Infos are left out: the sound configurations have neither errors nor warnings.
"""

from __future__ import annotations

import pytest

from lbcheck.finding import Severity
from lbcheck.run import Options, run

NGINX = """\
worker_shutdown_timeout 5m;
events {}
http {
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    upstream nodes {
        zone nodes 64k;
        server 10.0.0.1:9000;
        server 10.0.0.2:9000;
    }
    server {
        listen 80;
        server_name chat.example;
        location = /healthz { proxy_pass http://nodes; }
        location /ws {
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 300s;
            proxy_next_upstream error timeout http_503;
            proxy_pass http://nodes;
        }
    }
}
"""
IN_NGINX = [
    ("no Upgrade", "proxy_set_header Upgrade $http_upgrade;", "", {"LB101"}),
    ("no Connection", "proxy_set_header Connection $connection_upgrade;", "", {"LB102"}),
    ("a misspelt variable", "$http_upgrade;", "$http_upgarde;", {"LB101"}),
    ("one map for both", "Upgrade $http_upgrade", "Upgrade $connection_upgrade", {"LB101"}),
    ("the wrong variable", "Connection $connection_upgrade", "Connection $http_upgrade", {"LB102"}),
    ("a misspelt word", "Connection $connection_upgrade", "Connection upgraded", {"LB102"}),
    ("the keep-alive recipe", "Connection $connection_upgrade", 'Connection ""', {"LB102"}),
    ("no HTTP/1.1", "proxy_http_version 1.1;", "", {"LB103"}),
    ("HTTP/2 to the targets", "proxy_http_version 1.1", "proxy_http_version 2", {"LB104"}),
    ("a map without websocket", "default upgrade;", "", {"LB110"}),
    ("a hidden Upgrade", "proxy_read", "proxy_hide_header Upgrade; proxy_read", {"LB111"}),
    (
        "a stronger regular expression",
        "location /ws {",
        "location ~ ^/(api|ws) { proxy_pass http://nodes; }\n        location /ws {",
        {"LB101", "LB103", "LB107", "LB302", "LB410"},
    ),
    ("a redirect", "proxy_read", "rewrite ^/ws(.*) /socket$1 redirect; proxy_read", {"LB108"}),
    ("the default timeout", "proxy_read_timeout 300s;", "", {"LB302"}),
    ("no time at all", "proxy_read_timeout 300s", "proxy_read_timeout 0", {"LB305"}),
    ("another timeout", "proxy_read_timeout 300s", "proxy_send_timeout 1h", {"LB306"}),
    ("a short timeout", "proxy_read_timeout 300s", "proxy_read_timeout 20s", {"LB301"}),
    (
        "no retry",
        "proxy_next_upstream error timeout http_503",
        "proxy_next_upstream off",
        {"LB214"},
    ),
    ("one try", "proxy_read", "proxy_next_upstream_tries 1; proxy_read", {"LB214"}),
    ("503 not retried", "error timeout http_503", "error timeout http_502", {"LB410"}),
    ("a dead target kept", "10.0.0.1:9000", "10.0.0.1:9000 max_fails=0", {"LB214"}),
    ("a name resolved once", "server 10.0.0.1:9000", "server node1.internal:9000", {"LB418"}),
    (
        "a method below the hash",
        "zone nodes 64k;",
        "zone nodes 64k; ip_hash; least_conn;",
        {"LB507"},
    ),
    (
        "a variable without resolver",
        "proxy_pass http://nodes;\n        }",
        "set $node node1; proxy_pass http://$node:9000;\n        }",
        {"LB419"},
    ),
    (
        "every target down",
        "server 10.0.0.1:9000;\n        server 10.0.0.2:9000;",
        "server 10.0.0.1:9000 down;\n        server 10.0.0.2:9000 down;",
        {"LB401"},
    ),
]

HAPROXY = """\
global
    hard-stop-after 5m
defaults
    mode http
    option redispatch 1
    retry-on conn-failure empty-response 503
    timeout connect 3s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h
frontend web
    bind :80
    acl is_ws path_beg /ws
    use_backend sockets if is_ws
    default_backend pages
backend sockets
    balance leastconn
    option httpchk GET /healthz
    default-server check inter 2s fall 3
    server a 10.0.0.1:9000 cookie a
    server b 10.0.0.2:9000 cookie b
backend pages
    option httpchk GET /healthz
    server p 10.0.0.9:80 check
"""
_CHECK = "GET /healthz\n    default-server"
_COOKIE = "balance leastconn\n    cookie NODE insert indirect nocache"
IN_HAPROXY = [
    ("a check without Host", _CHECK, _CHECK.replace("healthz", "healthz HTTP/1.1"), {"LB222"}),
    (
        "a redirect for other paths",
        "    use_backend",
        "    http-request redirect location /app/ unless { path_beg /app }\n    use_backend",
        {"LB108"},
    ),
    (
        "a state that nothing holds",
        "    mode http\n    option",
        "    mode http\n    load-server-state-from-file global\n    option",
        {"LB416"},
    ),
    ("no tunnel timeout", "    timeout tunnel 1h\n", "", {"LB303"}),
    ("milliseconds", "tunnel 1h", "tunnel 3600", {"LB304"}),
    ("zero", "tunnel 1h", "tunnel 0", {"LB305"}),
    ("a short tunnel", "tunnel 1h", "tunnel 20s", {"LB301"}),
    (
        "a tunnel timeout in the frontend",
        "    timeout tunnel 1h\nfrontend web\n",
        "frontend web\n    timeout tunnel 1h\n",
        {"LB306"},
    ),
    (
        "a second defaults section",
        "backend sockets\n",
        "defaults\n    mode http\n    timeout connect 3s\n    timeout client 30s\n"
        "    timeout server 30s\nbackend sockets\n",
        {"LB303"},
    ),
    ("nothing is checked", "default-server check inter", "default-server inter", {"LB202"}),
    (
        "only the port is checked",
        "    option httpchk GET /healthz\n    default",
        "    default",
        {"LB204"},
    ),
    (
        "a check of another kind",
        _CHECK,
        f"GET /healthz\n    option tcp-check{_CHECK[12:]}",
        {"LB203"},
    ),
    ("OPTIONS /", "httpchk GET /healthz\n    default", "httpchk\n    default", {"LB218"}),
    ("a check on the WebSocket path", _CHECK, _CHECK.replace("healthz", "ws"), {"LB205"}),
    (
        "half a handshake",
        _CHECK,
        "GET /ws HTTP/1.1\n    http-check expect status 101\n    default-server",
        {"LB206"},
    ),
    (
        "a check that accepts errors",
        _CHECK,
        f"GET /healthz\n    http-check expect status 200-499{_CHECK[12:]}",
        {"LB207"},
    ),
    ("a slow check", "inter 2s fall 3", "inter 30s fall 5", {"LB210"}),
    ("a draining target with a cookie", "balance leastconn", _COOKIE, set()),
    ("Upgrade removed", "    acl", "    http-request del-header Upgrade\n    acl", {"LB101"}),
    (
        "Connection replaced",
        "balance leastconn",
        "balance leastconn\n    http-request set-header Connection close",
        {"LB102"},
    ),
    (
        "the answer's Upgrade removed",
        "balance leastconn",
        "balance leastconn\n    http-response del-header Upgrade",
        {"LB111"},
    ),
    ("HTTP/2 to a target", "9000 cookie a", "9000 cookie a proto h2", {"LB104"}),
    ("RFC 8441 in HTTP/1.1", "9000 cookie a", "9000 cookie a ws h2", {"LB104"}),
    ("a case of letters", "path_beg /ws", "hdr(Upgrade) WebSocket", {"LB115"}),
    (
        "an earlier rule",
        "    use_backend sockets",
        "    use_backend pages if { path_beg / }\n    use_backend sockets",
        {"LB107"},
    ),
    (
        "a redirect",
        "    use_backend",
        "    http-request redirect prefix https://www.example.com if is_ws\n    use_backend",
        {"LB108"},
    ),
    ("every server disabled", "default-server check", "default-server check disabled", {"LB401"}),
    ("a name resolved once", "10.0.0.1:9000", "node1.internal:9000", {"LB418"}),
]


def told(kind: str, text: str) -> set[str]:
    report = run((), Options(stdin=(f"x.{kind}", text), kind=kind, today="2026-11-23"))
    return {found.code for found in report.findings if found.severity is not Severity.INFO}


@pytest.mark.parametrize(("kind", "text"), [("nginx", NGINX), ("haproxy", HAPROXY)])
def test_the_sound_configuration_has_neither_errors_nor_warnings(kind: str, text: str) -> None:
    assert told(kind, text) == set()


@pytest.mark.parametrize(
    ("kind", "text", "before", "after", "codes"),
    [
        pytest.param(kind, text, before, after, codes, id=f"{kind}: {name}")
        for kind, text, table in (
            ("nginx", NGINX, IN_NGINX),
            ("haproxy", HAPROXY, IN_HAPROXY),
        )
        for name, before, after, codes in table
    ],
)
def test_a_change_that_breaks_it_is_told_and_nothing_else(
    kind: str, text: str, before: str, after: str, codes: set[str]
) -> None:
    assert before in text
    assert told(kind, text.replace(before, after, 1)) == codes


def test_a_draining_server_with_a_cookie_gets_its_clients_back() -> None:
    text = HAPROXY.replace("balance leastconn", _COOKIE, 1)
    assert told("haproxy", text.replace("cookie a", "cookie a weight 0", 1)) == {"LB408"}
