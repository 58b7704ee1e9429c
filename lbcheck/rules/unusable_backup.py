"""LB417: a backup that new WebSockets can never reach."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import CheckKind, Pool, State, Target, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND
from lbcheck.rules.pool_state import check_explained


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """Backups take over when no other target is left; one that nobody checks is always left."""
    backups = [target for target in pool.targets if target.backup and not target.unreadable]
    out = [target for target in backups if target.state in (State.DOWN, State.DRAINING)]
    if out and len(out) == len(backups) and pool.complete:
        yield Problem(
            out[0].state_place or out[0].place,
            f"backup `{out[0].name}` is out itself ({out[0].reason}): when the others die, nobody "
            "takes over",
            severity=Severity.WARNING,
            related=tuple(Note(other.place, f"out too ({other.reason})") for other in out[1:]),
        )
    immortal = _immortal(pool) if backups else None
    if immortal is None:
        return
    chosen = _chosen(pool)
    idle = [t for t in backups if t.state is State.HEALTHY and t.name not in chosen]
    if idle:
        first, *others = idle
        yield Problem(
            first.place,
            f"backup `{first.name}` is never used: nobody checks `{immortal.name}`, so it counts "
            "as alive when it is dead",
            related=(
                Note(immortal.place, "no health check"),
                *(Note(other.place, "never used either") for other in others),
            ),
        )


def _immortal(pool: Pool) -> Target | None:
    """A target that can never be found dead, and so keeps the backups out."""
    if pool.check.kind in (CheckKind.UNKNOWN, CheckKind.OTHER) or check_explained(pool):
        return None
    for target in pool.targets:
        unknown = target.backup or target.unreadable
        if not (target.checked or unknown) and target.state is State.HEALTHY:
            return target
    return None


def _chosen(pool: Pool) -> set[str]:
    """`use-server` leads to a backup, too."""
    ways = [each.setting.value for each in pool.persistence if each.kind == "use-server"]
    return {way.partition(" ")[0] for way in ways}


_WITH_BACKUP = HAPROXY_BACKEND.replace("9002 check", "9002 check backup")

RULE = Rule(
    code="LB417",
    name="unusable-backup",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="A backup server is never used, for the primary counts as alive for ever.",
    why=(
        "HAProxy turns to backups when no other server is usable. A server without `check` is "
        "always usable: with the primary dead and the backup well, four of four handshakes were "
        "answered with 503, and neither `option redispatch`, `observe` nor `agent-check` changed "
        "it. A backup that is `disabled` or of weight 0 takes over as little."
    ),
    remedy="Give every server that is no backup a `check`, and bring the backup itself back.",
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#5.2-backup",
        "https://docs.haproxy.org/2.8/configuration.html#5.2-check",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + _WITH_BACKUP.replace("9001 check", "9001").replace("backup", "backup  # <- here"),
            good=HAPROXY + _WITH_BACKUP,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY + _WITH_BACKUP.replace("backup", "backup disabled  # <- here"),
            good=HAPROXY + _WITH_BACKUP,
        ),
    ),
    proven=proven.HAPROXY,
)
