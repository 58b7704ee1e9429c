"""The report of a probe: what was seen of services, behind the filter that every audit has."""

from __future__ import annotations

from collections.abc import Sequence

from lbcheck.assemble import Findings
from lbcheck.audit import Limits, Report, limited, trouble_findings
from lbcheck.finding import Finding
from lbcheck.model import Source
from lbcheck.probe.problems import problems, source
from lbcheck.probe.result import Seen
from lbcheck.profile import Profile
from lbcheck.rules import BY_CODE


def report(seen: Sequence[Seen], profile: Profile, limits: Limits) -> Report:
    """The report of a probe alone: its findings, and what could not be reached. Pure."""
    services, made = found(seen, profile)
    return limited([*made, *trouble_findings(services, profile)], services, profile, limits)


def found(seen: Sequence[Seen], profile: Profile) -> tuple[tuple[Source, ...], list[Finding]]:
    """The services as sources, and findings of the rules LB7xx for what was seen of them; a
    service that could not be reached was not read, as a file that is not there."""
    maker = Findings(lambda pointer: None)
    services = tuple(source(each) for each in seen)
    for each, service in zip(seen, services, strict=True):
        for code, problem in problems(each, service, profile):
            if profile.rules.get(code) != "off":
                maker.add(BY_CODE[code], problem, None, profile)
    return services, maker.made
