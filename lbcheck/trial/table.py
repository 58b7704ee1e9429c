"""Which live test confirms or refutes which rule: the table, and what each test has to show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from lbcheck.durations import human
from lbcheck.finding import Trial, Verdict
from lbcheck.model import Route
from lbcheck.probe.frames import How
from lbcheck.probe.idle import shown
from lbcheck.probe.problems import answered
from lbcheck.probe.result import CONNECT, Handshake, Ladder, Rung, Target
from lbcheck.trial.looked import Tried

Judge = Callable[[Route, Tried], Trial]

_UPGRADE = frozenset(["LB101", "LB102", "LB105", "LB110"])
"""the diagnoses of a handshake whose headers were lost"""
_EARLY_S, _LATE_S = 0.3, 1.5
"""how far from a timeout a cut may be seen"""


def confirmed(detail: str) -> Trial:
    return Trial(Verdict.CONFIRMED, detail)


def refuted(detail: str) -> Trial:
    return Trial(Verdict.REFUTED, detail)


def untried(detail: str) -> Trial:
    return Trial(Verdict.NOT_TRIED, detail)


def _handshake(*diagnoses: str, refutable: bool = True) -> Judge:
    """A rule about handshakes that fail: confirmed by an answer that means one of these codes.

    Args: refutable: does a handshake that works say that the fault is none?
    """
    wanted = frozenset(diagnoses)

    def judge(route: Route, tried: Tried) -> Trial:
        seen = tried.seen.handshake
        if seen.good and refutable:
            return refuted("the handshake was answered 101 with `Upgrade` through this route")
        if seen.good:
            return untried("the handshake was answered 101, which says nothing of this")
        if seen.faults:
            return confirmed(seen.faults[0]) if wanted & _UPGRADE else untried(seen.faults[0])
        told = f"the handshake {answered(seen.answer)}"
        rules = seen.diagnosis.rules if seen.diagnosis is not None else ()
        if wanted.isdisjoint(rules):
            return untried(f"{told}, which has another cause")
        if "LB107" not in rules:
            return confirmed(told)
        direct = next((target for target in tried.seen.targets if target.handshake.good), None)
        if direct is not None:
            return confirmed(f"{told}, and at the target {direct.name} itself 101")
        return untried(f"{told}, which may have another cause")

    return judge


def _origin(route: Route, tried: Tried) -> Trial:
    """A target that compares `Origin` with a `Host` that was changed on the way."""
    if not tried.seen.handshake.good:
        return untried(_why(tried.seen.handshake))
    if tried.page is None:
        return refuted("a foreign `Origin` is answered 101: it is compared with nothing")
    answer, direct = tried.page.answer, tried.page.direct
    told = f"with the `Origin` of the service's own page the handshake {answered(answer)}"
    if answer.status == 101:
        return refuted(told)
    if direct is not None and direct.status == 101:
        return confirmed(f"{told}, and at a target that is asked by the service's name 101")
    return untried(f"{told}, which may have another cause")


def _login(route: Route, tried: Tried) -> Trial:
    """A handshake with credentials says nothing of those that have none."""
    return _handshake("LB118", "LB108", refutable=tried.anonymous)(route, tried)


def _idle(route: Route, tried: Tried) -> Trial:
    """The silence that ends a connection is waited for."""
    limit_s = route.idle.value if route.idle is not None else math.inf
    if limit_s in (0, math.inf):
        return untried("no silence is known that would end a connection here")
    if not tried.seen.handshake.good:
        return untried(f"no WebSocket could be held: {_why(tried.seen.handshake)}")
    ladder = tried.seen.ladder
    needed = f"--live-idle {math.ceil(limit_s + _LATE_S)}s"
    if ladder is None:
        return untried(f"silence was not waited for ({needed})")
    if ladder.silent.refused is not None:
        return untried(f"the handshake {answered(ladder.silent.refused)} the next time")
    if ladder.silent.end is None:
        return _kept(ladder, limit_s, needed)
    return _cut(ladder, limit_s, [each.idle.value for each in tried.routes if each.idle])


def _cut(ladder: Ladder, limit_s: float, hops_s: Iterable[float]) -> Trial:
    """Args: hops_s: the idle timeouts of all hops on the way, of which one has cut."""
    silent = ladder.silent
    assert silent.end is not None
    told = f"cut after {shown(silent.silent_s)} with {silent.end.words}"
    if silent.end.how in (How.CLOSE_FRAME, How.GARBAGE) or _targets_cut(ladder):
        return untried(f"{told} by the target itself")
    if ladder.cut_anyway:
        return untried(f"{told}, but so were those with pings")
    nearest_s = min(hops_s, key=lambda hop_s: abs(silent.silent_s - hop_s), default=limit_s)
    if nearest_s < limit_s and silent.silent_s < limit_s - _EARLY_S:
        return untried(f"{told}, at the {shown(nearest_s)} of another hop")
    if abs(silent.silent_s - limit_s) <= max(_LATE_S, limit_s / 20):
        return confirmed(told)
    if silent.silent_s > limit_s:
        return refuted(f"{told}, and {shown(limit_s)} of silence did not end it")
    return untried(f"{told}, before the {shown(limit_s)} of this setting")


def _targets_cut(ladder: Ladder) -> bool:
    """Does a target end a silent connection by itself, and no later?"""
    last_s = ladder.silent.silent_s + _LATE_S
    return any(rung.end is not None and rung.silent_s <= last_s for _, rung in ladder.direct)


def _kept(ladder: Ladder, limit_s: float, needed: str) -> Trial:
    silent = ladder.silent
    if silent.lasted_s < limit_s + _EARLY_S:
        return untried(f"{shown(silent.lasted_s)} of silence were waited for ({needed})")
    if silent.silent_s > limit_s:
        return refuted(f"open after {shown(silent.silent_s)} of silence")
    return refuted(f"open for {shown(silent.lasted_s)}: {_kept_by(silent)}")


def _kept_by(silent: Rung) -> str:
    if silent.beat_s is not None:
        return f"a ping of the service came every {human(round(silent.beat_s, 1))}"
    return "something of the service came in time"


def _why(seen: Handshake) -> str:
    return seen.faults[0] if seen.faults else f"the handshake {answered(seen.answer)}"


def _check_fails(route: Route, tried: Tried) -> Trial:
    """A check that no working target passes."""
    working = [target for target in _checked(tried.seen.targets) if target.handshake.good]
    thrown_out = [target for target in working if not target.passes]
    if thrown_out:
        first = thrown_out[0]
        told = f"at {first.name} `{first.asked}` {answered(first.check)}"
        return confirmed(f"{told}, and a handshake is answered 101")
    if working:
        return refuted(f"`{working[0].asked}` {answered(working[0].check)} at {working[0].name}")
    return untried("no target that works could be asked from here")


def _check_passes(route: Route, tried: Tried) -> Trial:
    """A check that a broken target passes."""
    for target in _reached(tried.seen.targets):
        told = f"at {target.name} `{target.asked}` {answered(target.check)}"
        if target.asked == CONNECT:
            told = f"{target.name} takes connections"
        if target.passes and not target.handshake.good:
            return confirmed(f"{told}, and {_why(target.handshake)}")
        if target.passes and (target.check.status or 0) >= 400:
            return confirmed(f"{told}, which passes")
    return untried("no target that is broken could be asked from here")


def _checked(targets: Iterable[Target]) -> list[Target]:
    """Targets whose check is a request, and was answered."""
    return [target for target in _reached(targets) if target.asked != CONNECT]


def _reached(targets: Iterable[Target]) -> list[Target]:
    return [
        target
        for target in targets
        if target.check.failure is None or not target.check.failure.unreached
    ]


_LOST = _handshake(*sorted(_UPGRADE))
TABLE: dict[str, Judge] = {
    "LB101": _LOST,
    "LB102": _LOST,
    "LB103": _handshake("LB103"),
    "LB104": _handshake("LB104", *sorted(_UPGRADE)),
    "LB105": _LOST,
    "LB106": _LOST,
    "LB108": _handshake("LB108"),
    "LB110": _LOST,
    "LB111": _LOST,
    "LB114": _origin,
    "LB118": _login,
    "LB204": _check_passes,
    "LB205": _check_fails,
    "LB207": _check_passes,
    "LB218": _check_fails,
    "LB301": _idle,
    "LB302": _idle,
    "LB303": _idle,
    "LB304": _idle,
    "LB305": _handshake("LB310", refutable=False),
    "LB306": _idle,
    "LB401": _handshake("LB401", "LB402"),
    "LB402": _handshake("LB401", "LB402"),
    "LB419": _handshake("LB410"),
}
