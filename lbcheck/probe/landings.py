"""Where handshakes landed, and what became of a session. Values only."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct


class Session(Struct, frozen=True):
    """How often a session was looked for and not found.

    opened: what the request that opens one was answered; statuses: of those that followed; lost:
    how many of them nobody knew.
    """

    protocol: str
    opened: int | None
    statuses: tuple[int | None, ...] = ()
    lost: int = 0


class Landing(Struct, frozen=True):
    """One handshake: the status, or why there is none, and the instance, where it told."""

    said: int | str
    node: str | None


class Spread(Struct, frozen=True):
    """Handshakes without cookies, and those of one client that brings them back.

    cookies: the names of those that were set; session: None where the profile knows of none;
    named: were instances to be told apart?
    """

    without: tuple[Landing, ...]
    sticky: tuple[Landing, ...]
    cookies: tuple[str, ...] = ()
    session: Session | None = None
    named: bool = False

    @property
    def refusals(self) -> Counter[int | str]:
        """What handshakes were answered instead of 101."""
        return Counter(each.said for each in (*self.without, *self.sticky) if each.said != 101)


def nodes(landings: tuple[Landing, ...]) -> Counter[str]:
    """How many were taken by each instance that told its name."""
    return Counter(each.node for each in landings if each.said == 101 and each.node is not None)
