"""What HAProxy does with open sockets when it marks a server down or up (manual, 5.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lbcheck.model import MassClose, Origin, Setting
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_server import Server

_DOWN, _UP = "on-marked-down", "on-marked-up"
_CLOSE = "shutdown-sessions"
_MARKS = frozenset([_DOWN, _UP])


def marked(kinds: Sequence[Server]) -> bool:
    """Is anything written about open sockets at all?"""
    return any([not _MARKS.isdisjoint(server.facts.values) for server in kinds])  # noqa: C419


def closes_dead(section: Section, kinds: Sequence[Server]) -> Setting[bool] | None:
    """`on-marked-down shutdown-sessions`: on every checked server, or on some of them only (then
    the setting is False, at the first that lacks it)."""
    checked = [server for server in kinds if server.checked and not server.unreadable]
    closing = [server for server in checked if server.get(_DOWN) == _CLOSE]
    if not closing:
        return None
    lacking = next((server for server in checked if server.get(_DOWN) != _CLOSE), None)
    if lacking is not None:
        place = section.span(lacking.statement)
        return Setting(f"{_DOWN} {_CLOSE}", False, Origin.SET, place)
    written = closing[0].setting(_DOWN, section)
    assert written is not None
    return Setting(f"{_DOWN} {_CLOSE}", True, written.origin, written.place)


def mass_close(section: Section, kinds: Sequence[Server]) -> Iterator[MassClose]:
    """Marks that cut all sockets of a server in the same moment, for little or for good news."""
    backups = any([server.facts.backup for server in kinds])  # noqa: C419 (twice as fast)
    for server in kinds:
        if not server.checked or server.unreadable:
            continue
        down, up = server.setting(_DOWN, section), server.setting(_UP, section)
        if down and down.value == _CLOSE and server.get("fall") == "1":
            yield MassClose(_named(down), "of a server with the first failed check (`fall 1`)")
        if up and up.value == "shutdown-backup-sessions" and backups and not server.facts.backup:
            what = f"on the backups as soon as `{server.statement.words[1]}` is back"
            yield MassClose(_named(up), what, meant=True)


def _named(written: Setting[str]) -> Setting[str]:
    return Setting(f"{written.name} {written.value}", "", written.origin, written.place)
