"""Look-alikes of LB1xx and LB3xx: healthy ways of handshakes and of silence.

A row: the code (and which of the rule's experiments on that proxy, if it is not the first), the
proxy, what is special; then pairs of what the good configuration has and what replaces it.
"""

from __future__ import annotations

_WS_BACKEND = "    balance leastconn\n"
_LOCATION = "    location /ws/ {"
_HEADERS = "        proxy_set_header Upgrade $http_upgrade;\n"
_UPGRADE = "        proxy_set_header Connection $connection_upgrade;\n"
_TUNNEL = "    timeout tunnel 1h\n"
_READ = "        proxy_read_timeout 120s;\n"
_PAGES = "proxy_pass http://127.0.0.1:9003;"
_RULE = "    use_backend ws if"
_REDIRECT = "server { listen unix:/tmp/plain.sock; return 301 https://$host$request_uri; }\n"
_HTTP11 = "        proxy_http_version 1.1;\n"
_ROOT = "    location / {"

ROUTES: tuple[tuple[str, ...], ...] = (
    ("LB101", "nginx", "server-sent events beside it", _LOCATION,
     f"    location /events {{ {_PAGES} proxy_buffering off; }}\n{_LOCATION}"),
    ("LB101", "nginx", "a route for gRPC beside it", _LOCATION,
     f"    location /chat.Chat/ {{ grpc_pass grpc://127.0.0.1:9003; }}\n{_LOCATION}"),
    ("LB102", "nginx", "a constant where only WebSockets pass", _UPGRADE,
     _UPGRADE.replace("$connection_upgrade", '"upgrade"')),
    ("LB103:2", "nginx", "the server's level says it", _HTTP11, "", _LOCATION,
     f"    proxy_http_version 1.1;\n{_LOCATION}"),
    ("LB104", "nginx", "HTTP/2 to another target", _LOCATION,
     f"    location /api/ {{ {_PAGES} proxy_http_version 2; }}\n{_LOCATION}"),
    ("LB104", "haproxy", "HTTP/2 to another backend", "server pages1 127.0.0.1:9003",
     "server pages1 127.0.0.1:9003 proto h2"),
    ("LB104:2", "haproxy", "as the other requests, which go in HTTP/1.1",
     "proto h2 ws h1", "ws auto"),
    ("LB106", "nginx", "the headers stand in both locations", "        try_files $uri @app;\n",
     f"        try_files $uri @app;\n{_HEADERS}{_UPGRADE}"),
    ("LB107", "nginx", "an exact location for another path", "    location ~",
     "    location = /ws/admin { return 403; }\n    location ~"),
    ("LB107", "haproxy", "an earlier rule for another path", _RULE,
     f"    use_backend pages if {{ path /ws/help }}\n{_RULE}"),
    ("LB108", "nginx", "a server that only redirects beside it", "server {",
     f"{_REDIRECT}server {{"),
    ("LB108", "haproxy", "a redirect of what came in clear, behind TLS", _RULE,
     f"    http-request redirect scheme https if {{ hdr(X-Forwarded-Proto) http }}\n{_RULE}"),
    ("LB108:2", "nginx", "what is no handshake is refused", _LOCATION,
     f'{_LOCATION}\n        if ($http_upgrade = "") {{ return 426; }}'),
    ("LB108:2", "haproxy", "what is no handshake is denied", "{ path_beg /ws/admin }",
     "{ path_beg /ws } !{ hdr(Upgrade) -i websocket }"),
    ("LB109", "nginx", "the client's own Connection", "Connection $connection_upgrade",
     "Connection $http_connection"),
    ("LB109", "haproxy", "Connection alone", _WS_BACKEND,
     f"{_WS_BACKEND}    http-request set-header Connection upgrade\n"),
    ("LB109", "haproxy", "for clients that ask for it", _WS_BACKEND,
     f"{_WS_BACKEND}    http-request set-header Upgrade websocket if {{ hdr(Upgrade) -m found }}\n"
     "    http-request set-header Connection upgrade if { hdr(Upgrade) -m found }\n"),
    ("LB109:2", "haproxy", "what is no handshake is denied", _WS_BACKEND,
     f"{_WS_BACKEND}    http-request deny if !{{ hdr(Upgrade) -m found }}\n"
     "    http-request set-header Upgrade websocket\n"),
    ("LB109:2", "haproxy", "a backend of WebSockets alone", "    default_backend ws\n",
     "    use_backend ws if { path_beg /ws }\n    default_backend pages\n", _WS_BACKEND,
     f"{_WS_BACKEND}    http-request set-header Upgrade websocket\n"),
    ("LB110", "nginx", "a map that takes the client's word", "{ default upgrade; '' ''; }",
     "{ default $http_connection; }"),
    ("LB112", "nginx", "an address", "http://$target", "http://127.0.0.1:9000"),
    ("LB113", "nginx", "HTTP/2 on the port with TLS", ":8080;",
     ":8080;\n    listen unix:/tmp/tls.sock ssl http2;\n"
     "    ssl_certificate /tmp/$ssl_server_name.pem;\n"
     "    ssl_certificate_key /tmp/$ssl_server_name.pem;"),
    ("LB113", "nginx", "a port for gRPC alone", "server {",
     "server { listen unix:/tmp/grpc.sock http2; location / { grpc_pass grpc://127.0.0.1:9003; } }"
     "\nserver {"),
    ("LB114", "nginx", "the Host that the client sent", "Host $host;", "Host $http_host;"),
    ("LB114", "nginx", "the name that the target expects", "Host $host;", "Host chat.example;"),
    ("LB115", "haproxy", "a converter makes it lower case", "hdr(Upgrade) -i WebSocket",
     "hdr(Upgrade),lower websocket"),
    ("LB115", "haproxy", "only whether there is one", "hdr(Upgrade) -i WebSocket",
     "hdr(Upgrade) -m found"),
    ("LB115:2", "haproxy", "both spellings", "-i upgrade", "Upgrade upgrade"),
    ("LB115:2", "haproxy", "a test of Upgrade in the same ACL", "    use_backend ws if is_ws",
     "    acl is_ws hdr(Upgrade) -i websocket\n    use_backend ws if is_ws"),
    ("LB116", "haproxy", "the key, or else the Upgrade", "    acl is_ws",
     "    acl is_ws hdr(Sec-WebSocket-Key) -m found\n    acl is_ws"),
    ("LB116", "haproxy", "the key, or else the path", "    acl is_ws hdr(Upgrade) -i websocket\n",
     "    acl is_ws hdr(Sec-WebSocket-Key) -m found\n", "    use_backend ws if is_ws\n",
     "    use_backend ws if is_ws\n    use_backend ws if { path_beg /ws }\n"),
    ("LB116", "haproxy", "the version in place of the key", "hdr(Upgrade) -i websocket",
     "hdr(Sec-WebSocket-Version) -m found"),
    ("LB119", "nginx", "the client's own Connection", "Connection $connection_upgrade",
     "Connection $http_connection"),
    ("LB119", "nginx", "the map is for WebSockets, pages have a location of their own",
     "'' '';", "'' close;", _ROOT,
     '    location / { proxy_pass http://chat; proxy_http_version 1.1; '
     'proxy_set_header Host $host; proxy_set_header Connection ""; }\n    location /ws/ {'),
    ("LB301", "nginx", "the server's level says it", _READ, "", _LOCATION, f"{_READ}{_LOCATION}"),
    ("LB301:2", "nginx", "the server's level says it", _READ, "", _LOCATION, f"{_READ}{_LOCATION}"),
    ("LB301:3", "haproxy", "the backends say it", _TUNNEL, "", _WS_BACKEND,
     f"{_TUNNEL}{_WS_BACKEND}", "backend pages\n", f"backend pages\n{_TUNNEL}"),
    ("LB302", "nginx", "the server's level says it", _READ, "", _LOCATION, f"{_READ}{_LOCATION}"),
    ("LB304", "haproxy", "milliseconds that are meant", "tunnel 3600s", "tunnel 3600000"),
    ("LB305", "nginx", "no keepalive to clients", _LOCATION,
     f"    keepalive_timeout 0;\n{_LOCATION}"),
    ("LB305", "haproxy", "no time for a next request", "timeout tunnel 1h\n",
     "timeout tunnel 1h\n    timeout http-keep-alive 0\n"),
    ("LB306", "nginx", "both timeouts are long", _READ, f"{_READ}        proxy_send_timeout 1h;\n"),
    ("LB306", "haproxy", "the backend has it too", _WS_BACKEND,
     f"    timeout tunnel 2h\n{_WS_BACKEND}"),
    ("LB307", "nginx", "a long time for writing", "proxy_read_timeout",
     "proxy_send_timeout 7d;\n        proxy_read_timeout"),
    ("LB307", "haproxy", "a long client timeout beside it", "client 30s", "client 20d"),
    ("LB308", "haproxy", "the option is switched off", "timeout tunnel 1h\n",
     "timeout tunnel 1h\n    no option independent-streams\n"),
    ("LB308:2", "haproxy", "the option is switched off", ":8080\n",
     ":8080\n    no option independent-streams\n"),
    ("LB309", "haproxy", "a short tunnel timeout beside it", "tunnel 2m\n",
     "tunnel 2m\n    timeout server-fin 30s\n"),
)  # fmt: skip
