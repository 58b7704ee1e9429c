"""Fleets for tests: one configuration's proxies many times over, and what is said of them."""

import json
import re
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
from lbcheck.sources import Wanted, haproxy_config, read
from lbcheck.sources.files import Files

SECTION = re.compile(
    r"(?m)^[ \t]*(global|defaults|frontend|backend|listen|resolvers|peers|userlist|cache|ring"
    r"|mailers|program|http-errors)(?![^\s#])[ \t]*([A-Za-z0-9_.:-]*)"
)
PROXIES = ("frontend", "backend", "listen")
TODAY = "2026-11-23"


class Read:
    """A text as it is read in full, or without what says the same as something before."""

    def __init__(self, text: str, whole: bool, profile: str = "default") -> None:
        self.profile = profiles.load((profile,), {})
        self.source = Source("haproxy.cfg", "haproxy", text)
        wanted = Wanted(extra=(self.source,))
        known = replace(declared(self.profile), leave_out=not whole)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(haproxy_config, "_LARGE", 0)
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
    text: str, profile: str = "default", rules: Sequence[Rule[Any]] | None = None
) -> tuple[object, object] | None:
    """What is said of a text only in full, and only without the alike; None: both are the same."""
    whole = Read(text, True, profile).said(rules)
    shared = Read(text, False, profile).said(rules)
    return None if whole == shared else (whole, shared)


def left_out(text: str) -> int:
    """How many sections of a text are not read."""
    found = Read(text, False).topology
    things = (*found.listeners, *found.pools)
    return sum(thing.alike - 1 for thing in things)


def fleet(text: str, tenants: int, addresses: bool) -> str:
    """A configuration with its proxies many times, each time under names of their own.

    Args: addresses: are those their own as well? On the loopback nothing would be left out.
    """
    text = text.replace("127.0.0.1", "10.0.0.1")
    openings = [*SECTION.finditer(text)]
    first = next((m.start() for m in openings if m[1] in PROXIES), len(text))
    head, proxies = text[:first], text[first:]
    names = sorted({m[2] for m in openings if m[1] in PROXIES and m[2]}, key=len, reverse=True)
    copies = (_copy(proxies, names, number, addresses) for number in range(tenants))
    return head + "".join(copies)


def _copy(proxies: str, names: list[str], number: int, addresses: bool) -> str:
    for name in names:
        proxies = re.sub(
            rf"(?<![A-Za-z0-9_.:/-]){re.escape(name)}(?![A-Za-z0-9_.:-])",
            f"{name}-{100 + number}",
            proxies,
        )
    if addresses:
        proxies = re.sub(r"\b(\d+\.\d+\.\d+)\.(\d)\b", rf"\1.{100 + number}", proxies)
    return proxies if proxies.endswith("\n") else proxies + "\n"
