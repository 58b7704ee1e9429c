"""Does a shipped profile say exactly what was measured?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from lbcheck.profile import Profile
from tests.interop.measured import OPEN, Measured
from tests.interop.record import same
from tests.interop.stacks import Stack

_UNSAID = (None, ())


def differences(stack: Stack, profile: Profile, measured: Measured) -> Iterator[str]:
    """What the profile says otherwise, in words.

    One that was not measured itself (RFC 6455 in general) may leave unsaid what it does not know.
    """
    told = msgspec.to_builtins(profile)
    own = told["verified"]["how"] == "measured"
    if not own:
        told["verified"]["version"] = None
    for key, seen in _seen(stack, measured).items():
        section, _, name = key.partition(".")
        said = told[section][name]
        if not same(seen, said) and (own or said not in _UNSAID):
            yield f"profiles/{stack.profile}.yaml: {key} is {said!r}, measured was {seen!r}"
    if profile.health.path is not None and measured.answers.health != profile.health.expect[0]:
        yield (f"profiles/{stack.profile}.yaml: health.path is answered {measured.answers.health}")


def _seen(stack: Stack, measured: Measured) -> dict[str, Any]:
    answers, beat, planned = measured.answers, measured.heartbeat, measured.planned
    http_10 = "accepted" if answers.http_10 == 101 else f"rejected-{answers.http_10}"
    cut_s = None if beat.withheld == OPEN else beat.withheld_s
    timeout_s = None
    if cut_s is not None and beat.interval_s is not None:
        timeout_s = cut_s - beat.interval_s
    seen = {
        "verified.version": measured.versions[stack.package],
        "handshake.plain_get_status": (answers.plain,),
        "handshake.http10_upgrade": http_10,
        "handshake.checks_origin": answers.foreign_origin != 101,
        "heartbeat.sender": "none" if beat.kind is None else "server",
        "heartbeat.interval_s": beat.interval_s,
        "heartbeat.timeout_s": timeout_s,
        "idle.server_timeout_s": cut_s,
        "stickiness.symptom": measured.astray,
        "drain.default_close": measured.default.close,
        "drain.graceful_close": int(planned.close) if planned.close.isdigit() else None,
        "drain.silent_client_wait_s": planned.exit_s,
    }
    return seen if beat.kind is None else seen | {"heartbeat.kind": beat.kind}
