"""What one rule says of a HAProxy configuration, and parts of configurations to ask about."""

from lbcheck.model import Declared, Level, Pool, Route, Source, Span
from lbcheck.profile import Profile
from lbcheck.rules import BY_CODE
from lbcheck.sources import haproxy
from lbcheck.sources.files import Files

UNDECLARED = Profile()
NOTHING = Declared()
DEFAULTS = """\
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h
"""
FRONT = "frontend web\n    bind :80\n    use_backend ws if { path_beg /ws }\n"
BACK = "backend ws\n"


def say(
    code: str, text: str, profile: Profile = UNDECLARED, declared: Declared = NOTHING
) -> list[tuple[str, str, str]]:
    """The line it points to, its severity and its message, for what is likely a WebSocket."""
    rule = BY_CODE[code]
    assert rule.check is not None
    source = Source("haproxy.cfg", "haproxy", text)
    topology = haproxy.read([[source]], Files(), declared)
    assert source.troubles == []
    subjects = {Route: topology.routes, Pool: topology.pools}[rule.subject]
    found = []
    for subject in subjects:
        if subject.belief.level > Level.POSSIBLE:
            for problem in rule.check(subject, profile):
                assert isinstance(problem.place, Span)
                words = text[problem.place.start : problem.place.end]
                severity = problem.severity or rule.severity
                found.append((words, severity.value, problem.message))
    return found
