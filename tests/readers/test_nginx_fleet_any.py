"""Any fleet, whatever its tenants say and whatever is changed in some of them, is told in full."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.fleets import difference, left_out

PROXIED = """
    proxy_http_version 1.1;
    proxy_http_version 1.{k};
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header Connection "upgrade";
    proxy_set_header Host a{n}.example;
    proxy_set_header X-Tenant {n};
    proxy_read_timeout {k}h;
    proxy_read_timeout {k}{k};
    proxy_next_upstream error timeout http_50{k};
    error_page 502 =20{k} /down{k};
    set $x{k} u{n}; # {n}
    if ($host = a{n}.example) { return 30{k}; }
    limit_conn z{k} 1{n};
    auth_request /auth{k};
    deny all;
    rewrite ^/x{k} https://a{n}.example/{k} permanent;
    add_header X-Tenant "{n} {k}";
    health_check uri=/x{k};
    internal;
    try_files $uri /ws/{n};
    root /srv/{n};
"""
TARGETS = """
    proxy_pass http://u{n};
    proxy_pass http://u{n}/x{k};
    proxy_pass http://u10{k};
    proxy_pass http://10.0.{n}.{k}:80;
    proxy_pass https://10.0.0.{k}:80;
    proxy_pass http://127.0.0.{k}:9000;
    proxy_pass http://127.0.0.1:44{k};
    proxy_pass http://127.0.{k}.{n}:9000;
    proxy_pass http://app{n}.example.net;
    proxy_pass http://u$x{k};
    grpc_pass grpc://u{n};
    return 101 "{n}";
    return 301 https://a{n}.example$request_uri;
"""
PATHS = ["/ws/", "/", "/ws{k}/", "= /ws/{n}", "~ ^/(socket|x{k})", "/auth{k}", "@x{k}"]
SERVERS = """
    server_name b{n}.example;
    server_name a{n}.example b{k}.example;
    server_name *.a{n}.example;
    listen 44{k} ssl;
    listen 127.0.0.{k}:9000;
    listen 10.0.0.{n}:80 http2;
    return 301 https://a{n}.example$request_uri;
    return 301 https://b{n}.example$request_uri;
    return 30{k} https://$host$request_uri;
    error_page 502 =20{k} /down;
    proxy_set_header X-Tenant {n};
    client_max_body_size {k}m;
"""
UPSTREAMS = """
    server 10.0.0.{n}:80{k};
    server 10.0.{k}.1:80 max_fails={k};
    server 127.0.0.{k}:9000;
    server app{n}.example.net:80 max_conns={k};
    server 10.0.0.{n}:80 down;
    keepalive {k}{k};
    least_conn;
    hash $remote_addr;
    zone u{n} 64k;
    sticky cookie c{n};
"""
HEADS = [
    "map $http_upgrade $connection_upgrade { default upgrade; '' close; }\n",
    "limit_conn_zone $binary_remote_addr zone=z1:1m;\nproxy_set_header Upgrade $http_upgrade;\n",
    "upstream u101 { server 10.0.0.1:80; server 10.0.0.2:80; }\n",
    "server { listen 443 ssl; server_name a102.example; location / { proxy_pass http://u103; } }\n",
    "server { listen 9000; server_name in; location / { proxy_pass http://10.9.9.9; } }\n",
    "map $host $x2 { a102.example u104; default u105; }\n",
]
DECLARED = """\
websocket:
  paths: [{paths}]
health:
  path: /ws/2
"""


def some(text: str, least: int, most: int) -> st.SearchStrategy[list[tuple[str, int]]]:
    lines = [line.strip() for line in text.strip().split("\n")]
    return st.lists(
        st.tuples(st.sampled_from(lines), st.integers(0, 2)), min_size=least, max_size=most
    )


location = st.tuples(
    st.sampled_from(PATHS), st.integers(0, 2), some(TARGETS, 0, 1), some(PROXIED, 0, 5)
)
server = st.tuples(some(SERVERS, 0, 2), st.lists(location, max_size=2))
tenant = st.tuples(some(UPSTREAMS, 1, 3), st.lists(server, min_size=1, max_size=2))


def written(parts: list[tuple[str, int]], number: int) -> str:
    return "\n".join(line.replace("{n}", str(number)).replace("{k}", str(k)) for line, k in parts)


def _server(drawn: tuple[list[tuple[str, int]], list[tuple]], number: int) -> str:
    inner = [written([("listen 80;", 0), ("server_name a{n}.example;", 0), *drawn[0]], number)]
    for path, k, target, lines in drawn[1]:
        opening = written([(f"location {path} {{", k)], number)
        inner.append(f"{opening}\n{written([*target, *lines], number)}\n}}")
    return "server {\n" + "\n".join(inner) + "\n}\n"


@st.composite
def fleets(draw: st.DrawFn) -> str:
    """Tenants alike but for their number, and then some digits and words of them changed."""
    upstream, servers = draw(tenant)
    tenants = [
        f"upstream u{n} {{\n{written(upstream, n)}\n}}\n"
        + "".join(_server(each, n) for each in servers)
        for n in range(100, 100 + draw(st.integers(4, 8)))
    ]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(tenants) - 1))
        tenants[at] = _changed(draw, tenants[at])
    head = draw(st.lists(st.sampled_from(HEADS), unique=True, max_size=3))
    return "events {}\nhttp {\n" + "".join(head) + "".join(tenants) + "}\n"


def _changed(draw: st.DrawFn, text: str) -> str:
    at = draw(st.sampled_from([n for n, sign in enumerate(text) if sign.isalnum()]))
    sign = draw(st.sampled_from("0123456789x"))
    return text[:at] + (sign if text[at].isdigit() else text[at]) + text[at + 1 :]


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("profiles")
    written = {"some.yaml": "/ws/, /x1", "all.yaml": "/"}
    for name, paths in written.items():
        (folder / name).write_text(DECLARED.replace("{paths}", paths))
    return ["default", *(str(folder / name) for name in written)]


@settings(max_examples=100)
@given(fleets(), st.integers(0, 2))
def test_no_report_tells_whether_tenants_were_left_out(
    profiles: list[str], text: str, chosen: int
) -> None:
    assert difference("nginx", text, profiles[chosen]) is None


def test_the_generated_fleets_are_worth_the_name() -> None:
    found: list[int] = []

    @settings(max_examples=100, database=None, derandomize=True)
    @given(fleets())
    def look(text: str) -> None:
        found.append(left_out("nginx", text))

    look()
    assert sum(count > 0 for count in found) > len(found) / 3
