"""docs/interop.md from the record."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from tests.interop import record
from tests.interop.balancers import BALANCERS, Balancer
from tests.interop.measured import OPEN, Leaving, Measured, Returned
from tests.interop.measuring import KEPT_S
from tests.interop.returning import CLIENTS, LEAVING, WINDOW_S
from tests.interop.stacks import ALL, Stack

PATH = pathlib.Path(__file__).parent.parent.parent / "docs" / "interop.md"
_AT_ONCE_S = 2.0


class Table(Struct, frozen=True):
    """A heading, what is to be known of it, and its columns."""

    heading: str
    words: str
    columns: tuple[tuple[str, Callable[[Any, Any], str]], ...]

    def text(self, kept: Iterable[tuple[Any, Any]]) -> str:
        """In Markdown. Args: kept: what was measured, and what is known of it beforehand."""
        rows = [[name for name, _ in self.columns], ["---"] * len(self.columns)]
        for of, measured in kept:
            rows.append([cell(of, measured) for _, cell in self.columns])
        lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
        return f"\n## {self.heading}\n\n{self.words}\n{lines}"


def text() -> str:
    """The whole page."""
    kept = record.read()
    tables = "".join(table.text(zip(ALL, kept.systems, strict=True)) for table in _TABLES)
    names = {balancer.name: balancer for balancer in BALANCERS}
    returns = ((names[each.balancer], each) for each in kept.returns)
    return _HEAD + tables + _RETURNS.text(returns) + _ADVICE


def stale() -> bool:
    """Does the page differ from what the record says?"""
    return not PATH.exists() or PATH.read_text() != text()


def write() -> None:
    """Write it."""
    PATH.write_text(text())


def _versions(stack: Stack, measured: Measured) -> str:
    own, *others = (f"{name} {version}" for name, version in measured.versions.items())
    return f"{own} ({', '.join(others)})" if others else own


def _verdict(_: Stack, measured: Measured) -> str:
    answers = measured.answers
    verdict = "good" if answers.handshake == 101 and not answers.faults else "bad"
    found = f", {', '.join(answers.findings)}" if answers.findings else ""
    return f"{answers.handshake}, {verdict}{found}"


def _status(name: str) -> Callable[[Stack, Measured], str]:
    def cell(_: Stack, measured: Measured) -> str:
        status = getattr(measured.answers, name)
        return "no answer" if status is None else str(status)

    return cell


def _heartbeat(_: Stack, measured: Measured) -> str:
    beat = measured.heartbeat
    if beat.kind is None or beat.interval_s is None:
        return "nobody pings"
    what = "ping" if beat.kind == "ping" else "data (`2`)"
    return f"server, {what}, every {beat.interval_s:.0f} s"


def _withheld(_: Stack, measured: Measured) -> str:
    beat = measured.heartbeat
    if beat.kind is None:
        return "there is none to withhold"
    return f"{_close(beat.withheld)} {_after(beat.withheld_s)}"


def _quiet(_: Stack, measured: Measured) -> str:
    kept = measured.heartbeat.answered == OPEN
    return "stays open" if kept else _close(measured.heartbeat.answered)


def _by_itself(_: Stack, measured: Measured) -> str:
    return _left(measured.default)


def _planned(stack: Stack, measured: Measured) -> str:
    return _left(measured.planned)


def _left(leaving: Leaving) -> str:
    return f"{_close(leaving.close)} {_after(leaving.close_s)}"


def _silent(_: Stack, measured: Measured) -> str:
    return f"ends {_after(measured.planned.exit_s)}"


def _again(_: Stack, measured: Measured) -> str:
    seen = sorted({*measured.default.again, *measured.planned.again})
    return ", ".join(seen)


def _close(code: str) -> str:
    return {"none": "no close frame (1006)", OPEN: "stays open", "1005": "no code (1005)"}.get(
        code, code
    )


def _after(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return "at once" if seconds < _AT_ONCE_S else f"after {seconds:.0f} s"


_NAME = ("system", lambda stack, _: stack.name)
_TABLES = (
    Table(
        "Systems",
        "Versions are pinned in `tests/interop/servers`.\n",
        (
            _NAME,
            ("versions", _versions),
            ("profile", lambda stack, _: f"`{stack.profile}`"),
            ("lbcheck's verdict", _verdict),
        ),
    ),
    Table(
        "What they answer",
        """\
To a GET without `Upgrade` on the WebSocket's path, to two health checks nobody has configured (an
ALB's and HAProxy's default), to a handshake in HTTP/1.0 (what nginx sends before 1.29.7 unless told
otherwise), and to handshakes that are not as they should be. No plain request is answered 2xx: a
health check that is left at its default finds every one of them dead.
""",
        (
            _NAME,
            ("plain GET", _status("plain")),
            ("`GET /`", _status("root")),
            ("`OPTIONS / HTTP/1.0`", _status("options_10")),
            ("HTTP/1.0", _status("http_10")),
            ("version 12", _status("version_12")),
            ("no key", _status("no_key")),
            ("other path", _status("other_path")),
        ),
    ),
    Table(
        "Whose pages they let in",
        """\
`Origin` of a page on the same host, of the same page where TLS ends at the balancer (the page is
https, the request is not), and of somebody else's.
""",
        (
            _NAME,
            ("own page", _status("own_origin")),
            ("own page, https", _status("tls_origin")),
            ("foreign page", _status("foreign_origin")),
        ),
    ),
    Table(
        "Heartbeats",
        f"""\
With the defaults of each, held for {KEPT_S:.0f} s: a client that answers, and one that does not.
""",
        (
            _NAME,
            ("who pings", _heartbeat),
            ("a quiet client that answers", _quiet),
            ("one that withholds its pongs", _withheld),
        ),
    ),
    Table(
        "SIGTERM",
        """\
By itself, and with what the documentation of each says to do for a planned shutdown. "Process":
when it has ended in the second case, where one client never answers the close frame. "New":
handshakes from the moment the clients were sent away until then.
""",
        (
            _NAME,
            ("by itself", _by_itself),
            ("planned", lambda stack, _: stack.recipe or "nothing to be done"),
            ("clients see", _planned),
            ("process", _silent),
            ("new", _again),
        ),
    ),
)
_HEAD = """\
# Interop

Generated by `make interop`, which starts real servers, asks them with lbcheck's own probe and
compares what it sees with the record and with the shipped profiles. Nothing is shortened: all
intervals are the defaults of the libraries, waited for. It takes a few minutes and needs Node.js, a
JDK and Maven; everything else is fetched into `.interop/`. CI runs it with `--check`, which changes
nothing.
"""
_ADVICE = """
Gaps and peaks are those of one run; the rest is compared by every run.

- **Exponential backoff with a random first delay** (RFC 6455, 7.2.3) takes the herd apart: fewer
  attempts in 100 ms. It brings nobody back sooner: where the balancer tries another target by
  itself, it costs up to the first delay.
- **Asking a health endpoint before** protects from nothing behind one balancer: the request goes to
  one target, the handshake after it to the next. With two targets in turn it is the worst of all:
  the endpoint that is well answers, and the handshake is led to the one that has left.
- **Health checks of the balancer** end it after some `inter` x `fall`; until then newcomers are
  refused, and its answer to them takes seconds (HAProxy tries a target three times more).
- **The balancer's own try at another target** is what helps. nginx does it by default where a
  connection is refused, HAProxy with `option redispatch 1`: nobody was refused, however they came.

A server that goes on taking newcomers while it leaves was not measured here: with its planned
shutdown none of these systems does. `lbcheck probe --drain` rehearses it ([probe.md](probe.md)).
"""
_MANNERS = {
    "backoff": "backoff, full jitter",
    "health": "the same, health endpoint first",
    "at-once": "at once",
}


def _gap(_: Balancer, seen: Returned) -> str:
    return "" if seen.longest_s is None else f"{seen.longest_s:g} s"


_RETURNS = Table(
    "When 1001 comes",
    f"""\
Two servers ({LEAVING.name}) behind a balancer, {CLIENTS} WebSockets, SIGTERM for one server, which
sends 1001 and refuses newcomers, and {WINDOW_S:.0f} s of what `lbcheck probe --drain` sees: clients
come back after a random time of at most 1, 2, 4 ... 30 s, the same if `/healthz` behind the same
balancer says yes just before, or at once.
""",
    (
        ("balancer", lambda balancer, seen: f"{balancer.name} ({seen.version})"),
        ("clients come back", lambda _, seen: _MANNERS[seen.manner]),
        ("answered", lambda _, seen: ", ".join(("101", *seen.answers))),
        ("sent away", lambda _, seen: str(seen.sent_away)),
        ("not back at the end", lambda _, seen: str(seen.away)),
        ("longest gap of the others", _gap),
        ("most attempts in 100 ms", lambda _, seen: str(seen.peak)),
    ),
)
