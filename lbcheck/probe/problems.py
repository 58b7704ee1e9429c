"""What is wrong with what a probe saw: rule codes and problems, to be made findings of."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Pointer, Source, Trouble
from lbcheck.probe import drained, idle, landed
from lbcheck.probe.handshake import Answer, Failure
from lbcheck.probe.result import CONNECT, Control, Handshake, Kind, Seen, Target
from lbcheck.probe.urls import shown
from lbcheck.profile import Profile

Told = Iterator[tuple[str, Problem]]

KIND = "live"
"""the kind of a source that is a service"""


def source(seen: Seen) -> Source:
    """The service as a source; one that could not be reached was not read."""
    made = Source(seen.name, KIND, None)
    failure = seen.handshake.answer.failure
    if failure is not None and failure.unreached:
        made.unread = True
        made.troubles.append(Trouble(f"cannot be reached: {unreached(failure)}"))
    for target in seen.targets:
        if target.unreached is not None:
            why = unreached(target.unreached)
            made.troubles.append(
                Trouble(f"target {target.name} cannot be reached from here: {why}")
            )
    if seen.ladder is not None:
        made.troubles += [Trouble(f"idle ladder: {each}") for each in idle.troubles(seen.ladder)]
    if seen.spread is not None:
        made.troubles += [Trouble(f"spread: {each}") for each in landed.troubles(seen.spread)]
    if seen.rehearsal is not None:
        told = drained.troubles(seen.rehearsal)
        made.troubles += [Trouble(f"drain rehearsal: {trouble}") for trouble in told]
    return made


def unreached(failure: Failure) -> str:
    """A failure to reach somebody, in words and in the system's own."""
    words = {
        "dns": "its name has no address",
        "connect": "the connection is not taken",
        "tls": "TLS is not agreed on",
    }[failure.kind]
    return f"{words} ({failure.detail})" if failure.detail else words


def problems(seen: Seen, service: Source, profile: Profile) -> Told:
    """The problems of one URL, in the order of what was asked."""
    if not service.unread:
        yield from _handshake(seen.handshake, service, profile)
    for target in seen.targets:
        yield from _target(target, Pointer(service, (), f"target {target.name}"))
    if seen.ladder is not None:
        place = Pointer(service, (), f"held for {human(seen.ladder.window_s)}")
        yield from idle.cuts(seen.ladder, place, profile)
        yield from idle.beats(seen.ladder, place, profile)
    if seen.spread is not None:
        yield from landed.problems(seen.spread, Pointer(service, (), "spread"), profile)
    if seen.rehearsal is not None:
        yield from drained.problems(seen.rehearsal, Pointer(service, (), "drain rehearsal"))


def _handshake(seen: Handshake, service: Source, profile: Profile) -> Told:
    place = Pointer(service, (), "handshake")
    if seen.diagnosis is not None:
        rules = ", ".join(f"`lbcheck explain {code}`" for code in seen.diagnosis.rules)
        notes = (f"read {rules}",) if rules else ()
        message = f"the handshake {answered(seen.answer)}: {seen.diagnosis.cause}"
        yield "LB701", Problem(place, message, notes=notes)
    for fault in seen.faults:
        yield "LB702", Problem(place, f"{fault}: clients fail the connection")
    for control in seen.controls:
        place = Pointer(service, (), f"handshake, {control.kind.value}")
        yield from _control(control, place, profile)


def _target(target: Target, place: Pointer) -> Told:
    check = f"the health check `{target.asked}` {answered(target.check)}"
    if target.asked == CONNECT:
        check = "the health check does no more than connect, which works"
    diagnosis = target.handshake.diagnosis
    if target.passes and not target.handshake.good:
        why = diagnosis.cause if diagnosis else "; ".join(target.handshake.faults)
        message = (
            f"{check}, and a handshake {answered(target.handshake.answer)}: a target that takes no "
            f"WebSockets stays in rotation ({why})"
        )
        yield "LB703", Problem(place, message)
    if not target.passes and target.handshake.good:
        message = f"{check}, and a handshake is answered 101: a target that works is thrown out"
        yield "LB703", Problem(place, message)
    if target.cannot_fail:
        message = f"{check}, and so is a path that nobody has: the check cannot fail"
        yield "LB708", Problem(place, message)


def answered(answer: Answer) -> str:
    """`is answered 301 to https://chat.example/`, or why it is not answered."""
    if answer.failure is not None:
        kind = answer.failure.kind
        if answer.failure.unreached:
            return f"reaches nobody: {unreached(answer.failure)}"
        words = {"timeout": "is not answered", "malformed": "is not answered in HTTP"}
        return words.get(kind, f"is {kind} without an answer")
    to = "".join(f" to `{shown(value)[:200]}`" for value in answer.values("location")[:1])
    return f"is answered {answer.status}{to}"


def _control(control: Control, place: Pointer, profile: Profile) -> Told:
    status, told = control.answer.status or 0, profile.handshake
    match control.kind:
        case Kind.PLAIN if status == 101:
            yield "LB710", Problem(place, "a request without `Upgrade` is answered 101")
        case Kind.PLAIN if 200 <= status < 300 and status not in told.plain_get_status:
            message = (
                f"a request without `Upgrade` is answered {status} on the WebSocket's path: a "
                "health check or a cache that asks it learns nothing of WebSockets"
            )
            yield "LB710", Problem(place, message, severity=Severity.INFO)
        case Kind.NO_KEY if status == 101:
            yield "LB710", Problem(place, "a handshake without `Sec-WebSocket-Key` is answered 101")
        case Kind.VERSION_12 if status == 101:
            message = "version 12 is answered 101: the version is not looked at"
            yield "LB710", Problem(place, message, severity=Severity.INFO)
        case Kind.FOREIGN_ORIGIN if status == 101:
            yield (
                "LB711",
                Problem(
                    place,
                    "any other site's page may open this WebSocket: its `Origin` is not looked at",
                    severity=Severity.WARNING if told.checks_origin else None,
                ),
            )
