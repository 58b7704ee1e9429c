"""What leads a returning client to the server it had before, and what drains servers in HAProxy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lbcheck.belief import ambiguous_word, strong_word
from lbcheck.model import Churn, Origin, Persistence, Setting, Span, State, Target
from lbcheck.sources.haproxy_acl import Term, acls_of, condition_of
from lbcheck.sources.haproxy_check import Check
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_handshake import meets
from lbcheck.sources.haproxy_server import Server
from lbcheck.sources.haproxy_syntax import Statement
from lbcheck.sources.haproxy_values import Doubt, Found, last, option

_HASHES = ("uri", "url_param", "hdr(", "hash", "rdp-cookie")


def stickinesses(section: Section, servers: Sequence[Server], mode: str) -> Iterator[Setting[str]]:
    """What keeps a client at its server, the strongest first."""
    for found in (_cookie(section, servers, mode), _stick(section), _balance(section)):
        if found is not None:
            yield found


def _cookie(section: Section, servers: Sequence[Server], mode: str) -> Setting[str] | None:
    """`cookie` needs mode http and a value on the servers (or `dynamic`)."""
    found = last(section, "cookie")
    if mode != "http" or not isinstance(found, Found):
        return None
    if "dynamic" not in found.words:
        for server in servers:
            if server.cookie is not None:
                break
        else:
            return None
    return Setting("cookie", "cookie", found.origin, found.place)


def _stick(section: Section) -> Setting[str] | None:
    for statement in section.all("stick"):
        words = statement.words
        if len(words) > 1 and words[1] in ("on", "match") and not statement.maybe:
            place = section.span(statement)
            return Setting(f"stick {words[1]}", "stick-table", Origin.SET, place)
    return None


def _balance(section: Section) -> Setting[str] | None:
    found = last(section, "balance")
    if not isinstance(found, Found) or len(found.words) < 2:
        return None
    method = found.words[1]
    if method == "source":
        return Setting("balance source", "source", found.origin, found.place)
    if method.startswith(_HASHES):
        return Setting(f"balance {method}", "hash", found.origin, found.place)
    return None


def churn(section: Section, sticky: Setting[str] | None) -> Setting[Churn] | None:
    """A hash that is not consistent; turns that somebody wrote instead of `leastconn`."""
    if sticky is not None:
        if sticky.value not in ("source", "hash"):
            return None
        kind = last(section, "hash-type")
        if kind is None or (isinstance(kind, Found) and "consistent" not in kind.words):
            return Setting(sticky.name, Churn.HASH, sticky.origin, sticky.place)
        return None
    found = last(section, "balance") if "balance" in section.by else None
    if isinstance(found, Found) and found.own and found.words[1:2] in _TURNS:
        return Setting(f"balance {found.words[1]}", Churn.TURNS, found.origin, found.place)
    return None


_TURNS = (("roundrobin",), ("static-rr",))


def persistence(section: Section, servers: Sequence[Server], mode: str) -> Iterator[Persistence]:
    """`option persist` and `force-persist` act where something leads to one server at all: without
    a cookie, a stick table or `use-server` a dead server is passed over (measured, 2.6 and 2.8)."""
    leads = "use-server" in section.by
    for sticky in stickinesses(section, servers, mode):
        yield Persistence(sticky.value, sticky)
        leads = leads or sticky.value in _BY_SERVER
    persist = option(section, "persist") if leads else None
    if isinstance(persist, Setting) and persist.value:
        setting = Setting(persist.name, "on", persist.origin, persist.place)
        yield Persistence("option persist", setting)
    for keyword, skip in (("use-server", 2), ("force-persist", 1)):
        for statement in section.by.get(keyword, ()) if leads else ():
            if not statement.maybe:
                yield _conditional(section, statement, keyword, skip)


_BY_SERVER = frozenset(["cookie", "stick-table"])


def _conditional(section: Section, statement: Statement, kind: str, skip: int) -> Persistence:
    condition = condition_of(section, statement, acls_of(section), skip)
    value = " ".join(statement.words[1:])
    setting = Setting(kind, value, Origin.SET, section.span(statement))
    return Persistence(kind, setting, narrow=meets(condition) is not True)


def kept_away(section: Section, by_404: bool = False) -> bool:
    """`ignore-persist` for the clients of a server that drains, or for the paths of WebSockets; the
    manual's own example, for the paths of static files, keeps no WebSocket away. A stick table is
    followed all the same (measured, 2.6 and 2.8).

    Args: by_404: it drains by a 404, which leaves its weight as it is.
    """
    if _stick(section) is not None:
        return False
    for statement in section.by.get("ignore-persist", ()):
        condition = condition_of(section, statement, acls_of(section))
        terms = condition.terms()
        tests = [test.fetch.partition("_")[0] for term in terms for test in term.tests]
        if by_404 and "srv" in tests:
            continue
        if not tests or not _OF_REQUEST.issuperset(tests):
            return True
        if any(_of_websockets(term) is (term.negated is condition.unless) for term in terms):
            return True
    return False


def _of_websockets(term: Term) -> bool:
    patterns = [pattern for test in term.tests for pattern in test.patterns]
    return any(strong_word(each) or ambiguous_word(each) for each in patterns)


_OF_REQUEST = frozenset(["path", "url", "base", "method"])


def _never_led_to(section: Section, servers: Sequence[Server]) -> frozenset[int]:
    """Where the lines of those servers start that no returning client is led to: a cookie leads to
    servers with a value, and `non-stick` keeps one out of the table (2.6.12 and 2.8.25)."""
    cookie, table = last(section, "cookie"), _stick(section) is not None
    if isinstance(cookie, Doubt) or (cookie is None and not table):
        return frozenset()
    dynamic = cookie is not None and "dynamic" in cookie.words
    return frozenset(
        server.statement.start
        for server in servers
        if not (cookie is not None and (dynamic or server.cookie is not None))
        and not (table and server.get("non-stick") is None)
    )


def drain_marks(
    section: Section, check: Check, targets: Sequence[Target], servers: Sequence[Server]
) -> Iterator[Setting[str]]:
    """`weight 0` and disable-on-404, unless clients are kept away from the server."""
    weightless = [
        (each, each.place)
        for each in targets
        if each.state is State.DRAINING and each.weight.value == 0
    ]
    by_404 = check.type == "httpchk" and check.checked
    if not weightless and not by_404:
        return
    spared = _never_led_to(section, servers)
    if weightless and not kept_away(section):
        for target, place in weightless:
            if isinstance(place, Span) and place.start not in spared:
                yield Setting("weight 0", target.name, Origin.SET, place)
    if by_404 and len(spared) < len(servers):
        yield from _by_404(section)


def _by_404(section: Section) -> Iterator[Setting[str]]:
    if kept_away(section, by_404=True):
        return
    for level in section.levels:
        for statement in level.all("http-check"):
            if statement.words[1:2] == ("disable-on-404",) and not statement.maybe:
                origin = Origin.SET if level is section else Origin.INHERITED
                yield Setting("http-check disable-on-404", "404", origin, level.span(statement))
                return


def redispatch(section: Section) -> Setting[bool] | None:
    found = option(section, "redispatch")
    if found is None:
        return Setting("option redispatch", False, Origin.DEFAULT, section.place)
    return found if isinstance(found, Setting) else None


def retries_503(section: Section, moved: Setting[bool] | None) -> Setting[bool] | None:
    """A 503 is tried elsewhere with `retry-on 503` (or all-retryable-errors) and redispatch only:
    without redispatch every retry goes to the same server (measured on 2.6, 2.8 and 3.4).

    Args: moved: `option redispatch` as it is in force.

    Returns: a setting at the `retry-on`, with the name of what does not do its part.
    """
    found = last(section, "retry-on")
    if moved is None or not (found is None or isinstance(found, Found)):
        return None
    if found is None:
        return Setting("retry-on", False, Origin.DEFAULT, section.place)
    if not found.known:
        return None
    covered = not {"503", "all-retryable-errors"}.isdisjoint(found.words)
    if covered and moved.value and (never := _never_retries(section)) is not None:
        return never
    missing = "option redispatch" if covered and not moved.value else "retry-on"
    return Setting(missing, covered and moved.value, found.origin, found.place)


def _never_retries(section: Section) -> Setting[bool] | None:
    """What switches the retries off again that `retry-on` asks for (measured on 2.6 and 2.8)."""
    count = last(section, "retries")
    if isinstance(count, Found) and count.words[1:2] == ("0",):
        return Setting("retries 0", False, count.origin, count.place)
    for statement in section.by.get("http-request", ()):
        if statement.words[1:] == ("disable-l7-retry",) and not statement.maybe:
            place = section.span(statement)
            return Setting("http-request disable-l7-retry", False, Origin.SET, place)
    return None
