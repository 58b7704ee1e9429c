"""Tell what is queued: each event once by each channel, and again where it could not be told.

A run that is killed between telling an event and noting that it was told leaves it in the queue:
rather said twice than never. The number of the run is in it, so that whoever gets it can tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from lbcheck.errors import LbcheckError
from lbcheck.history.digest import Digest
from lbcheck.history.store import Event, Store

_FIRST_WAIT_S = 60
_LONGEST_WAIT_S = 3600


class NotSentError(LbcheckError):
    """A channel could not tell an event; it is tried again by a later run."""


class Channel(Protocol):
    """Somebody to tell. `name` is stored with each event: never change it, put no secret in it."""

    @property
    def name(self) -> str: ...

    def send(self, digest: Digest, *, again: bool) -> None:
        """Tell it. Args: again: an earlier run found it and did not come to tell it.

        Raises: NotSentError.
        """


def deliver(store: Store, channels: Iterable[Channel], run: int, now: int) -> list[str]:
    """Tell everything that is due, the oldest first.

    Args: run: the number of this run; now: seconds since 1970.

    Returns: what could not be sent, in one line each. Of a channel that fails once the rest waits.
    """
    by_name = {channel.name: channel for channel in channels}
    problems = []
    for event in store.pending(now):
        channel = by_name.get(event.channel)
        if channel is None:  # nobody tells it any more, or not in this run
            continue
        failure = attempt(channel, event.digest, again=event.run != run)
        if failure:
            problems.append(f"{event.channel}: {failure}")
            store.put_off(event, now + _wait(event))
            del by_name[event.channel]
        else:
            store.settle(event)
    return problems


def attempt(channel: Channel, digest: Digest, *, again: bool) -> str:
    """Tell it. Returns: why it could not be told, "" where it was."""
    try:
        channel.send(digest, again=again)
    except NotSentError as error:
        return str(error)
    except Exception as error:  # whatever one channel does, the others are told
        return f"{type(error).__name__} (a bug in lbcheck)"  # its words may hold a secret
    return ""


def _wait(event: Event) -> int:
    """A minute, then twice as long each time, at most an hour."""
    return int(min(_FIRST_WAIT_S * 2 ** min(event.attempts, 10), _LONGEST_WAIT_S))
