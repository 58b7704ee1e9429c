"""Is the state of HAProxy servers (drained, down by hand) kept over a reload?

Seen on 2.6.12 and 2.8.25: a server that was drained is up again after the reload unless `global`
names a `server-state-file` and its own backend loads that file. `load-server-state-from-file
local` needs no other line: without a `server-state-file-name` of its own a backend looks for a
file of its name, and one in `defaults` changes nothing (the manual allows it in backends only).
An admin socket alone is no evidence that anybody drains over it.
"""

from __future__ import annotations

from msgspec import Struct

from lbcheck.model import Effect, Ineffective, Origin, Setting, Span
from lbcheck.sources.haproxy_config import Instance, Section
from lbcheck.sources.haproxy_values import Found, last

_LOAD = "load-server-state-from-file"
_FILE = "server-state-file"
_NAME = "server-state-file-name"


class Saved(Struct, frozen=True, gc=False):
    """What one process has of it. `known`: is all of `global` there, and readable?

    `file`: the place and value of `server-state-file`; `loaded`: does any proxy load a state?
    """

    known: bool
    file: tuple[Span, str] | None
    loaded: bool


def state_of(instance: Instance) -> Saved:
    top = list(instance.of("global"))
    files = [(section, each) for section in top for each in section.all(_FILE)]
    opaque = any(section.opaque for section in instance.sections)
    return Saved(
        bool(top) and not opaque and not any(statement.maybe for _, statement in files),
        (files[0][0].span(files[0][1]), files[0][1].words[-1]) if files else None,
        any(section.all(_LOAD) for section in instance.sections),
    )


def not_kept(state: Saved, section: Section) -> tuple[Ineffective, ...]:
    """One half of a backend's saved state without the other. `load-server-state-from-file none`
    is meant so."""
    found = last(section, _LOAD)
    if isinstance(found, Found) and found.words[1:2] == ("local",):
        return _named_above(section) if state.known else ()
    if not state.known or (found is None) is (state.file is None):
        return ()
    if found is None and state.file is not None:
        place, value = state.file
        setting: Setting[object] = Setting(_FILE, value, Origin.SET, place)
        reason = f"no proxy has `{_LOAD}`"
        if state.loaded:
            reason = f"`{section.name}`, unlike others, has no `{_LOAD}`"
    elif isinstance(found, Found) and found.words[1:2] == ("global",):
        origin = Origin.SET if found.own else Origin.INHERITED
        setting = Setting(_LOAD, "global", origin, found.section.span(found.statement))
        reason = f"`global` has no `{_FILE}`"
    else:
        return ()
    return (Ineffective(Effect.STATE_NOT_KEPT, setting, reason),)


def _named_above(section: Section) -> tuple[Ineffective, ...]:
    """A name of the file in `defaults`, where HAProxy does not read it."""
    name = last(section, _NAME)
    if not isinstance(name, Found) or name.own or not name.known:
        return ()
    value = " ".join(name.words[1:2])
    if value in ("use-backend-name", section.name):
        return ()
    setting: Setting[object] = Setting(
        _NAME, value, Origin.INHERITED, name.section.span(name.statement)
    )
    reason = f"`defaults` hand it down to no backend, and `{section.name}` looks for a file of "
    return (Ineffective(Effect.STATE_NOT_KEPT, setting, f"{reason}its own name"),)
