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

LONGEST = 20_000
_STATEMENT = r"(?m)(?:^|[;{])[ \t]*+((?:%s)[ \t]++([^;#\s]++)[ \t]*+;)"
_STATEMENTS = {
    name: re.compile(_STATEMENT % words)
    for name, words in {
        "proxy_read_timeout": "proxy_read_timeout",
        "proxy_http_version": "proxy_http_version",
        "Upgrade": "(?i:proxy_set_header[ \\t]++Upgrade)",
        "Connection": "(?i:proxy_set_header[ \\t]++Connection)",
    }.items()
}
_AROUND = "each location sets its own; use `proxy-read-timeout`"
_BESIDE = "the location has one already, and nginx refuses a second one; "
_SNIPPETS = {
    Controller.INGRESS_NGINX: (keys.INGRESS_NGINX, "server-snippet", "configuration-snippet"),
    Controller.NGINX_INC: (keys.NGINX_INC[0], "server-snippets", "location-snippets"),
}


def around(ingress: Object, controller: Controller | None) -> Annotation | None:
    """The snippet of the server, around the locations."""
    if controller not in _SNIPPETS:
        return None
    prefix, name, _ = _SNIPPETS[controller]
    return ingress.annotations.get(f"{prefix}/{name}")


def faults(ingress: Object, controller: Controller | None) -> Iterator[Fault]:
    """Every location of both controllers has a `proxy_read_timeout` and a `proxy_http_version` of
    its own (their templates nginx.tmpl and nginx.ingress.tmpl): one around it is overridden, and a
    second one beside it is refused (nginx: "directive is duplicate")."""
    if controller not in _SNIPPETS:
        return
    prefix, around, beside = _SNIPPETS[controller]
    for name, wanted, purpose, reason in (
        (around, "proxy_read_timeout", Purpose.IDLE, _AROUND),
        (beside, "proxy_read_timeout", Purpose.IDLE, f"{_BESIDE}use `proxy-read-timeout`"),
        (beside, "proxy_http_version", Purpose.PROTOCOL, f"{_BESIDE}leave it out"),
    ):
        annotation = ingress.annotations.get(f"{prefix}/{name}")
        if annotation is None or "location" in annotation.text:
            continue
        found = statement(annotation, wanted)
        if found is not None:
            written = Annotation(wanted, found[0], "str", found[1])
            yield Fault(written, purpose, reason, refused=name == beside)


def statement(snippet: Annotation, name: str) -> tuple[str, Span] | None:
    """What a snippet sets, and where it stands."""
    found = _STATEMENTS[name].search(snippet.text[:LONGEST])
    return (found[2], snippet.part(found[1])) if found else None


def upgrade(snippet: Annotation | None) -> tuple[str | None, Span] | None:
    """The `Upgrade` header that a snippet of a location sets; None where it sets none."""
    return _header(snippet, "Upgrade", "websocket")


def connection(snippet: Annotation | None) -> tuple[str | None, Span] | None:
    return _header(snippet, "Connection", "upgrade")


def _header(snippet: Annotation | None, name: str, usual: str) -> tuple[str | None, Span] | None:
    found = statement(snippet, name) if snippet else None
    if found is None:
        return None
    value = found[0].strip("\"'")
    if value in ("$http_upgrade", "$connection_upgrade"):
        value = usual
    return None if "$" in value else value, found[1]
