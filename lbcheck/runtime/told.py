"""What a running proxy says of its targets, in the words of the model."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from lbcheck.model import State, Trouble

LONGEST_NAME = 200
"""no proxy has a longer name of a pool or target"""


class Member(Struct, frozen=True):
    """A target as the process sees it. `words`: the state in the proxy's own; `address` "": not
    told; `weight` None: not told."""

    name: str
    address: str
    state: State
    words: str
    weight: int | None = None
    backup: bool = False


class Group(Struct, frozen=True):
    """A pool as the process sees it, with all of its targets. `cookie`: what sticks clients."""

    name: str
    members: tuple[Member, ...]
    cookie: str = ""


class Told(Struct, frozen=True):
    """All that one answer says; `troubles` are the parts of it that mean nothing."""

    groups: tuple[Group, ...] = ()
    troubles: tuple[Trouble, ...] = ()


def unknown_state(pool: str, target: str, words: str) -> Trouble:
    """A state that no version is known to have."""
    return Trouble(
        f"`{pool}/{target}` is `{words[:LONGEST_NAME]}`, which is no state lbcheck knows"
    )


def few(troubles: Iterator[Trouble]) -> tuple[Trouble, ...]:
    """The first of many faults, and how many there are: an answer may be nothing else."""
    found = list(troubles)
    if len(found) <= _TOLD:
        return tuple(found)
    return (*found[:_TOLD], Trouble(f"{len(found) - _TOLD} more parts of the answer mean nothing"))


_TOLD = 5
