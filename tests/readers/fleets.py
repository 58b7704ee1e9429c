"""What is said of a text in full, and without what says the same as something before it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from lbcheck import profiles
from lbcheck.audit import Limits, report
from lbcheck.finding import Confidence
from lbcheck.model import Source, Topology
from lbcheck.reporters import Style, render
from lbcheck.rule import Rule
from lbcheck.run import declared
from lbcheck.sources import Wanted, haproxy_config, nginx, read
from lbcheck.sources.files import Files

TODAY = "2026-11-23"
NAMES = {"haproxy": "haproxy.cfg", "nginx": "nginx.conf"}


class Read:
    """A text as it is read in full, or without what says the same as something before."""

    def __init__(self, kind: str, text: str, whole: bool, profile: str = "default") -> None:
        self.profile = profiles.load((profile,), {})
        self.source = Source(NAMES[kind], kind, text)
        wanted = Wanted(extra=(self.source,))
        known = replace(declared(self.profile), leave_out=not whole)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(haproxy_config, "_LARGE", 0)
            patch.setattr(nginx, "_LARGE", 0)
            self.topology: Topology = read(wanted, Files(folder="/nonexistent"), known)

    def said(self, rules: Sequence[Rule[Any]] | None = None) -> dict[str, Any]:
        """The report, as it is printed."""
        limits = Limits(min_confidence=Confidence.POSSIBLE)
        shown: dict[str, Any] = {}
        for name, bound in (("shown", Limits()), ("all", limits)):
            found = report(self.topology, self.profile, limits=bound, today=TODAY, rules=rules)
            shown[name] = json.loads(render("json", found, Style(today=TODAY)))
            shown[f"{name} unjudged"] = found.unjudged
        return shown


def difference(
    kind: str, text: str, profile: str = "default", rules: Sequence[Rule[Any]] | None = None
) -> tuple[object, object] | None:
    """What is said of a text only in full, and only without the alike; None: both are the same."""
    whole = Read(kind, text, True, profile).said(rules)
    shared = Read(kind, text, False, profile).said(rules)
    return None if whole == shared else (whole, shared)


def left_out(kind: str, text: str, profile: str = "default") -> int:
    """How many listeners and pools of a text are not read."""
    sizes = []
    for whole in (True, False):
        found = Read(kind, text, whole, profile).topology
        sizes.append(len(found.listeners) + len(found.pools))
    return sizes[0] - sizes[1]
