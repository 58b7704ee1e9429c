"""What a probe saw: a table that a person reads at a glance, and JSON, schema `lbcheck-probe/1`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from json import dumps
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from lbcheck import __version__
from lbcheck.durations import human
from lbcheck.probe.drained import advice
from lbcheck.probe.idle import shown
from lbcheck.probe.result import CONNECT, Control, Handshake, Kind, Ladder, Rung, Seen, Target
from lbcheck.reporters import json, probe_drain, text
from lbcheck.reporters.visible import encodable, visible

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.probe.handshake import Answer, Times
    from lbcheck.reporters import Style

SCHEMA = "lbcheck-probe/1"
_ABOUT = {
    Kind.PLAIN: "no page, no 101",
    Kind.VERSION_12: "refused, as it should be",
    Kind.NO_KEY: "refused, as it should be",
    Kind.FOREIGN_ORIGIN: "refused",
    Kind.RANDOM_PATH: "no WebSocket there",
}
_ACCEPTED = {
    Kind.PLAIN: "taken without `Upgrade`",
    Kind.VERSION_12: "the version is not looked at",
    Kind.NO_KEY: "the key is not looked at",
    Kind.FOREIGN_ORIGIN: "the Origin is not looked at",
    Kind.RANDOM_PATH: "every path is a WebSocket",
}
_FAILED = {
    "dns": "no address",
    "connect": "no connection",
    "tls": "no TLS",
    "timeout": "no answer",
    "malformed": "no HTTP",
}


def as_text(seen: Sequence[Seen], report: Report, style: Style) -> str:
    """A table for each URL, then the findings as an audit shows them."""
    tables = "" if style.quiet else "".join(f"{_table(each)}\n" for each in seen)
    return tables + text.render(report, style)


def as_json(seen: Sequence[Seen], report: Report) -> str:
    """The same for scripts; `findings` are those of schema `lbcheck/1`."""
    told = json.document(report)
    document = {
        "schema": SCHEMA,
        "version": __version__,
        "complete": report.complete,
        "exit_code": report.exit_code,
        "services": [service(each) for each in seen],
        "findings": told["findings"],
        "summary": told["summary"],
    }
    return dumps(document, indent=2) + "\n"


def _table(seen: Seen) -> str:
    rows = list(_rows(seen))
    width = max(len(name) for name, _, _ in rows)
    answers = max(len(answer) for _, answer, _ in rows)
    lines = [
        f"  {name:{width}}  {answer:{answers}}  {about}".rstrip() for name, answer, about in rows
    ]
    peer = seen.handshake.answer.peer
    words = [] if seen.rehearsal is None else map(_wrapped, advice(seen.rehearsal))
    table = [seen.name + (f" ({peer})" if peer else ""), *lines, *(w for ws in words for w in ws)]
    return "\n".join(map(visible, table)) + "\n"


def _wrapped(words: str) -> list[str]:
    return wrap(words, 80, initial_indent="  = ", subsequent_indent="    ")


def _rows(seen: Seen) -> Iterator[tuple[str, str, str]]:
    handshake = seen.handshake
    about = "; ".join(handshake.faults) or _split(handshake.answer.times)
    yield "handshake", _status(handshake.answer), about
    for control in handshake.controls:
        yield control.kind.value, _status(control.answer), _about(control)
    for target in seen.targets:
        yield f"target {target.name}", _status(target.handshake.answer), _compared(target)
    if seen.ladder is not None:
        yield from _idle(seen.ladder)
    if seen.spread is not None:
        yield from probe_drain.spread_rows(seen.spread)
    if seen.rehearsal is not None:
        yield from probe_drain.drain_rows(seen.rehearsal)


def _about(control: Control) -> str:
    status = control.answer.status
    if status is None:
        return "no answer"
    if status == 101:
        return _ACCEPTED[control.kind]
    if control.kind is Kind.PLAIN and 200 <= status < 300:
        return "a page"
    return _ABOUT[control.kind]


def _idle(ladder: Ladder) -> Iterator[tuple[str, str, str]]:
    held = [(_named(rung), rung) for rung in ladder.rungs]
    held += [(f"no ping, at {name}", rung) for name, rung in ladder.direct]
    held += [("no pong", ladder.deaf)] if ladder.deaf and ladder.deaf.beats else []
    for name, rung in held:
        if rung.refused is not None:
            yield name, _status(rung.refused), "not held"
        elif rung.end is None:
            yield name, "open", f"after {human(ladder.window_s)}"
        else:
            after = f"after {shown(rung.lasted_s)}, {shown(rung.silent_s)} of them silent"
            yield name, "cut", f"{after}, by {rung.end.words}"


def _named(rung: Rung) -> str:
    return f"ping every {human(rung.ping_s)}" if rung.ping_s else "no ping"


def _compared(target: Target) -> str:
    if target.unreached is not None:
        return "cannot be reached from here"
    said = "yes" if target.passes else "no"
    more = ", as to any path" if target.cannot_fail else ""
    verdict = "they agree" if target.agree else "THEY DISAGREE"
    answer = "" if target.asked == CONNECT else f" {_status(target.check)}"
    return f"{target.asked}{answer}: {said}{more}; {verdict}"


def _status(answer: Answer) -> str:
    if answer.failure is None:
        return str(answer.status)
    return _FAILED.get(answer.failure.kind, answer.failure.kind)


def _split(times: Times) -> str:
    """`82 ms: DNS 3, connect 20, TLS 30, answer 29`."""
    parts = (("DNS", times.dns_s), ("connect", times.connect_s), ("TLS", times.tls_s),
             ("answer", times.answer_s))  # fmt: skip
    told = ", ".join(f"{name} {took * 1000:.0f}" for name, took in parts if took is not None)
    return f"{times.total_s * 1000:.0f} ms: {told}" if told else ""


def service(seen: Seen) -> dict[str, Any]:
    """One URL as plain values."""
    return {
        "url": encodable(seen.name),
        "handshake": _handshake(seen.handshake),
        "targets": [_target(target) for target in seen.targets],
        "idle": _ladder(seen.ladder) if seen.ladder else None,
        "spread": probe_drain.spread(seen.spread) if seen.spread else None,
        "drain": probe_drain.drain(seen.rehearsal) if seen.rehearsal else None,
    }


def _ladder(ladder: Ladder) -> dict[str, Any]:
    cut = ladder.silent.end if ladder.idle_timeout_s is not None else None
    return {
        "window_s": ladder.window_s,
        "idle_timeout_s": _rounded(ladder.idle_timeout_s),
        "longest_safe_ping_s": ladder.longest_safe_ping_s,
        "cut_by": cut.how.value if cut else None,
        "heartbeat_s": _rounded(ladder.silent.beat_s),
        "rungs": [_rung(rung) for rung in ladder.rungs],
        "direct": [{"name": encodable(name), **_rung(rung)} for name, rung in ladder.direct],
        "no_pong": _rung(ladder.deaf) if ladder.deaf else None,
    }


def _rung(rung: Rung) -> dict[str, Any]:
    return {
        "ping_s": rung.ping_s,
        "refused": rung.refused.said if rung.refused else None,
        "open": rung.survived,
        "lasted_s": _rounded(rung.lasted_s),
        "silent_s": _rounded(rung.silent_s),
        "cut_by": rung.end.how.value if rung.end else None,
        "close_code": rung.end.code if rung.end else None,
        "sent": rung.sent,
        "pongs": rung.pongs,
        "beats": rung.beats,
    }


def _target(target: Target) -> dict[str, Any]:
    return {
        "name": encodable(target.name),
        "check": {"asked": encodable(target.asked), **_answer(target.check)},
        "passes": target.passes,
        "cannot_fail": target.cannot_fail,
        "agree": target.agree if target.unreached is None else None,
        "handshake": _handshake(target.handshake),
    }


def _handshake(handshake: Handshake) -> dict[str, Any]:
    diagnosis = handshake.diagnosis
    return {
        **_answer(handshake.answer),
        "good": handshake.good,
        "faults": [encodable(fault) for fault in handshake.faults],
        "cause": diagnosis.cause if diagnosis else None,
        "rules": list(diagnosis.rules) if diagnosis else [],
        "controls": [
            {"name": control.kind.value, **_answer(control.answer)}
            for control in handshake.controls
        ],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    times = answer.times
    return {
        "status": answer.status,
        "failure": answer.failure.kind if answer.failure else None,
        "peer": answer.peer or None,
        "dns_s": _rounded(times.dns_s),
        "connect_s": _rounded(times.connect_s),
        "tls_s": _rounded(times.tls_s),
        "answer_s": _rounded(times.answer_s),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
