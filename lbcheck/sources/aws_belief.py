"""Which listener rules carry WebSockets, and how sure that is.

The user's word comes first (tags, declared paths), then an `Upgrade` condition, then names. A rule
that names a declared path takes it from every catch-all: with a rule for `/ws/*` somewhere, the
default actions of the account's other listeners are not believed to carry it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lbcheck.belief import by_names
from lbcheck.model import Belief, Declared, Level
from lbcheck.sources.aws_answers import LoadBalancer, TargetGroup
from lbcheck.sources.aws_inventory import Inventory, Item
from lbcheck.sources.aws_patterns import contains, meets
from lbcheck.sources.aws_rules import Step, taker

TAG = "lbcheck:websocket"
_POSSIBLE = Belief(Level.POSSIBLE, "any HTTP route may carry WebSockets")
_STREAM = Belief(Level.POSSIBLE, "any TCP listener may carry WebSockets")


def beliefs(steps: Sequence[Step], inventory: Inventory, declared: Declared) -> list[Belief | None]:
    """The belief of each rule, in order. None: no WebSocket can come here, or the user says so."""
    paths = tuple("/" if path in ("*", "/*") else path for path in declared.websocket_paths)
    named = [_by_declared_name(step, paths) for step in steps]
    explicit = {path for own in named for path in own}
    rest = tuple(path for path in paths if path not in explicit)
    alone = len({step.balancer.resource for step in steps if step.carries}) <= 1
    found = [
        None if _excluded(step, declared) else _belief(step, own, rest, alone, inventory)
        for step, own in zip(steps, named, strict=True)
    ]
    _use_balancer_names(steps, found)
    return found


def _belief(
    step: Step, named: tuple[str, ...], rest: tuple[str, ...], alone: bool, inventory: Inventory
) -> Belief | None:
    tagged = _tag(step, inventory)
    if tagged is not None:
        return tagged if tagged.level is Level.CERTAIN else None
    if step.match.upgrade:
        return Belief(Level.CERTAIN, "the rule matches `Upgrade: websocket`")
    if named:
        return Belief(Level.CERTAIN, f"the profile declares `{named[0]}`", declared=True)
    return _by_catching(step, rest, alone) or _by_names(step, inventory)


def _by_declared_name(step: Step, paths: Iterable[str]) -> tuple[str, ...]:
    """The declared paths that a rule's own path patterns take."""
    if step.match.paths is None or step.match.everything:
        return ()
    return tuple(
        path
        for path in paths
        if path != "/" and any(_serves(step, own, path) for own in step.match.paths)
    )


def _serves(step: Step, own: str, path: str) -> bool:
    """A pattern made for a path keeps it even when shadowed: that is the fault to show."""
    for wanted in _globs(path):
        if contains(wanted, own):
            return True
        if meets(own, wanted) and taker(step, wanted) is None:
            return True
    return False


def _globs(path: str) -> tuple[str, ...]:
    """A declared path without wildcards means itself and everything below it."""
    if "*" in path or "?" in path:
        return (path,)
    stem = path.rstrip("/")
    return (stem, f"{stem}/*")


def _by_catching(step: Step, rest: tuple[str, ...], alone: bool) -> Belief | None:
    """Declared paths that no rule names go where everything goes."""
    if not step.carries:
        return None
    if "/" in rest:
        return Belief(Level.CERTAIN, "the profile declares every path", declared=True)
    stream = step.listener.value.protocol not in ("HTTP", "HTTPS", None)
    if not rest or not step.match.everything:
        return None
    if stream or all(taker(step, wanted) for wanted in _globs(rest[0])):
        level = Level.LIKELY if stream and alone else None
    else:
        level = Level.CERTAIN if alone else Level.LIKELY
    if level is None:
        return None
    return Belief(
        level, f"the profile declares `{rest[0]}`, and everything passes here", declared=True
    )


def _by_names(step: Step, inventory: Inventory) -> Belief:
    found = by_names(
        step.text, *(step.match.hosts or ()), *step.match.names, *_groups(step, inventory)
    )
    if found.level is not Level.POSSIBLE:
        return found
    return _POSSIBLE if step.listener.value.protocol in ("HTTP", "HTTPS", None) else _STREAM


def _groups(step: Step, inventory: Inventory) -> list[str]:
    known = (inventory.groups.get(share.group) for share in step.shares)
    return [name for group in known if group for name in names(group)]


def names(thing: Item[TargetGroup] | Item[LoadBalancer]) -> tuple[str, ...]:
    """The names of a group or load balancer; in code what it is called there is one, too."""
    value = thing.value
    own = value.target_group_name if isinstance(value, TargetGroup) else value.load_balancer_name
    return (own or "", thing.resource) if thing.part.written else (own or "",)


def _use_balancer_names(steps: Sequence[Step], found: list[Belief | None]) -> None:
    """A load balancer's name speaks for its catch-all, unless a rule explains the name."""
    explained = {
        step.balancer.resource
        for step, belief in zip(steps, found, strict=True)
        if belief and belief.level > Level.POSSIBLE
    }
    for at, step in enumerate(steps):
        belief = found[at]
        if not belief or not step.carries or not step.match.everything:
            continue
        if step.balancer.resource not in explained:
            named = by_names(*names(step.balancer))
            found[at] = named if named.level > belief.level else belief


def _tag(step: Step, inventory: Inventory) -> Belief | None:
    """What the nearest tag says: rule, listener, target group, load balancer. POSSIBLE means no."""
    groups = [share.group for share in step.shares]
    arns = [step.item.resource, step.listener.resource, *groups]
    # A load balancer's tag speaks of its traffic, and a redirect or fixed answer carries none.
    for arn in [*arns, step.balancer.resource] if step.carries else arns:
        value = inventory.tags.get(arn, {}).get(TAG, "").lower()
        if value in ("true", "false"):
            level = Level.CERTAIN if value == "true" else Level.POSSIBLE
            return Belief(level, f"tag `{TAG}={value}`")
    return None


def _excluded(step: Step, declared: Declared) -> bool:
    """Can no handshake come here? The method is not GET, or an `Upgrade` rule took them all."""
    if not step.match.get:
        return True
    paths = step.match.paths
    if any(earlier.match.upgrade for earlier in step.earlier):
        takers = [taker(step, path) for path in paths or (None,)]
        if all(earlier and earlier.match.upgrade for earlier in takers):
            return True
    nots = [wanted for path in declared.not_websocket_paths for wanted in _globs(path)]
    return bool(paths) and all(any(contains(n, own) for n in nots) for own in paths or ())
