"""Tenants that say the same are judged by one of them, and nobody can tell it from the report."""

import pathlib
import random
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from bench import gen_nginx
from lbcheck.audit import report
from lbcheck.finding import Problem, Severity
from lbcheck.model import Source, Topology, Vendor
from lbcheck.rule import Rule
from lbcheck.rules import ALL
from lbcheck.run import audited
from lbcheck.sources import nginx, nginx_fleet, nginx_syntax
from lbcheck.sources.nginx_syntax import Directive
from tests.growth import linear
from tests.readers.fleets import Read, difference, left_out
from tests.readers.nginx_fleets import fleet

TENANTS = 6
WELLRUN = sorted((pathlib.Path(__file__).parents[1] / "wellrun" / "nginx").glob("*.conf"))
TEXTS = [
    pytest.param(text, example.profile, id=f"{rule.code}-{number}-{kind}")
    for rule in ALL
    for number, example in enumerate(rule.examples)
    if example.vendor is Vendor.NGINX and not example.kind
    for kind, text in (("bad", example.bad), ("good", example.good))
] + [pytest.param(path.read_text(), "default", id=path.name) for path in WELLRUN]


def kept(profile: str, folder: pathlib.Path) -> str:
    """A profile that is written out, in a file."""
    if "\n" not in profile:
        return profile
    path = folder / "profile.yaml"
    path.write_text(profile)
    return str(path)


@pytest.mark.parametrize("addresses", [False, True], ids=["shared", "own"])
@pytest.mark.parametrize(("text", "profile"), TEXTS)
def test_a_fleet_of_an_example_is_told_like_its_members(
    text: str, profile: str, addresses: bool, tmp_path: pathlib.Path
) -> None:
    assert difference("nginx", fleet(text, TENANTS, addresses), kept(profile, tmp_path)) is None


def test_most_examples_have_alike_tenants_as_a_fleet() -> None:
    texts = [str(parameters.values[0]) for parameters in TEXTS]
    shared = [text for text in texts if left_out("nginx", fleet(text, TENANTS, addresses=True))]
    assert len(shared) >= 0.75 * len(texts)


FAULTS = {
    "a short timeout": ("proxy_read_timeout 75s", "proxy_read_timeout 10s", "LB301"),
    "no HTTP/1.1": ("proxy_http_version 1.1;", "proxy_http_version 1.0;", "LB103"),
    "no upgrade": ("proxy_set_header Upgrade $http_upgrade;", "", "LB101"),
    "no such scheme": ("proxy_pass http://", "proxy_pass ws://", "LB112"),
    "a time refused": ("send_timeout 75s", "send_timeout 75x", "LB901"),
    "an open quote": ('root "/srv', 'root "/srv"x', "LB901"),
    "a name": ("server 10.", "server node.10.", "LB418"),
    "no second try": ("send_timeout 30s", "proxy_next_upstream off", "LB214"),
    "failures not counted": ("max_fails=2", "max_fails=0", "LB214"),
    "errors masked": ("error_page 502", "error_page 502 =200", "LB213"),
    "a redirect": ("location /ws/ {", "location /ws/ {\n return 301 /other/;", "LB108"),
    "keepalive first": ("least_conn;", "keepalive 2; least_conn;", "LB507"),
}
FLEET = gen_nginx.text(10_000)
SPLIT = "    # tenant "


def planted(fault: str, old: str, new: str) -> tuple[str, range]:
    """A fleet with a fault in one of its tenants, and the lines of that tenant."""
    tenants = FLEET.split(SPLIT)
    chosen = random.Random(fault).randrange(11, len(tenants))
    assert old in tenants[chosen]
    tenants[chosen] = tenants[chosen].replace(old, new, 1)
    first = sum(tenant.count("\n") for tenant in tenants[:chosen]) + 1
    return SPLIT.join(tenants), range(first, first + tenants[chosen].count("\n"))


@pytest.mark.parametrize("fault", FAULTS, ids=list(FAULTS))
def test_one_fault_in_one_of_many_tenants_is_found_where_it_is(fault: str) -> None:
    *edit, code = FAULTS[fault]
    text, lines = planted(fault, *edit)
    assert difference("nginx", text) is None
    found = Read("nginx", text, whole=False).said()["shown"]["findings"]
    assert {one["line"] in lines for one in found if one["code"] == code} == {True}


ODDITIES = {
    "a server down": (":8080 max_fails=2", ":8080 down max_fails=2"),
    "a suppression": ("# above the", '# lbcheck: ignore[LB301] reason="x" the'),
    "another tenant's upstream": ("http://tenant_", "http://tenant_1"),
    "an upstream twice": (
        "    upstream tenant_",
        "    upstream tenant_7 { ip_hash; server 10.0.0.9:80; }\n    upstream tenant_",
    ),
    "a dynamic target": ("proxy_pass http://tenant_", "set $x 7;\n proxy_pass http://tenant_$x"),
    "a map of targets": (
        "    upstream tenant_",
        "    map $uri $there { /7 tenant_7; }\n    upstream tenant_",
    ),
    "an active check": (
        "            proxy_pass",
        "            health_check uri=/ws/;\n            proxy_pass",
    ),
    "a placeholder": ("server_name ", "server_name {{ name }} "),
    "no name": ("server_name ", "#"),
    "an expression for a name": ("server_name ", "server_name ~^(?<upgrade>tenant) "),
    "all names": ("server_name ", "server_name *.example.com "),
    "a name of another one": ("server_name ", "server_name tenant7.example.com "),
    "code": ("    error_page", "    access_by_lua_block { local x = 7 }\n    error_page"),
    "an include": ("    error_page", "    include more_7.conf;\n    error_page"),
    "small letters": ("        server_name tenant", "        server_name TENANT"),
    "protection": ("    error_page", "    location = /admin/ { deny all; }\n    error_page"),
}


@pytest.mark.parametrize("oddity", ODDITIES, ids=list(ODDITIES))
def test_one_strange_tenant_of_many_changes_nothing(oddity: str) -> None:
    assert difference("nginx", planted(oddity, *ODDITIES[oddity])[0]) is None


HEAD = """\
worker_processes 2;
worker_shutdown_timeout 5m;
events { worker_connections 1024; }
http {
map $http_upgrade $connection_upgrade { default upgrade; '' close; }
"""
TENANT = """\
upstream app{n} {
  zone app{n} 64k;
  server 10.{n}.{n}.2:8080 max_fails=2; # {n}
}
server {
  listen 80;
  server_name a{n}.example www.a{n}.example;
  return 301 https://a{n}.example$request_uri;
}
server {
  listen 443 ssl;
  server_name a{n}.example "www.a{n}.example";
  ssl_certificate /etc/ssl/{n}/cert.pem;
  access_log /var/log/{n}.log;
  location /ws/ {
    proxy_pass http://app{n}/;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header Host $host;
    proxy_set_header X-Tenant {n};
    proxy_read_timeout 1h;
  }
}
"""
EVERYTHING = """\
websocket:
  paths: [/ws/, /live/]
health:
  path: /ws/health
"""


def tenants(text: str = TENANT, count: int = 6) -> list[str]:
    return [text.replace("{n}", str(10 + number)) for number in range(count)]


def whole(*parts: str) -> str:
    return HEAD + "".join(parts) + "}\n"


def pools(text: str) -> dict[str, int]:
    found = Read("nginx", text, whole=False).topology
    return {pool.name: pool.alike for pool in found.pools}


def test_tenants_that_differ_in_names_addresses_and_comments_are_read_once() -> None:
    found = Read("nginx", whole(*tenants()), whole=False).topology
    assert [(pool.name, pool.alike) for pool in found.pools] == [("app10", 6)]
    assert [listener.alike for listener in found.listeners] == [6, 6]
    assert [route.alike for route in found.routes] == [6]
    assert difference("nginx", whole(*tenants())) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1h", "2h"),
        ("/ws/", "/ws2/"),
        (":8080", ":8081"),
        (" 10.", " 11."),
        ("max_fails=2", "max_fails=3"),
        ("listen 443", "listen 444"),
        ("http://app{n}/", "http://app{n}/x1/"),
        ("http://app{n}/", "http://app9/"),
        ("https://a{n}", "https://b{n}"),
        ("https://a{n}", "https://a9"),
        ("https://a{n}.example$", "https://a{n}.example:444$"),
        ('"www.a{n}', '"www.a9'),
        ("301", "302"),
        ("X-Tenant {n}", "X-Tenant $arg_{n}"),
        ("X-Tenant {n}", "X-Tenant {n}; set $v{n} 1"),
        ("X-Tenant {n}", "X-Tenant {n}; set $there http://app12"),
    ],
)
def test_what_else_differs_is_read(old: str, new: str) -> None:
    changed = tenants()
    changed[3] = TENANT.replace(old, new).replace("{n}", "13")
    assert old in TENANT
    text = whole(*changed)
    assert pools(text).get("app13") == 1
    assert difference("nginx", text) is None


def test_a_comment_that_names_a_tenant_names_nothing() -> None:
    parts = [f"# a{n}.example: app{n}\n{tenant}" for n, tenant in enumerate(tenants(), 10)]
    assert pools(whole(*parts)) == {"app10": 6}
    quoted = "log_format x 'a\n # app12';\n"
    assert pools(whole(*parts, quoted)) == {"app10": 5, "app12": 1}


@pytest.mark.parametrize(
    "other",
    [
        "map $uri $there { /x app12; }",
        "map $host $there { WWW.a12.example x; }",
        "server { listen 81; server_name m; location /ws { proxy_pass http://APP12; } }",
        "server { listen 81 ssl; server_name a12.example; location / { proxy_pass http://x; } }",
    ],
)
def test_a_tenant_that_something_else_names_is_read(other: str) -> None:
    text = whole(*tenants(), other)
    assert pools(text) == {"app10": 5, "app12": 1} | {
        name: 1 for name in pools(text) if name[:3] != "app"
    }
    assert difference("nginx", text) is None


@pytest.mark.parametrize("shared", ["app", "app9", "10.0.0.9:8080", "127.0.0.1:8080"])
def test_the_target_that_all_tenants_share_is_read_for_all(shared: str) -> None:
    text = TENANT.replace("http://app{n}", f"http://{shared}")
    upstream = f"upstream {shared} {{ server 10.0.0.1:80; }}\n" if "app" in shared else ""
    assert pools(whole(*tenants(text), upstream)) == {"app10": 6, shared: 6}
    assert difference("nginx", whole(*tenants(text), upstream)) is None


def test_many_tenants_that_share_an_upstream_of_many_are_told_apart_by_it() -> None:
    upstreams = [f"upstream pool{n} {{ server 10.0.0.{n}:80; }}\n" for n in range(5)]
    text = TENANT[TENANT.index("server {") :]
    found = [
        tenant.replace(f"http://app{10 + number}", f"http://pool{number % 2}")
        for number, tenant in enumerate(tenants(text, 40))
    ]
    read = Read("nginx", whole(*upstreams, *found), whole=False).topology
    assert sorted({listener.alike for listener in read.listeners}) == [20]
    assert {pool.name: pool.alike for pool in read.pools}["pool1"] == 20
    assert difference("nginx", whole(*upstreams, *found)) is None


def test_the_last_of_several_checks_for_a_pool_is_that_of_all(tmp_path: pathlib.Path) -> None:
    upstream = "upstream app { zone app 64k; server 10.0.0.1:80; }\n"
    checked = TENANT.replace("http://app{n}/;", "http://app; health_check uri=/ws/ mandatory;")
    parts = tenants(checked, 11)
    parts[1::2] = [part.replace("uri=/ws/", "uri=/ready") for part in parts[1::2]]
    plus = kept("extends: default\nversions:\n  nginx_edition: plus\n", tmp_path)
    text = whole(*parts, upstream)
    assert difference("nginx", text, plus) is None
    found = Read("nginx", text, False, plus).said()["shown"]["findings"]
    assert [one["code"] for one in found] == ["LB205"]


def test_a_target_that_is_put_together_is_followed() -> None:
    """Every tenant leads to the upstream of one, which has no living server."""
    text = TENANT.replace("max_fails=2", "down").replace("http://app{n}/", "http://app$x")
    parts = tenants(text.replace("location", "resolver 10.0.0.1;\n  set $x 12;\n  location"))
    found = Read("nginx", whole(*parts), False).said()["shown"]["findings"]
    assert [one["code"] for one in found] == ["LB401"]
    assert difference("nginx", whole(*parts)) is None


@pytest.mark.parametrize("name", ["_", "a.example", "~^a{n}", "*.a{n}.example", "a1.example"])
def test_servers_that_others_are_compared_with_are_read(name: str) -> None:
    """Redirects to HTTPS, whose twin is found by the name."""
    text = TENANT.replace("www.a{n}.example", name)
    assert difference("nginx", whole(*tenants(text))) is None
    no_twin = text.replace("listen 443 ssl", "listen 8443")
    for number in range(6):
        some = [(no_twin if n == number else text, n) for n in range(6)]
        parts = [one.replace("{n}", str(10 + n)) for one, n in some]
        assert difference("nginx", whole(*parts)) is None


FORWARDED = """\
proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
    proxy_http_version 1.1; proxy_read_timeout 1h;"""


@pytest.mark.parametrize("lone", [10, 12, 15])
def test_a_server_that_one_tenant_leads_to_is_told_by_it(lone: int) -> None:
    """The server on port 9000 gets the handshakes of the tenant that leads to 127.0.0.1."""
    inner = (
        "server { listen 9000; server_name inner; location / { proxy_pass http://10.9.9.9:80; } }"
    )
    parts = [
        TENANT.replace(
            "http://app{n}/", f"http://127.0.0.{1 if n == lone else n - 8}:9000"
        ).replace("{n}", str(n))
        for n in range(10, 16)
    ]
    text = whole(*parts, inner)
    found = Read("nginx", text, False).said()["shown"]["findings"]
    assert [one["line"] for one in found if one["code"] == "LB101"] == [text.count("\n")]
    assert difference("nginx", text) is None


def test_servers_that_listen_on_one_port_are_counted() -> None:
    """Which of them a handshake comes to is not known, so that nothing is said of them."""
    tenant = (
        "server { listen 9000; server_name a{n}.example;"
        " location / { proxy_pass http://10.9.9.{n}:80; } }\n"
    )
    front = (
        "server { listen 80; server_name front;\n"
        f"  location /ws/ {{ {FORWARDED} proxy_pass http://127.0.0.1:9000; }} }}\n"
    )
    text = whole(*tenants(tenant), front)
    read = Read("nginx", text, False)
    assert {pool.alike for pool in read.topology.pools} == {6, 1}
    assert difference("nginx", text) is None
    assert read.said()["shown unjudged"] == 6


def test_a_redirect_without_its_twin_is_found() -> None:
    parts = tenants(
        TENANT.replace("return 301", "location /ws { proxy_pass http://app{n}; }\n return 301")
    )
    parts[4] = parts[4].replace("listen 443 ssl", "listen 8443")
    found = Read("nginx", whole(*parts), whole=False).said()["shown"]["findings"]
    assert difference("nginx", whole(*parts)) is None
    assert {one["code"] for one in found} >= {"LB108"}


@pytest.mark.parametrize("profile", [EVERYTHING, EVERYTHING.replace("/ws/, /live/", "/")])
@pytest.mark.parametrize("path", ["/ws/", "/live/", "/", "/api/", "= /ws/health"])
def test_declared_paths_and_health_checks_are_asked_of_all(
    profile: str, path: str, tmp_path: pathlib.Path
) -> None:
    text = TENANT.replace("location /ws/", f"location {path}")
    parts = tenants(text)
    assert difference("nginx", whole(*parts), kept(profile, tmp_path)) is None
    parts[3] = parts[3].replace("proxy_set_header Upgrade", "proxy_set_header Upgrad")
    assert difference("nginx", whole(*parts), kept(profile, tmp_path)) is None
    parts[3] = tenants()[3]
    assert difference("nginx", whole(*parts), kept(profile, tmp_path)) is None


def test_a_rule_that_compares_tenants_is_caught() -> None:
    """What the docstring of nginx_alike asks of a rule is not left to good will."""

    def once(topology: Topology, _: object) -> list[Problem]:
        seen: set[str] = set()
        twice = [
            target
            for pool in topology.pools
            for target in pool.targets
            if target.address in seen or seen.add(target.address)
        ]
        return [Problem(target.place, "an address twice") for target in twice]

    rule = Rule(
        code="LB999",
        name="address-twice",
        severity=Severity.ERROR,
        vendors=(Vendor.NGINX,),
        summary="",
        why="",
        remedy="",
        subject=Topology,
        check=once,  # type: ignore[arg-type]
    )
    text = whole(*tenants(TENANT.replace("10.{n}.{n}.2", "10.0.0.2")))
    assert difference("nginx", text) is None
    assert difference("nginx", text, rules=[rule]) is not None


def test_a_dump_of_files_is_read_as_they_are() -> None:
    names = [f"/etc/nginx/t/{n}.conf" for n in range(6)]
    main = whole("include t/*.conf;\n")
    files = [("/etc/nginx/nginx.conf", main), *zip(names, tenants(), strict=True)]
    text = "".join(f"# configuration file {name}:\n{part}\n" for name, part in files)
    assert pools(text) == {"app10": 6}
    assert difference("nginx", text) is None


def test_files_are_compared_with_all_that_they_include(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nginx, "_LARGE", 0)
    snippet = "    proxy_set_header Connection $connection_upgrade;\n"
    text = TENANT.replace(snippet, "    include ws.conf;\n")
    (tmp_path / "ws.conf").write_text(snippet)
    (tmp_path / "nginx.conf").write_text(whole("include t/*.conf;\n"))
    (tmp_path / "t").mkdir()
    for number, tenant in enumerate(tenants(text)):
        (tmp_path / "t" / f"{number}.conf").write_text(tenant)
    asked: list[int] = []
    real = nginx_fleet.kept

    def counted(*args: object) -> object:
        found = real(*args)  # type: ignore[arg-type]
        asked.append(len(found.alike) if found is not None else 0)
        return found

    monkeypatch.setattr(nginx_fleet, "kept", counted)
    assert audited([str(tmp_path)])[0].findings == ()
    (tmp_path / "ws.conf").write_text("    proxy_set_header Connection close;\n")
    assert {f.code for f in audited([str(tmp_path)])[0].findings} == {"LB102"}
    (tmp_path / "ws.conf").write_text(f"{snippet} set $there http://app12;\n")
    assert audited([str(tmp_path)])[0].findings == ()
    assert asked == [3, 3, 3]


@pytest.mark.parametrize(
    "text",
    [
        lambda many: ("server { server_name a1; " + "x" * 20 * many + "; }\n") * 4,
        lambda many: ("server { server_name " + "a1 " * 2 * many + "; }\n") * 4,
        lambda many: "".join(f"server {{ server_name a1 b{n}; }}\n" for n in numbers(many)),
        lambda many: "".join(f"server {{ server_name a{n} a{n + 1}; }}\n" for n in numbers(many)),
        lambda many: ("upstream a1 {\n" + " server 10.0.0.1:80;\n" * (many // 2) + "}\n") * 4,
        lambda many: "# _pass http://\n" * 2 * many,
    ],
    ids=["word", "names", "one-name", "chain", "long", "passes"],
)
def test_any_file_is_compared_in_linear_time(text: Callable[[int], str]) -> None:
    def parsed(text: str) -> tuple[list[Directive], list[Source]]:
        source = Source("nginx.conf", "nginx", whole(text))
        tree = nginx_syntax.parse(source)
        source.troubles.clear()
        return tree, [source]

    large, small = parsed(text(10_000)), parsed(text(1_250))
    assert linear(lambda read: nginx_fleet.kept(*read), large, small)


def numbers(many: int) -> range:
    """So many, all of five digits."""
    return range(10_000, 10_000 + many)


class UnwantedError(Exception):
    """Nobody should have asked for the whole of it."""


def refuse() -> Topology:
    raise UnwantedError


def test_what_is_said_of_others_does_not_make_all_tenants_be_read() -> None:
    text = whole(*tenants(), "upstream alone { server app.example.net; }\n")
    read = Read("nginx", text, whole=False)
    found = report(replace(read.topology, whole=refuse), read.profile, today="2026-11-23").findings
    assert [(one.code, one.location.line) for one in found] == [("LB418", text.count("\n") - 1)]
    assert difference("nginx", text) is None


def test_what_is_said_of_one_of_the_alike_makes_all_be_read() -> None:
    text = whole(*tenants(TENANT.replace("1h", "10s")))
    read = Read("nginx", text, whole=False)
    with pytest.raises(UnwantedError):
        report(replace(read.topology, whole=refuse), read.profile, today="2026-11-23")
    assert difference("nginx", text) is None


def test_who_asks_for_the_topology_gets_all_of_it(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "nginx.conf"
    path.write_text(FLEET)
    report, topology = audited([str(path)])
    assert len(topology.pools) == FLEET.count("    upstream ")
    assert report.findings == ()
