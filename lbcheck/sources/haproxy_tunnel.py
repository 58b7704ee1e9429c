"""Which `set-timeout tunnel` a handshake gets: the last one that runs replaces all before it.

Measured on 2.6 and 2.8: of 1h and then 1s the second cuts after 1.0 s; the rules of a listen
section (and of a frontend's `defaults`) count for every backend it leads to, and run before the
backend's own; an `allow` ends the rules of its section, those inherited from `defaults` included.
`http-response set-timeout` (2.9+) runs later still, the backend's before the frontend's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lbcheck.model import Origin, Setting
from lbcheck.sources.haproxy_acl import Condition, acls_of, condition_of
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_handshake import ANY, Handshake, meets
from lbcheck.sources.haproxy_syntax import Statement
from lbcheck.sources.haproxy_values import DOUBT, Doubt, seconds

_MAX_STEPS = 100
"""More rules than this are nobody's; what they come to is not known."""
MOVES = frozenset(
    """set-path set-pathq set-uri replace-path replace-pathq replace-uri normalize-uri""".split()
)
"""Actions that change the path."""


class Step:
    """A rule that matters: it sets the timeout, ends the rules (allow), or changes the path.

    `condition` is None where it stands in a branch that cannot be decided.
    """

    __slots__ = ("action", "condition", "value")

    def __init__(self, action: str, condition: Condition | None, value: Value = None) -> None:
        self.action = action
        self.condition = condition
        self.value = value


Value = Setting[float] | Doubt | None


class Way:
    """What is known of the handshakes in question, and the condition that led them here."""

    __slots__ = ("condition", "handshake")

    def __init__(self, handshake: Handshake = ANY, condition: Condition | None = None) -> None:
        self.handshake = handshake
        self.condition = condition

    def pathless(self) -> Way:
        """The same handshakes when their path has been changed."""
        return Way(Handshake((), self.handshake.tls))


def requests(section: Section) -> list[Step]:
    return section.shared(_REQUEST, _requests)


def responses(section: Section) -> list[Step]:
    return section.shared(_RESPONSE, _responses)


_REQUEST = frozenset(["http-request"])
_RESPONSE = frozenset(["http-response"])


def _requests(section: Section) -> list[Step]:
    return list(_steps(section, "http-request"))


def _responses(section: Section) -> list[Step]:
    return list(_steps(section, "http-response"))


def _steps(section: Section, keyword: str) -> Iterator[Step]:
    if not any(_sets(s) for level in section.levels for s in level.all(keyword)):
        return
    for level in reversed(section.levels):
        for statement in level.all(keyword):
            action = statement.words[1] if len(statement.words) > 1 else ""
            condition = None
            if not _sets(statement) and action != "allow" and action not in MOVES:
                continue
            if not statement.maybe:
                condition = condition_of(level, statement, acls_of(level), 2)
            value = _value(section, level, statement) if _sets(statement) else None
            yield Step(action, condition, value)


def _sets(statement: Statement) -> bool:
    return statement.words[1:3] == ("set-timeout", "tunnel")


def _value(section: Section, level: Section, statement: Statement) -> Value:
    words = statement.words
    value = seconds(words[3]) if len(words) > 3 else None
    if value is None:
        return DOUBT  # an expression: known at run time only
    origin = Origin.SET if level is section else Origin.INHERITED
    name = f"{words[0]} set-timeout tunnel"
    return Setting(name, value[0], origin, level.span(statement), unitless=value[1])


def written(section: Section) -> Value:
    """The last one a proxy's rules name, whether or not its condition is met."""
    steps = (*requests(section), *responses(section))
    return next((step.value for step in reversed(steps) if step.value is not None), None)


def in_force(
    base: Value, front: Section | None, back: Section, way: Callable[[], Way]
) -> tuple[Value, Sequence[Setting[float]]]:
    """The timeout a handshake gets, and those settings that it perhaps gets instead.

    Args: base: `timeout tunnel` of the backend; way: asked for where there are rules at all.
    """
    sections = [back] if front is None or front is back else [front, back]
    asked = [requests(section) for section in sections]
    answered = [responses(section) for section in reversed(sections)]
    if not any(asked) and not any(answered):
        return base, ()
    walk = _Walk(base)
    known = way()
    for section, steps in zip(sections, asked, strict=True):
        # An edge's condition is met behind the rules of its frontend, which may change the path.
        moved = section is not back and any(step.action in MOVES for step in steps)
        walk.follow(steps, known.pathless() if moved else known)
    for steps in answered:
        walk.follow(steps, None)
    return walk.value, walk.perhaps


class _Walk:
    """A handshake on its way through the rules, in their order."""

    __slots__ = ("perhaps", "value")

    def __init__(self, base: Value) -> None:
        self.value = base
        self.perhaps: list[Setting[float]] = []

    def follow(self, steps: Sequence[Step], way: Way | None) -> None:
        """Args: way: None for the rules of answers."""
        sure = len(steps) <= _MAX_STEPS
        if not sure:
            self.value = DOUBT
        for step in steps[:_MAX_STEPS]:
            met = _met(step, way)
            if met is False:
                continue
            if step.action == "allow":
                if met:
                    return
                sure = False
            elif step.action in MOVES:
                way = way and way.pathless()
            elif met and sure:
                self.value, self.perhaps = step.value, []
            else:
                self._perhaps(step.value)

    def _perhaps(self, value: Value) -> None:
        """A rule that may run: where it says the same nothing changes."""
        both = [v for v in (self.value, value) if isinstance(v, Setting)]
        if len(both) == 2 and both[0].value == both[1].value:
            return
        self.perhaps += both
        self.value = DOUBT


def _met(step: Step, way: Way | None) -> bool | None:
    if step.condition is None:
        return None
    if way is None:
        return meets(step.condition, response=True)
    verdict = meets(step.condition, way.handshake)
    if verdict is None and way.condition is not None and _implies(way.condition, step.condition):
        return True
    return verdict


def _implies(known: Condition, wanted: Condition) -> bool:
    """By the words alone: what has met `a b` meets `a`."""
    if known.unless or wanted.unless or not known.known or not wanted.known:
        return False
    ways = [{term.key for term in terms} for terms in wanted.alternatives]
    return bool(known.alternatives) and all(
        any(way <= {term.key for term in terms} for way in ways) for terms in known.alternatives
    )
