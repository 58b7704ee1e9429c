"""LB116: an ACL on the handshake's key misses clients that use WebSockets over HTTP/2."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Effect, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY
from lbcheck.rules.without_effect import records


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """A warning where the version is not known: before 2.8 only a written `alpn` offers HTTP/2."""
    for record in records(route, Effect.HTTP2_MISSED):
        assumed = record.setting.assumed
        offered = "HTTP/2 is offered here" + (f" by {assumed}" if assumed else "")
        yield Problem(
            record.setting.place,
            f"`{record.setting.name}`: {record.reason}",
            severity=Severity.WARNING if assumed else None,
            related=(Note(record.cause, offered),) if record.cause else (),
        )


_HTTP2 = HAPROXY.replace(
    "bind 127.0.0.1:8080\n",
    "bind 127.0.0.1:8080 ssl crt /etc/haproxy/tls/site.pem alpn h2,http/1.1\n",
)
_USE = "    use_backend ws if { path_beg /ws }\n"
_BY_ACL = "    use_backend ws if is_ws\n"

RULE = Rule(
    code="LB116",
    name="http2-websocket-missed",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Route,
    check=check,
    summary="An ACL on `Sec-WebSocket-Key` misses WebSockets over HTTP/2.",
    why=(
        "HAProxy tells HTTP/2 clients that they may open WebSockets over HTTP/2 (RFC 8441), and "
        "Firefox and Chrome do. Such a handshake has no `Sec-WebSocket-Key`, so that it goes to "
        "the default backend, where `Upgrade` and `Connection` are shown to rules as ever."
    ),
    remedy="Test `hdr(Upgrade) -i websocket` instead.",
    references=(
        "https://www.rfc-editor.org/rfc/rfc8441#section-5",
        "https://docs.haproxy.org/2.8/configuration.html#3.1-h2-workaround-bogus-websocket-clients",
    ),
    proven=proven.HAPROXY,
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=_HTTP2.replace(
                _USE, "    acl is_ws hdr(Sec-WebSocket-Key) -m found  # <- here\n" + _BY_ACL
            ),
            good=_HTTP2.replace(_USE, "    acl is_ws hdr(Upgrade) -i websocket\n" + _BY_ACL),
        ),
    ),
)
