"""Where a `proxy_pass` or an upstream's `server` leads: names, addresses, variables."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from lbcheck.model import Resolution
from lbcheck.regex import regex
from lbcheck.sources.nginx_map import Maps, Variables, opaque
from lbcheck.sources.nginx_scope import Root, Scope
from lbcheck.sources.nginx_syntax import Directive

_IPV4 = regex(r"[0-9]{1,3}+(?:\.[0-9]{1,3}+){3}")


class Destination(Struct, frozen=True, gc=False):
    """One place that a `proxy_pass` leads to.

    `upstream` is the block it names; else `host` is the authority as it is reached. `variable`:
    looked up at run time, so that a name needs a resolver; `unreadable`: not known from here;
    `foreign`: a fragment's name that may well be an upstream of another file. `scheme` as written.
    """

    host: str
    upstream: str | None = None
    variable: bool = False
    unreadable: bool = False
    foreign: bool = False
    resolver: bool = True
    uri: str = ""
    scheme: str = ""


def destinations(
    statement: Directive, root: Root, maps: Maps, scope: Scope, variables: Variables
) -> list[Destination]:
    """Where a `proxy_pass` leads; several places when a map chooses among constants."""
    text = statement.args[0] if statement.args else ""
    if opaque(text) or not text:
        return [Destination(text, unreadable=True)]
    if "$" not in text:
        return [_destination(text, root, False, True)]
    resolver = not root.whole or scope.effective("resolver") is not None or scope.blind("resolver")
    return [
        Destination(text, variable=True, unreadable=True)
        if value is None
        else _destination(value, root, True, resolver)
        for value in _values(text, maps, variables)
    ]


def _values(text: str, maps: Maps, variables: Variables) -> list[str | None]:
    scheme, sign, rest = text.rpartition("://")
    authority, slash, path = rest.partition("/")
    prefix = scheme + sign
    value = maps.value(prefix + authority, variables)
    if value is not None:
        return [value + slash + path]
    outcomes = maps.outcomes(authority)
    return [f"{prefix}{each}{slash}{path}" for each in outcomes] if outcomes else [None]


def _destination(text: str, root: Root, variable: bool, resolver: bool) -> Destination:
    scheme, sign, rest = text.partition("://")
    rest, scheme = (rest, scheme.lower()) if sign else (scheme, "")
    if rest.startswith("unix:"):
        socket, _, uri = rest[5:].partition(":")
        return Destination(f"unix:{socket}", variable=variable, uri=uri, scheme=scheme)
    host, slash, path = rest.partition("/")
    name = host if host in root.upstreams else host.lower()
    if name in root.upstreams:
        return Destination(host, name, variable, uri=slash + path, scheme=scheme)
    fixed = resolution(host) is Resolution.ADDRESS
    known = root.complete or fixed or variable
    foreign = not known and ":" not in host and "." not in host
    return Destination(
        host, None, variable, False, foreign, resolver or fixed, slash + path, scheme
    )


def resolution(address: str, parameters: tuple[str, ...] = ()) -> Resolution:
    """When nginx turns an address into numbers: names once, at start and reload, unless the
    `resolve` parameter is there (open source since 1.27.3)."""
    if looked_up(parameters):
        return Resolution.DYNAMIC
    if address.startswith(("unix:", "[")):
        return Resolution.ADDRESS
    host = address.partition(":")[0]
    if host in ("localhost", "") or host.isdigit() or _IPV4.fullmatch(host):
        return Resolution.ADDRESS
    return Resolution.ONCE


@lru_cache(4096)
def looked_up(parameters: tuple[str, ...]) -> bool:
    """Do the words behind a server's address have it looked up at run time?"""
    return "resolve" in parameters or any(word.startswith("service=") for word in parameters)
