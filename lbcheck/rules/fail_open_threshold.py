"""LB404: traffic goes to unhealthy targets although healthy ones are left."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Minimum, Pool, State, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.check_reason import explained
from lbcheck.rules.example_parts import AWS, GROUP
from lbcheck.rules.pool_examples import at
from lbcheck.rules.pool_state import states


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    healthy = [t for t in pool.targets if t.state is State.HEALTHY]
    sick = tuple(t for t in pool.targets if t.state is State.UNHEALTHY)
    for minimum in pool.minimums:
        name = minimum.setting.name
        if healthy and sick and _breached(minimum, len(healthy), pool):
            yield Problem(
                minimum.setting.place,
                f"{len(healthy)} healthy targets of `{pool.name}` are fewer than `{name}` asks "
                "for: handshakes go to the unhealthy ones as well",
                related=states(sick),
                notes=explained(sick),
            )
        elif _at_once(minimum, len(healthy) + len(sick)):
            yield Problem(
                minimum.setting.place,
                f"one unhealthy target in `{pool.name}` is enough to breach `{name}`: from then on "
                "handshakes go to it as well",
            )


def _breached(minimum: Minimum, healthy: int, pool: Pool) -> bool:
    """AWS does not say whether a draining target counts: only what is true either way is told."""
    known = [t for t in pool.targets if t.state is not State.UNUSED]
    staying = [t for t in known if t.state is not State.DRAINING]
    return all(healthy < minimum.needed(len(group)) for group in (known, staying))


def _at_once(minimum: Minimum, total: int) -> bool:
    if minimum.percent and minimum.setting.value >= 100:
        return True
    return total > 1 and minimum.needed(total) >= total


_KEY = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"
_STICKY = '{"Key": "stickiness.enabled", "Value": "false"}'
_THREE = AWS.replace(
    f'"TargetHealth": {{\n    "{GROUP}": [',
    f"""\
"TargetHealth": {{
    "{GROUP}": [
      {{"Target": {{"Id": "10.0.3.11", "Port": 8080}}, "TargetHealth": {{"State": "healthy"}}}},""",
)

RULE = Rule(
    code="LB404",
    name="fail-open-threshold",
    severity=Severity.WARNING,
    vendors=(Vendor.AWS,),
    subject=Pool,
    check=check,
    summary="A threshold sends traffic to unhealthy targets while healthy ones are left.",
    why=(
        "With fewer healthy targets than `unhealthy_state_routing.minimum_healthy_targets` asks "
        "for, the load balancer fails open: every target gets traffic, the unhealthy ones "
        "included. With a threshold near the number of targets this happens as soon as one of "
        "them fails, which is when the health check is needed."
    ),
    remedy="Lower the threshold, so that the loss of the targets you can do without is no breach.",
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-attributes.html#target-group-health",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=_THREE.replace(_STICKY, f'{_STICKY},\n      {{"Key": "{_KEY}", "Value": "3"}}'),
            good=_THREE.replace(_STICKY, f'{_STICKY},\n      {{"Key": "{_KEY}", "Value": "2"}}'),
            here=(at("TargetGroupAttributes", GROUP, 2),),
        ),
    ),
)
