"""Statements of an `upstream` that do not do what they say: out of order, or for another nginx."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lbcheck.model import Declared, Effect, Ineffective, Origin, Place, Setting
from lbcheck.sources.nginx_scope import Root, span
from lbcheck.sources.nginx_syntax import Directive

METHODS = frozenset({"ip_hash", "hash", "least_conn", "least_time", "random"})
_ANY_ORDER = (1, 29, 7)
# What open-source nginx learned late (CHANGES), None: what NGINX Plus alone knows.
_PARAMETERS = {
    "drain": (1, 29, 6), "route": (1, 29, 6), "resolve": (1, 27, 3), "service": (1, 27, 3),
    "slow_start": None,
}  # fmt: skip
_STATEMENTS = {
    "sticky": (1, 29, 6), "least_time": (1, 31, 0), "resolver": (1, 27, 3), "queue": None,
    "ntlm": None, "state": None, "health_check": None,
}  # fmt: skip
_STICKY = ("cookie", "route", "learn")
"""the first words of nginx's own `sticky`; a module of the same name, far older, has others"""


def faults(
    inner: list[Directive], named: set[str], marks: tuple[Setting[str], ...], declared: Declared
) -> tuple[Ineffective, ...]:
    """What has no effect in a block with these statements, of these names.

    Args: marks: its `drain` parameters.
    """
    found: list[Ineffective] = []
    if len(named & METHODS) > 1:
        found += _replaced(inner)
    if "keepalive" in named and not named.isdisjoint(METHODS):
        found += _order(inner, declared)
    if marks and "sticky" not in named:
        found += [_unsupported("drain", mark.place, _LIKE_DOWN) for mark in marks]
    return tuple(found)


def fragile(servers: Sequence[Directive], sticky: Setting[str] | None) -> tuple[Ineffective, ...]:
    """A hash whose clients leave a server at its first failure, for `fail_timeout` (10s): nobody
    has said how many count (`max_fails`, 1)."""
    if sticky is None or sticky.value not in ("source", "hash") or len(servers) < 2:
        return ()
    if any(word.startswith("max_fails=") for server in servers for word in server.args):
        return ()
    setting: Setting[object] = Setting("max_fails", 1, Origin.DEFAULT, span(servers[0]))
    reason = "one failed request takes a server out for 10s"
    return (Ineffective(Effect.STICKINESS_FRAGILE, setting, reason, sticky.place),)


def refused(inner: list[Directive], root: Root, declared: Declared) -> tuple[Ineffective, ...]:
    """What the declared version of open-source nginx refuses; a module may know it."""
    version = declared.nginx_version
    if (
        version is None
        or declared.nginx_edition not in ("oss", None)
        or "load_module" in root.main.own
    ):
        return ()
    return tuple(_unknown(inner, version))


def workers(root: Root) -> bool:
    """Is it certain that several worker processes run?"""
    for statement in reversed(root.tree):
        if statement.name == "worker_processes" and statement.args:
            text = statement.args[0]
            return text == "auto" or (text.isascii() and text.isdigit() and int(text[:9]) > 1)
    return False


def counted(servers: Sequence[Directive]) -> Setting[str] | None:
    """The first failure limit that somebody set. Limits left alone are no plan."""
    for server in servers:
        for word in server.args[1:]:
            name, _, value = word.partition("=")
            if name in ("max_fails", "fail_timeout") and value != "0":
                return Setting(name, value, Origin.SET, span(server))
    return None


def _replaced(inner: Sequence[Directive]) -> Iterator[Ineffective]:
    """Of two balance methods the later one is in force (1.22.1 and 1.31.3 warn of it at start)."""
    methods = [statement for statement in inner if statement.name in METHODS]
    for statement in methods[:-1]:
        setting: Setting[object] = Setting(
            statement.name, statement.args, Origin.SET, span(statement)
        )
        reason = f"`{methods[-1].name}` below it replaces it"
        yield Ineffective(Effect.ORDER, setting, reason, span(methods[-1]))


def _order(inner: Sequence[Directive], declared: Declared) -> Iterator[Ineffective]:
    """A balance method sets up the connections to targets anew, without those kept (nginx 1.22.1
    says `load balancing method redefined`, and opens a connection for each request)."""
    if declared.nginx_version is not None and declared.nginx_version >= _ANY_ORDER:
        return
    kept = next(statement for statement in inner if statement.name == "keepalive")
    after = (d for d in inner if d.name in METHODS and d.start > kept.start)
    method = next((d for d in after if d.source is kept.source), None)
    if method is None or kept.args[:1] == ("0",):
        return
    which = "" if declared.nginx_version is not None else ", in nginx before 1.29.7"
    setting: Setting[object] = Setting("keepalive", kept.args, Origin.SET, span(kept))
    reason = f"`{method.name}` below it replaces it{which}"
    yield Ineffective(Effect.ORDER, setting, reason, span(method))


_LIKE_DOWN = "without `sticky` it is the same as `down`, and nobody is led back to finish there"


def _unsupported(name: str, place: Place, reason: str) -> Ineffective:
    setting: Setting[object] = Setting(name, None, Origin.SET, place)
    return Ineffective(Effect.UNSUPPORTED, setting, reason)


def _unknown(inner: Sequence[Directive], version: tuple[int, ...]) -> Iterator[Ineffective]:
    running = ".".join(map(str, version))
    for statement in inner:
        for name in _words(statement):
            since = _PARAMETERS[name] if statement.name == "server" else _STATEMENTS[name]
            if since is None:
                reason = f"nginx {running} refuses it, only NGINX Plus knows it"
                yield _unsupported(name, span(statement), reason)
            elif version < since:
                known = ".".join(map(str, since))
                reason = f"nginx {running} refuses it, open-source nginx knows it since {known}"
                yield _unsupported(name, span(statement), reason)


def _words(statement: Directive) -> list[str]:
    """The words of a statement that not every nginx knows."""
    if statement.name == "server":
        words = [word.partition("=")[0] for word in statement.args[1:]]
        return [word for word in words if word in _PARAMETERS]
    if statement.name == "sticky" and statement.args[:1] and statement.args[0] not in _STICKY:
        return []
    return [statement.name] if statement.name in _STATEMENTS else []
