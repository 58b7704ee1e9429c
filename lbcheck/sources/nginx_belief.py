"""How sure it is that a way of nginx carries WebSockets, and why."""

from __future__ import annotations

from lbcheck.belief import ambiguous_word, by_names, may_stream, strong_word, tokens
from lbcheck.model import Belief, Level
from lbcheck.regex import regex
from lbcheck.sources import nginx_time
from lbcheck.sources.nginx_map import names
from lbcheck.sources.nginx_match import parts
from lbcheck.sources.nginx_rewrite import about_upgrade
from lbcheck.sources.nginx_scope import Kind, Scope, all_of, covers_all, matcher
from lbcheck.sources.nginx_stopped import hidden
from lbcheck.sources.nginx_target import SUBREQUESTS
from lbcheck.sources.nginx_way import UNKNOWN, Way, Ways, run_of

_ESCAPE = regex(r"\\[A-Za-z]")
_LONG_S = 600.0
_HEALTH = frozenset(
    """alive health healthcheck healthz heartbeat livez liveness metrics ping readiness ready readyz
    status up""".split()
)

FORWARDED = Belief(Level.CERTAIN, "Upgrade headers are forwarded")
CONNECTION = Belief(Level.CERTAIN, "`Connection: upgrade` is sent")
LOST = Belief(Level.CERTAIN, "an outer level sets the Upgrade headers")
SWITCHED = Belief(Level.CERTAIN, "the target is chosen by the `Upgrade` header")
TESTED = Belief(Level.CERTAIN, "an `if` asks for an upgrade")
PASSED = Belief(
    Level.LIKELY, "`proxy_pass_header` lets `Upgrade` through, though only to the client"
)
HIDDEN = Belief(Level.POSSIBLE, "`internal`: requests from outside get 404")
MOVED = Belief(Level.POSSIBLE, "handshakes run elsewhere")
EXCLUDED = Belief(Level.POSSIBLE, "the profile says that no WebSockets pass here")


def believe(way: Way, ways: Ways, pools: list[str]) -> Belief:
    """The strongest sign there is: declared, written, then named.

    Args: pools: the names it leads to.
    """
    scope = way.scope
    if scope in ways.declared:
        return Belief(
            Level.CERTAIN, f"the profile declares `{ways.declared[scope]}`", declared=True
        )
    if scope in ways.excluded:
        return EXCLUDED
    if scope in ways.moved and way.redirect is None and way.answered is None:
        return MOVED
    if hidden(way, ways):
        return HIDDEN
    return _written(way, ways) or _named(way, ways, pools)


def _written(way: Way, ways: Ways) -> Belief | None:
    scope = way.scope
    internal = "internal" in scope.own and parts(scope)[0] == "="
    if internal and "proxy_set_header" not in scope.own:
        return UNKNOWN  # an error page that inherits what others need
    if _asked(way, ways):
        return UNKNOWN
    if way.forwards:
        upgrade = way.headers.template("upgrade") if way.headers else None
        return FORWARDED if upgrade else CONNECTION
    if told := _told_apart(way, ways):
        return told
    if scope in ways.handed:
        evidence = f"`location {ways.handed[scope]}` of another server here forwards the upgrade"
        return Belief(Level.CERTAIN, evidence)
    if ways.sets.lost(scope) is None:
        return PASSED if _passed_back(scope) else None
    alone = not ways.settled(way.site) or strong_word(words(scope)) is not None
    return LOST if alone else None


def _asked(way: Way, ways: Ways) -> bool:
    """Is it there for the questions of `auth_request`, or for the copies of `mirror`?"""
    if ways.root.seen.isdisjoint(SUBREQUESTS) or covers_all(way.scope):
        return False
    return parts(way.scope)[1] in ways.targets(way.site).asked


def _passed_back(scope: Scope) -> bool:
    """Does a location let the `Upgrade` of answers through? It is written where the one of the
    request was meant."""
    passed = scope.own.get("proxy_pass_header")
    named = [d.args[0].lower() for d in all_of(passed) if d.args] if passed else []
    return "upgrade" in named


def _told_apart(way: Way, ways: Ways) -> Belief | None:
    """Is there a statement that treats handshakes differently, and sends them here?"""
    scope = way.scope
    asked = run_of(way).asked if scope.kind is Kind.IF else None
    if asked is not None and asked is scope.directive:
        return TESTED
    if way.statement.args and any(
        about_upgrade(ways.sets.maps, name) for name in names(way.statement.args[0])
    ):
        return SWITCHED
    for landing in ways.reached.get(scope, ()):
        if landing.asked is not None:
            return TESTED
        if ways.sets.forwards(ways.sets.of(landing.first.own.get("proxy_set_header"))):
            evidence = f"`location {matcher(landing.first)}` sends handshakes here"
            return Belief(Level.CERTAIN, evidence)
    return None


def _named(way: Way, ways: Ways, pools: list[str]) -> Belief:
    scope = way.scope
    everything = covers_all(scope)
    texts = [words(first.first) for first in ways.reached.get(scope, ())]
    if everything and ways.owner(way.site):
        return UNKNOWN
    if not _for_health(scope):
        texts += [pool for pool in pools if pool not in ways.led(way.site)]
    texts += [there.uri for there in way.there if len(there.uri) > 1]
    if everything:
        for statement in scope.server.every("server_name"):
            texts += statement.args
    texts.insert(0, words(scope))
    if not any(strong_word(text) or ambiguous_word(text) for text in texts):
        return UNKNOWN
    sign = _second_sign(way, ways, streams=may_stream(texts))
    return by_names(*texts, second_sign=sign)


def _for_health(scope: Scope) -> bool:
    """Is it asked by monitoring? Its target may be named after WebSockets and answers a GET."""
    return not _HEALTH.isdisjoint(tokens(words(scope)))


def _second_sign(way: Way, ways: Ways, *, streams: bool) -> str | None:
    """What makes an ambiguous word likely. `streams`: it may well be server-sent events.

    `proxy_buffering off` is no sign: it is written for answers that come in pieces (a model's
    /chat/completions, long polling), and an upgraded connection does not need it.
    """
    if ways.sets.lost(way.scope) is not None:
        return "an outer level sets the Upgrade headers"
    connection = way.headers.template("connection") if way.headers else None
    if streams or (connection is not None and not connection):
        return None  # `Connection ""` is written for upstream keep-alive, where nothing upgrades
    timeout = way.scope.own.get("proxy_read_timeout")
    text = timeout.args[0] if timeout is not None and timeout.args else ""
    if (nginx_time.seconds(text) or 0.0) >= _LONG_S:
        return f"`proxy_read_timeout {text}` is set"
    return None


def words(scope: Scope) -> str:
    """The matcher of a block without the signs of a regular expression (`\\b` is no word)."""
    if scope.kind is not Kind.LOCATION:
        scope = scope.outer if scope.kind is Kind.IF and scope.outer else scope
    modifier, pattern = parts(scope)
    return _ESCAPE.sub(" ", pattern) if modifier.startswith("~") else pattern
