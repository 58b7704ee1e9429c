"""What is wrong with where handshakes landed."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Pointer
from lbcheck.probe.drained import counted
from lbcheck.probe.landings import Spread, nodes
from lbcheck.profile import Profile

Told = Iterator[tuple[str, Problem]]

_REFUSED = 400
"""what Engine.IO answers to long polling where it is switched off"""


def troubles(seen: Spread) -> Iterator[str]:
    """Why it tells less than was asked."""
    landings = (*seen.without, *seen.sticky)
    if seen.named and not nodes(landings) and any(each.said == 101 for each in landings):
        yield "no 101 says which instance it is from"


def problems(seen: Spread, place: Pointer, profile: Profile) -> Told:
    """LB709 where clients must come back to the same target, and LB701 for refused handshakes."""
    if profile.stickiness.need != "none":
        yield from _stickiness(seen, place, profile)
    if seen.refusals:
        asked = len(seen.without) + len(seen.sticky)
        message = (
            f"{seen.refusals.total()} of {asked} handshakes were not answered 101 "
            f"({counted(seen.refusals)}): a target that takes none is in rotation, or a limit is "
            "reached"
        )
        yield "LB701", Problem(place, message, severity=Severity.WARNING)


def _stickiness(seen: Spread, place: Pointer, profile: Profile) -> Told:
    """Where a session was looked for, that is the answer: balancers may go by its name as well."""
    session, need = seen.session, profile.stickiness.need
    if session is not None and session.statuses:
        if session.lost:
            message = (
                f"{session.lost} of {len(session.statuses)} requests of one {session.protocol} "
                "session came to a target that does not know it"
            )
            yield "LB709", Problem(place, message)
        return
    if session is not None and session.opened == _REFUSED and need == "conditional":
        return  # clients open WebSockets at once, and those need no stickiness
    led = nodes(seen.sticky)
    if len(led) > 1:
        how = "that brings its cookies back" if seen.cookies else "(no cookie is set)"
        severity = Severity.WARNING if need == "conditional" else None
        message = f"one client {how} is led to {len(led)} targets ({counted(led)})"
        yield "LB709", Problem(place, message, severity=severity)
