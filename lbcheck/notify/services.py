"""More than a hundred services through Apprise (`pip install 'lbcheck[notify]'`)."""

from __future__ import annotations

import logging
from collections.abc import Callable

from lbcheck.errors import UsageError
from lbcheck.history.digest import Digest
from lbcheck.history.outbox import NotSentError
from lbcheck.notify.message import message


def sender(held: str, whose: str) -> Callable[..., None]:
    """What sends to the Apprise addresses in a text, one a line.

    Raises: UsageError where Apprise is not installed or does not know an address.
    """
    try:
        import apprise
    except ImportError:
        raise UsageError(f"{whose} needs Apprise: pip install 'lbcheck[notify]'") from None
    _silence(apprise.__name__)
    services = apprise.Apprise()
    for number, line in enumerate(held.splitlines(), start=1):
        if line.strip() and not services.add(line.strip()):
            raise UsageError(f"{whose}: line {number} is no address that Apprise knows")

    def send(digest: Digest, *, again: bool) -> None:
        said = message(digest, again=again)
        body = "\n".join((*said.lines, said.footer))
        if not services.notify(title=said.title, body=body, body_format=apprise.NotifyFormat.TEXT):
            raise NotSentError("Apprise could not tell every service")

    return send


def _silence(name: str) -> None:
    """Its log lines may hold parts of addresses."""
    logger = logging.getLogger(name)
    logger.propagate = False
    logger.handlers[:] = [logging.NullHandler()]
