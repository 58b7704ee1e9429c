"""Read the NGINX Plus API's upstreams (`/api/9/http/upstreams`): JSON text to states of peers.

As F5 documents the API of version 9; NGINX Plus itself cannot be had for an experiment. Only
upstreams with a `zone` are in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from lbcheck.errors import SourceError
from lbcheck.model import State, Trouble
from lbcheck.runtime.told import LONGEST_NAME, Group, Member, Told, few, unknown_state

T = TypeVar("T")

_STATES = {
    "up": State.HEALTHY,
    "draining": State.DRAINING,
    "down": State.DOWN,
    # No handshake is led to these either: nginx answers 502 where nothing else is left.
    "unavail": State.DOWN,
    "unhealthy": State.DOWN,
    "checking": State.DOWN,
}
_PAGE = "/http/upstreams"
_NEWEST = 9


class Peer(msgspec.Struct, frozen=True):
    """A server of an upstream: `name` as it is written, `server` its address."""

    server: str
    state: str
    name: str = ""
    weight: int = 1
    backup: bool = False


class Upstream(msgspec.Struct, frozen=True):
    """An upstream with a `zone`."""

    peers: list[Peer]


def page(url: str, versions: str | None = None) -> str | None:
    """The URL of the upstreams; None: the API has to be asked for its versions first.

    Args: versions: what it answered.

    Raises: SourceError: it is no such API, or too old.
    """
    base = url.partition("?")[0].rstrip("/")
    if base.endswith(_PAGE):
        return base
    if re.search(r"/api/[0-9]{1,2}+$", base):
        return f"{base}{_PAGE}"
    base = base if base.endswith("/api") else f"{base}/api"
    if versions is None:
        return None
    known = [each for each in _decoded(versions, list[int]) if 0 < each <= _NEWEST]
    if not known:
        raise SourceError("the API has no version that lbcheck knows")
    return f"{base}/{max(known)}{_PAGE}"


def versions_page(url: str) -> str:
    """The URL at which the API tells its versions."""
    base = url.partition("?")[0].rstrip("/")
    return f"{base}/" if base.endswith("/api") else f"{base}/api/"


def read(text: str) -> Told:
    """The upstreams of one nginx with their peers.

    Raises: SourceError for what is no such answer.
    """
    answer = _decoded(text, dict[str, Upstream])
    groups = tuple(
        Group(name, tuple(map(_member, upstream.peers)))
        for name, upstream in answer.items()
        if len(name) <= LONGEST_NAME
    )
    return Told(groups, few(_faults(answer, groups)))


def _decoded(text: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError):
        raise SourceError("the answer is none of the NGINX Plus API (JSON)") from None


def _member(peer: Peer) -> Member:
    name = (peer.name or peer.server)[:LONGEST_NAME]
    state = _STATES.get(peer.state, State.UNKNOWN)
    return Member(name, peer.server[:LONGEST_NAME], state, peer.state, peer.weight, peer.backup)


def _faults(answer: dict[str, Upstream], groups: tuple[Group, ...]) -> Iterator[Trouble]:
    if len(answer) > len(groups):
        yield Trouble(f"{len(answer) - len(groups)} upstreams have names that nginx would not take")
    for group in groups:
        for member in group.members:
            if member.state is State.UNKNOWN:
                yield unknown_state(group.name, member.name, member.words)
