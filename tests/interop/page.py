"""docs/interop.md from the record."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterable

from msgspec import Struct

from tests.interop import record
from tests.interop.measured import OPEN, Leaving, Measured
from tests.interop.measuring import KEPT_S
from tests.interop.stacks import ALL, Stack

PATH = pathlib.Path(__file__).parent.parent.parent / "docs" / "interop.md"
_AT_ONCE_S = 2.0


class Table(Struct, frozen=True):
    """A heading, what is to be known of it, and its columns."""

    heading: str
    words: str
    columns: tuple[tuple[str, Callable[[Stack, Measured], str]], ...]

    def text(self, kept: Iterable[Measured]) -> str:
        """In Markdown."""
        rows = [[name for name, _ in self.columns], ["---"] * len(self.columns)]
        for stack, measured in zip(ALL, kept, strict=True):
            rows.append([cell(stack, measured) for _, cell in self.columns])
        lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
        return f"\n## {self.heading}\n\n{self.words}\n{lines}"


def text() -> str:
    """The whole page."""
    kept = record.read()
    return _HEAD + "".join(table.text(kept) for table in _TABLES) + _TAIL


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
otherwise), and to handshakes that are not as they should be.
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
intervals are the defaults of the libraries, waited for.
"""
_TAIL = ""
