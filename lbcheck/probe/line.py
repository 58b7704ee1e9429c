"""A connection after its 101. Errors on it are httpcore's, not httpx's."""

from __future__ import annotations

import ssl
from contextlib import suppress

import httpcore
import httpx

from lbcheck.probe.frames import End, How

_READ = 4_096
"""at a time: so many bytes of pings are two thousand of them, each of which is answered"""


class Line:
    """The connection after a 101."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._stream = response.extensions["network_stream"]

    def fileno(self) -> int:
        """The descriptor to wait at; -1 where there is none any more."""
        return int(self._stream.get_extra_info("socket").fileno())

    @property
    def waiting(self) -> bool:
        """Has TLS decrypted more than was taken? Of that the descriptor does not tell."""
        tls = self._stream.get_extra_info("ssl_object")
        return tls is not None and tls.pending() > 0

    def receive(self, within_s: float) -> bytes | End | None:
        """What comes, the end of it all, or None: nothing in that time."""
        try:
            data: bytes = self._stream.read(_READ, timeout=max(within_s, 0.001))
        except httpcore.ReadTimeout:
            return None
        except httpcore.ReadError as error:
            # TLS that ends without its goodbye is no reset: below it there was a FIN.
            return End(How.FIN if isinstance(error.__cause__, ssl.SSLError) else How.RST)
        return data or End(How.FIN)

    def send(self, data: bytes, within_s: float = 5.0) -> End | None:
        """Say something; the end where nobody is there to hear it."""
        try:
            self._stream.write(data, timeout=within_s)
        except (httpcore.WriteError, httpcore.WriteTimeout):
            return End(How.RST)
        return None

    def close(self) -> None:
        """End it, as nobody needs it any more."""
        with suppress(httpx.HTTPError, httpcore.NetworkError, OSError):
            self._response.close()
