"""Timeouts that were raised where `proxy_read_timeout` was meant."""

from __future__ import annotations

from lbcheck.model import Effect, Ineffective, Origin, Setting
from lbcheck.sources import nginx_time
from lbcheck.sources.nginx_scope import Scope, span
from lbcheck.sources.nginx_syntax import Directive

_WRONG_KNOBS = ("proxy_send_timeout", "proxy_connect_timeout", "keepalive_timeout", "send_timeout")
_OTHER_READS = (
    "fastcgi_read_timeout", "uwsgi_read_timeout", "scgi_read_timeout", "grpc_read_timeout",
)  # fmt: skip
_RAISED_S = 300.0


def wrong_knobs(scope: Scope) -> list[Ineffective]:
    """Timeouts raised where `proxy_read_timeout` was meant: none of them keeps an idle
    WebSocket open (1.22.1 and 1.31.3)."""
    found = []
    for name in (*_WRONG_KNOBS, *_OTHER_READS):
        statement = scope.own.get(name)
        value = _time(statement) if statement is not None else None
        if value is not None and (value.value >= _RAISED_S or name in _OTHER_READS):
            setting: Setting[object] = Setting(name, value.value, Origin.SET, value.place)
            reason = "the silence of a WebSocket is limited by `proxy_read_timeout`, left at 60s"
            found.append(Ineffective(Effect.WRONG_TIMEOUT, setting, reason))
    return found


def _time(statement: Directive) -> Setting[float] | None:
    value = nginx_time.seconds(statement.args[0]) if statement.args else None
    return None if value is None else Setting(statement.name, value, Origin.SET, span(statement))
