"""How fast AWS may be asked: one token bucket for each account, region and API.

AWS keeps such a bucket itself; the example of its documentation for Describe calls is 40 tokens and
10 more a second (ELB user guide, "Request throttling for the Elastic Load Balancing API"). Who
stays below it is not throttled, and what is not throttled cannot be lost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from msgspec import Struct


class Rate(Struct, frozen=True):
    """`burst` calls at once, then `per_s` calls a second."""

    burst: int = 40
    per_s: float = 10.0


class Bucket:
    """Tokens for calls. Who takes one that is not there yet sleeps until it would be."""

    def __init__(
        self,
        rate: Rate,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rate = rate
        self._tokens = float(rate.burst)
        self._clock, self._sleep = clock, sleep
        self._seen = clock()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Wait for a token. Threads are served in the order in which they come."""
        with self._lock:
            self._refill()
            self._tokens -= 1
            missing = -self._tokens
        if missing > 0:
            self._sleep(missing / self.rate.per_s)

    def seconds_for(self, calls: int) -> float:
        """How long so many calls will at least wait, from now on."""
        with self._lock:
            self._refill()
            return max(0.0, (calls - self._tokens) / self.rate.per_s)

    def _refill(self) -> None:
        now = self._clock()
        earned = (now - self._seen) * self.rate.per_s
        self._tokens = min(float(self.rate.burst), self._tokens + earned)
        self._seen = now


class Buckets:
    """The buckets of one run, by whatever they belong to."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Bucket] = {}
        self._lock = threading.Lock()

    def get(self, rate: Rate, *owner: str) -> Bucket:
        """The bucket of an owner: account (or the credentials' name), region, service."""
        with self._lock:
            return self._known.setdefault(owner, Bucket(rate))
