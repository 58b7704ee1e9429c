"""Which snippets are believed to carry WebSockets: certain, likely, or no more than possible.

Half of the table looks like WebSockets and is something else: a word inside a word, server-sent
events, long polling, gRPC, the keep-alive recipe, web services, pages about WebSockets.
"""

from __future__ import annotations

import pytest

from lbcheck.finding import Severity
from lbcheck.model import Declared, Level, Source, Topology
from lbcheck.run import Options, run
from lbcheck.sources import haproxy
from lbcheck.sources.files import Files
from tests.readers.nginx_text import UPGRADE, topology, whole

APP = "proxy_pass http://10.0.0.1:8080;"
STATIC_POOL = "upstream assets { server 10.0.0.1:80; server 10.0.0.2:80; keepalive 16; }\n"

# --- nginx: the text of an http block -------------------------------------------------------


def site(body: str, around: str = "") -> str:
    return f"{around}server {{ listen 8080; {body} }}"


NGINX_CERTAIN = {
    "both headers forwarded": site(f"location /any {{ {UPGRADE} {APP} }}"),
    "only Upgrade forwarded": site(
        f"location /any {{ proxy_set_header Upgrade $http_upgrade; {APP} }}"
    ),
    "only a constant Connection": site(
        f'location /any {{ proxy_set_header Connection "Upgrade"; {APP} }}'
    ),
    "the client's own Connection": site(
        "location /any { proxy_set_header Upgrade $http_upgrade; "
        f"proxy_set_header Connection $http_connection; {APP} }}"
    ),
    "headers of the server inherited": site(f"{UPGRADE} location /any {{ {APP} }}"),
    "headers of the server lost": site(
        f"{UPGRADE} location /any {{ proxy_set_header Host $host; {APP} }}"
    ),
    "an if on the upgrade": site(
        f"location /any {{ if ($http_upgrade = websocket) {{ {APP} }} return 404; }}"
    ),
    "handshakes sent to a named location": site(
        "location / { error_page 418 = @up; if ($http_upgrade) { return 418; } "
        f"proxy_pass http://10.0.0.9; }} location @up {{ {APP} }}"
    ),
    "a pool chosen by the upgrade": site(
        "location /any { proxy_pass http://$pool; }",
        "map $http_upgrade $pool { default web; websocket sockets; }\n"
        "upstream web { server 10.0.0.1:80; }\nupstream sockets { server 10.0.0.2:80; }\n",
    ),
    "a constant websocket": site(
        f"location /any {{ proxy_set_header Upgrade websocket; "
        f"proxy_set_header Connection upgrade; {APP} }}"
    ),
}
NGINX_LIKELY = {
    "/ws": site(f"location /ws {{ {APP} }}"),
    "/ws in the middle": site(f"location /api/v1/ws/updates {{ {APP} }}"),
    "-ws at the end": site(f"location = /chat-ws {{ {APP} }}"),
    "a regular expression": site(f"location ~ ^/(ws|wss)/ {{ {APP} }}"),
    "socket.io": site(f"location /socket.io/ {{ {APP} }}"),
    "engine.io": site(f"location /engine.io {{ {APP} }}"),
    "a socket.io path as a regular expression": site(f"location ~* \\.io {{ {APP} }} ").replace(
        "\\.io", "^/socket\\.io"
    ),
    "sockjs-node": site(f"location /sockjs-node {{ {APP} }}"),
    "cable": site(f"location /cable {{ {APP} }}"),
    "signalr": site(f"location /signalr/ {{ {APP} }}"),
    "graphql-ws": site(f"location /graphql-ws {{ {APP} }}"),
    "hot reload": site(f"location /_next/webpack-hmr {{ {APP} }}"),
    "websockify": site(f"location /websockify {{ {APP} }}"),
    "web-socket in two words": site(f"location /api/web-socket {{ {APP} }}"),
    "webSocket in camel case": site(f"location /api/webSocketUpdates {{ {APP} }}"),
    "a host of its own": site(f"server_name ws.example.com; location / {{ {APP} }}"),
    "a pool of its own": site(
        "location / { proxy_pass http://websocket_nodes; }",
        "upstream websocket_nodes { server 10.0.0.1:80; }\n",
    ),
    "a numbered pool": site(
        "location /any { proxy_pass http://websocket2; }",
        "upstream websocket2 { server 10.0.0.1:80; }\n",
    ),
    "an ambiguous path with a very long timeout": site(
        f"location /chat {{ proxy_read_timeout 1h; {APP} }}"
    ),
    "a hub with a very long timeout": site(
        f"location /hubs/ {{ proxy_read_timeout 3600s; {APP} }}"
    ),
}
NGINX_POSSIBLE = {
    "everything": site(f"location / {{ {APP} }}"),
    "news": site(f"location /news {{ {APP} }}"),
    "newsletter": site(f"location /newsletter/ {{ {APP} }}"),
    "a host called news": site(f"server_name news.example.com; location / {{ {APP} }}"),
    "windows, browser, views, aws, jaws": site(
        "".join(
            f"location /{word} {{ {APP} }} "
            for word in ("windows", "browser", "views", "aws", "jaws", "wsus", "sws1x")
        )
    ),
    "wsgi": site(
        "location /wsgi/ { proxy_pass http://wsgi_app; }",
        "upstream wsgi_app { server unix:/run/wsgi.sock; }\n",
    ),
    "wsdl": site(f"location /orders.wsdl {{ {APP} }}"),
    "SOAP web services": site(f"location /ws/soap/ {{ {APP} }}"),
    "a web service with its description": site(f"location ~ ^/ws/.*\\.wsdl$ {{ {APP} }}"),
    "ASP.NET web services": site(f"location /ws/orders.asmx {{ {APP} }}"),
    "the client's script": site(f"location = /js/socket.io.js {{ {APP} }}"),
    "the client's minified script": site(f"location ~ ^/static/sockjs\\.min\\.js$ {{ {APP} }}"),
    "a page about WebSockets": site(f"location /docs/websockets {{ {APP} }}"),
    "a blog about WebSockets": site(f"location /blog/websocket-basics/ {{ {APP} }}"),
    "server-sent events": site(
        "location /events { proxy_http_version 1.1; proxy_set_header Connection ''; "
        f"proxy_buffering off; proxy_cache off; proxy_read_timeout 24h; {APP} }}"
    ),
    "server-sent events without the recipe's header": site(
        f"location /stream {{ proxy_buffering off; proxy_read_timeout 1h; {APP} }}"
    ),
    "notifications as server-sent events": site(
        "location /notifications { proxy_buffering off; chunked_transfer_encoding off; "
        f"proxy_read_timeout 1d; {APP} }}"
    ),
    "long polling": site(
        "location /chat/poll { proxy_http_version 1.1; proxy_set_header Connection ''; "
        f"proxy_read_timeout 20m; {APP} }}"
    ),
    "long polling without buffers": site(
        f"location /chat/poll {{ proxy_read_timeout 90s; proxy_buffering off; {APP} }}"
    ),
    "a model that answers slowly": site(
        f"location /v1/chat/completions {{ proxy_read_timeout 300s; proxy_buffering off; {APP} }}"
    ),
    "video": site(f"location /live/ {{ proxy_buffering off; proxy_read_timeout 2h; {APP} }}"),
    "events, stream, live, hub, push, feed": site(
        "".join(
            f"location /{word} {{ {APP} }} "
            for word in ("events", "stream", "live", "hub", "push", "feed", "chat", "graphql")
        )
    ),
    "a GitHub hub": site("server_name hub.example.com; location / { proxy_pass http://10.0.0.1; }"),
    "gRPC": site("location /chat.Hub/ { grpc_pass grpc://10.0.0.1:50051; }"),
    "uwsgi": site("location /ws { uwsgi_pass 10.0.0.1:3031; }"),
    "a static folder called ws": site("location /ws/ { root /srv/www; }"),
    "the keep-alive recipe": site(
        "location / { proxy_http_version 1.1; proxy_set_header Connection ''; "
        "proxy_pass http://assets; }",
        STATIC_POOL,
    ),
    "a map for something else": site(
        "location / { proxy_set_header Connection $close; proxy_pass http://assets; }",
        "map $request_method $close { default ''; POST close; }\n" + STATIC_POOL,
    ),
    "the unused map of the distribution": site(f"location /api {{ {APP} }}"),
    "Upgrade dropped on purpose": site(
        f'location /api {{ proxy_set_header Upgrade ""; proxy_set_header Connection ""; {APP} }}'
    ),
    "a cache that only leaves upgrades alone": site(
        f"location /api {{ proxy_cache_bypass $http_upgrade; {APP} }}"
    ),
    "an upgrade of another kind": site(f"location /account/upgrade {{ {APP} }}"),
    "insecure requests upgraded": site(
        f"add_header Content-Security-Policy upgrade-insecure-requests; location / {{ {APP} }}"
    ),
    "a redirect": site("location / { return 301 https://ws.example.com$request_uri; }"),
    "a mirror": site(f"location /a {{ mirror /ws-copy; {APP} }}"),
}


def strongest(read: Topology) -> Level:
    return max((route.belief.level for route in read.routes), default=Level.POSSIBLE)


@pytest.mark.parametrize(
    ("level", "text"),
    [
        pytest.param(level, text, id=name)
        for level, table in (
            (Level.CERTAIN, NGINX_CERTAIN),
            (Level.LIKELY, NGINX_LIKELY),
            (Level.POSSIBLE, NGINX_POSSIBLE),
        )
        for name, text in table.items()
    ],
)
def test_what_nginx_carries(level: Level, text: str) -> None:
    assert strongest(topology(whole(text))) is level


# --- HAProxy: what stands after the defaults ------------------------------------------------

DEFAULTS = (
    "defaults\n    mode http\n    timeout connect 3s\n    timeout client 30s\n"
    "    timeout server 30s\n"
)
TUNNEL = "    timeout tunnel 1h\n"


def edge(rules: str, backend: str, settings: str = "") -> str:
    return (
        f"frontend web\n    bind :8080\n{rules}    default_backend pages\n"
        f"backend pages\n    server p 10.0.0.9:80 check\n"
        f"backend {backend}\n{settings}    server s1 10.0.0.1:80 check\n"
    )


def switch(condition: str, backend: str = "other", settings: str = "") -> str:
    return edge(f"    use_backend {backend} if {condition}\n", backend, settings)


HAPROXY_CERTAIN = {
    "hdr(Upgrade)": switch("{ hdr(Upgrade) -i websocket }"),
    "hdr(Connection)": switch("{ hdr(Connection) -i upgrade }"),
    "req.fhdr": switch("{ req.fhdr(Upgrade) -i websocket }"),
    "Sec-WebSocket-Key": switch("{ hdr(Sec-WebSocket-Key) -m found }"),
    "hdr_cnt": switch("{ hdr_cnt(Upgrade) gt 0 }"),
    "an acl by name": edge(
        "    acl up hdr(Upgrade) -i websocket\n    use_backend other if up\n", "other"
    ),
    "a tunnel timeout of its own": switch("{ path_beg /x }", settings=TUNNEL),
    "set-timeout tunnel": switch(
        "{ path_beg /x }", settings="    http-request set-timeout tunnel 1h\n"
    ),
    "a constant Upgrade": switch(
        "{ path_beg /x }", settings="    http-request set-header Upgrade websocket\n"
    ),
    "a check that shakes hands": switch(
        "{ path_beg /x }",
        settings="    option httpchk GET /x HTTP/1.1\n    http-check send hdr Upgrade websocket "
        "hdr Connection Upgrade\n    http-check expect status 101\n",
    ),
}
HAPROXY_LIKELY = {
    "path_beg /ws": switch("{ path_beg /ws }"),
    "path /socket.io": switch("{ path_beg /socket.io/ }"),
    "path_reg": switch("{ path_reg ^/(ws|cable)/ }"),
    "an acl called is_websocket": edge(
        "    acl is_websocket src 10.0.0.0/8\n    use_backend other if is_websocket\n", "other"
    ),
    "a host": switch("{ hdr(host) -i ws.example.com }"),
    "a host by its beginning": switch("{ hdr_beg(host) -i ws. }"),
    "SNI": switch("{ ssl_fc_sni ws.example.com }"),
    "a backend called be_ws": switch("{ path_beg /x }", "be_ws"),
    "a backend in camel case": switch("{ path_beg /x }", "chatWebsocket"),
    "a server called signalr": (
        "listen app\n    bind :80\n    server signalr-a 10.0.0.1:80 check\n"
    ),
}
HAPROXY_POSSIBLE = {
    "everything": "listen app\n    bind :80\n    server a 10.0.0.1:80 check\n",
    "path_beg /news": switch("{ path_beg /news /newsletter }"),
    "a host called news": switch("{ hdr(host) -i news.example.com }"),
    "a backend called be_news": switch("{ path_beg /x }", "be_news"),
    "web servers called ws1 and ws2": switch(
        "{ path_beg /x }", settings="    server ws1 10.0.0.1:80\n    server ws2 10.0.0.2:80\n"
    ),
    "wsdl": switch("{ path_end .wsdl }"),
    "wsgi": switch("{ path_beg /wsgi }", "wsgi_app"),
    "the client's script": switch("{ path_end /socket.io.js }"),
    "events": switch("{ path_beg /events }", "be_events"),
    "live video": switch("{ path_beg /live }", "be_video"),
    "a hub": switch("{ hdr(host) -i hub.example.com }", "registry"),
    "server-sent events": switch("{ hdr(Accept) -i text/event-stream }", "sse"),
    "gRPC": switch("{ hdr(content-type) -m beg application/grpc }", "grpc"),
    "not a handshake": switch("!{ hdr(Upgrade) -i websocket }"),
    "unless a handshake": edge(
        "    acl up hdr(Upgrade) -i websocket\n    use_backend other unless up\n", "other"
    ),
    "an upgrade of another kind": switch("{ hdr(Upgrade) -i h2c }"),
    "cookie": switch("{ hdr_sub(cookie) ws= }"),
    "not a WebSocket path": switch("!{ path_beg /ws } { path_beg /x }"),
}
INHERITED_TUNNEL_POSSIBLE = {
    "everything under an inherited tunnel timeout": switch("{ path_beg /api }"),
    "server-sent events under an inherited tunnel timeout": switch(
        "{ path_beg /events }", "be_events"
    ),
    "a feed under an inherited tunnel timeout": switch("{ path_beg /feed.xml }", "be_feed"),
}


def read_haproxy(text: str) -> Topology:
    return haproxy.read([[Source("x.cfg", "haproxy", text)]], Files(), Declared())


@pytest.mark.parametrize(
    ("level", "text"),
    [
        pytest.param(level, defaults + text, id=name)
        for level, defaults, table in (
            (Level.CERTAIN, DEFAULTS, HAPROXY_CERTAIN),
            (Level.LIKELY, DEFAULTS, HAPROXY_LIKELY),
            (Level.POSSIBLE, DEFAULTS, HAPROXY_POSSIBLE),
            (Level.POSSIBLE, DEFAULTS + TUNNEL, INHERITED_TUNNEL_POSSIBLE),
        )
        for name, text in table.items()
    ],
)
def test_what_haproxy_carries(level: Level, text: str) -> None:
    assert strongest(read_haproxy(text)) is level


@pytest.mark.parametrize("word", ["chat", "hub", "socket", "realtime", "mqtt", "stomp", "graphql"])
def test_an_inherited_tunnel_timeout_makes_an_ambiguous_word_likely(word: str) -> None:
    text = switch(f"{{ path_beg /{word} }}")
    assert strongest(read_haproxy(DEFAULTS + text)) is Level.POSSIBLE
    assert strongest(read_haproxy(DEFAULTS + TUNNEL + text)) is Level.LIKELY


# --- and so nothing is said about what carries none -----------------------------------------


def quiet(kind: str, text: str) -> list[tuple[str, str]]:
    """What an audit says about a text, infos left out."""
    report = run((), Options(stdin=(f"x.{kind}", text), kind=kind, today="2026-11-23"))
    return [(f.code, f.message) for f in report.findings if f.severity is not Severity.INFO]


@pytest.mark.parametrize("text", NGINX_POSSIBLE.values(), ids=NGINX_POSSIBLE)
def test_nginx_without_websockets_has_no_error_and_no_warning(text: str) -> None:
    assert quiet("nginx", whole(text)) == []


@pytest.mark.parametrize("text", HAPROXY_POSSIBLE.values(), ids=HAPROXY_POSSIBLE)
def test_haproxy_without_websockets_has_no_error_and_no_warning(text: str) -> None:
    assert quiet("haproxy", DEFAULTS + text) == []
