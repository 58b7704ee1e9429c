"""Look-alikes of LB2xx and LB4xx to LB6xx: healthy pools, and healthy chains of them.

A row: the code (and which of the rule's experiments on that proxy, if it is not the first), the
proxy, what is special; then pairs of what the good configuration has and what replaces it.
"""

from __future__ import annotations

_LOCATION = "    location /ws/ {"
_READ = "        proxy_read_timeout 120s;\n"
_PAGES = "proxy_pass http://127.0.0.1:9003;"
_HTTPCHK = "    option httpchk\n"
_SEND = "    http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host chat.example\n"
_EXPECT = "    http-check expect status 200\n"
_A, _B = "    server a 127.0.0.1:9001 check\n", "    server b 127.0.0.1:9002 check\n"
_CHECKED = _HTTPCHK + _SEND + _EXPECT
_CLOSE = "on-marked-down shutdown-sessions"
_HTTP = "    mode http\n"
_DEFAULT = "    default-server check inter 2s\n"
_COOKIE = "    cookie NODE insert indirect nocache\n"
_LOAD = "    load-server-state-from-file global\n"
_B_BACKUP = "    server b 127.0.0.1:9002 check backup\n"
_B_COOKIE = "    server b 127.0.0.1:9002 check cookie b\n"
_RESOLVER = "    resolver 127.0.0.1 valid=10s;\n"
_CONSISTENT = "    hash-type consistent\n"

POOLS: tuple[tuple[str, ...], ...] = (
    ("LB201", "haproxy", "default-server checks", f"{_A}{_B}",
     "    default-server check\n" + f"{_A}{_B}".replace(" check", "")),
    ("LB201:2", "haproxy", "default-server checks", "9003 check", "9003", "    server a",
     "    default-server check\n    server a"),
    ("LB202", "haproxy", "the option comes last", _CHECKED, _SEND + _EXPECT + _HTTPCHK),
    ("LB202:2", "haproxy", "defaults have the option", _HTTPCHK, "", _HTTP, _HTTP + _HTTPCHK),
    ("LB202:3", "haproxy", "defaults have default-server", _DEFAULT, "", _HTTP, _HTTP + _DEFAULT),
    ("LB203", "haproxy", "the check type that counts comes last", _HTTPCHK,
     f"    option tcp-check\n{_HTTPCHK}"),
    ("LB204", "haproxy", "a TCP check that asks and reads", _CHECKED,
     "    option tcp-check\n    tcp-check send GET\\ /readyz\\ HTTP/1.0\\r\\n\\r\\n\n"
     "    tcp-check expect rstring ^HTTP/1.1\\ 200\n"),
    ("LB205", "haproxy", "a whole handshake", _CHECKED,
     "    option httpchk GET /ws HTTP/1.1\n    http-check send hdr Host chat.example "
     "hdr Connection Upgrade hdr Upgrade websocket hdr Sec-WebSocket-Version 13 "
     "hdr Sec-WebSocket-Key dGhlIHNhbXBsZSBub25jZQ==\n    http-check expect status 101\n"),
    ("LB206", "haproxy", "all in one statement", "GET /ws HTTP/1.1\n    http-check send",
     "\n    http-check send meth GET uri /ws ver HTTP/1.1"),
    ("LB207", "haproxy", "every 2xx", "status 200", "status 200-299"),
    ("LB207", "haproxy", "no 4xx and no 5xx", "status 200", "! rstatus ^[45]"),
    ("LB209", "haproxy", "the address of the traffic", "9001 check", "9001 check addr 127.0.0.1"),
    ("LB210", "haproxy", "one failure makes it check often", "9001 check",
     "9001 check inter 9s fastinter 1s fall 3"),
    ("LB210", "haproxy", "many failures, one after the other", "9001 check",
     "9001 check inter 1s fall 8"),
    ("LB213", "nginx", "success for what is missing only", "502 503 504 /sorry.html",
     "404 =200 /sorry.html"),
    ("LB214", "nginx", "one failure counts for longer", ":9001;",
     ":9001 max_fails=1 fail_timeout=30s;"),
    ("LB214:2", "nginx", "off at the server's level, which the location replaces", _LOCATION,
     f"    proxy_next_upstream off;\n{_LOCATION}"),
    ("LB216", "haproxy", "default-server checks", "9001 check agent", "9001 agent",
     "    server a", "    default-server check\n    server a"),
    ("LB216", "haproxy", "the server with an agent alone is disabled", "9001 check agent",
     "9001 disabled agent"),
    ("LB217", "haproxy", "the parameters on default-server",
     _A.replace("check", "check inter 2s fall 2"), f"    default-server inter 2s fall 2\n{_A}"),
    ("LB217:2", "haproxy", "the servers have the check", "check observe", "observe",
     "9001", "9001 check", "9002", "9002 check"),
    ("LB218", "haproxy", "HTTP/1.0 and a path of its own", _CHECKED,
     "    option httpchk GET /readyz\n"),
    ("LB220", "nginx", "a limit for all tries", _READ,
     f"{_READ}        proxy_next_upstream_timeout 10s;\n"),
    ("LB222", "haproxy", "HTTP/1.0 wants none", " ver HTTP/1.1 hdr Host chat.example", ""),
    ("LB401", "nginx", "one of two is down", ":9001;", ":9001 down;"),
    ("LB401", "haproxy", "one of two is disabled", _A, _A.replace("check", "check disabled")),
    ("LB402", "haproxy", "one server", _A, ""),
    ("LB408", "haproxy", "it drains by 404 and nothing is sticky",
     "    cookie NODE insert indirect nocache\n", "    http-check disable-on-404\n"),
    ("LB408", "nginx", "it drains and nothing is sticky", "    sticky cookie node;\n", "",
     "9001 down;", "9001 drain;"),
    ("LB408", "nginx", "the target of another upstream drains", "server {",
     "upstream pages { zone pages 64k; server 127.0.0.1:9003 drain; server 127.0.0.1:9002; }\n"
     "server {"),
    ("LB408:2", "haproxy", "no WebSocket follows its cookie",
     "{ srv_weight(ws_chat/a) eq 0 } { req.cook(NODE) a }", "{ path_beg /ws }"),
    ("LB409", "haproxy", "the option is switched off", _COOKIE,
     f"{_COOKIE}    no option persist\n"),
    ("LB409:2", "haproxy", "default-server checks", "9001 check", "9001", "    server a",
     "    default-server check\n    server a"),
    ("LB410", "nginx", "everything is retried", "error timeout http_502",
     "non_idempotent error timeout http_502"),
    ("LB410", "haproxy", "everything is retried", "retry-on conn-failure 503",
     "retry-on all-retryable-errors"),
    ("LB410:2", "haproxy", "two retries", "redispatch 1\n", "redispatch 1\n    retries 2\n"),
    ("LB410:3", "haproxy", "no retry of uploads", "redispatch 1\n",
     "redispatch 1\n    http-request disable-l7-retry if { path_beg /upload }\n"),
    ("LB412", "nginx", "two hours", "worker_shutdown_timeout 10m", "worker_shutdown_timeout 2h"),
    ("LB412", "haproxy", "two hours", "hard-stop-after 30m", "hard-stop-after 2h"),
    ("LB413", "nginx", "the end stands last", "worker_shutdown_timeout 10m;\n", "",
     "    }\n}\n}\n", "    }\n}\n}\nworker_shutdown_timeout 10m;\n"),
    ("LB413", "haproxy", "a second global says it", "    hard-stop-after 30m\n",
     "    maxconn 2000\n\nglobal\n    hard-stop-after 30m\n"),
    ("LB413", "haproxy", "in milliseconds", "hard-stop-after 30m", "hard-stop-after 1800000"),
    ("LB414", "haproxy", "default-server says it", f"9001 check {_CLOSE}", "9001 check",
     f"9002 check {_CLOSE}", "9002 check",
     "    server a", f"    default-server {_CLOSE}\n    server a"),
    ("LB414:2", "haproxy", "default-server says it", f"9001 check {_CLOSE}", "9001 check",
     f"9002 check {_CLOSE}", "9002 check",
     "    server a", f"    default-server {_CLOSE}\n    server a"),
    ("LB415", "haproxy", "three failures count", f"9001 check {_CLOSE}",
     f"9001 check {_CLOSE} fall 3"),
    ("LB416", "haproxy", "the backend loads the state itself", _LOAD, "", "backend ws_chat\n",
     f"backend ws_chat\n{_LOAD}"),
    ("LB416", "haproxy", "a file of each backend", "server-state-file /tmp/servers.state",
     "server-state-base /tmp/", "file global\n",
     "file local\n", "backend ws_chat\n",
     "backend ws_chat\n    server-state-file-name servers.state\n"),
    ("LB416:2", "haproxy", "a whole path and no base", "    server-state-base /tmp/\n", "",
     "name servers", "name /tmp/servers"),
    ("LB417:2", "haproxy", "another backup is disabled", _B_BACKUP,
     f"{_B_BACKUP}    server c 127.0.0.1:9003 check backup disabled\n"),
    ("LB418", "haproxy", "the first answer may be the system's", "init-addr none",
     "init-addr last,libc,none"),
    ("LB418", "nginx", "the http level has the resolver", _RESOLVER, "", "server {",
     f"{_RESOLVER}server {{"),
    ("LB418", "nginx", "the variable is the whole address", "chat chat.", "chat http://chat.",
     "http://$chat", "$chat"),
    ("LB419", "nginx", "the variable is an address", "    resolver 127.0.0.1 valid=10s;\n", "",
     "chat.internal.example", "127.0.0.1"),
    ("LB420", "nginx", "a sticky upstream has one that drains", "server {",
     "upstream pages {\n    zone pages 64k;\n    sticky cookie node;\n"
     "    server 127.0.0.1:9003 drain;\n    server 127.0.0.1:9002;\n}\nserver {"),
    ("LB425:2", "haproxy", "the option, and no cookie", _COOKIE, "    option persist\n"),
    ("LB426", "haproxy", "open sockets are closed little by little", "    hard-stop-after 30m\n",
     "    hard-stop-after 30m\n    close-spread-time 10s\n"),
    ("LB426", "haproxy", "a grace of no seconds", "    hard-stop-after 30m\n",
     "    hard-stop-after 30m\n    grace 0\n"),
    ("LB501", "nginx", "a hash of the client's address", "ip_hash;", "hash $remote_addr;"),
    ("LB501", "haproxy", "a hash of the client's address",
     "    cookie NODE insert indirect nocache\n", "    balance source\n"),
    ("LB501", "haproxy", "a stick table", "    cookie NODE insert indirect nocache\n",
     "    stick-table type ip size 1k\n    stick on src\n"),
    ("LB502", "nginx", "a hash of the address", "ip_hash;", "hash $remote_addr;"),
    ("LB502", "nginx", "no failure counts", "9001 max_fails=3", "9001 max_fails=0",
     "9002 max_fails=3", "9002 max_fails=0"),
    ("LB502:2", "haproxy", "defaults have the key", "insert indirect nocache", "insert dynamic",
     " cookie a", "", " cookie b", "", _HTTP, f"{_HTTP}    dynamic-cookie-key secret\n"),
    ("LB502:3", "haproxy", "the server without a value is a backup", _B_COOKIE,
     f"{_B_COOKIE}    server c 127.0.0.1:9003 check backup\n"),
    ("LB502:4", "haproxy", "defaults have the cookie", _COOKIE, "", _HTTP, _HTTP + _COOKIE),
    ("LB502:5", "haproxy", "a backup has the value of another server", _B_COOKIE,
     f"{_B_COOKIE}    server c 127.0.0.1:9003 check cookie b backup\n"),
    ("LB503", "nginx", "a hash of the address that the balancer tells", "hash $remote_addr",
     "hash $http_x_forwarded_for"),
    ("LB504", "haproxy", "defaults say it", _CONSISTENT, "", _HTTP, _HTTP + _CONSISTENT),
    ("LB504", "haproxy", "two servers", _CONSISTENT, "",
     "    server c 127.0.0.1:9003 check\n", ""),
    ("LB504:2", "haproxy", "defaults say it", "    balance leastconn\n", "",
     _HTTP, f"{_HTTP}    balance leastconn\n"),
    ("LB505", "nginx", "two workers", "events {", "worker_processes 2;\nevents {"),
    ("LB505", "haproxy", "a small limit of another frontend", "frontend edge",
     "frontend pages\n    bind unix@/tmp/pages.sock\n    maxconn 10\n"
     "    http-request return status 200\n\nfrontend edge"),
    ("LB505:2", "nginx", "a small limit of the pages", _LOCATION,
     f"    location /pages/ {{ limit_conn clients 2; {_PAGES} }}\n{_LOCATION}"),
    ("LB505:3", "haproxy", "an address and no ports", "maxconn 5000", "source 127.0.0.3",
     "maxconn 6000", "source 127.0.0.3"),
    ("LB506", "nginx", "the http level says it", "        proxy_ssl_server_name on;\n", "",
     "    resolver", "    proxy_ssl_server_name on;\n    resolver"),
    ("LB507", "nginx", "no method", "    least_conn;\n", ""),
    ("LB507:2", "nginx", "another hash", "hash $arg_room", "hash $arg_room consistent"),
    ("LB509:2", "haproxy", "the variable is set", "${CHAT_HOST-127.0.0.2}", "${CHAT_HOST}",
     "global\n", "global\n    setenv CHAT_HOST 127.0.0.2\n"),
    ("LB606:2", "haproxy", "the inner hop lasts longer",
     "    timeout tunnel 1h\n    server a", "    timeout tunnel 2h\n    server a"),
)  # fmt: skip
