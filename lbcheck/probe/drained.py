"""What is wrong with what a drain rehearsal saw, and what it says of the usual advice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Pointer
from lbcheck.probe.comeback import Manner
from lbcheck.probe.rehearsal import Attempt, Away, Rehearsal

Told = Iterator[tuple[str, Problem]]

_LONG_S = 10.0
_NOBODY = "Nobody landed on an instance that was leaving."
_RETRIED = "the balancer can try them at another target (`lbcheck explain LB410`)"


def troubles(seen: Rehearsal) -> Iterator[str]:
    """Why a rehearsal proves less than it was meant to."""
    held = seen.held.total()
    if held < seen.clients:
        others = counted(Counter(each.said for each in seen.firsts if not each.opened))
        yield f"only {held} of {seen.clients} WebSockets were opened ({others})"
    if seen.ran is not None and seen.ran.code:
        yield f"the drain command `{seen.ran.shown}` failed with exit code {seen.ran.code}"
    if seen.ran is not None and seen.ran.code is None:
        yield f"the drain command `{seen.ran.shown}` was still running at the end"
    if early := sum(each.ended_s < seen.began_s for each in seen.ended):
        yield f"{early} WebSockets ended before the drain began, for another reason"
    if held and not seen.ended:
        yield f"no WebSocket ended in {human(seen.window_s)}: the drain was not seen"
    if trying := [each for each in seen.away if not _stays(each)]:
        yield f"{len(trying)} clients were on their way back at the end: hold for longer"
    if held and seen.named and not any(each.node for each in seen.firsts):
        yield "no 101 says which instance it is from: landings are not known"


def problems(seen: Rehearsal, place: Pointer) -> Told:
    """LB706, LB707, LB712, and LB701 for what returning clients were answered."""
    if seen.landings:
        who = names(sorted({each.node or "" for each in seen.landings}))
        message = (
            f"{len(seen.landings)} of {len(seen.returns)} attempts to come back landed on an "
            f"instance that was leaving ({who}), and were sent away again"
        )
        yield "LB706", Problem(place, message)
    if seen.frameless:
        kinds = counted(Counter(each.end.words for each in seen.frameless if each.end))
        message = (
            f"{len(seen.frameless)} of {len(seen.ended)} WebSockets that ended had no close frame "
            f"({kinds}): clients see 1006 and cannot tell a planned end from a failure"
        )
        yield "LB707", Problem(place, message)
    if gone := [each for each in seen.away if _stays(each)]:
        message = (
            f"{len(gone)} of {seen.held.total()} clients have no WebSocket at the end: "
            f"{counted(Counter(_why(each.last) for each in gone))}"
        )
        yield "LB712", Problem(place, message)
    if seen.refusals:
        message = (
            f"{seen.refusals.total()} of {len(seen.returns)} attempts to come back were not "
            f"answered 101 ({counted(seen.refusals)}): {_RETRIED}"
        )
        yield "LB701", Problem(place, message, severity=Severity.WARNING)


def _stays(client: Away) -> bool:
    """Has a client given up, or tried for so long that people have?"""
    return client.last.final or client.for_s >= _LONG_S


def _why(last: Attempt) -> str:
    """Why a client is away."""
    if last.end is not None:
        return f"after {last.end.words}"
    return f"answered {last.said}" if isinstance(last.said, int) else str(last.said)


def advice(seen: Rehearsal) -> Iterator[str]:
    """In words, what coming back in this manner is worth here. Nothing where nothing ended."""
    if not seen.ended:
        return
    lost = sum(each.healthy is True for each in seen.landings)
    if seen.manner is Manner.HEALTH and lost:
        yield (
            f"Asking the health endpoint first did not protect: {lost} times it said yes, and the "
            "handshake after it landed on an instance that was leaving. Behind one balancer the "
            "two requests go to different targets."
        )
    elif seen.manner is Manner.HEALTH:
        yield (
            "Asking the health endpoint first is no protection by itself: behind one balancer "
            "another target may answer it than the handshake."
        )
    if seen.manner is Manner.AT_ONCE:
        yield (
            f"Coming back at once makes a herd: {seen.peak} attempts within 100 ms. Random, "
            "growing delays (RFC 6455, 7.2.3) spread it."
        )
    yield from _landing(seen)
    if not seen.automatic:
        yield (
            "The profile says that its clients do not come back by themselves: here they did, and "
            "whoever writes them has to see to it."
        )


def _landing(seen: Rehearsal) -> Iterator[str]:
    if not seen.named:
        yield "Instances are not told apart: --instance-header or --instance-cookie shows landings."
    elif seen.landings:
        yield (
            "The balancer leads clients back to an instance that is leaving. It has to know before "
            "the WebSockets are closed; or the instance answers handshakes 503 while it drains, "
            "and the balancer tries those at another target, which protects every client."
        )
    elif {502, 503, 504} & seen.refusals.keys():
        yield f"{_NOBODY} Handshakes that were refused meanwhile: {_RETRIED}."
    elif any(each.node for each in seen.firsts):
        yield _NOBODY


def counted(what: Counter[int | str] | Counter[str]) -> str:
    """`503: 12, 502: 1`."""
    return ", ".join(f"{name}: {number}" for name, number in what.most_common())


def names(given: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in given)
