"""A WebSocket that is held and listened to: it answers as it should, or withholds its answers."""

from __future__ import annotations

import time

from msgspec import Struct
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Event, Ping, TextMessage
from wsproto.utilities import LocalProtocolError

from lbcheck.probe.frames import NO_CODE, End
from lbcheck.probe.ladder import Line

NO_FRAME = "none"
"""the close code of a connection that ended without a close frame; clients call that 1006"""
_SLICE_S = 0.2
_PING, _PONG, _CONNECT = "2", "3", "40"
"""packets of Engine.IO 4, and of Socket.IO 5 within its messages"""


class Manners(Struct, frozen=True):
    """What a client does: answer heartbeats, answer a close frame, speak Engine.IO."""

    answers_beats: bool = True
    answers_close: bool = True
    engine_io: bool = False


class Ear:
    """One conversation. Times are those of `time.monotonic`.

    beats: when heartbeats of the server came; kind: ping or data frames; closed: when its close
    frame came, and `code` of it; gone: when the connection ended, None while it lasts.
    """

    def __init__(self, line: Line, manners: Manners) -> None:
        self.began = time.monotonic()
        self.beats: list[float] = []
        self.kind: str | None = None
        self.code = NO_FRAME
        self.closed: float | None = None
        self.gone: float | None = None
        self._line = line
        self._manners = manners
        self._protocol = Connection(ConnectionType.CLIENT)
        if manners.engine_io:
            self._send(TextMessage(data=_CONNECT))

    def listen(self, until: float) -> None:
        """Until the connection ends, or that time."""
        while self.gone is None and time.monotonic() < until:
            heard = self._line.receive(_SLICE_S)
            if isinstance(heard, End):
                self.gone = time.monotonic()
            elif heard is not None:
                self._protocol.receive_data(heard)
                for event in self._protocol.events():
                    self._hear(event)

    def _hear(self, event: Event) -> None:
        match event:
            case Ping():
                self._beat("ping", event.response())
            case TextMessage() if self._manners.engine_io and event.data == _PING:
                self._beat("data", TextMessage(data=_PONG))
            case CloseConnection():
                self.closed = time.monotonic()
                self.code = str(int(event.code or NO_CODE))
                if self._manners.answers_close:
                    self._send(event.response())

    def _beat(self, kind: str, answer: Event) -> None:
        self.kind = kind
        self.beats.append(time.monotonic())
        if self._manners.answers_beats:
            self._send(answer)

    def _send(self, event: Event) -> None:
        try:
            self._line.send(self._protocol.send(event))
        except LocalProtocolError:  # the goodbye has been said
            return
