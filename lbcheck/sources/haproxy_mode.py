"""HTTP tests of a HAProxy frontend in mode tcp, where no request has been read."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Effect, Ineffective, Origin, Setting
from lbcheck.regex import regex
from lbcheck.sources.haproxy_acl import Test
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_edge import Edge

_HTTP = regex(
    r"(?:path|url|base|hdr|req\.f?hdr|shdr|cook|req\.cook|method|query|http_req|urlp)"
    r"(?:_[a-z]++|32)?+"
)
_WAITING = frozenset([("content",), ("inspect-delay",)])


def unmatched(edge: Edge) -> Iterator[Ineffective]:
    """Tests of the request where nobody waits for it: they match only what came with the connection
    (seen on 2.6 and 2.8, without a word of `haproxy -c`). `tcp-request content` and `inspect-delay`
    wait, and so does a bind with `defer-accept`."""
    section = edge.frontend.section
    if section.opaque or any("defer-accept" in bind.words for bind in section.all("bind")):
        return
    asks = (s.words[1:2] for level in section.levels for s in level.all("tcp-request"))
    if not _WAITING.isdisjoint(asks):
        return
    for term in edge.condition.terms():
        for test in term.tests:
            if test.known and _HTTP.fullmatch(test.fetch):
                yield _never(section, test, term.name)
                return


def _never(section: Section, test: Test, name: str) -> Ineffective:
    setting: Setting[object] = Setting(
        name if name == test.text else f"acl {name}", test.text, Origin.SET, test.place
    )
    reason = (
        f"frontend `{section.name}` is in mode tcp and does not wait for the request, which comes "
        "after the backend has been chosen"
    )
    return Ineffective(Effect.WRONG_MODE, setting, reason, section.place)
