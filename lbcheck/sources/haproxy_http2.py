"""Which handshakes over HTTP/2 (RFC 8441) a HAProxy condition misses.

Measured on 2.6 and 2.8: HAProxy shows such a handshake to its rules as a GET with `Connection:
upgrade` and `Upgrade: websocket`, and without `Sec-WebSocket-Key`, which HTTP/2 has not.
"""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Effect, Ineffective, Origin, Setting, Span
from lbcheck.sources.haproxy_acl import Condition, Term, Test
from lbcheck.sources.haproxy_around import Around
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_edge import Edge
from lbcheck.sources.haproxy_line import Partial

_KEY = "sec-websocket-key"
_SINCE = (2, 8)
"""from here on a bind with TLS offers h2 unless `alpn` or `no-alpn` says otherwise (measured:
2.8.25 does, 2.6.12 does not)"""


def missed_over_http2(edge: Edge, around: Around) -> Iterator[Ineffective]:
    """Tests of the key that keep clients away which the frontend itself invites to HTTP/2."""
    test = _blocking(edge.condition)
    if test is None or around.no_http2_websockets or edge.frontend.mode != "http":
        return
    if any(other.backend is edge.backend and _open(other) for other in edge.frontend.edges):
        return
    offer = _offer(edge.frontend.section, around.declared.haproxy_version)
    if offer is not None:
        yield Ineffective(
            Effect.HTTP2_MISSED,
            Setting(test.text, test.text, Origin.SET, test.place, offer.assumed),
            "WebSockets over HTTP/2 have no `Sec-WebSocket-Key`, and go elsewhere",
            offer.place,
        )


def _blocking(condition: Condition) -> Test | None:
    """A test of the key that every way through the condition has to pass."""
    if condition.unless or not condition.known:
        return None
    found = [_needs_key(terms) for terms in condition.alternatives]
    return found[0] if found and None not in found else None


def _needs_key(terms: list[Term]) -> Test | None:
    for term in terms:
        if not term.negated and all(test.argument == _KEY and test.known for test in term.tests):
            return term.tests[0]
    return None


def _open(edge: Edge) -> bool:
    return _blocking(edge.condition) is None


def _offer(section: Section, version: tuple[int, ...] | None) -> Setting[str] | None:
    """A bind that offers HTTP/2, and what that rests on; a written one before a default one."""
    offers = [_offered(section.span(s), s.words, version) for s in section.all("bind")]
    known = [offer for offer in offers if offer is not None]
    return min(known, key=lambda offer: offer.assumed is not None, default=None)


def _offered(
    place: Span, words: tuple[str, ...], version: tuple[int, ...] | None
) -> Setting[str] | None:
    if type(words) is Partial or "ssl" not in words or "no-alpn" in words:
        return None
    if "alpn" in words[:-1]:
        offered = words[words.index("alpn") + 1]
        written = "h2" in offered.split(",")
        return Setting("alpn", offered, Origin.SET, place) if written else None
    if "proto" in words[:-1] and words[words.index("proto") + 1] == "h2":
        return Setting("proto", "h2", Origin.SET, place)
    if version is not None:
        return Setting("alpn", "h2", Origin.DEFAULT, place) if version >= _SINCE else None
    return Setting("alpn", "h2", Origin.DEFAULT, place, "HAProxy 2.8 or later")
