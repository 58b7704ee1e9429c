"""What HAProxy would not start with is said, so that nothing is called clean for its sake."""

import pathlib

import pytest

from lbcheck.model import Declared, Source, Status
from lbcheck.sources import Wanted, haproxy, read
from lbcheck.sources.files import Files
from tests import binaries
from tests.binaries import Haproxy

HEAD = """\
defaults
    mode http
    timeout connect 5s
    timeout client 1m
    timeout server 1m
"""
FRONT = "frontend web\n    bind 127.0.0.1:8080\n    default_backend ws\n"
BACK = "backend ws\n    server a 127.0.0.1:9001\n"
WHOLE = HEAD + FRONT + BACK
UNITS = "write a number and one of the units us, ms, s, m, h, d"
REFUSED = {
    "    timeout tunnel 1y": ("HAProxy refuses `1y` as a time", UNITS),
    "    timeout tunnel 1.5s": ("HAProxy refuses `1.5s` as a time", UNITS),
    "    timeout tunnel infinite": ("HAProxy refuses `infinite` as a time", UNITS),
    "    timeout tunnel": ("HAProxy refuses a time that is left out", UNITS),
    "    timeout tunnel 1 h": ("HAProxy takes one time, not `1 h`", UNITS),
    "    timeout tunnel 25d": (
        "HAProxy refuses `25d`: its longest time is 2147483647 ms",
        "write at most 24d",
    ),
    "    http-request set-timeout tunnel 1y": ("HAProxy refuses `1y` as a time", UNITS),
    "    http-request set-timeout tunnel 0": (
        "HAProxy refuses `0` in `set-timeout`",
        "write a time longer than 0",
    ),
}
TAKEN = [
    "    timeout tunnel 1day",
    "    timeout tunnel 1h30m",
    "    timeout tunnel 2147483647",
    "    timeout tunnel 24d # 25d",
    "    timeout tunnel 0",
    "    timeout tunnel 99999999999us",
    "    http-request set-timeout tunnel 1h if TRUE",
    "    http-request set-timeout tunnel int(2)",
]
FILLED_IN = [
    "    timeout tunnel {{ tunnel }}",
    "    timeout tunnel ${TUNNEL}",
    '    timeout tunnel "${TUNNEL}"',
    "    timeout tunnel $TUNNEL",
    "    timeout tunnel @TUNNEL@",
    "    timeout tunnel __TUNNEL__",
    "    .if defined(LONG)\n    timeout tunnel 1y\n    .endif",
]


def troubles(text: str) -> list[tuple[str, str, str]]:
    """The place, the message and the remedy of each."""
    source = Source("x.cfg", "haproxy", text)
    haproxy.read([[source]], Files(), Declared())
    return [(text[t.start : t.end], t.message, t.remedy) for t in source.troubles]


@pytest.mark.parametrize(("line", "said"), REFUSED.items())
def test_a_time_that_haproxy_refuses_is_told(line: str, said: tuple[str, str]) -> None:
    assert troubles(f"{WHOLE}{line}\n") == [(line.strip(), *said)]


@pytest.mark.parametrize("line", [*TAKEN, *FILLED_IN])
def test_a_time_that_haproxy_takes_or_that_is_not_known_yet_is_none(line: str) -> None:
    assert troubles(f"{WHOLE}{line}\n") == []


@pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda haproxy: haproxy.text)
def test_the_real_haproxy_refuses_the_same_times(haproxy: Haproxy, tmp_path: pathlib.Path) -> None:
    for line in (*REFUSED, *TAKEN):
        refusal = haproxy.refusal(f"{WHOLE}{line}\n", tmp_path)
        assert (refusal is not None) == (line in REFUSED), line
    assert "'ws'" in (haproxy.refusal(HEAD + FRONT, tmp_path) or "")


@pytest.mark.parametrize(
    "lines",
    [
        "    server b 127.0.0.1:9002 check inter 1y\n",
        "    default-server inter 1y\n    server b 127.0.0.1:9002 check\n"
        "    server c 127.0.0.1:9003 check\n",
    ],
)
def test_an_interval_that_haproxy_refuses_is_told_once(lines: str) -> None:
    ((place, message, _),) = troubles(WHOLE.replace("9001", "9001 check") + lines)
    assert "inter 1y" in place
    assert message == "HAProxy refuses `1y` as a time"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("slowstart 10x", "HAProxy refuses `10x` as a time"),
        ("check slowstart 0.5s", "HAProxy refuses `0.5s` as a time"),
        ("slowstart 99d", "HAProxy refuses `99d`: its longest time is 2147483647 ms"),
        ("check downinter 1y", "HAProxy refuses `1y` as a time"),
        ("check inter 0", "HAProxy refuses `0` in `inter`"),
        ("agent-check agent-port 91 agent-inter 5x", "HAProxy refuses `5x` as a time"),
        ("slowstart 10s", None),
        ("slowstart 0", None),
        ("pool-purge-delay 1h30m", None),
    ],
)
def test_times_of_servers_are_told_as_haproxy_refuses_them(
    parameters: str, message: str | None, tmp_path: pathlib.Path
) -> None:
    text = f"{WHOLE}    server b 127.0.0.1:9002 {parameters}\n"
    assert [said for _, said, _ in troubles(text)] == ([message] if message else [])
    for binary in binaries.haproxy():
        assert (binary.refusal(text, tmp_path) is None) == (message is None)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("timeout resolve 5x", "HAProxy refuses `5x` as a time"),
        ("timeout retry 99d", "HAProxy refuses `99d`: its longest time is 2147483647 ms"),
        ("hold valid abc", "HAProxy refuses `abc` as a time"),
        ("hold obsolete", "HAProxy refuses a time that is left out"),
        ("hold valid 1h30m", None),
        ("timeout resolve 0", None),
    ],
)
def test_times_of_resolvers_are_told_as_haproxy_refuses_them(
    line: str, message: str | None, tmp_path: pathlib.Path
) -> None:
    text = f"{WHOLE}resolvers dns\n    nameserver n 127.0.0.1:53\n    {line}\n"
    wanted = [(line, message)] if message else []
    assert [(place, said) for place, said, _ in troubles(text)] == wanted
    for binary in binaries.haproxy():
        assert (binary.refusal(text, tmp_path) is None) == (message is None)


def test_an_interval_that_is_filled_in_later_is_not_known() -> None:
    text = WHOLE.replace("9001", "9001 check") + "    server b 127.0.0.1:9002 check inter {{ i }}\n"
    source = Source("x.cfg", "haproxy", text)
    (pool,) = haproxy.read([[source]], Files(), Declared()).pools
    assert (pool.check.interval, source.troubles) == (None, [])


def test_a_global_time_that_haproxy_refuses_is_told() -> None:
    ((place, message, _),) = troubles("global\n    hard-stop-after 1y\n" + WHOLE)
    assert (place, message) == ("hard-stop-after 1y", "HAProxy refuses `1y` as a time")


def test_a_time_that_was_refused_is_no_value() -> None:
    source = Source("x.cfg", "haproxy", WHOLE + "    timeout tunnel 1 h\n")
    (route,) = haproxy.read([[source]], Files(), Declared()).routes
    assert (route.idle, route.tunnel_missing, source.status) == (None, False, Status.PARTIAL)


@pytest.mark.parametrize(
    ("front", "place"),
    [
        ("    default_backend wss\n", "default_backend wss"),
        ("    use_backend wss if { path_beg /ws }\n", "use_backend wss if { path_beg /ws }"),
    ],
)
def test_a_backend_that_is_nowhere_is_told(front: str, place: str) -> None:
    text = f"{HEAD}frontend web\n    bind :80\n{front}{BACK}"
    said = "no backend is called `wss`; did you mean `ws`?"
    assert troubles(text) == [(place, said, "correct the name, or add the backend")]


PIECE = "frontend web\n    bind :80\n    use_backend sockts if { path_beg /ws }\n"
NEAR = "backend sockets\n    server a 127.0.0.1:1\n"


def test_a_slip_of_the_pen_is_told_in_a_file_without_defaults() -> None:
    assert [(place, said) for place, said, _ in troubles(PIECE + NEAR)] == [
        (
            "use_backend sockts if { path_beg /ws }",
            "no backend is called `sockts`; did you mean `sockets`?",
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        PIECE,
        PIECE + "    default_backend sockets\n" + NEAR,
        PIECE + "    use_backend %[hdr(host)]\n" + NEAR,
        PIECE + NEAR.replace("sockets", "pages"),
    ],
)
def test_a_file_without_defaults_may_have_its_backends_elsewhere(text: str) -> None:
    assert troubles(text) == []


def test_a_default_backend_for_all_is_told_once() -> None:
    front = "frontend {}\n    bind :{}\n"
    text = f"{HEAD}    default_backend app\n{front.format('a', 1)}{front.format('b', 2)}{BACK}"
    assert [(place, said) for place, said, _ in troubles(text)] == [
        ("default_backend app", "no backend is called `app`")
    ]


@pytest.mark.parametrize(
    "text",
    [
        FRONT,
        HEAD + FRONT.replace("default_backend ws", "default_backend be_%[hdr(host)]"),
        HEAD + FRONT.replace("default_backend ws", "default_backend {{ name }}"),
        HEAD + FRONT.replace("default_backend ws", "default_backend __NAME__"),
        HEAD + FRONT + "    disabled\n",
        HEAD + FRONT + "backend {{ name }}\n    server a 127.0.0.1:1\n",
        HEAD + FRONT + "{{ backends }}\n",
        HEAD + FRONT + ".if defined(X)\n" + BACK + ".endif\n",
        HEAD + "listen ws\n    bind :81\n    server a 127.0.0.1:1\n" + FRONT,
    ],
)
def test_a_backend_that_may_be_somewhere_is_not_missed(text: str) -> None:
    assert troubles(text) == []


@pytest.mark.parametrize("name", ["more.cfg", "conf.d/more.cfg"])
def test_a_backend_in_a_file_beside_is_not_missed(name: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "haproxy.cfg").write_text("global\n" + HEAD + FRONT)
    wanted = Wanted((str(tmp_path / "haproxy.cfg"),))
    (source,) = read(wanted, Files(), Declared()).sources
    assert [t.message for t in source.troubles] == ["no backend is called `ws`"]
    (tmp_path / name).write_text(BACK)
    (source, *_) = read(wanted, Files(), Declared()).sources
    assert source.troubles == []
