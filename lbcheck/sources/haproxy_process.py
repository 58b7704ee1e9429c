"""What holds for all backends of one HAProxy process: its end, its state, whether it starts."""

from __future__ import annotations

import math

from msgspec import Struct

from lbcheck.model import Origin, Setting
from lbcheck.sources.haproxy_config import Instance
from lbcheck.sources.haproxy_state import Saved, state_of
from lbcheck.sources.haproxy_values import seconds


class Process(Struct, frozen=True, gc=False):
    """`may_stop`: an `.alert` may keep it from starting where a variable is not set."""

    drain: Setting[float] | None
    lingering: Setting[float] | None
    state: Saved
    may_stop: bool


def process_of(instance: Instance) -> Process:
    return Process(
        _drain_time(instance),
        _lingering(instance),
        state_of(instance),
        instance.mentions(".alert"),
    )


def _drain_time(instance: Instance) -> Setting[float] | None:
    """`hard-stop-after`: how long an old process lives on after a reload; by default for ever."""
    place = None
    found: Setting[float] | None = None
    for section in instance.of("global"):
        place = place or section.place
        if section.opaque or section.all("mworker-max-reloads"):
            return None
        for statement in section.all("hard-stop-after"):
            value = seconds(statement.words[1]) if len(statement.words) > 1 else None
            if value is None or statement.maybe:
                return None
            where = section.span(statement)
            found = Setting("hard-stop-after", value[0], Origin.SET, where, unitless=value[1])
    if found is None and place is not None:
        return Setting("hard-stop-after", math.inf, Origin.DEFAULT, place)
    return found


def _lingering(instance: Instance) -> Setting[float] | None:
    """`grace`: how long a stopping process goes on taking connections (measured on a reload)."""
    for section in instance.of("global"):
        for statement in reversed(section.all("grace")):
            value = seconds(statement.words[1]) if len(statement.words) > 1 else None
            if value is not None and not statement.maybe:
                return Setting("grace", value[0], Origin.SET, section.span(statement))
    return None
