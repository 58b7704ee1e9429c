"""A WebSocket conversation as bytes: pings are sent and answered, and its end is judged."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from msgspec import Struct
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import CloseConnection, Event, Ping, Pong
from wsproto.utilities import LocalProtocolError

NO_CODE = 1005
"""what RFC 6455 calls a close frame without a code"""


class How(Enum):
    """How a connection ended."""

    CLOSE_FRAME = "close-frame"
    FIN = "fin"
    RST = "rst"
    GARBAGE = "garbage"
    """bytes that are no WebSocket frames"""


class End(Struct, frozen=True):
    """How a connection ended, with the code of the close frame where one was sent."""

    how: How
    code: int | None = None
    reason: str = ""

    @property
    def words(self) -> str:
        """As a person reads it."""
        match self.how:
            case How.CLOSE_FRAME:
                return f"a close frame ({self.code})"
            case How.FIN:
                return "a bare FIN"
            case How.RST:
                return "a RST"
            case How.GARBAGE:
                return "bytes that are no frames" + (f" ({self.reason})" if self.reason else "")


class Talk:
    """The client's half of one conversation.

    `pings`, `pongs`: how many have come; `end`: how it ended, None while it lasts.

    Args: deaf: pings are left without a pong, as if nobody were there.
    """

    def __init__(self, *, deaf: bool = False) -> None:
        self._deaf = deaf
        self.pings = 0
        self.pongs = 0
        self.end: End | None = None
        self._protocol = Connection(ConnectionType.CLIENT)

    def ping(self) -> bytes:
        """The bytes of a ping."""
        return self._sent(Ping(payload=b"lbcheck"))

    def goodbye(self) -> bytes:
        """The bytes of a close frame 1000; none where the other side has said goodbye."""
        return self._sent(CloseConnection(code=1000))

    def take(self, data: bytes) -> bytes:
        """What came from the other side; the bytes to answer it with."""
        if self.end is not None:
            return b""
        self._protocol.receive_data(data)
        return b"".join(self._answers())

    def _answers(self) -> Iterator[bytes]:
        for event in self._protocol.events():
            if isinstance(event, Ping):
                self.pings += 1
                yield b"" if self._deaf else self._sent(event.response())
            elif isinstance(event, Pong):
                self.pongs += 1
            elif isinstance(event, CloseConnection):
                # wsproto reports a frame it cannot parse as a close that nobody has sent.
                parsed = self._protocol.state is not ConnectionState.OPEN
                self.end = _closed(event) if parsed else End(How.GARBAGE, reason=event.reason or "")
                yield self._sent(event.response()) if parsed else b""
                return

    def _sent(self, event: Event) -> bytes:
        try:
            return bytes(self._protocol.send(event))
        except LocalProtocolError:
            return b""


def _closed(event: CloseConnection) -> End:
    return End(How.CLOSE_FRAME, int(event.code or NO_CODE), event.reason or "")
