"""Tenants that say the same are judged by one of them, and nobody can tell it from the report."""

import pathlib
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bench import gen_haproxy
from lbcheck.audit import report
from lbcheck.finding import Problem, Severity
from lbcheck.model import Topology, Vendor
from lbcheck.rule import Rule
from lbcheck.rules import ALL
from lbcheck.run import audited
from lbcheck.sources import haproxy_fleet
from tests.readers.haproxy_fleets import Read, difference, fleet, left_out

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
    assert difference(fleet(text, TENANTS, addresses), profile) is None


def test_nearly_every_example_has_alike_tenants_as_a_fleet() -> None:
    texts = [parameters.values[0] for parameters in EXAMPLES]
    shared = [text for text in texts if left_out(fleet(str(text), TENANTS, addresses=True))]
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
    assert difference(fleet(bad, TENANTS, addresses=False), rules=[rule]) is not None


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
    "weight 0": ("check cookie n5  ", "check weight 0  ", "LB408"),
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
    assert difference(text) is None
    found = Read(text, whole=False).said()["shown"]["findings"]
    assert [one["line"] in lines for one in found if one["code"] == code] == [True]


@pytest.mark.parametrize("oddity", ODDITIES, ids=list(ODDITIES))
def test_one_strange_tenant_of_many_changes_nothing(oddity: str) -> None:
    assert difference(planted(oddity, *ODDITIES[oddity])[0]) is None


WORDS = """
    server|a{n}|10.0.0.{n}:80{k}|check|inter {k}s
    server|b|10.0.{n}.{k}:8080|check|weight {k}|cookie c{n}
    server|c{k}|app{n}.example.net:80|check|resolvers|dns{k}
    default-server|inter {k}s|fall {k}
    option|httpchk|GET|"/health{k}?tenant={n}"
    http-check|expect|status|20{k}
    timeout|tunnel|{k}{k}s
    timeout|tunnel|1h
    acl|ws{n}|path_beg|/ws{k}/
    acl|ws-{n}|path_beg|/ws/
    acl|up{k}|hdr(Upgrade)|-i|websocket
    use_backend|be{n}|if|ws{n}
    use_backend|be{k}|if|ws-{n}|!up{k}
    default_backend|be{n}
    http-request|deny|if|ws{n}
    http-request|del-header|Upgrade|if|{|path_beg|/{n}|}
    track|be{n}/a{n}
    cookie|S{k}|insert
    balance|source
    bind|:80{k}|name|in{n}
    # tenant {n} {k}
    stick-table|type|ip|size|{k}k|expire|{k}m
    stick|on|src|table|be{n}
    option|redispatch|{k}
    mode|http
"""
LINES = [" " + " ".join(line.split("|")) for line in WORDS.split("\n    ")[1:]]
SECTIONS = ["frontend fe{n}", "backend be{n}", "listen li{n}", "backend x{n}", "listen be{n}"]
HEADS = [
    "",
    "defaults\n mode http\n timeout tunnel 1h\n",
    "global\n maxconn 5\ndefaults\n retries 2\n",
]
part = st.tuples(
    st.sampled_from(SECTIONS),
    st.lists(st.tuples(st.sampled_from(LINES), st.integers(0, 2)), min_size=1, max_size=5),
)


@st.composite
def fleets(draw: st.DrawFn) -> str:
    """Tenants alike but for their number, and then some digits and words of them changed."""
    parts = draw(st.lists(part, min_size=1, max_size=4, unique_by=lambda one: one[0]))
    first = draw(st.sampled_from([1, 10, 95]))
    tenants = [_tenant(parts, first + n) for n in range(draw(st.integers(4, 8)))]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(tenants) - 1))
        tenants[at] = _changed(draw, tenants[at])
    return draw(st.sampled_from(HEADS)) + "".join(tenants)


def _tenant(parts: list[tuple[str, list[tuple[str, int]]]], number: int) -> str:
    lines = (
        line.replace("{n}", str(number)).replace("{k}", str(k))
        for opening, body in parts
        for line, k in [(opening, 0), *body]
    )
    return "\n".join(lines) + "\n"


def _changed(draw: st.DrawFn, tenant: str) -> str:
    at = draw(st.sampled_from([n for n, sign in enumerate(tenant) if sign.isalnum()]))
    sign = draw(st.sampled_from("0123456789x"))
    return tenant[:at] + (sign if tenant[at].isdigit() else tenant[at]) + tenant[at + 1 :]


@settings(max_examples=100, deadline=None)
@given(fleets())
def test_no_report_tells_whether_tenants_were_left_out(text: str) -> None:
    assert difference(text) is None


def test_the_generated_fleets_are_worth_the_name() -> None:
    found: list[int] = []

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(fleets())
    def look(text: str) -> None:
        found.append(left_out(text))

    look()
    assert sum(count > 0 for count in found) > len(found) / 3


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
    found = Read(HEAD + "".join(others), whole=False).topology
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
    found = Read(HEAD + "".join(changed), whole=False).topology
    assert {pool.name: pool.alike for pool in found.pools}.get("be13") == 1


def test_conditions_of_haproxys_own_are_no_names() -> None:
    text = TENANT.replace("if ws{n}", "if HTTP_1.1")
    changed = tenants(text)
    changed[3] = changed[3].replace("HTTP_1.1", "HTTP_1.0")
    assert difference(HEAD + "".join(changed)) is None
    assert left_out(HEAD + "".join(changed)) == 8


def test_a_section_that_another_one_names_is_no_twin_of_one_that_none_names() -> None:
    main = "frontend main\n bind :80\n use_backend be12 if { path_beg /ws }\n"
    found = Read(HEAD + "".join(tenants()) + main, whole=False).topology
    assert {pool.name: pool.alike for pool in found.pools} == {"be10": 5, "be12": 1}


def test_the_sections_that_all_tenants_share_are_read_for_all() -> None:
    text = TENANT.replace("be{n} if", "be9 if") + "backend be9\n server a 10.0.0.1:80\n"
    parts = text.partition("backend be9\n")
    whole = HEAD + "".join(tenants(parts[0])) + parts[1] + parts[2]
    found = Read(whole, whole=False).topology
    assert {pool.name: pool.alike for pool in found.pools} == {"be10": 6, "be9": 1}
    assert difference(whole) is None


def test_tenants_below_other_defaults_are_others() -> None:
    half = "".join(tenants()[:3])
    rest = "".join(tenants()[3:])
    text = HEAD + half + HEAD.replace("1h", "10s") + rest
    assert difference(text) is None
    assert left_out(HEAD + half * 1 + HEAD + rest) == 0


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
    begun = time.process_time()
    haproxy_fleet.kept(text.replace("{n}", "7"))
    assert time.process_time() - begun < 3


class UnwantedError(Exception):
    """Nobody should have asked for the whole of it."""


def refuse() -> Topology:
    raise UnwantedError


NAMED = "backend alone\n server a app.example.net:80 check\n"


def test_what_is_said_of_others_does_not_make_all_tenants_be_read() -> None:
    read = Read(FLEET + NAMED, whole=False)
    topology = replace(read.topology, whole=refuse)
    found = report(topology, read.profile, today="2026-11-23").findings
    assert [(one.code, one.location.line) for one in found] == [("LB418", FLEET.count("\n") + 2)]
    assert difference(FLEET + NAMED) is None


def test_what_is_said_of_one_of_the_alike_makes_all_be_read() -> None:
    text = FLEET.replace("timeout tunnel 1h", "timeout tunnel 10s")
    read = Read(text, whole=False)
    with pytest.raises(UnwantedError):
        report(replace(read.topology, whole=refuse), read.profile, today="2026-11-23")
    assert difference(text) is None


def test_who_asks_for_the_topology_gets_all_of_it(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "haproxy.cfg"
    path.write_text(FLEET)
    report, topology = audited([str(path)])
    assert len(topology.pools) == FLEET.count("\nbackend ")
    assert report.findings == ()
