"""URLs as they are asked, and as they are shown: without what may be a secret."""

from __future__ import annotations

import re

import httpx

from lbcheck.errors import UsageError

_SCHEMES = {"ws": "http", "wss": "https", "http": "http", "https": "https"}
_PLAIN = frozenset({"EIO", "transport"})
"""parameters of a query that are the protocol's own (Engine.IO)"""
_MASK = "***"


def parsed(url: str) -> httpx.URL:
    """The URL as it is asked. Raises: UsageError with what is wrong with it."""
    if "@" in re.split("[/?#]", url.partition("//")[2], maxsplit=1)[0]:
        raise UsageError(
            "a password in a URL is shown to everybody: `probe` has --basic, `audit` --live-header"
        )
    try:
        where = httpx.URL(url)
        named = where.scheme in _SCHEMES and bool(where.host)
    except (httpx.InvalidURL, UnicodeError) as error:  # `xn--` is a name that cannot be decoded
        # What is no URL may be a password with a slash in it.
        said = "what is asked" if "@" in url else f"{shown(url)}: {error}:"
        raise UsageError(f"{said} is no URL") from None
    if not named:
        raise UsageError(f"{shown(url)}: is no URL such as wss://chat.example/ws")
    if not 0 < (where.port or 1) < 65536:
        raise UsageError(f"{shown(url)}: there is no such port")
    return where.copy_with(scheme=_SCHEMES[where.scheme], fragment=None)


def moved(url: str, target: str) -> str:
    """The same path at a target: HOST:PORT is asked in clear, https://HOST:PORT with TLS.

    Raises: UsageError for what is no target.
    """
    there = parsed(target if "://" in target else f"http://{target}")
    if "://" not in target and not target.rpartition(":")[2].isdigit():
        raise UsageError(f"{target}: write HOST:PORT")
    return str(there.copy_with(raw_path=parsed(url).raw_path))


def shown(url: str) -> str:
    """A URL for people: tokens go in the query, under any name, so none of its values is told."""
    head, mark, query = url.partition("#")[0].partition("?")
    return head + mark + "&".join(map(_hidden, query.split("&")))


def _hidden(part: str) -> str:
    name, equals, value = part.partition("=")
    if not part or name in _PLAIN:
        return part
    # `?dG9rZW4=` has no name, although there is an equals sign.
    return f"{name}={_MASK}" if equals and value.strip("=") else _MASK
