"""HAProxy cookies that keep nobody at a server: no values, no `cookie`, one value twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lbcheck.model import Effect, Ineffective, Origin, Setting
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_server import Server
from lbcheck.sources.haproxy_values import Found, last


def broken(section: Section, servers: Sequence[Server], sticky: bool) -> Iterator[Ineffective]:
    """Cookie statements without effect in mode http; each was seen on 2.6 and 2.8.

    Args: sticky: something other than the cookie keeps clients at their server.
    """
    found = last(section, "cookie")
    if found is None and not any([server.cookie is not None for server in servers]):  # noqa: C419
        return
    active = [s for s in servers if not s.facts.backup and s.get("disabled") is None]
    unknown = any([server.unreadable for server in servers])  # noqa: C419
    if unknown or len(active) < 2 or not (found is None or isinstance(found, Found)):
        return
    valued = [server for server in active if server.cookie is not None]
    if found is None:
        if len(valued) > 1 and not sticky:
            reason = f"`{section.name}` has no `cookie` statement, so no client is sent one"
            yield _record(section, valued[0], reason, effect=Effect.STICKINESS_LEFT)
    elif not valued:
        yield from _without_values(section, found)
    elif "dynamic" not in found.words:
        yield from _of_servers(section, found, active)


def _without_values(section: Section, found: Found) -> Iterator[Ineffective]:
    """An inherited `cookie` may be meant for the other heirs of its `defaults`."""
    if "dynamic" in found.words:
        if last(section, "dynamic-cookie-key") is not None:
            return
        reason = "`dynamic` needs a `dynamic-cookie-key`, and there is none"
    elif found.own:
        reason = f"no server of `{section.name}` has a cookie value, so no client is sent one"
    else:
        return
    setting: Setting[object] = Setting("cookie", None, found.origin, found.place)
    yield Ineffective(Effect.STICKINESS_BROKEN, setting, reason)


def _of_servers(section: Section, found: Found, active: Sequence[Server]) -> Iterator[Ineffective]:
    chosen = {s.words[1] for s in section.all("use-server") if len(s.words) > 1}
    first: dict[str, Server] = {}
    for server in active:
        name = server.statement.words[1]
        if server.cookie is None:
            if name not in chosen:
                reason = f"`{name}` has no value, so its clients are not led back to it"
                yield _record(section, server, reason, found)
            continue
        other = first.setdefault(server.cookie, server)
        if other is not server and other.address != server.address:
            there = other.statement.words[1]
            reason = f"`{there}` has the same value and gets the clients of `{name}`"
            yield _record(section, server, reason, found)


def _record(
    section: Section,
    server: Server,
    reason: str,
    found: Found | None = None,
    effect: Effect = Effect.STICKINESS_BROKEN,
) -> Ineffective:
    name = "cookie" if server.cookie is None else f"cookie {server.cookie}"
    place = section.span(server.statement)
    setting: Setting[object] = Setting(name, None, Origin.SET, place)
    return Ineffective(effect, setting, reason, found.place if found else None)
