"""Any text is resolved without a crash, and large frontends in about linear time."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbcheck.model import Declared, Source
from lbcheck.sources import haproxy
from lbcheck.sources.files import Files
from tests.growth import linear

WORDS = """
global defaults frontend backend listen from mode http tcp bind :80 ssl server server-template s1
1-3 127.0.0.1:80 $X ${X}:80 unix@/a check no-check inter 2s fall rise weight 0 cookie disabled
default-server option httpchk tcp-check no redispatch persist http-check send expect status 101 !
rstatus ^2.. meth GET uri /ws ver HTTP/1.1 hdr Upgrade websocket -i -m reg beg timeout tunnel
client 3600 set-timeout acl is_ws hdr(Upgrade) path_beg /ws { } if unless or !is_ws use_backend
default_backend be_%[hdr(x)] %[ http-request http-response del-header set-header Connection close
redirect scheme https code 301 deny return allow set-status stick on src balance source use-server
force-persist ignore-persist hard-stop-after setenv X "$X" .if .elif .else .endif feature(Q) 1
defined(X) {{ }} {% if endif %} <%= %> 'a "b # \\ a b
""".split()
LINES = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), max_size=14
)


@settings(max_examples=400)
@given(st.lists(LINES.map("\n".join), min_size=1, max_size=2))
def test_any_words_in_any_order_are_resolved(texts: list[str]) -> None:
    group = [Source(f"{n}.cfg", "haproxy", f"{text}\n") for n, text in enumerate(texts)]
    declared = Declared(websocket_paths=("/ws",), environment={"X": "a b"})
    topology = haproxy.read([group], Files(), declared)
    for route in topology.routes:
        assert route.belief.evidence
    for source in group:
        for trouble in source.troubles:
            assert 0 <= trouble.start <= trouble.end <= len(source.text or "") + 1


FRONTEND = "defaults\n mode http\nfrontend f\n bind :80\n"
LARGE = {
    "hosts": lambda many: "".join(
        f" acl h{n} hdr(host) -i h{n}.example\n use_backend b{n} if h{n}\n"
        f" http-request set-header X y if h{n}\n"
        for n in range(many)
    ),
    "paths": lambda many: "".join(
        f" use_backend b{n} if {{ path_beg /p{n} }}\n http-request deny if {{ path_beg /x{n} }}\n"
        for n in range(many // 2)
    ),
    "hosts and paths": lambda many: "".join(
        f" use_backend b{n} if {{ hdr(host) -i h{n}.example }} {{ path_beg /ws/ }}\n"
        for n in range(many)
    ),
    "maps": lambda many: " use_backend %[hdr(x)]\n" * many,
    "branches": lambda many: ".if feature(X)\n" * 5 * many + " timeout client 1s\n" * 5 * many,
}


@pytest.mark.parametrize("lines", LARGE.values(), ids=LARGE)
def test_a_large_frontend_is_resolved_in_about_linear_time(lines: Callable[[int], str]) -> None:
    def text(many: int) -> str:
        backends = "".join(f"backend b{n}\n server a 10.0.0.1:80 check\n" for n in range(many))
        return FRONTEND + lines(many) + backends

    def resolve(text: str) -> None:
        haproxy.read([[Source("haproxy.cfg", "haproxy", text)]], Files(), Declared())

    assert linear(resolve, text(1000), text(125))
