"""Lines of infrastructure code that mend a setting of AWS, in the code's own language."""

from __future__ import annotations

from typing import Any

from lbcheck.finding import Edit, Fix
from lbcheck.fix import insert
from lbcheck.model import Origin, Setting, Span


def in_code(setting: Setting[Any], value: str) -> Fix | None:
    """Write a value where a setting stands; a default is added to its block.

    Args: value: as Terraform writes it, `60` or `"/healthz"`. None where the place is no such code.
    """
    place = setting.place
    if not isinstance(place, Span) or place.source.kind != "terraform":
        return None
    outer, _, word = setting.name.rpartition(".")
    line = f"{word} = {value}"
    text = (place.source.text or "")[place.start : place.end]
    before, equals, written = text.partition("=")
    if equals and before.strip() == word:
        start = place.end - len(written.lstrip())
        return Fix(line, edits=(Edit(place.source, start, place.end, value),))
    if setting.origin is Origin.DEFAULT and not outer:
        return insert(place, (line,))
    return None
