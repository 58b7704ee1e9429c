"""What is wrong with what the idle ladder showed: silence that is cut, pings that do not come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Pointer
from lbcheck.probe.drained import counted
from lbcheck.probe.frames import How
from lbcheck.probe.result import Ladder
from lbcheck.profile import Profile

Told = Iterator[tuple[str, Problem]]

_MEASURED_S = 0.3
"""how much later than it was a cut may be seen; a timeout equal to the interval is cut"""
_LATE = 1.5
"""a ping that has not come after so many intervals is lost"""


def troubles(ladder: Ladder) -> Iterator[str]:
    """Why it tells less than was asked: a WebSocket that was not opened cannot be cut."""
    rungs = [*ladder.rungs, *(rung for _, rung in ladder.direct)]
    refused = Counter(rung.refused.said for rung in rungs if rung.refused is not None)
    if refused:
        yield f"{refused.total()} of {len(rungs)} WebSockets were not opened ({counted(refused)})"


def cuts(ladder: Ladder, place: Pointer, profile: Profile) -> Told:
    """LB704: somebody ends quiet connections too soon for the heartbeat that is declared."""
    if ladder.cut_anyway:
        longest = max(ladder.rungs, key=lambda rung: rung.lasted_s)
        if profile.answer_s is not None and longest.lasted_s >= profile.answer_s - _MEASURED_S:
            return  # by the service, as a probe gives no answer to its data
        how = longest.end.words if longest.end else ""
        message = (
            f"every WebSocket was cut, pings or not, so that silence is not the reason: the last "
            f"one after {shown(longest.lasted_s)} by {how}"
        )
        yield "LB704", Problem(place, message)
        return
    idle_s, end = ladder.idle_timeout_s, ladder.silent.end
    if idle_s is None or end is None:
        return
    whose = f"{end.words}{_whose(ladder)}"
    seen = f"a silent WebSocket is cut after {shown(idle_s)} by {whose}; {_safe(ladder)}"
    if (judged := _judged(idle_s, profile)) is not None:
        severity, promise = judged
        yield "LB704", Problem(place, f"{seen}; {promise}", severity=severity)


def _whose(ladder: Ladder) -> str:
    """Who cut it, where the targets were asked as well."""
    if not (asked := [rung for _, rung in ladder.direct if rung.refused is None]):
        return ""
    if all(rung.survived for rung in asked):
        return " of the balancer, as the targets themselves keep one open"
    return ", and by a target itself as well"


def _safe(ladder: Ladder) -> str:
    """Which pings help."""
    if ladder.longest_safe_ping_s is not None:
        return f"a ping every {human(ladder.longest_safe_ping_s)} keeps it open"
    tried = [rung.ping_s for rung in ladder.rungs if rung.ping_s is not None]
    if not tried:
        return "no ping was tried"
    late = f"a ping every {human(min(tried))} comes too late"
    by_service = ladder.silent.end is not None and ladder.silent.end.how is How.CLOSE_FRAME
    return f"{late}, and silence may not be the reason" if by_service else late


def _judged(idle_s: float, profile: Profile) -> tuple[Severity, str] | None:
    """How bad an idle timeout is, by what the profile promises; None: it is long enough."""
    beat, least_s = profile.heartbeat, profile.min_idle_s
    if beat.sender == "none":
        return Severity.ERROR, "the profile says that nobody pings"
    if beat.interval_s is None:
        return Severity.WARNING, "no heartbeat is declared (`--param heartbeat.interval_s=25`)"
    if idle_s - _MEASURED_S <= beat.interval_s:
        return Severity.ERROR, f"the next ping comes after {human(beat.interval_s)}"
    if least_s is not None and round(idle_s) < least_s:
        return Severity.WARNING, f"pings every {human(beat.interval_s)} need {human(least_s)}"
    return None


def beats(ladder: Ladder, place: Pointer, profile: Profile) -> Told:
    """LB705: pings of the service that do not come, and pings to it that nobody answers."""
    beat = profile.heartbeat
    if beat.sender in ("server", "both") and beat.kind == "ping" and beat.interval_s is not None:
        waited_s = ladder.silent.lasted_s
        if ladder.silent.beats == 0 and waited_s >= _LATE * beat.interval_s:
            message = (
                f"no ping came in {shown(waited_s)}; the profile promises one every "
                f"{human(beat.interval_s)}"
            )
            yield "LB705", Problem(place, message)
    yield from _deaf(ladder, place, profile)
    sent = sum(rung.sent for rung in ladder.rungs)
    if sent > 1 and not any(rung.pongs for rung in ladder.rungs):
        yield "LB705", Problem(place, f"{sent} pings were sent, and none was answered with a pong")


def _deaf(ladder: Ladder, place: Pointer, profile: Profile) -> Told:
    """A service that keeps a client which gives no pong does not notice the dead ones."""
    deaf, beat = ladder.deaf, profile.heartbeat
    if deaf is None or not deaf.survived or not deaf.beats or beat.sender not in ("server", "both"):
        return
    if beat.interval_s is None or beat.timeout_s is None or beat.kind != "ping":
        return
    noticed_s = beat.interval_s + beat.timeout_s
    if deaf.lasted_s >= _LATE * noticed_s:
        message = (
            f"{deaf.beats} pings were left without a pong, and the WebSocket is open after "
            f"{shown(deaf.lasted_s)}; the profile says that this is noticed after "
            f"{human(noticed_s)}: dead clients keep their places"
        )
        yield "LB705", Problem(place, message, severity=Severity.WARNING)


def shown(seconds: float) -> str:
    """Measured seconds as a person reads them: `60.2s`."""
    return f"{round(seconds, 1):g}s"
