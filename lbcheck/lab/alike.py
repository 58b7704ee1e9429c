"""Healthy configurations that look like a fault, each cut from a rule's good configuration.

The rule must be silent about every one of them, and a client of the real proxy must see nothing:
a finding on a healthy configuration is as wrong as silence about a faulty one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import structs

from lbcheck.lab.experiment import Experiment, Guard

_WS_BACKEND = "    balance leastconn\n"
_LOCATION = "    location /ws/ {"
_HEADERS = "        proxy_set_header Upgrade $http_upgrade;\n"
_UPGRADE = "        proxy_set_header Connection $connection_upgrade;\n"
_READ = "        proxy_read_timeout 120s;\n"
_PAGES = "proxy_pass http://127.0.0.1:9003;"
_RULE = "    use_backend ws if"
_HTTPCHK = "    option httpchk\n"
_SEND = "    http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host chat.example\n"
_EXPECT = "    http-check expect status 200\n"
_A, _B = "    server a 127.0.0.1:9001 check\n", "    server b 127.0.0.1:9002 check\n"
_CHECKED = _HTTPCHK + _SEND + _EXPECT
_CLOSE = "on-marked-down shutdown-sessions"
_REDIRECT = "server { listen unix:/tmp/plain.sock; return 301 https://$host$request_uri; }\n"

# Code, proxy, what is special; pairs of what the good configuration has and what replaces it.
ALIKE: tuple[tuple[str, ...], ...] = (
    ("LB101", "nginx", "server-sent events beside it", _LOCATION,
     f"    location /events {{ {_PAGES} proxy_buffering off; }}\n{_LOCATION}"),
    ("LB101", "nginx", "a route for gRPC beside it", _LOCATION,
     f"    location /chat.Chat/ {{ grpc_pass grpc://127.0.0.1:9003; }}\n{_LOCATION}"),
    ("LB102", "nginx", "a constant where only WebSockets pass", _UPGRADE,
     _UPGRADE.replace("$connection_upgrade", '"upgrade"')),
    ("LB104", "nginx", "HTTP/2 to another target", _LOCATION,
     f"    location /api/ {{ {_PAGES} proxy_http_version 2; }}\n{_LOCATION}"),
    ("LB104", "haproxy", "HTTP/2 to another backend", "server pages1 127.0.0.1:9003",
     "server pages1 127.0.0.1:9003 proto h2"),
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
    ("LB109", "nginx", "the client's own Connection", "Connection $connection_upgrade",
     "Connection $http_connection"),
    ("LB110", "nginx", "a map that takes the client's word", "{ default upgrade; '' ''; }",
     "{ default $http_connection; }"),
    ("LB112", "nginx", "an address", "http://$target", "http://127.0.0.1:9000"),
    ("LB114", "nginx", "the Host that the client sent", "Host $host;", "Host $http_host;"),
    ("LB114", "nginx", "the name that the target expects", "Host $host;", "Host chat.example;"),
    ("LB115", "haproxy", "a converter makes it lower case", "hdr(Upgrade) -i WebSocket",
     "hdr(Upgrade),lower websocket"),
    ("LB115", "haproxy", "only whether there is one", "hdr(Upgrade) -i WebSocket",
     "hdr(Upgrade) -m found"),
    ("LB201", "haproxy", "default-server checks", f"{_A}{_B}",
     "    default-server check\n" + f"{_A}{_B}".replace(" check", "")),
    ("LB202", "haproxy", "the option comes last", _CHECKED, _SEND + _EXPECT + _HTTPCHK),
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
    ("LB213", "nginx", "success for what is missing only", "502 503 504 /sorry.html",
     "404 =200 /sorry.html"),
    ("LB214", "nginx", "one failure counts for longer", ":9001;",
     ":9001 max_fails=1 fail_timeout=30s;"),
    ("LB217", "haproxy", "the parameters on default-server",
     _A.replace("check", "check inter 2s fall 2"), f"    default-server inter 2s fall 2\n{_A}"),
    ("LB218", "haproxy", "HTTP/1.0 and a path of its own", _CHECKED,
     "    option httpchk GET /readyz\n"),
    ("LB220", "nginx", "a limit for all tries", _READ,
     f"{_READ}        proxy_next_upstream_timeout 10s;\n"),
    ("LB222", "haproxy", "HTTP/1.0 wants none", " ver HTTP/1.1 hdr Host chat.example", ""),
    ("LB301", "nginx", "the server's level says it", _READ, "", _LOCATION, f"{_READ}{_LOCATION}"),
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
    ("LB308", "haproxy", "the option is switched off", "timeout tunnel 1h\n",
     "timeout tunnel 1h\n    no option independent-streams\n"),
    ("LB401", "nginx", "one of two is down", ":9001;", ":9001 down;"),
    ("LB401", "haproxy", "one of two is disabled", _A, _A.replace("check", "check disabled")),
    ("LB402", "haproxy", "one server", _A, ""),
    ("LB408", "haproxy", "it drains by 404 and nothing is sticky",
     "    cookie NODE insert indirect nocache\n", "    http-check disable-on-404\n"),
    ("LB410", "nginx", "everything is retried", "error timeout http_502",
     "non_idempotent error timeout http_502"),
    ("LB410", "haproxy", "everything is retried", "retry-on conn-failure 503",
     "retry-on all-retryable-errors"),
    ("LB412", "nginx", "two hours", "worker_shutdown_timeout 10m", "worker_shutdown_timeout 2h"),
    ("LB412", "haproxy", "two hours", "hard-stop-after 30m", "hard-stop-after 2h"),
    ("LB414", "haproxy", "default-server says it", f"9001 check {_CLOSE}", "9001 check",
     f"9002 check {_CLOSE}", "9002 check",
     "    server a", f"    default-server {_CLOSE}\n    server a"),
    ("LB418", "haproxy", "the first answer may be the system's", "init-addr none",
     "init-addr last,libc,none"),
    ("LB419", "nginx", "the variable is an address", "    resolver 127.0.0.1 valid=10s;\n", "",
     "chat.internal.example", "127.0.0.1"),
    ("LB501", "nginx", "a hash of the client's address", "ip_hash;", "hash $remote_addr;"),
    ("LB501", "haproxy", "a hash of the client's address",
     "    cookie NODE insert indirect nocache\n", "    balance source\n"),
    ("LB501", "haproxy", "a stick table", "    cookie NODE insert indirect nocache\n",
     "    stick-table type ip size 1k\n    stick on src\n"),
    ("LB503", "nginx", "a hash of the address that the balancer tells", "hash $remote_addr",
     "hash $http_x_forwarded_for"),
    ("LB505", "nginx", "two workers", "events {", "worker_processes 2;\nevents {"),
)  # fmt: skip


def guards(experiment: Experiment) -> Iterator[Guard]:
    """The look-alikes of what an experiment calls good.

    Raises: ValueError: the good configuration has nothing of what is to be replaced.
    """
    for code, proxy, name, *pairs in ALIKE:
        if (code, proxy) == (experiment.code, experiment.proxy):
            text = experiment.good or experiment.example.good
            for written, instead in zip(pairs[::2], pairs[1::2], strict=True):
                if written not in text:
                    raise ValueError(f"{code}: {written!r} is not in its good configuration")
                text = text.replace(written, instead, 1)
            yield Guard(name, text)


def with_guards(experiments: Iterable[Experiment]) -> Iterator[Experiment]:
    """These experiments; the first of each rule and proxy with the look-alikes as guards."""
    seen = set()
    for experiment in experiments:
        key = (experiment.code, experiment.proxy)
        if key not in seen:
            seen.add(key)
            every = (*experiment.guards, *guards(experiment))
            experiment = structs.replace(experiment, guards=every)
        yield experiment
