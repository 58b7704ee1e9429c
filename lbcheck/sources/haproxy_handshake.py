"""Would a WebSocket handshake meet this HAProxy condition? True, False, or None: not known."""

from __future__ import annotations

import re
from collections.abc import Callable

from lbcheck.regex import regex
from lbcheck.sources.haproxy_acl import Condition, Term, Test


class Handshake:
    """What is known of the handshakes in question.

    `paths`: (exact?, text) for every path they may have; empty where nothing is known.
    `tls`: do they come over TLS? None: both, or not known. `host`: the `Host` they send; None: any.
    """

    __slots__ = ("host", "paths", "tls")

    def __init__(
        self,
        paths: tuple[tuple[bool, str], ...] = (),
        tls: bool | None = None,
        host: str | None = None,
    ) -> None:
        self.paths = paths
        self.tls = tls
        self.host = host


ANY = Handshake()
_HEADERS = {"upgrade": "websocket", "connection": "upgrade", "sec-websocket-version": "13"}
_HEADER_FETCHES = frozenset(
    stem + end
    for stem in ("hdr", "req.hdr", "req.fhdr", "hdr_str", "shdr")
    for end in ("", "_beg", "_end", "_sub", "_dom", "_dir", "_reg")
)
_MAX_PATH = 100
_PLAIN_REGEX = regex(r"(?:(?:\.|\[\^/\]|\\[dw])[*+]|[\^$A-Za-z0-9_/|().?-]|\\[./-]){1,60}+")
"""No group is repeated, and little else: such a pattern means the same in PCRE and here."""
_CHOICES = (("*+", 1), ("?", 2), ("|", 6))
"""How often a quick pattern may leave open how it goes on."""
_PRESENT = frozenset(["upgrade", "connection", "sec-websocket-key", "sec-websocket-version"])


def meets(condition: Condition, handshake: Handshake = ANY, response: bool = False) -> bool | None:
    """Does every such handshake meet the condition (True), or none (False)?"""
    if not condition.known:
        return None
    if condition.always:
        return True
    judge = _judge_response if response else _judge
    verdict = _any([_all([_term(t, handshake, judge) for t in a]) for a in condition.alternatives])
    return (not verdict) if condition.unless and verdict is not None else verdict


def term_holds(term: Term, handshake: Handshake = ANY) -> bool | None:
    return _term(term, handshake, _judge)


def _any(verdicts: list[bool | None]) -> bool | None:
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _all(verdicts: list[bool | None]) -> bool | None:
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _term(
    term: Term, handshake: Handshake, judge: Callable[[Test, Handshake], bool | None]
) -> bool | None:
    verdict = _any([judge(test, handshake) for test in term.tests])
    return (not verdict) if term.negated and verdict is not None else verdict


def is_header_test(test: Test) -> bool:
    """Does it look at a header that makes a handshake?"""
    name = test.fetch.removesuffix("_cnt")
    return (name in _HEADER_FETCHES) and (
        test.argument in ("upgrade", "connection") or test.argument.startswith("sec-websocket-")
    )


def _judge(test: Test, handshake: Handshake) -> bool | None:
    fetch = test.fetch
    if not test.known:
        return None
    if fetch in ("always_true", "always_false"):
        return fetch == "always_true"
    if fetch in ("ssl_fc", "method", "req.ver", "req_ver"):
        return _judge_connection(test, handshake)
    if fetch in ("hdr_cnt", "req.hdr_cnt", "req.fhdr_cnt"):
        return True if test.argument in _PRESENT and not _least_zero(test) else None
    if fetch in _HEADER_FETCHES and test.argument == "host":
        return None if handshake.host is None else _judge_host(test, handshake.host)
    if fetch in _HEADER_FETCHES:
        return _judge_header(test)
    if fetch.startswith("path") or fetch == "url_beg":
        return _judge_path(test, handshake)
    return None


def _least_zero(test: Test) -> bool:
    return bool(test.patterns) and test.patterns not in (["gt", "0"], ["ge", "1"], ["1"])


def _judge_connection(test: Test, handshake: Handshake) -> bool | None:
    if test.fetch == "ssl_fc":
        return handshake.tls
    if test.fetch == "method":
        return "GET" in test.patterns
    return "1.1" in test.patterns


def _judge_header(test: Test) -> bool | None:
    if test.method == "found":
        return True if test.argument in _PRESENT else None
    sent = _HEADERS.get(test.argument)
    if sent is None:
        return None
    exact = test.method in ("", "str") and test.fetch.rpartition("hdr")[2] in ("", "_str")
    wanted = [pattern.lower() for pattern in test.patterns]
    if exact and sent not in wanted:
        return False
    part = test.method == "sub" or test.fetch.endswith("_sub")
    if not (exact or part) or not any(pattern in sent for pattern in wanted):
        return None
    if "-i" in test.flags or test.argument == "sec-websocket-version":
        return True
    if test.argument == "connection":
        return None
    return any(pattern in sent for pattern in test.patterns)


def _judge_host(test: Test, host: str) -> bool | None:
    """Does the `Host` that is sent, perhaps with a port, match? Clients write it in lower case."""
    kind = test.method or test.fetch.rpartition("hdr")[2].lstrip("_") or "str"
    low = "-i" in test.flags
    patterns = [pattern.lower() if low else pattern for pattern in test.patterns]
    match kind:
        case "str":
            return host in patterns
        case "beg":
            return host.startswith(tuple(patterns))
        case "end":
            return host.endswith(tuple(patterns))
        case "sub":
            return any(pattern in host for pattern in patterns)
        case "dom":
            return any(f".{pattern}." in f".{_dotted(host)}." for pattern in patterns)
        case "reg":
            return _matches(patterns, host)
    return None


def _dotted(host: str) -> str:
    """A domain ends at a colon as it does at a dot (HAProxy manual 7.1.3)."""
    return host.replace(":", ".")


_SPELLINGS = {"upgrade": ("websocket",), "connection": ("Upgrade", "upgrade")}
"""Browsers send `Upgrade: websocket` and `Connection: Upgrade`; proxies write `upgrade` as well."""


def unmet(test: Test) -> str | None:
    """A value that clients send, and that a test for the upgrade misses because of its case.

    Measured on 2.6, 2.8 and 3.4: `hdr(Upgrade) WebSocket` misses `websocket`,
    `hdr(Connection) Upgrade` misses `upgrade`, and `hdr(Connection) upgrade` misses `Upgrade`.
    """
    if not test.known or "-i" in test.flags or test.fetch not in _HEADER_FETCHES:
        return None
    if test.method in ("found", "reg") or test.fetch.endswith("_reg"):
        return None
    sent = _SPELLINGS.get(test.argument, ())
    written = [pattern for pattern in test.patterns if pattern.lower() in map(str.lower, sent)]
    return next((value for value in sent if value not in written), None) if written else None


def _judge_path(test: Test, handshake: Handshake) -> bool | None:
    kind = test.method or test.fetch.partition("_")[2] or "str"
    if kind == "beg" and "/" in test.patterns:
        return True
    if not handshake.paths:
        return None
    insensitive = "-i" in test.flags
    patterns = [p.lower() if insensitive else p for p in test.patterns]
    verdicts = [
        _judge_one_path(kind, patterns, exact, path.lower() if insensitive else path)
        for exact, path in handshake.paths
    ]
    return verdicts[0] if all(verdict is verdicts[0] for verdict in verdicts) else None


def _judge_one_path(kind: str, patterns: list[str], exact: bool, path: str) -> bool | None:
    if kind == "beg":
        if any(path.startswith(pattern) for pattern in patterns):
            return True
        return None if not exact and any(p.startswith(path) for p in patterns) else False
    if kind == "str":
        if exact:
            return path in patterns
        return None if any(pattern.startswith(path) for pattern in patterns) else False
    if exact and kind in ("end", "sub"):
        return any(path.endswith(p) if kind == "end" else p in path for p in patterns)
    if kind == "sub" and any(pattern in path for pattern in patterns):
        return True
    return _matches(patterns, path) if exact and kind == "reg" else None


def _matches(patterns: list[str], path: str) -> bool | None:
    """Does a regular expression that cannot be slow match the path? None where one might be."""
    if len(path) > _MAX_PATH or not all(map(_quick, patterns)):
        return None
    try:
        return any(re.search(pattern, path) for pattern in patterns)
    except re.error:
        return None


def _quick(pattern: str) -> bool:
    return _PLAIN_REGEX.fullmatch(pattern) is not None and all(
        sum(map(pattern.count, signs)) <= most for signs, most in _CHOICES
    )


def _judge_response(test: Test, handshake: Handshake) -> bool | None:
    """For rules on the answer: its status is 101; requests' headers cannot be seen any more."""
    if not test.known:
        return None
    if test.fetch in ("always_true", "always_false"):
        return test.fetch == "always_true"
    if test.fetch == "status" or test.fetch == "res.status":
        return _status(test.patterns)
    return None


def _status(patterns: list[str]) -> bool | None:
    compare: dict[str, Callable[[int], bool]] = {
        "eq": lambda n: n == 101,
        "ge": lambda n: n <= 101,
        "gt": lambda n: n < 101,
        "le": lambda n: n >= 101,
        "lt": lambda n: n > 101,
    }
    operator = "eq"
    for pattern in patterns:
        if pattern in compare:
            operator = pattern
            continue
        low, _, high = pattern.partition(":")
        if not (low.isdigit() and (high or low).isdigit()) or len(pattern) > 9:
            return None
        if high and int(low) <= 101 <= int(high):
            return True
        if not high and compare[operator](int(low)):
            return True
    return False
