"""Requests in HTTP/1.0 or without `Host`, as HAProxy asks for health; httpx sends no such thing."""

from __future__ import annotations

import re
import socket
import ssl
import time

from lbcheck.probe.handshake import Answer, Failure, Headers, Request

_HEAD = 65_536
_BODY = 2_000


def written(request: Request, path: str, headers: Headers) -> bytes:
    """The bytes of a request; no `Host` is added."""
    lines = [f"{request.method} {path} HTTP/{request.version}"]
    lines += ["Connection: close"] * (request.version == "1.1")
    lines += [f"{name}: {value}" for name, value in (*headers, *request.headers)]
    return "\r\n".join([*lines, "", ""]).encode()


def parsed(data: bytes) -> Answer:
    """The answer that so many bytes are."""
    head, end, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    if not data:
        return Answer(None, failure=Failure("closed"))
    status = re.fullmatch(r"HTTP/1\.[01] ([1-5][0-9]{2})(?: .*+)?+", first)
    if status is None:
        return Answer(None, failure=Failure("malformed"))
    if not end:  # no balancer takes a head that breaks off for an answer
        return Answer(None, failure=Failure("closed"))
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    return Answer(int(status[1]), headers, body[:_BODY].decode("utf-8", "replace"))


def ask(
    address: tuple[str, int], data: bytes, timeout_s: float, tls: ssl.SSLContext | None, name: str
) -> Answer:
    """Send the bytes of a request and read the head of the answer.

    Args: timeout_s: for each step; tls: what to speak TLS with, to somebody called `name`.
    """
    try:
        connection = socket.create_connection(address, timeout_s)
    except OSError as error:
        return Answer(None, failure=Failure("connect", error.strerror or str(error)))
    with connection:
        if tls is None:
            return _exchanged(connection, data, timeout_s)
        try:
            secured = tls.wrap_socket(connection, server_hostname=name)
        except OSError as error:
            return Answer(None, failure=Failure("tls", error.strerror or str(error)))
        with secured:
            return _exchanged(secured, data, timeout_s)


def _exchanged(connection: socket.socket, data: bytes, timeout_s: float) -> Answer:
    said, end = b"", time.monotonic() + timeout_s
    try:
        connection.sendall(data)
        while b"\r\n\r\n" not in said and len(said) < _HEAD:
            connection.settimeout(max(end - time.monotonic(), 0.001))
            more = connection.recv(4096)
            if not more:
                break
            said += more
    except TimeoutError:
        return Answer(None, failure=Failure("timeout", f"no answer in {timeout_s:g}s"))
    except OSError as error:
        return Answer(None, failure=Failure("reset", error.strerror or ""))
    return parsed(said)
