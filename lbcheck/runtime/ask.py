"""Ask a running proxy: one question, a bounded answer, no change to anything."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

import httpx

from lbcheck.errors import SourceError
from lbcheck.model import Source, Trouble
from lbcheck.probe.access import USER_AGENT
from lbcheck.probe.watch import Watch
from lbcheck.runtime import haproxy, nginx_plus
from lbcheck.runtime.told import Told
from lbcheck.runtime.where import NGINX_PLUS, Where

LARGEST = 20_000_000
"""bytes of an answer: about 40,000 servers"""
_TIMEOUT_S = 10.0
_QUESTION = b"show stat\n"


class Asked:
    """One process: the source that stands for it, and what it told."""

    def __init__(self, where: Where, timeout_s: float = _TIMEOUT_S) -> None:
        self.kind = where.kind
        self.source = Source(where.name, "live", None)
        self.told = Told()
        try:
            self.told = _told(where, timeout_s)
        except SourceError as error:
            self.source.unread = True
            self.source.troubles.append(Trouble(f"cannot be asked: {error}"))
        self.source.troubles.extend(self.told.troubles)


def _told(where: Where, timeout_s: float) -> Told:
    if where.kind == NGINX_PLUS:
        url = nginx_plus.page(where.address)
        if url is None:
            versions = _page(nginx_plus.versions_page(where.address), timeout_s)
            url = nginx_plus.page(where.address, versions)
        assert url is not None
        return nginx_plus.read(_page(url, timeout_s))
    if where.way == "http":
        return haproxy.read(_page(where.address, timeout_s))
    return haproxy.read(_said(where, timeout_s))


def _page(url: str, timeout_s: float) -> str:
    """The text of a page. Raises: SourceError, which tells no part of the URL."""
    watch = Watch(timeout_s)
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    try:
        with (
            httpx.Client(timeout=timeout_s, trust_env=False, headers=headers) as client,
            client.stream("GET", url, extensions={"trace": watch}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise SourceError(_refusal(answer.status_code))
            data = bytearray()
            for piece in answer.iter_raw():
                data += piece
                _bounded(data)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
        raise SourceError(_why(error, watch)) from None
    finally:
        watch.stop()
    return data.decode("utf-8", "replace")


def _refusal(status: int) -> str:
    """What a status means for who asks."""
    if status in (401, 403):
        return f"it is answered {status}: credentials are asked for, which go before the URL's host"
    return f"it is answered {status}"


def _why(error: Exception, watch: Watch) -> str:
    if watch.expired or isinstance(error, httpx.TimeoutException):
        return f"no whole answer in {watch.limit_s:g}s"
    if isinstance(error, httpx.ConnectError):
        return "the connection is not taken"
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | UnicodeError):
        return "this is no URL"
    return "the answer breaks off, or is not HTTP"


def _said(where: Where, timeout_s: float) -> str:
    """What the runtime socket says to `show stat`. Raises: SourceError."""
    end = time.monotonic() + timeout_s
    data = bytearray()
    try:
        with _connected(where, timeout_s) as connection:
            connection.sendall(_QUESTION)
            while True:
                connection.settimeout(max(end - time.monotonic(), 0.001))
                more = connection.recv(65_536)
                if not more:
                    break
                data += more
                _bounded(data)
    except TimeoutError:
        raise SourceError(f"no whole answer in {timeout_s:g}s") from None
    except (OSError, UnicodeError) as error:  # of a name such as `a..b`
        words = getattr(error, "strerror", None) or "the connection is not taken"
        raise SourceError(words) from None
    return data.decode("utf-8", "replace")


def _connected(where: Where, timeout_s: float) -> socket.socket:
    if where.way == "tcp":
        host, _, port = where.address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout_s)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(timeout_s)
        connection.connect(where.address)
    except OSError:
        with suppress(OSError):
            connection.close()
        raise
    return connection


def _bounded(data: bytearray) -> None:
    if len(data) > LARGEST:
        raise SourceError(f"the answer is longer than {LARGEST // 1_000_000} MB")
