"""When a client that lost its WebSocket tries again (RFC 6455, section 7.2.3), and when never."""

from __future__ import annotations

import random
from collections.abc import Callable
from enum import Enum

from msgspec import Struct

from lbcheck.probe.frames import End
from lbcheck.probe.handshake import Answer
from lbcheck.profile import Client

SOONEST_S = 0.05
"""from one attempt of a client to its next, whatever its manner: nobody is to be flooded"""
_BASE_S, _FACTOR, _CAP_S, _ATTEMPTS = 1.0, 2.0, 30.0, 1000
_ONCE_MORE = (408, 425, 429)
"""statuses below 500 that mean later, not never"""


class Manner(Enum):
    """How a client comes back."""

    BACKOFF = "backoff"
    """after exponentially growing, fully random delays"""
    HEALTH = "health"
    """the same, and only where a health endpoint behind the same balancer says yes first"""
    AT_ONCE = "at-once"
    """without any delay: the dead end, to compare with"""


class Comeback(Struct, frozen=True):
    """A client's manner in numbers. `fatal_codes`: close codes after which it stays away;
    `automatic`: False where somebody else has to make it come back."""

    manner: Manner = Manner.BACKOFF
    base_s: float = _BASE_S
    factor: float = _FACTOR
    cap_s: float = _CAP_S
    attempts: int = _ATTEMPTS
    fatal_codes: tuple[int, ...] = ()
    automatic: bool = True

    def delay_s(self, failed: int, chance: Callable[[], float] = random.random) -> float:
        """How long to wait after so many failed attempts, the first delay included.

        Full jitter: anything from nothing to min(cap, base x factor ^ failed) seconds.
        """
        if self.manner is Manner.AT_ONCE:
            return 0.0
        most_s = min(self.cap_s, self.base_s)
        for _ in range(failed):
            most_s = min(self.cap_s, most_s * self.factor)
        return chance() * most_s

    def after(self, end: End) -> bool:
        """Does a client come back after this end?"""
        return end.code not in self.fatal_codes

    def again(self, answer: Answer) -> bool:
        """Does an answer that is no 101 mean later, and not never?"""
        return answer.status is None or answer.status >= 500 or answer.status in _ONCE_MORE


def comeback(client: Client, manner: Manner) -> Comeback:
    """As the profile says the usual client does it; what it does not say is the RFC's advice."""
    return Comeback(
        manner,
        _BASE_S if client.base_s is None else client.base_s,
        max(1.0, client.factor or _FACTOR),
        _CAP_S if client.cap_s is None else client.cap_s,
        _ATTEMPTS if client.max_attempts is None else client.max_attempts,
        client.fatal_codes,
        client.auto_reconnect is not False,
    )
