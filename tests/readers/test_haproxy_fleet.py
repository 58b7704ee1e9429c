"""Tenants that say the same are judged by one of them, and nobody can tell it from the report."""

import pathlib
import random

import pytest
from msgspec.structs import replace

from bench import gen_haproxy
from lbcheck.audit import report
from lbcheck.finding import Problem, Severity
from lbcheck.model import Topology, Vendor
from lbcheck.rule import Rule
from lbcheck.rules import ALL
from lbcheck.run import audited
from lbcheck.sources import haproxy_fleet
from tests.growth import linear_in
from tests.readers.fleets import Read, difference, left_out
from tests.readers.haproxy_fleets import fleet

TENANTS = 6
EXAMPLES = [
    pytest.param(text, example.profile, id=f"{rule.code}-{number}-{kind}")
    for rule in ALL
    for number, example in enumerate(rule.examples)
    if example.vendor is Vendor.HAPROXY
    for kind, text in (("bad", example.bad), ("good", example.good))
]


@pytest.mark.parametrize("addresses", [False, True], ids=["shared", "own"])
@pytest.mark.parametrize(("text", "profile"), EXAMPLES)
def test_a_fleet_of_an_example_is_told_like_its_members(
    text: str, profile: str, addresses: bool
) -> None:
    if "\n" in profile:
        profile = "default"
    assert difference("haproxy", fleet(text, TENANTS, addresses), profile) is None


def test_nearly_every_example_has_alike_tenants_as_a_fleet() -> None:
    texts = [parameters.values[0] for parameters in EXAMPLES]
    shared = [
        text for text in texts if left_out("haproxy", fleet(str(text), TENANTS, addresses=True))
    ]
    assert len(shared) >= 0.9 * len(texts)


def test_a_rule_that_compares_tenants_is_caught() -> None:
    """What the docstring of haproxy_alike asks of a rule is not left to good will."""

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
        vendors=(Vendor.HAPROXY,),
        summary="",
        why="",
        remedy="",
        subject=Topology,
        check=once,  # type: ignore[arg-type]
    )
    bad = "defaults\n mode http\nbackend ws\n server a 10.0.0.1:80 check\n"
    assert difference("haproxy", fleet(bad, TENANTS, addresses=False), rules=[rule]) is not None


FAULTS = {
    "a short tunnel": (
        "    cookie NODE insert indirect nocache\n",
        "    timeout tunnel 10s\n",
        "LB301",
    ),
    "a status nobody sends": (
        "http-check expect status 200",
        "http-check expect status 101",
        "LB206",
    ),
    "no check": ("check cookie n3", "cookie n3", "LB201"),
    "weight 0": ("check cookie n5  ", "check weight 0 cookie n5  ", "LB408"),
    "slow checks": ("check cookie n2", "check inter 90s cookie n2", "LB210"),
    "a time refused": ("    balance leastconn\n", "    timeout server 5x\n", "LB901"),
    "no such backend": ("use_backend ws_", "use_backend wx_", "LB901"),
    "a name": ("server ws4 10.", "server ws4 node.10.", "LB418"),
    "a check of the sockets": ("GET /healthz\n", "GET /ws/socket\n", "LB205"),
    "a deny": ("    acl ws_", "    http-request deny if { path_beg /ws/ }\n    acl ws_", "LB108"),
    "an open quote": ("    option httpchk GET /healthz\n", "    option httpchk 'GET /h\n", "LB901"),
}
ODDITIES = {
    "disabled": ("check cookie n7 ", "check disabled cookie n7 "),
    "a way back": ("server ws1 10.", "server ws1 127."),
    "a branch": ("    balance leastconn\n", ".if defined(X)\n    balance source\n.endif\n"),
    "a suppression": ("# one process a core", '# lbcheck: ignore[LB301] reason="x"'),
    "one name twice": ("backend ws_", "backend ws_7\n    server q 10.0.0.9:80 check\nbackend ws_"),
    "a dynamic backend": (
        "default_backend app_",
        "use_backend app_%[path]\n    default_backend app_",
    ),
}
FLEET = gen_haproxy.text(1_500)


def planted(fault: str, old: str, new: str) -> tuple[str, range]:
    """A fleet with a fault in one of its tenants, and the lines of that tenant."""
    tenants = FLEET.split("frontend fe_")
    chosen = random.Random(fault).randrange(11, len(tenants))
    assert old in tenants[chosen]
    tenants[chosen] = tenants[chosen].replace(old, new, 1)
    first = sum(tenant.count("\n") for tenant in tenants[:chosen]) + 1
    return "frontend fe_".join(tenants), range(first, first + tenants[chosen].count("\n"))


@pytest.mark.parametrize("fault", FAULTS, ids=list(FAULTS))
def test_one_fault_in_one_of_many_tenants_is_found_where_it_is(fault: str) -> None:
    *edit, code = FAULTS[fault]
    text, lines = planted(fault, *edit)
    assert difference("haproxy", text) is None
    found = Read("haproxy", text, whole=False).said()["shown"]["findings"]
    assert [one["line"] in lines for one in found if one["code"] == code] == [True]


@pytest.mark.parametrize("oddity", ODDITIES, ids=list(ODDITIES))
def test_one_strange_tenant_of_many_changes_nothing(oddity: str) -> None:
    assert difference("haproxy", planted(oddity, *ODDITIES[oddity])[0]) is None


HEAD = "defaults\n mode http\n timeout tunnel 1h\n"
TENANT = """\
frontend fe{n}
 bind :80{n}
 acl ws{n} path_beg /ws/
 use_backend be{n} if ws{n}
backend be{n}
 option httpchk GET /health?tenant={n}
 http-check expect status 200
 server a{n} 10.{n}.{n}.2:8080 check inter 2s
"""


def tenants(text: str = TENANT, count: int = 6) -> list[str]:
    return [text.replace("{n}", str(10 + number)) for number in range(count)]


def test_tenants_that_differ_in_names_addresses_and_comments_are_read_once() -> None:
    others = [f"{tenant}# number {number}\n" for number, tenant in enumerate(tenants())]
    found = Read("haproxy", HEAD + "".join(others), whole=False).topology
    assert [(pool.name, pool.alike) for pool in found.pools] == [("be10", 6)]
    assert [listener.alike for listener in found.listeners] == [6]
    assert [route.alike for route in found.routes] == [6]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("inter 2s", "inter 3s"),
        ("status 200", "status 101"),
        (":8080", ":8081"),
        (" 10.", " 11."),
        ("10.{n}.{n}.2", "ipv4@10.{n}.{n}.2"),
        ("/health?", "/health1?"),
        ("/ws/", "/ws1/"),
        ("if ws{n}", "if w{n}"),
        ("if ws{n}", "if ws{n} HTTP_1.0"),
        ("if ws{n}", "if { path_beg /{n} }"),
        ("use_backend be{n}", "use_backend be9"),
        ("check", "check track be{n}/a{n}"),
        ("a{n}", "be{n}"),
        ("backend be{n}", "backend be{n} from x{n}"),
    ],
)
def test_what_else_differs_is_read(old: str, new: str) -> None:
    changed = tenants()
    changed[3] = TENANT.replace(old, new).replace("{n}", "13")
    found = Read("haproxy", HEAD + "".join(changed), whole=False).topology
    assert {pool.name: pool.alike for pool in found.pools}.get("be13") == 1


@pytest.mark.parametrize(
    ("above", "behind"),
    [
        ("", "check addr 10.0.0.1"),
        ("    default-server check addr 10.0.0.1\n", ""),
        ("    http-check connect addr 10.0.0.1\n", "check"),
    ],
)
def test_the_address_of_a_check_is_compared_with_that_of_the_server(
    above: str, behind: str
) -> None:
    """LB209: all tenants check themselves, but the last one, which checks a neighbour."""
    head = "global\n    hard-stop-after 9m\ndefaults\n    mode http\n    timeout client 30s\n"
    tenants = "".join(
        f"listen chat-{n}\n    bind :80{n}\n    timeout tunnel 1h\n    option httpchk GET /readyz\n"
        f"{above}    server ws 10.0.0.{1 if n < 19 else 2}:90 {behind}\n"
        for n in range(10, 20)
    )
    assert difference("haproxy", head + tenants) is None
    whole = Read("haproxy", head + tenants, True).said()["shown"]["findings"]
    assert [found["code"] for found in whole] == ["LB209"]


def test_conditions_of_haproxys_own_are_no_names() -> None:
    text = TENANT.replace("if ws{n}", "if HTTP_1.1")
    changed = tenants(text)
    changed[3] = changed[3].replace("HTTP_1.1", "HTTP_1.0")
    assert difference("haproxy", HEAD + "".join(changed)) is None
    assert left_out("haproxy", HEAD + "".join(changed)) == 8


def test_a_section_that_another_one_names_is_no_twin_of_one_that_none_names() -> None:
    main = "frontend main\n bind :80\n use_backend be12 if { path_beg /ws }\n"
    found = Read("haproxy", HEAD + "".join(tenants()) + main, whole=False).topology
    assert {pool.name: pool.alike for pool in found.pools} == {"be10": 5, "be12": 1}


def test_the_sections_that_all_tenants_share_are_read_for_all() -> None:
    text = TENANT.replace("be{n} if", "be9 if") + "backend be9\n server a 10.0.0.1:80\n"
    parts = text.partition("backend be9\n")
    whole = HEAD + "".join(tenants(parts[0])) + parts[1] + parts[2]
    found = Read("haproxy", whole, whole=False).topology
    assert {pool.name: pool.alike for pool in found.pools} == {"be10": 6, "be9": 1}
    assert difference("haproxy", whole) is None


def test_tenants_below_other_defaults_are_others() -> None:
    half = "".join(tenants()[:3])
    rest = "".join(tenants()[3:])
    text = HEAD + half + HEAD.replace("1h", "10s") + rest
    assert difference("haproxy", text) is None
    assert left_out("haproxy", HEAD + half * 1 + HEAD + rest) == 0


@pytest.mark.parametrize(
    "text",
    [
        "frontend fe1\n" + "x" * 200_000 + "\n",
        "frontend fe1\n use_backend " + "be1," * 50_000 + "\n",
        "".join(f"backend be1\n use_backend be1 {n}\n" for n in range(20_000)),
        "".join(f"backend be{n}\n track be{n + 1}/a\n" for n in range(10_000, 20_000)),
        ("backend be{n}\n" + " server a1 10.0.0.1:80\n" * 5_000) * 4,
        "".join(f"frontend f{n}\n {'{' * 500} {n}\n" for n in range(1000)),
    ],
    ids=["word", "names", "one-name", "chain", "long", "braces"],
)
def test_any_file_is_compared_in_linear_time(text: str) -> None:
    assert linear_in(haproxy_fleet.kept, text.replace("{n}", "7"))


class UnwantedError(Exception):
    """Nobody should have asked for the whole of it."""


def refuse() -> Topology:
    raise UnwantedError


NAMED = "backend alone\n server a app.example.net:80 check\n"


def test_what_is_said_of_others_does_not_make_all_tenants_be_read() -> None:
    read = Read("haproxy", FLEET + NAMED, whole=False)
    topology = replace(read.topology, whole=refuse)
    found = report(topology, read.profile, today="2026-11-23").findings
    assert [(one.code, one.location.line) for one in found] == [("LB418", FLEET.count("\n") + 2)]
    assert difference("haproxy", FLEET + NAMED) is None


def test_what_is_said_of_one_of_the_alike_makes_all_be_read() -> None:
    text = FLEET.replace("timeout tunnel 1h", "timeout tunnel 10s")
    read = Read("haproxy", text, whole=False)
    with pytest.raises(UnwantedError):
        report(replace(read.topology, whole=refuse), read.profile, today="2026-11-23")
    assert difference("haproxy", text) is None


def test_who_asks_for_the_topology_gets_all_of_it(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "haproxy.cfg"
    path.write_text(FLEET)
    report, topology = audited([str(path)])
    assert len(topology.pools) == FLEET.count("\nbackend ")
    assert report.findings == ()
