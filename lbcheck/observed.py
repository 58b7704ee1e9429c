"""The report of a probe: what was seen of services, behind the filter that every audit has."""

from __future__ import annotations

from collections.abc import Sequence

from lbcheck.assemble import Findings
from lbcheck.audit import Limits, Report, limited, trouble_findings
from lbcheck.probe.problems import problems, source
from lbcheck.probe.result import Seen
from lbcheck.profile import Profile
from lbcheck.rules import BY_CODE


def report(seen: Sequence[Seen], profile: Profile, limits: Limits) -> Report:
    """Findings of the rules LB7xx for what a probe saw; a service that could not be reached was
    not read, as a file that is not there. Pure: no network."""
    maker = Findings(lambda pointer: None)
    services = tuple(source(each) for each in seen)
    for each, service in zip(seen, services, strict=True):
        for code, problem in problems(each, service, profile):
            if profile.rules.get(code) != "off":
                maker.add(BY_CODE[code], problem, None, profile)
    found = [*maker.made, *trouble_findings(services, profile)]
    return limited(found, services, profile, limits)
