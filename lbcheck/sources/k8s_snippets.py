"""nginx directives that an annotation adds (`configuration-snippet` ...), and their effect."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lbcheck.model import Span
from lbcheck.sources import k8s_keys as keys
from lbcheck.sources.k8s_controller import Controller
from lbcheck.sources.k8s_faults import Fault
from lbcheck.sources.k8s_keys import Purpose
from lbcheck.sources.k8s_objects import Annotation, Object

_LONGEST = 20_000
_STATEMENT = r"(?m)^[ \t]*+(?:%s[ \t]++([^;#\s]++)[ \t]*+;)"
_READ_TIMEOUT, _HTTP_VERSION, _UPGRADE, _CONNECTION = (
    re.compile(_STATEMENT % words)
    for words in (
        "proxy_read_timeout",
        "proxy_http_version",
        "(?i:proxy_set_header[ \\t]++Upgrade)",
        "(?i:proxy_set_header[ \\t]++Connection)",
    )
)
_AROUND = "each location sets its own; use `proxy-read-timeout`"
_BESIDE = "the location has one already, and nginx refuses a second one; "
_SNIPPETS = {
    Controller.INGRESS_NGINX: (keys.INGRESS_NGINX, "server-snippet", "configuration-snippet"),
    Controller.NGINX_INC: (keys.NGINX_INC[0], "server-snippets", "location-snippets"),
}


def faults(ingress: Object, controller: Controller | None) -> Iterator[Fault]:
    """Every location of both controllers has a `proxy_read_timeout` and a `proxy_http_version` of
    its own (their templates nginx.tmpl and nginx.ingress.tmpl): one around it is overridden, and a
    second one beside it is refused (nginx: "directive is duplicate")."""
    if controller not in _SNIPPETS:
        return
    prefix, around, beside = _SNIPPETS[controller]
    for name, pattern, purpose, reason in (
        (around, _READ_TIMEOUT, Purpose.IDLE, _AROUND),
        (beside, _READ_TIMEOUT, Purpose.IDLE, f"{_BESIDE}use `proxy-read-timeout`"),
        (beside, _HTTP_VERSION, Purpose.PROTOCOL, f"{_BESIDE}leave it out"),
    ):
        annotation = ingress.annotations.get(f"{prefix}/{name}")
        if annotation is None or "location" in annotation.text:
            continue
        found = pattern.search(annotation.text[:_LONGEST])
        if found is not None:
            place = annotation.part(found[0].strip())
            statement = Annotation(found[0].split()[0], found[1], "str", place)
            yield Fault(statement, purpose, reason)


def upgrade(snippet: Annotation | None) -> tuple[str | None, Span] | None:
    """The `Upgrade` header that a snippet of a location sets; None where it sets none."""
    return _header(snippet, _UPGRADE, "websocket")


def connection(snippet: Annotation | None) -> tuple[str | None, Span] | None:
    return _header(snippet, _CONNECTION, "upgrade")


def _header(
    snippet: Annotation | None, pattern: re.Pattern[str], usual: str
) -> tuple[str | None, Span] | None:
    found = pattern.search(snippet.text[:_LONGEST]) if snippet else None
    if snippet is None or found is None:
        return None
    value = found[1].strip("\"'")
    if value in ("$http_upgrade", "$connection_upgrade"):
        value = usual
    return None if "$" in value else value, snippet.part(found[0].strip())
