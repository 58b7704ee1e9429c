"""Say what AWS did not answer.

Failed calls are said always, missing answers where a WebSocket may depend on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lbcheck.model import Belief, Level, Pointer, Pool, Source, Trouble
from lbcheck.sources.aws_answers import CallError
from lbcheck.sources.aws_inventory import Inventory, Item
from lbcheck.sources.aws_loose import unread_listeners, unread_rules
from lbcheck.sources.aws_rules import Step
from lbcheck.sources.aws_snapshot import locate

# Deleted between two calls of the same run: there is nothing left to audit.
_GONE = frozenset(
    {"LoadBalancerNotFound", "ListenerNotFound", "TargetGroupNotFound", "RuleNotFound"}
)
_SECTIONS = {
    "LoadBalancers": "DescribeLoadBalancers",
    "Listeners": "DescribeListeners",
    "Rules": "DescribeRules",
    "LoadBalancerAttributes": "DescribeLoadBalancerAttributes",
    "ListenerAttributes": "DescribeListenerAttributes",
    "TargetGroups": "DescribeTargetGroups",
    "TargetGroupAttributes": "DescribeTargetGroupAttributes",
    "TargetHealth": "DescribeTargetHealth",
}
# What would tell more, and is needed for nothing.
_OPTIONAL = {
    **dict.fromkeys(("DescribeAutoScalingGroups", "DescribeLifecycleHooks"), "Auto Scaling"),
    **dict.fromkeys(
        ("ListClusters", "ListServices", "DescribeServices", "DescribeTaskDefinition"), "ECS"
    ),
    **dict.fromkeys(("ListTasks", "DescribeTasks"), "ECS tasks"),
    "DescribeInstances": "EC2",
}
_SHOWN = 3


def say(
    believed: Iterable[tuple[Step, Belief]], pools: dict[str, Pool], inventory: Inventory
) -> None:
    """Put what could not be judged on the sources, one trouble for each kind of answer."""
    failed: dict[tuple[str, str], list[Item[CallError]]] = {}
    for error in inventory.errors:
        code, operation = error.value.code or "Error", error.value.operation or "a call"
        if operation not in _OPTIONAL and code.removesuffix("Exception") not in _GONE:
            failed.setdefault((operation, code), []).append(error)
    for (operation, code), errors in failed.items():
        _add(errors[0].source, _refused(operation, code, errors))
    inventory.source.not_asked += tuple(_left_out(inventory.errors))
    known = {(error.value.operation, error.resource) for error in inventory.errors}
    missing: dict[str, list[str]] = {}
    for section, arn in _missing(believed, pools, inventory):
        arns = missing.setdefault(section, [])
        operation = _SECTIONS[section]
        if arn not in arns and not {(operation, arn), (operation, "")} & known:
            arns.append(arn)
    if told := {section: arns for section, arns in missing.items() if arns}:
        _add(inventory.source, _absent(told))


def _left_out(errors: Iterable[Item[CallError]]) -> Iterator[str]:
    """`ECS, Auto Scaling (AccessDenied)`: what was refused though nothing depends on it."""
    by_code: dict[str, dict[str, None]] = {}
    for error in errors:
        called = _OPTIONAL.get(error.value.operation or "")
        if called:
            code = (error.value.code or "Error").removesuffix("Exception")
            by_code.setdefault(code, {})[called] = None
    for code, services in by_code.items():
        yield f"{', '.join(services)} ({code})"


def _missing(
    believed: Iterable[tuple[Step, Belief]], pools: dict[str, Pool], inventory: Inventory
) -> Iterator[tuple[str, str]]:
    """Section and ARN of every answer that is not there."""
    yield from _missing_rules(inventory)
    for step, belief in believed:
        if belief.level > Level.POSSIBLE and step.carries:
            yield from _missing_idle(step, inventory)
    for arn, pool in pools.items():
        if pool.belief.level > Level.POSSIBLE:
            yield from _missing_group(arn, inventory)
    if pools and not inventory.balancers:
        yield "Listeners", next(iter(pools))
    known = {item.resource for own in inventory.listeners.values() for item in own}
    yield from (("Listeners", arn) for arn in inventory.rules if arn not in known)
    owned = (arn for arn in inventory.listeners if arn not in inventory.balancers)
    yield from (("LoadBalancers", arn) for arn in owned)


def _missing_rules(inventory: Inventory) -> Iterator[tuple[str, str]]:
    for balancer in unread_listeners(inventory):
        yield "Listeners", balancer.resource
    for balancer in inventory.balancers.values():
        for arn in unread_rules(inventory, balancer):
            yield "Rules", arn


def _missing_idle(step: Step, inventory: Inventory) -> Iterator[tuple[str, str]]:
    if step.balancer.value.type == "network":
        if step.listener.resource not in inventory.listener_attributes:
            yield "ListenerAttributes", step.listener.resource
    elif step.balancer.resource not in inventory.balancer_attributes:
        yield "LoadBalancerAttributes", step.balancer.resource


def _missing_group(arn: str, inventory: Inventory) -> Iterator[tuple[str, str]]:
    group = inventory.groups.get(arn)
    if group is None or not group.path:
        yield "TargetGroups", arn
    if arn not in inventory.group_attributes and group:
        yield "TargetGroupAttributes", arn
    if arn not in inventory.health and group:
        yield "TargetHealth", arn


def _refused(operation: str, code: str, errors: list[Item[CallError]]) -> Trouble:
    first = errors[0]
    whose = _names("for", [error.resource for error in errors if error.resource])
    said = f": {first.value.message}" if first.value.message else ""
    place = first.at("Operation")
    start, end = (isinstance(place, Pointer) and locate(place)) or (0, 0)
    action = f"elasticloadbalancing:{operation}"
    remedy = "run it again, with a lower rate"
    if "Access" in code or "Unauthorized" in code:
        remedy = f"allow `{action}` to the role that runs lbcheck"
    return Trouble(f"`{operation}` failed{whose} ({code}){said}", start, end, remedy)


def _absent(missing: dict[str, list[str]]) -> Trouble:
    """One for all that was not saved: "`TargetHealth`, `Listeners` of `chat` are not in ..."."""
    alike: dict[str, list[str]] = {}
    for section, arns in missing.items():
        alike.setdefault(_names("of", arns), []).append(section)
    said = "; ".join(f"{_quoted(sections)}{names}" for names, sections in alike.items())
    one = len(missing) == 1
    calls = _quoted(_SECTIONS[section] for section in missing)
    answers = "the answer" if one else "the answers"
    return Trouble(
        f"{said} {'is' if one else 'are'} not in the answer",
        remedy=f"save {answers} of {calls}, too (`lbcheck snapshot aws` saves all)",
    )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _names(word: str, arns: list[str]) -> str:
    """Who is meant: " of `chat`, `push` and 7 more"."""
    if not arns:
        return ""
    names = [f"`{_short(arn)}`" for arn in arns[:_SHOWN]]
    more = f" and {len(arns) - _SHOWN} more" if len(arns) > _SHOWN else ""
    return f" {word} {', '.join(names)}{more}"


def _short(arn: str) -> str:
    """The name in an ARN: `…:targetgroup/NAME/ID`, `…:loadbalancer/app/NAME/ID`."""
    parts = arn.rpartition(":")[2].split("/") if arn.startswith("arn:") else [arn]
    return parts[1 if parts[0] == "targetgroup" else 2] if len(parts) > 2 else parts[-1]


def _add(source: Source, trouble: Trouble) -> None:
    if trouble not in source.troubles:
        source.troubles.append(trouble)
