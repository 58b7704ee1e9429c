"""Post a document to a web address that is a secret: no error names more of it than its host."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import stamina

from lbcheck import __version__
from lbcheck.errors import UsageError
from lbcheck.history.outbox import NotSentError
from lbcheck.notify import LOOPBACK

_TIMEOUT_S = 15.0
_ATTEMPTS = 3
_TOGETHER_S = 45.0
_LONGEST_WAIT_S = 10.0
# A message may have got through where only the answer is missing: not sent again at once.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class _RefusedError(Exception):
    """A status that is no success. `wait`: seconds that the service asks for."""

    def __init__(self, status: int, wait: float) -> None:
        super().__init__(status)
        self.status, self.wait = status, wait

    @property
    def passing(self) -> bool:
        return self.status == 429 or self.status >= 500


def address(text: str, whose: str) -> httpx.URL:
    """An address to post to. In clear only to this machine.

    Raises: UsageError, which names whose it is and nothing of the address.
    """
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError):
        url = httpx.URL("")
    safe = url.scheme == "https" or (url.scheme == "http" and url.host in LOOPBACK)
    if url.host and safe:
        return url
    raise UsageError(f"{whose} holds no https:// address")


def post(url: httpx.URL, content: bytes, headers: Mapping[str, str]) -> None:
    """Post JSON; a busy service is asked again, as it wishes, for less than a minute.

    Raises: NotSentError with the host and the reason.
    """
    stamina.instrumentation.set_on_retry_hooks([])  # they would log arguments
    try:
        for attempt in stamina.retry_context(
            on=_again, attempts=_ATTEMPTS, timeout=_TOGETHER_S, wait_initial=0.5
        ):
            with attempt:
                _once(url, content, headers)
    except _RefusedError as error:
        raise NotSentError(f"{url.host} answered {error.status}") from None
    except httpx.TimeoutException:
        raise NotSentError(f"{url.host} did not answer within {_TIMEOUT_S:g}s") from None
    except httpx.ConnectError:
        raise NotSentError(f"{url.host} cannot be reached") from None
    except httpx.HTTPError as error:
        raise NotSentError(f"{url.host}: {type(error).__name__}") from None


def _again(error: Exception) -> bool | float:
    if isinstance(error, _RefusedError):
        return error.wait if error.passing and error.wait else error.passing
    return isinstance(error, _NOTHING_SENT)


def _once(url: httpx.URL, content: bytes, headers: Mapping[str, str]) -> None:
    """One request; of the answer nothing is read but its head."""
    all_headers = {
        "content-type": "application/json",
        "user-agent": f"lbcheck/{__version__}",
        **headers,
    }
    with (
        httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client,
        client.stream("POST", url, content=content, headers=all_headers) as answer,
    ):
        if not answer.is_success:
            raise _RefusedError(answer.status_code, _asked_wait(answer))


def _asked_wait(answer: httpx.Response) -> float:
    """Retry-After in seconds, within reason; 0 where it says none."""
    text = answer.headers.get("retry-after", "")
    digits = text.isascii() and text.replace(".", "", 1).isdigit() and len(text) < 10
    return min(float(text), _LONGEST_WAIT_S) if digits else 0.0
