"""Tell by digests whether two runs speak of the same fault, whatever moved in between.

No digest holds a line number, a message, a secret, or where somebody stood when naming the file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from lbcheck.finding import Identity
from lbcheck.model import Place, Source, Span
from lbcheck.repository import root_of
from lbcheck.secret import masked, masked_part

_MAX_ADDRESSES = 16
"""A statement that a thousand routes inherit is known by the first of them in alphabetical order"""


def identified(code: str, place: Place, concerned: Mapping[str, Source | None]) -> Identity:
    """What makes a fault the same in another run.

    Args: concerned: the addresses that have the fault alike, and the source of each.
    """
    said = _normalised(place)
    addresses = sorted(concerned)[:_MAX_ADDRESSES]
    others = {concerned[address]: None for address in addresses}
    return Identity(
        tuple(_digest(code, masked(address), said) for address in addresses),
        tuple(source for source in others if source not in (None, place.source)),
    )


class Fingerprints:
    """The fingerprints of one report: the second of two equal ones ends in `:2`."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._homes: dict[Source, str] = {}

    def of(self, source: Source, identity: Identity) -> str:
        home = self._homes.get(source)
        if home is None:
            home = self._homes[source] = _home(source)
        digest = _digest(home, identity.marks[0])
        count = self._counts[digest] = self._counts.get(digest, 0) + 1
        return digest if count == 1 else f"{digest}:{count}"


def _home(source: Source) -> str:
    """A source's path as its repository has it; one in no repository is where it is installed."""
    if source.path is None:
        return source.name
    top = root_of(os.path.dirname(source.path))
    return os.path.relpath(source.path, top) if top else source.path


def _digest(*parts: str) -> str:
    text = "\0".join(parts)
    return str(_sha256()(text.encode("utf-8", "surrogateescape")).hexdigest())[:16]


@cache
def _sha256() -> Any:
    """SHA-256 without OpenSSL, which takes 2 ms to load with `hashlib` (`random` does the same)."""
    for module in ("_sha256", "_sha2"):  # Python 3.11, and later ones
        try:
            return import_module(module).sha256
        except (ImportError, AttributeError):
            continue
    return import_module("hashlib").sha256


def _normalised(place: Place) -> str:
    """What a place says, without blanks; for an AWS answer whose it is and which key."""
    if isinstance(place, Span):
        return " ".join(masked_part(place.source, place.start, place.end).split())
    keys = [step for step in place.path if isinstance(step, str)]
    return " ".join((place.resource, *keys))
