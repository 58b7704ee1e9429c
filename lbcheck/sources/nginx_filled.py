"""What a template or a deployment still fills in: nobody knows it by reading."""

from __future__ import annotations

from lbcheck.model import Origin, Place, Setting, Span
from lbcheck.sources.nginx_map import opaque
from lbcheck.sources.nginx_scope import Scope, span


def unknown(
    scope: Scope, idle: Setting[float] | None, *headers: Setting[str | None] | None
) -> tuple[Setting[None], ...]:
    """The idle timeout and the headers of the handshake that a placeholder stands for."""
    found = [(each.name, each.place) for each in headers if each and each.value is None]
    if idle is None and (statement := scope.effective("proxy_read_timeout")):
        found.append((statement.name, span(statement)))
    return tuple([Setting(name, None, Origin.SET, at) for name, at in found if _is_filled_in(at)])


def _is_filled_in(place: Place) -> bool:
    if not isinstance(place, Span):
        return False
    return opaque((place.source.text or "")[place.start : place.end])
