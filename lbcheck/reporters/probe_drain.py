"""Where handshakes landed and how a drain went: rows of a probe's table, and plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lbcheck.durations import human
from lbcheck.probe.drained import advice, counted
from lbcheck.probe.idle import shown
from lbcheck.probe.landings import Landing, Session, Spread, nodes
from lbcheck.probe.rehearsal import Attempt, Ran, Rehearsal
from lbcheck.reporters.visible import encodable

Rows = Iterator[tuple[str, str, str]]
_COOKIES, _NAME = 3, 30
_PARTS = (("p50", 0.5), ("p95", 0.95), ("max", 1.0))


def spread_rows(seen: Spread) -> Rows:
    """How many handshakes each instance took, and whether its session was found again."""
    yield "spread, no cookies", *_landed(seen.without)
    yield f"spread, {_brought(seen.cookies)}", *_landed(seen.sticky)
    if (session := seen.session) is not None:
        said = f"{session.lost} of {len(session.statuses)} came to a target that does not know it"
        about = said if session.statuses else "no session is opened"
        yield f"{session.protocol} session", str(session.opened or "none"), about


def _brought(cookies: tuple[str, ...]) -> str:
    """The cookies that are brought back, as far as a table has room."""
    if not cookies:
        return "none is set"
    more = f" and {len(cookies) - _COOKIES} more" if len(cookies) > _COOKIES else ""
    return f"cookie {', '.join(name[:_NAME] for name in cookies[:_COOKIES])}{more}"


def _landed(landings: tuple[Landing, ...]) -> tuple[str, str]:
    taken = sum(each.said == 101 for each in landings)
    return f"{taken} of {len(landings)}", counted(nodes(landings)) or "no instance tells its name"


def drain_rows(seen: Rehearsal) -> Rows:
    """How the WebSockets ended, how clients came back, and what stood between."""
    told = "" if seen.held.keys() <= {""} else counted(seen.held)
    yield (
        "drain rehearsal",
        f"{seen.held.total()} held",
        f"{told} for {human(seen.window_s)}".strip(),
    )
    if seen.ran is not None:
        code = "running" if seen.ran.code is None else f"exit code {seen.ran.code}"
        yield "drain command", code, _first_line(seen.ran)
    ends = Counter({end.words: number for end, number in seen.ends.items()})
    yield "ended", str(len(seen.ended)), counted(ends)
    about = f"{len(seen.returns)} attempts ({seen.manner.value}), {seen.peak} at most in 100 ms"
    refused = f"; refused: {counted(seen.refusals)}" if seen.refusals else ""
    yield "came back", str(len(seen.gaps)), about + refused
    asked, unhealthy = seen.health
    if asked:
        yield "health, asked first", str(asked), f"{unhealthy} times no"
    if seen.left:
        yield "landed on leaving", str(len(seen.landings)), f"on {', '.join(seen.left)}"
    if seen.gaps:
        parts = ((name, seen.gap(part) or 0.0) for name, part in _PARTS)
        yield "gap", "", ", ".join(f"{name} {_brief(gap_s)}" for name, gap_s in parts)
    if seen.away:
        yield "still away", str(len(seen.away)), ""


def _brief(seconds: float) -> str:
    return shown(seconds) if seconds >= 1 else f"{seconds * 1000:.0f}ms"


def _first_line(ran: Ran) -> str:
    said = ran.output.strip().splitlines()
    return f"{ran.shown}: {said[0][:200]}" if said else ran.shown


def spread(seen: Spread) -> dict[str, Any]:
    """As plain values."""
    return {
        "without_cookies": _took(seen.without),
        "with_cookies": _took(seen.sticky),
        "cookies": [encodable(name) for name in seen.cookies],
        "session": _session(seen.session) if seen.session else None,
    }


def _took(landings: tuple[Landing, ...]) -> dict[str, Any]:
    refused = Counter(each.said for each in landings if each.said != 101)
    return {
        "handshakes": len(landings),
        "instances": _plain(nodes(landings)),
        "refused": _plain(refused),
    }


def _session(session: Session) -> dict[str, Any]:
    return {
        "protocol": session.protocol,
        "opened": session.opened,
        "statuses": list(session.statuses),
        "lost": session.lost,
    }


def drain(seen: Rehearsal) -> dict[str, Any]:
    """As plain values."""
    return {
        "window_s": seen.window_s,
        "clients": seen.clients,
        "manner": seen.manner.value,
        "held": seen.held.total(),
        "instances": _plain(Counter({name: n for name, n in seen.held.items() if name})),
        "ended": len(seen.ended),
        "ends": [
            {"cut_by": end.how.value, "close_code": end.code, "number": number}
            for end, number in seen.ends.most_common()
        ],
        "attempts": len(seen.returns),
        "peak_per_100ms": seen.peak,
        "refused": _plain(seen.refusals),
        "health": _health(*seen.health),
        "leaving": [encodable(name) for name in seen.left],
        "landed": _at(seen.landings),
        "stayed": _at(seen.stayed),
        "gaps_s": {name: _rounded(seen.gap(part)) for name, part in _PARTS},
        "away": len(seen.away),
        "command": _ran(seen.ran) if seen.ran else None,
        "advice": list(advice(seen)),
    }


def _health(asked: int, refused: int) -> dict[str, int] | None:
    return {"asked": asked, "refused": refused} if asked else None


def _at(attempts: list[Attempt]) -> dict[str, int]:
    return _plain(Counter(each.node or "" for each in attempts))


def _ran(ran: Ran) -> dict[str, Any]:
    return {
        "program": encodable(ran.shown),
        "exit_code": ran.code,
        "output": encodable(ran.output),
    }


def _plain(numbers: Counter[Any]) -> dict[str, int]:
    return {encodable(str(name)): number for name, number in numbers.most_common()}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
