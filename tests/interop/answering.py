"""What a server answers: asked by lbcheck's own probe, and in the ways of health checks."""

from __future__ import annotations

from msgspec.structs import replace

from lbcheck.probe import problems
from lbcheck.probe.handshake import Request, new_key, opening
from lbcheck.probe.live import Prober
from lbcheck.probe.plan import Plan, look
from lbcheck.probe.result import Kind, Seen
from lbcheck.profile import Profile
from tests.interop.measured import Answers

_HELD_S = 1.5
_PING_S = 0.5


def answers(prober: Prober, url: str, host: str, profile: Profile) -> Answers:
    """All that one server answers."""

    def status(request: Request) -> int | None:
        return prober.ask(url, request).status

    seen = look(prober, url, url, host, Plan(window_s=_HELD_S, pings_s=(_PING_S,)))
    controls = {each.kind: each.answer.status for each in seen.handshake.controls}
    health = profile.health.path
    return Answers(
        handshake=seen.handshake.answer.status,
        faults=seen.handshake.faults,
        plain=controls.get(Kind.PLAIN),
        root=status(Request(path="/")),
        options_10=status(Request(method="OPTIONS", path="/", version="1.0", bare=True)),
        http_10=status(replace(opening(new_key(), host=host), version="1.0")),
        version_12=controls.get(Kind.VERSION_12),
        no_key=controls.get(Kind.NO_KEY),
        own_origin=status(opening(new_key(), host=host, origin=f"http://{host}")),
        tls_origin=status(opening(new_key(), host=host, origin=f"https://{host}")),
        foreign_origin=controls.get(Kind.FOREIGN_ORIGIN),
        other_path=controls.get(Kind.RANDOM_PATH),
        health=None if health is None else status(Request(path=health)),
        pongs=seen.ladder is not None and seen.ladder.rungs[1].pongs > 0,
        findings=_findings(seen, profile),
    )


def _findings(seen: Seen, profile: Profile) -> tuple[str, ...]:
    told = problems.problems(seen, problems.source(seen), profile)
    return tuple(sorted({code for code, _ in told}))
