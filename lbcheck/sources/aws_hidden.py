"""What code sets to values that nobody can know by reading: variables, what others make."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Origin, Place, Setting, Span
from lbcheck.sources.aws_answers import TargetGroup
from lbcheck.sources.aws_inventory import Attributes, Item

_FIELDS = (
    ("ProtocolVersion",),
    ("TargetType",),
    ("HealthCheckEnabled",),
    ("HealthCheckProtocol",),
    ("HealthCheckPort",),
    ("HealthCheckPath",),
    ("HealthCheckIntervalSeconds",),
    ("HealthCheckTimeoutSeconds",),
    ("HealthyThresholdCount",),
    ("UnhealthyThresholdCount",),
    ("Matcher", "HttpCode"),
)
_ANY = "attributes"


def of_group(group: Item[TargetGroup], attributes: Attributes | None) -> tuple[Setting[None], ...]:
    """The fields and attributes of a target group whose values are written and not known."""
    found = [
        _setting(group.part.word(".".join(field)), group.at(*field))
        for field in _FIELDS
        if group.unknown(*field) and _own(group.at(*field), group.at())
    ]
    return (*found, *(of_attributes(attributes) if attributes else ()))


def of_attributes(attributes: Attributes, wanted: str | None = None) -> Iterator[Setting[None]]:
    """Args: wanted: only this key, and what may be it."""
    for key, place in attributes.hidden() if attributes.part.written else ():
        if _own(place, None) and (key == wanted or None in (key, wanted)):
            name = wanted or key
            yield _setting(attributes.part.word(name) if name else _ANY, place)


def _own(place: Place, around: Place | None) -> bool:
    """Did somebody write something there? What nobody wrote stands where its owner does."""
    return isinstance(place, Span) and place.end > 0 and place != around


def _setting(name: str, place: Place) -> Setting[None]:
    return Setting(name, None, Origin.SET, place)
