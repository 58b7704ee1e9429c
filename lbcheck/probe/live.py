"""Connections to services, made with httpx; after a 101 they are `lbcheck.probe.line`.

httpx hands over the connection after a 101 only to `stream`; errors on it are httpcore's. HTTP/2 is
never offered: there an `Upgrade` is ignored, and a healthy service answers 404.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpcore
import httpx

from lbcheck.errors import UsageError
from lbcheck.probe import by_hand
from lbcheck.probe.access import USER_AGENT, Access, is_address
from lbcheck.probe.frames import Talk
from lbcheck.probe.handshake import Answer, Failure, Request, Times
from lbcheck.probe.line import Line
from lbcheck.probe.urls import parsed
from lbcheck.probe.watch import Watch

_BODY = 2_000
_HEADERS = "lbcheck_headers"
_UNASKED = "SWITCH_UPGRADE event without a pending proposal"
"""h11 0.16 of a 101 to a request that has no `Upgrade`, of which it tells nothing else"""
_ADDRESSES = 4
"""addresses of a name that are tried until one takes the connection"""


class Prober:
    """Asks services. Use as a context manager; threads may share one.

    Raises: UsageError for certificates that cannot be read, and a proxy that cannot be asked.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._turn = threading.Lock()
        self._next = 0.0
        self._tls = tls = _tls(access)
        limits = httpx.Limits(max_connections=access.connections, max_keepalive_connections=0)
        transport = None
        if access.unix is not None:
            transport = httpx.HTTPTransport(verify=tls, uds=access.unix, limits=limits)
        try:
            self._client = httpx.Client(
                verify=tls,
                transport=transport,
                limits=limits,
                timeout=access.timeout_s,
                trust_env=access.proxy,
                # No request knows of the one before.
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                event_hooks={"response": [_unfollowed]},
            )
        except (ValueError, ImportError, httpx.InvalidURL):  # whose words may hold its password
            raise UsageError("--proxy: the environment names no HTTP proxy") from None

    def __enter__(self) -> Prober:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def ask(self, url: str, request: Request) -> Answer:
        """One request; a WebSocket that it opens is closed as it should be."""
        if request.version == "1.0" or request.hostless:
            return self._ask_by_hand(parsed(url), request)
        with self.hold(url, request) as (answer, line):
            if line is not None:
                line.send(Talk().goodbye())
        return answer

    @contextmanager
    def hold(self, url: str, request: Request) -> Iterator[tuple[Answer, Line | None]]:
        """As `open`; the connection ends with the block."""
        answer, line = self.open(url, request)
        try:
            yield answer, line
        finally:
            if line is not None:
                line.close()

    def open(
        self, url: str, request: Request, *, gently: bool = True
    ) -> tuple[Answer, Line | None]:
        """One request and, after a 101, the connection, which somebody has to close.

        Args: gently: no sooner than the rate allows.

        Raises: UsageError for a URL that nobody can ask.
        """
        where = parsed(url)
        if request.path is not None:
            where = where.copy_with(raw_path=request.path.encode())
        watch = Watch(self._access.timeout_s)
        started = time.monotonic()
        try:
            addresses = self._addresses(where)
        except OSError as error:
            return Answer(None, failure=Failure("dns", error.strerror or str(error))), None
        found_s = time.monotonic() - started if addresses[0] else None
        if gently:
            self._wait()
        response, failure = self._sent(where, request, addresses, watch)
        answer = _answer(response, failure, watch, found_s)
        watch.stop()
        if response is not None and answer.status == 101:
            return answer, Line(response)
        if response is not None:
            with suppress(httpx.HTTPError, httpcore.NetworkError, OSError):
                response.close()
        return answer, None

    def _ask_by_hand(self, where: httpx.URL, request: Request) -> Answer:
        try:
            address = self._addresses(where)[0] or where.host
        except OSError as error:
            return Answer(None, failure=Failure("dns", error.strerror or str(error)))
        self._wait()
        path = request.path or where.raw_path.decode()
        headers = () if request.bare else self._access.headers
        data = by_hand.written(request, path, (("User-Agent", USER_AGENT), *headers))
        tls = self._tls if where.scheme == "https" else None
        port = where.port or (443 if tls else 80)
        return by_hand.ask((address, port), data, self._access.timeout_s, tls, where.host)

    def _sent(
        self, where: httpx.URL, request: Request, addresses: list[str | None], watch: Watch
    ) -> tuple[httpx.Response | None, Failure | None]:
        failure: Failure | None = None
        for address in addresses:
            try:
                return self._client.send(
                    self._built(where, request, address, watch), stream=True, auth=None
                ), None
            except httpx.HTTPError as error:
                failure = _failure(error, watch)
                if failure.kind != "connect":
                    break
        return None, failure

    def _built(
        self, where: httpx.URL, request: Request, address: str | None, watch: Watch
    ) -> httpx.Request:
        headers: dict[str, tuple[str, str]] = {}
        usual = (("Host", where.netloc.decode()), ("User-Agent", USER_AGENT))
        for name, value in (
            *usual, *(() if request.bare else self._access.headers), *request.headers
        ):  # fmt: skip
            brought = headers.get("cookie") if name.lower() == "cookie" else None
            headers[name.lower()] = (name, f"{brought[1]}; {value}" if brought else value)
        extensions: dict[str, Any] = {"trace": watch, "timeout": _timeouts(self._access.timeout_s)}
        if address is not None and address != where.host:
            extensions["sni_hostname"] = where.raw_host.decode()
            where = where.copy_with(host=address)
        return httpx.Request(
            request.method,
            where,
            headers=[*headers.values()],
            content=request.body or None,
            extensions=extensions,
        )

    def _addresses(self, where: httpx.URL) -> list[str | None]:
        """The addresses to try; None: somebody else finds it out, or nobody needs to."""
        port = where.port or (443 if where.scheme == "https" else 80)
        if (told := self._access.resolve.get(f"{where.host}:{port}")) is not None:
            return [told]
        if self._access.proxy or self._access.unix is not None or is_address(where.host):
            return [None]
        try:
            found = socket.getaddrinfo(where.raw_host.decode(), port, type=socket.SOCK_STREAM)
        except UnicodeError:  # `a..b` can be no name
            raise socket.gaierror(socket.EAI_NONAME, "no name has such parts") from None
        addresses: dict[str | None, None] = dict.fromkeys(str(each[4][0]) for each in found)
        return list(addresses)[:_ADDRESSES]

    def _wait(self) -> None:
        """Until it is polite to connect again."""
        with self._turn:
            pause = self._next - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            self._next = time.monotonic() + 1 / self._access.rate


def _unfollowed(response: httpx.Response) -> None:
    """Keep `Location` from httpx, which fails for one that is no URL, although it follows none."""
    response.extensions[_HEADERS] = response.headers.raw
    response.headers.pop("Location", None)


def _tls(access: Access) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    try:
        if access.ca is not None:
            context.load_verify_locations(access.ca)
        if access.certificate is not None:
            context.load_cert_chain(access.certificate, access.key)
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(f"the certificates cannot be used: {error.strerror or error}") from None
    return context


def _timeouts(seconds: float) -> dict[str, float]:
    return dict.fromkeys(("connect", "read", "write", "pool"), seconds)


def _failure(error: httpx.HTTPError, watch: Watch) -> Failure:
    words = " ".join(str(error).split())[:200]
    if words.startswith("[Errno "):  # Python's, before the system's own words
        words = words.partition("] ")[2]
    if watch.expired or isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
        return Failure("timeout", f"no answer in {watch.limit_s:g}s")
    if isinstance(error, httpx.ConnectTimeout):
        return Failure("tls" if watch.connected else "connect", "timed out")
    if isinstance(error, httpx.ConnectError):
        return Failure("tls" if watch.connected else "connect", words)
    if isinstance(error, httpx.RemoteProtocolError):
        return Failure("closed" if "disconnected" in words else "malformed", words)
    if isinstance(error, httpx.ReadError | httpx.WriteError):
        return Failure("reset", words)
    return Failure("connect", words)


def _answer(
    response: httpx.Response | None, failure: Failure | None, watch: Watch, found_s: float | None
) -> Answer:
    times = Times(found_s, watch.connect_s, watch.tls_s, watch.answer_s)
    if failure is not None and _UNASKED in failure.detail:
        return Answer(101, peer=watch.peer, times=times)
    if response is None:
        return Answer(None, failure=failure, peer=watch.peer, times=times)
    raw = response.extensions[_HEADERS]
    headers = tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in raw)
    body = _beginning(response) if response.status_code != 101 else ""
    return Answer(response.status_code, headers, body, None, watch.peer, times)


def _beginning(response: httpx.Response) -> str:
    """The first bytes of a body; what is broken behind them is not asked for."""
    read = b""
    with suppress(httpx.HTTPError):
        for piece in response.iter_raw():
            read += piece
            if len(read) >= _BODY:
                break
    return read[:_BODY].decode("utf-8", "replace")
