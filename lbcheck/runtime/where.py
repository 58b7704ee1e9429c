"""Where a running proxy can be asked: `haproxy=http://127.0.0.1:8404/stats;csv` and its like."""

from __future__ import annotations

import re

from msgspec import Struct

from lbcheck.errors import UsageError
from lbcheck.secret import MASK, told

HAPROXY = "haproxy"
NGINX_PLUS = "nginx-plus"
_WAYS = {HAPROXY: ("http", "https", "unix", "tcp"), NGINX_PLUS: ("http", "https")}
_FORM = {
    HAPROXY: "haproxy=http://HOST:PORT/PATH;csv, haproxy=unix:/PATH or haproxy=tcp:HOST:PORT",
    NGINX_PLUS: "nginx-plus=http://HOST:PORT/api",
}
_TCP = r"(\[[0-9A-Fa-f:.]++\]|[A-Za-z0-9._-]++):([0-9]{1,5}+)"


class Where(Struct, frozen=True):
    """Whom to ask, and how.

    `kind`: HAPROXY or NGINX_PLUS; `way`: "http", "unix" or "tcp"; `address`: a URL (perhaps with a
    password), a path, HOST:PORT; `name`: what it is called in reports, without secrets.
    """

    kind: str
    way: str
    address: str
    name: str


def parsed(text: str) -> Where | None:
    """What a value of `--live` means; None: it names no proxy, and is a service's URL.

    Raises: UsageError for what nobody can be asked by; it tells no password.
    """
    kind, equals, address = text.partition("=")
    if not equals or kind not in _WAYS:
        return None
    way, colon, rest = address.partition(":")
    if not colon or way not in _WAYS[kind] or not _complete(way, rest):
        raise UsageError(f"--live {kind}=...: write {_FORM[kind]}")
    name = f"{kind} {masked(address)}"
    if way in ("http", "https"):
        return Where(kind, "http", _page(kind, address), name)
    return Where(kind, way, rest, name)


def _complete(way: str, rest: str) -> bool:
    if way == "unix":
        return rest.startswith("/")
    if way == "tcp":
        match = re.fullmatch(_TCP, rest)
        return match is not None and int(match[2]) < 65_536
    return rest.startswith("//") and len(rest) > len("//")


def _page(kind: str, url: str) -> str:
    """The page of statistics as CSV: an unquoted `;csv` is lost in a shell."""
    if kind == HAPROXY and ";csv" not in url:
        return f"{url};csv"
    return url


def masked(url: str) -> str:
    """A URL as it may be shown: `http://***@127.0.0.1:8404/stats;csv`."""
    scheme, slashes, rest = url.partition("//")
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    return told(f"{scheme}{slashes}{MASK if user else ''}{at}{host}{slash}{path}")
