"""Any fleet, whatever its tenants say and whatever is changed in some of them, is told in full."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.fleets import difference, left_out

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


@settings(max_examples=100)
@given(fleets())
def test_no_report_tells_whether_tenants_were_left_out(text: str) -> None:
    assert difference("haproxy", text) is None


def test_the_generated_fleets_are_worth_the_name() -> None:
    found: list[int] = []

    @settings(max_examples=100, database=None, derandomize=True)
    @given(fleets())
    def look(text: str) -> None:
        found.append(left_out("haproxy", text))

    look()
    assert sum(count > 0 for count in found) > len(found) / 3
