"""Ask every rule about what it is for: a topology in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from lbcheck.assemble import Findings, Locate
from lbcheck.finding import Finding, Problem
from lbcheck.model import Level, Place, Source, Span, Topology, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Rule
from lbcheck.rules import BY_CODE, speaking_of


def judge(
    topology: Topology,
    profile: Profile,
    *,
    rules: Sequence[Rule[Any]] | None = None,
    min_level: Level = Level.LIKELY,
    locate: Locate = lambda pointer: None,
) -> tuple[list[Finding], bool]:
    """Run rules over everything believed to at least `min_level`; where something that stands for
    others has a problem, over those as well.

    Args: rules: None: every rule about the vendors there are.

    Returns: the findings in no particular order, and whether a rule crashed.
    """
    maker = Findings(locate)
    subjects = _Subjects(topology, min_level)
    crashed = False
    if rules is None:
        kinds = {source.kind for source in topology.sources}
        refusing = {each.vendor.value for source in topology.sources for each in source.invalid}
        rules = tuple(speaking_of(kinds | refusing | subjects.vendors, subjects.vendors))
    for rule in rules:
        if rule.check is None or rule.subject is None or profile.rules.get(rule.code) == "off":
            continue
        crashed |= _ask(rule, rule.check, iter(subjects.of(rule)), profile, maker)
    if topology.whole is not None and _for_others(topology, maker.asked):
        return judge(topology.whole(), profile, rules=rules, min_level=min_level, locate=locate)
    return maker.made, crashed


def _for_others(topology: Topology, asked: Iterable[tuple[Problem, Any]]) -> bool:
    """May what was left out have one of these problems as well? Of those about the whole topology
    only what is said of a target that stands for itself is surely not theirs."""
    alone: set[Place] | None = None
    for problem, subject in asked:
        if subject is not topology:
            if subject.alike > 1:
                return True
            continue
        if alone is None:
            alone = {t.place for pool in topology.pools if pool.alike == 1 for t in pool.targets}
        if problem.place not in alone:
            return True
    return False


def _ask(
    rule: Rule[Any],
    check: Callable[[Any, Profile], Iterator[Problem]],
    subjects: Iterator[Any],
    profile: Profile,
    maker: Findings,
) -> bool:
    """One rule about all of its subjects; did it crash? This loop runs a hundred thousand times,
    so the rule boundary stands around it and is entered again behind a subject that failed."""
    crashed = False
    subject: Any = None
    while True:
        try:
            for subject in subjects:
                for problem in check(subject, profile):
                    maker.add(rule, problem, subject, profile)
            return crashed
        except Exception as error:  # the rule boundary: the others still report
            crashed = True
            maker.add(BY_CODE["LB902"], _crash(rule, subject, error), subject, profile)


class _Subjects:
    """What is believed to a level, sorted once by kind and vendor."""

    def __init__(self, topology: Topology, min_level: Level) -> None:
        self._topology = topology
        self._sorted: dict[tuple[type, Vendor], list[Any]] = {}
        for things in (topology.listeners, topology.routes, topology.pools):
            for thing in things:
                if thing.belief.level >= min_level:
                    self._sorted.setdefault((type(thing), thing.vendor), []).append(thing)

    @property
    def vendors(self) -> set[str]:
        """Of everything that is judged: code of one kind may describe several."""
        return {vendor.value for _, vendor in self._sorted}

    def of(self, rule: Rule[Any]) -> Sequence[Any]:
        """The subjects of a rule."""
        kind = rule.subject
        if kind is None or kind is Topology:
            return (self._topology,)
        return [thing for v in rule.vendors for thing in self._sorted.get((kind, v), ())]


def _crash(rule: Rule[Any], subject: Any, error: Exception) -> Problem:
    place = subject.place if not isinstance(subject, Topology) else _start(subject.sources[0])
    return Problem(
        place,
        f"rule {rule.code} failed here ({type(error).__name__}: {error}); this is a bug in lbcheck",
    )


def _start(source: Source) -> Span:
    return Span(source, 0, 0)
