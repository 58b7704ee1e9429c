"""Is the state of HAProxy servers (drained, down by hand) kept over a reload?"""

from __future__ import annotations

from lbcheck.model import Effect, Ineffective, Origin, Setting
from lbcheck.sources.haproxy_config import Instance

_LOAD = "load-server-state-from-file"


def not_kept(instance: Instance) -> tuple[Ineffective, ...]:
    """`server-state-file` without any proxy that loads it: seen on 2.6.12 and 2.8.25, a server
    that was drained is up again after the reload. An admin socket alone is no evidence."""
    if any(section.opaque or section.all(_LOAD) for section in instance.sections):
        return ()
    for section in instance.of("global"):
        for statement in section.all("server-state-file"):
            if not statement.maybe:
                setting: Setting[object] = Setting(
                    "server-state-file",
                    statement.words[-1],
                    Origin.SET,
                    section.span(statement),
                )
                reason = f"no proxy has `{_LOAD}`"
                return (Ineffective(Effect.STATE_NOT_KEPT, setting, reason),)
    return ()
