"""Make the report of an audit: what rules say of a topology, behind one filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from lbcheck.assemble import Findings, Locate, merged, named
from lbcheck.finding import Finding, Problem, Related
from lbcheck.judge import judge
from lbcheck.limits import DEFAULT, believed, exit_code, wanted
from lbcheck.limits import Limits as Limits
from lbcheck.limits import shown as shown
from lbcheck.model import Level, Pool, Route, Setting, Source, Span, Status, Topology
from lbcheck.profile import Profile
from lbcheck.rule import Rule
from lbcheck.rules import BY_CODE

if TYPE_CHECKING:
    from lbcheck.known import Comparison, Knowing
    from lbcheck.shard import Shard
    from lbcheck.suppress import Mistake, Suppressed, Suppression

_SOON_DAYS = 14


class Report(Struct, frozen=True):
    """What a reporter prints, in the order it is printed.

    `exit_code`: 0 clean, 1 findings at or above `fail_on`, 3 incomplete, 4 a rule crashed.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    sources: tuple[Source, ...]
    profile: Profile
    exit_code: int
    complete: bool
    hidden: int = 0
    """findings below --min-severity, or of rules not selected"""
    unjudged: int = 0
    """routes that were not judged because nothing says that they carry WebSockets"""
    rootless: int = 0
    """files whose WebSocket routes were judged without the file that includes them"""
    not_known: tuple[Related, ...] = ()
    """settings of routes that were judged, whose values nobody can know by reading: their names"""
    baselined: tuple[Finding, ...] = ()
    """known since the baseline was made: not shown, and no reason to fail"""
    compared: bool = False
    """a baseline was used: every other finding is new"""
    comparisons: tuple[Comparison, ...] = ()
    """with what was known, one for each baseline or revision that was asked for"""
    known_as: str = "in the baseline"
    """where those that are `baselined` were known"""
    not_asked: tuple[str, ...] = ()
    expiring: tuple[Suppressed, ...] = ()
    """suppressions that end within two weeks"""
    shard: Shard | None = None
    """the share of it all that this is; None: it is everything"""
    topology: Topology | None = None
    """what it is about, for those who draw it; None where only findings are known"""

    @property
    def passed_over(self) -> dict[str, int]:
        """What nobody read though it leads requests, for nothing there speaks of WebSockets."""
        found: dict[str, int] = {}
        for source in self.sources:
            for kind, number in source.passed_over.items():
                found[kind] = found.get(kind, 0) + number
        return found

    @property
    def assumed(self) -> tuple[str, ...]:
        """What readers took for granted, and may be otherwise: each once."""
        return tuple(dict.fromkeys(said for source in self.sources for said in source.assumed))

    @property
    def nothing(self) -> bool:
        """Was there nothing to audit?"""
        return self.shard is None and _nothing_in(self.sources)


def trouble_findings(
    sources: Iterable[Source], profile: Profile, locate: Locate = lambda pointer: None
) -> list[Finding]:
    """LB901 for what could not be read in files, LB908 for what AWS did not answer."""
    maker = Findings(locate)
    for source in sources:
        for trouble in source.troubles:
            rule = BY_CODE["LB908" if source.kind == "aws" else "LB901"]
            remedy = f"; {trouble.remedy}" if trouble.remedy else ""
            place = Span(source, trouble.start, trouble.end)
            maker.add(rule, Problem(place, f"{trouble.message}{remedy}"), None, profile)
    return maker.made


def report(
    topology: Topology,
    profile: Profile,
    *,
    limits: Limits = DEFAULT,
    suppressions: Sequence[Suppression] = (),
    mistakes: Sequence[Mistake] = (),
    today: str = "",
    locate: Locate = lambda pointer: None,
    rules: Sequence[Rule[Any]] | None = None,
    not_asked: tuple[str, ...] = (),
    known: Sequence[Knowing] = (),
    seen: Iterable[Finding] = (),
    shard: Shard | None = None,
) -> Report:
    """Judge a topology and keep what the limits let through. Pure: no file, clock or network.

    Args:
        topology: what the readers resolved.
        suppressions: inline ignores; `mistakes` are those that could not be understood.
        today: ISO date that decides whether a suppression has expired ("" never expires).
        locate: finds an AWS pointer in its snapshot's text.
        known: what was known before is not told again.
        seen: findings of a probe, beside those of the rules.
        shard: all is judged, and of this share told; None: of everything.
    """
    # A suppression may be about something less sure than what is shown: it is no less used.
    level = Level.POSSIBLE if suppressions else limits.min_confidence.level
    found, crashed = judge(topology, profile, rules=rules, min_level=level, locate=locate)
    found += trouble_findings(topology.sources, profile, locate)
    off = [code for code, severity in profile.rules.items() if severity == "off"]
    kept, suppressed, lifecycle = _silenced(found, suppressions, today, off)
    sure = [finding for finding in kept if believed(finding, limits)]
    new, comparisons = _compared(sure, known, topology, off, crashed)
    about = [(m.code, Problem(m.place, m.message)) for m in (*mistakes, *lifecycle)]
    about += [said for by, of in zip(known, comparisons, strict=True) for said in by.about(of)]
    found = [*merged(new), *_about_lbcheck(about, profile, locate), *seen]
    matched = [finding for each in comparisons for finding, _ in each.matched]
    if shard is not None:
        topology = shard.part(topology)
        found, matched = shard.told(found), shard.told(matched)
        suppressed = [item for item in suppressed if shard.holds(item.finding.location.source)]
    return replace(
        limited(found, topology.sources, profile, limits, crashed=crashed, shard=shard),
        baselined=tuple(finding for finding in matched if shown(finding, limits, profile)),
        compared=bool(known),
        comparisons=comparisons,
        known_as=" or ".join(each.name for each in known) or "in the baseline",
        suppressed=tuple(item for item in suppressed if believed(item.finding, limits)),
        rootless=sum(source.rootless for source in topology.sources),
        unjudged=_unjudged(topology, limits),
        not_known=named(_not_known(topology, limits), locate),
        not_asked=not_asked,
        expiring=tuple(_expiring(suppressed, today)),
        topology=topology,
    )


def limited(
    found: Iterable[Finding],
    sources: tuple[Source, ...],
    profile: Profile,
    limits: Limits,
    *,
    crashed: bool = False,
    shard: Shard | None = None,
) -> Report:
    """The report of all that was found: what the limits let through, and the exit code. Of a share
    of it all there may be nothing."""
    everything = sorted(found, key=_order)
    judged = [finding for finding in everything if wanted(finding, limits, profile)]
    told = [finding for finding in everything if shown(finding, limits, profile)]
    empty = shard is None and _nothing_in(sources)
    complete = not empty and all(source.status is Status.READ for source in sources)
    return Report(
        findings=tuple(told),
        suppressed=(),
        sources=sources,
        profile=profile,
        exit_code=exit_code(judged, limits, complete, crashed),
        complete=complete,
        hidden=len(everything) - len(told),
        shard=shard,
    )


def _nothing_in(sources: Iterable[Source]) -> bool:
    """Is there nothing to audit in all of this?"""
    return all(source.nothing_else for source in sources)


def _unjudged(topology: Topology, limits: Limits) -> int:
    level = limits.min_confidence.level
    return sum(route.alike for route in topology.routes if route.belief.level < level)


def _not_known(topology: Topology, limits: Limits) -> Iterator[Setting[None]]:
    level = limits.min_confidence.level
    things: tuple[Route | Pool, ...] = (*topology.routes, *topology.pools)
    for thing in things:
        if thing.unknown and thing.belief.level >= level:
            yield from (each for each in thing.unknown if not each.place.source.left_out)


def _compared(
    found: list[Finding],
    known: Sequence[Knowing],
    topology: Topology,
    off: Sequence[str],
    crashed: bool,
) -> tuple[list[Finding], tuple[Comparison, ...]]:
    """What nobody knew. Each block is compared by itself, before those with one fault are merged:
    one more of them is new."""
    if not known:
        return found, ()
    from lbcheck.known import Run

    things: tuple[Route | Pool, ...] = (*topology.routes, *topology.pools)
    undecided = {setting.place.source for thing in things for setting in thing.unknown}
    run = Run(topology.sources, off, crashed, undecided)
    comparisons = []
    for each in known:
        comparisons.append(each.compare(found, run))
        found = list(comparisons[-1].new)
    return found, tuple(comparisons)


def _about_lbcheck(
    said: Iterable[tuple[str, Problem]], profile: Profile, locate: Locate
) -> list[Finding]:
    maker = Findings(locate)
    for code, problem in said:
        maker.add(BY_CODE[code], problem, None, profile)
    return maker.made


def _silenced(
    found: list[Finding], suppressions: Sequence[Suppression], today: str, off: Sequence[str]
) -> tuple[list[Finding], list[Suppressed], list[Mistake]]:
    if not suppressions:
        return found, [], []
    from lbcheck.suppress import apply

    return apply(found, suppressions, today, off)


def _expiring(suppressed: Iterable[Suppressed], today: str) -> Iterator[Suppressed]:
    """One finding for each suppression that ends within two weeks of today, the soonest first."""
    ending = {id(item.suppression): item for item in suppressed if item.until}
    if not ending or not today:
        return
    from datetime import date, timedelta

    last = (date.fromisoformat(today) + timedelta(days=_SOON_DAYS)).isoformat()
    for item in sorted(ending.values(), key=lambda item: item.until or ""):
        if today <= (item.until or "") <= last:
            yield item


def _order(finding: Finding) -> tuple[str, int, int, str]:
    place = finding.location
    return place.path, place.line or 0, place.column or 0, finding.code


def codes(names: Iterable[str], known: Mapping[str, Rule[Any]] = BY_CODE) -> Iterator[str]:
    """Rule codes for codes, names and prefixes ("LB3" means the whole family).

    Raises: KeyError with the name that means no rule.
    """
    for name in names:
        wanted = name.strip()
        if wanted.upper().startswith("LB"):
            matching = [code for code in known if code.startswith(wanted.upper())]
        else:
            matching = [code for code, rule in known.items() if rule.name == wanted]
        if not matching:
            raise KeyError(wanted)
        yield from matching
