"""LB404: traffic goes to unhealthy targets although healthy ones are left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lbcheck.finding import Problem, Severity
from lbcheck.model import Minimum, Pool, State, Target, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.check_reason import explained
from lbcheck.rules.example_parts import AWS, GROUP
from lbcheck.rules.pool_examples import at
from lbcheck.rules.pool_state import parts, states


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    for minimum in pool.minimums:
        yield from islice(_breaches(minimum, pool), 1)


def _breaches(minimum: Minimum, pool: Pool) -> Iterator[Problem]:
    """What is breached, then what will be: in the first part of the pool that AWS counts alone."""
    known = parts(pool) or {f"`{pool.name}`": pool.targets}
    for name, targets in known.items():
        healthy, sick = _of(targets, State.HEALTHY), _of(targets, State.UNHEALTHY)
        if healthy and sick and _breached(minimum, len(healthy), targets):
            yield Problem(
                minimum.setting.place,
                f"{_targets(len(healthy))} of {name} {'is' if len(healthy) == 1 else 'are'} fewer "
                f"than `{minimum.setting.name}` asks for: handshakes go to the unhealthy as well",
                related=states(sick),
                notes=explained(sick),
            )
    for name, targets in known.items():
        if _at_once(minimum, len(_of(targets, State.HEALTHY) + _of(targets, State.UNHEALTHY))):
            yield Problem(
                minimum.setting.place,
                f"one unhealthy target in {name} is enough to breach `{minimum.setting.name}`: "
                "from then on handshakes go to it as well",
            )


def _targets(number: int) -> str:
    return f"{number} healthy target{'' if number == 1 else 's'}"


def _of(targets: tuple[Target, ...], state: State) -> tuple[Target, ...]:
    return tuple(target for target in targets if target.state is state)


def _breached(minimum: Minimum, healthy: int, targets: tuple[Target, ...]) -> bool:
    """AWS does not say whether a draining target counts: only what is true either way is told."""
    known = [t for t in targets if t.state is not State.UNUSED]
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
