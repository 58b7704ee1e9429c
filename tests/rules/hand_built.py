"""Small model values for tests of rules: a text, its statements, a route over them."""

from typing import Any

from lbcheck.model import (
    Belief,
    CheckKind,
    Forward,
    HealthCheck,
    Level,
    Origin,
    Pool,
    Route,
    Setting,
    Source,
    Span,
    Target,
    Vendor,
)

CERTAIN = Belief(Level.CERTAIN, "the profile says so")
LIKELY = Belief(Level.LIKELY, "`/ws` names `ws`")


class Text:
    """A configuration text; `at` finds a statement in it."""

    def __init__(self, text: str, vendor: Vendor = Vendor.NGINX) -> None:
        self.source = Source("site.conf", vendor.value, text)
        self.vendor = vendor

    def at(self, words: str) -> Span:
        start = (self.source.text or "").index(words)
        return Span(self.source, start, start + len(words))

    def set(self, name: str, value: Any, words: str = "", **more: Any) -> Setting[Any]:
        """A setting that stands where `words` stand (or its name)."""
        return Setting(name, value, more.pop("origin", Origin.SET), self.at(words or name), **more)

    def pool(self, targets: int = 1) -> Pool:
        place = Span(self.source, 0, 0)
        weight = Setting("weight", 1, Origin.DEFAULT, place)
        each = tuple(Target(f"t{n}", f"10.0.0.{n}", place, weight) for n in range(targets))
        check = HealthCheck(CheckKind.PASSIVE, place)
        return Pool(self.vendor, "chat", "pool", place, LIKELY, each, check)

    def route(self, block: str, **fields: Any) -> Route:
        """A route whose block opens with `block`."""
        fields = {"belief": LIKELY, "forwards": (Forward(self.pool()),)} | fields
        return Route(self.vendor, "http/route", self.at(block), "/ws", **fields)
