"""Which route a URL takes: nginx by port, name and path, HAProxy and AWS by their conditions."""

import pathlib

import pytest

from lbcheck import sources
from lbcheck.model import Declared, Visit
from lbcheck.rules.example_parts import AWS
from lbcheck.sources.files import Files


def taken(folder: pathlib.Path, name: str, text: str, url: str) -> list[str]:
    """The addresses of the routes that surely take a URL such as `ws://chat.example:80/ws`."""
    (folder / name).write_text(text)
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    host, _, port = authority.partition(":")
    visit = Visit(
        host, int(port or (443 if scheme == "wss" else 80)), slash + path, scheme == "wss"
    )
    read = sources.read(
        sources.Wanted((str(folder / name),)), Files(10**6), Declared(visits=(visit,))
    )
    return [
        f"{route.address} {route.forwards[0].pool.name}" for route in read.routes if route.takes
    ]


def proxy(server: str, location: str, target: int) -> str:
    return (
        f"server {{ {server}; location {location} {{ proxy_pass http://127.0.0.1:{target}; }} }}\n"
    )


NAMES = "".join(
    proxy(f"listen 80; server_name {name}", "/", number)
    for number, name in enumerate(
        ["chat.example", "*.example", "www.*", "~^node[0-9]+\\.", ".other.test", "second.test"], 1
    )
)


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("chat.example", "127.0.0.1:1"),
        ("CHAT.example", "127.0.0.1:1"),
        ("a.example", "127.0.0.1:2"),
        ("www.other", "127.0.0.1:3"),
        ("node7.internal", "127.0.0.1:4"),
        ("other.test", "127.0.0.1:5"),
        ("a.other.test", "127.0.0.1:5"),
        ("nobody", "127.0.0.1:1"),
    ],
)
def test_nginx_chooses_its_server_by_name(tmp_path: pathlib.Path, host: str, target: str) -> None:
    text = f"events {{}}\nhttp {{\n{NAMES}}}\n"
    (found,) = taken(tmp_path, "nginx.conf", text, f"ws://{host}/ws")
    assert found.endswith(f" {target}")


def site(*servers: str) -> str:
    return f"events {{}}\nhttp {{\n{''.join(servers)}}}\n"


PLAIN = proxy("listen 80; server_name chat.example", "/", 1)
SECURE = proxy("listen 443 ssl; server_name chat.example", "/", 2)
DEFAULT = proxy("listen 80 default_server; server_name a.example", "/", 3)


@pytest.mark.parametrize(
    ("servers", "url", "targets"),
    [
        ([PLAIN, SECURE], "ws://chat.example/", ["127.0.0.1:1"]),
        ([PLAIN, SECURE], "wss://chat.example/", ["127.0.0.1:2"]),
        # Another port is mapped to one of these: the scheme tells which.
        ([PLAIN, SECURE], "wss://chat.example:8443/", ["127.0.0.1:2"]),
        ([PLAIN, DEFAULT], "ws://nobody/", ["127.0.0.1:3"]),
        ([PLAIN], "ws://nobody:8080/", ["127.0.0.1:1"]),
        # A balancer in front ends TLS.
        ([PLAIN], "wss://chat.example/", ["127.0.0.1:1"]),
        # Nobody can tell: two servers and no name, two addresses of one port, a template's name.
        ([PLAIN, DEFAULT], "ws://nobody:8080/", []),
        ([PLAIN, proxy("listen 10.0.0.1:80", "/", 4)], "ws://chat.example/", []),
        ([PLAIN, proxy("listen 80; server_name {{ host }}", "/", 4)], "ws://b.example/", []),
        # Where TLS twins exist behind another balancer that ends TLS elsewhere, neither is sure.
        ([PLAIN, PLAIN.replace("listen 80", "listen 81")], "ws://chat.example:9/", []),
    ],
)
def test_nginx_chooses_its_server_by_port_where_that_is_known(
    tmp_path: pathlib.Path, servers: list[str], url: str, targets: list[str]
) -> None:
    found = taken(tmp_path, "nginx.conf", site(*servers), url)
    assert [route.rpartition(" ")[2] for route in found] == targets


LOCATIONS = """\
server {
    listen 80;
    location / { proxy_pass http://127.0.0.1:1; }
    location /ws/ { proxy_pass http://127.0.0.1:2; }
    location = /ws/exact { proxy_pass http://127.0.0.1:3; }
    location ~ ^/rooms/[0-9]+$ { proxy_pass http://127.0.0.1:4; }
    location /files/ { root /srv; }
    location /old/ { rewrite ^/old/(.*)$ /ws/$1 last; }
    location /doubt/ { if ($http_x_a) { rewrite ^ /ws/ last; } proxy_pass http://127.0.0.1:5; }
}
"""


@pytest.mark.parametrize(
    ("path", "targets"),
    [
        ("/other", ["127.0.0.1:1"]),
        ("/ws/chat", ["127.0.0.1:2"]),
        ("/ws/exact", ["127.0.0.1:3"]),
        ("/rooms/7", ["127.0.0.1:4"]),
        ("/files/a", []),
        ("/doubt/a", []),
    ],
)
def test_nginx_chooses_its_location_by_path(
    tmp_path: pathlib.Path, path: str, targets: list[str]
) -> None:
    found = taken(tmp_path, "nginx.conf", site(LOCATIONS), f"ws://chat.example{path}")
    assert [route.rpartition(" ")[2] for route in found] == targets


HAPROXY = """\
defaults
    mode http
frontend edge
    bind :80
    acl is_ws hdr(Upgrade) -i websocket
{rules}
    default_backend web
backend ws
    server a 127.0.0.1:1
backend web
    server a 127.0.0.1:2
"""


@pytest.mark.parametrize(
    ("rules", "url", "backends"),
    [
        ("use_backend ws if is_ws", "ws://h/", ["ws"]),
        ("use_backend ws if is_ws { path_beg /ws }", "ws://h/ws/a", ["ws"]),
        ("use_backend ws if is_ws { path_beg /ws }", "ws://h/chat", ["web"]),
        ("use_backend ws if { hdr(host) -i chat.example }", "ws://chat.example/", ["ws"]),
        ("use_backend ws if { hdr(host) -i chat.example }", "ws://other.example/", ["web"]),
        ("use_backend ws if { hdr(host) -i chat.example }", "ws://chat.example:81/", ["web"]),
        ("use_backend ws if { hdr_beg(host) -i chat. }", "ws://chat.example/", ["ws"]),
        ("use_backend ws if { hdr_end(host) -i .example }", "ws://chat.example/", ["ws"]),
        ("use_backend ws if { hdr_dom(host) -i example }", "ws://chat.example:81/", ["ws"]),
        ("use_backend ws if { hdr_dom(host) -i exam }", "ws://chat.example/", ["web"]),
        ("use_backend ws if { hdr(host) -m reg -i ^chat }", "ws://chat.example/", ["ws"]),
        ("use_backend ws if !{ hdr(host) -i chat.example }", "ws://chat.example/", ["web"]),
        # Nobody can tell: who comes from where, what a map says, a path that is changed before.
        ("use_backend ws if { src 10.0.0.0/8 }", "ws://h/", []),
        ("use_backend %[req.hdr(host),map(/etc/hosts.map)] if is_ws", "ws://h/", []),
        ("use_backend nowhere if is_ws", "ws://h/", []),
        (
            "http-request set-path /x\n    use_backend ws if { path_beg /ws }",
            "ws://h/ws/a",
            [],
        ),
    ],
)
def test_haproxy_chooses_its_backend_by_the_first_condition_that_is_met(
    tmp_path: pathlib.Path, rules: str, url: str, backends: list[str]
) -> None:
    found = taken(tmp_path, "haproxy.cfg", HAPROXY.format(rules=f"    {rules}"), url)
    assert [route.rpartition(" ")[2] for route in found] == backends


def test_haproxy_chooses_its_frontend_by_port(tmp_path: pathlib.Path) -> None:
    text = HAPROXY.format(rules="") + "frontend other\n    bind :81\n    default_backend ws\n"
    for port, backends in (("", ["web"]), (":81", ["ws"]), (":9", [])):
        found = taken(tmp_path, "haproxy.cfg", text, f"ws://h{port}/")
        assert [route.rpartition(" ")[2] for route in found] == backends


FIRST = '{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/ws", "/ws/*"]}}'
CHAT = '{"Field": "host-header", "HostHeaderConfig": {"Values": ["chat.example"]}}'
FROM = '{"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}'


@pytest.mark.parametrize(
    ("conditions", "url", "taken_by_it"),
    [
        (FIRST, "wss://chat.example/ws/a", True),
        (FIRST, "wss://chat.example/other", False),
        (FIRST, "ws://chat.example/ws/a", False),
        (FIRST, "wss://chat.example:8443/ws/a", False),
        (f"{FIRST}, {CHAT}", "wss://CHAT.example/ws/a", True),
        (f"{FIRST}, {CHAT}", "wss://other.example/ws/a", False),
        (f"{FIRST}, {FROM}", "wss://chat.example/ws/a", False),
    ],
)
def test_a_load_balancer_chooses_its_rule_by_port_host_and_path(
    tmp_path: pathlib.Path, conditions: str, url: str, taken_by_it: bool
) -> None:
    assert FIRST in AWS
    found = taken(tmp_path, "aws.json", AWS.replace(FIRST, conditions), url)
    assert [route.rpartition(" ")[2] for route in found] == ["chat-ws"] * taken_by_it
