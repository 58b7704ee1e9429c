"""A webhook that keeps what it is posted, and can be down in several ways."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from lbcheck.history.digest import Digest, State, decoded


class Hook(http.server.ThreadingHTTPServer):
    """`status` is what it answers, None: it hangs up. `taking` None: it takes what it says is
    taken; True, False: whatever it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status: int | None = 204
        self.taking: bool | None = None
        self.posted: list[tuple[str, Digest]] = []

    @property
    def takes(self) -> bool:
        if self.taking is None:
            return self.status is not None and self.status < 300
        return self.taking

    @property
    def told(self) -> list[tuple[int, list[State]]]:
        """Run and states of what was taken."""
        return [(said.run, [change.state for change in said.changes]) for _, said in self.posted]

    @property
    def once(self) -> list[Digest]:
        """What was taken, each by its key once."""
        return list(dict(self.posted).values())

    def handle_error(self, *_: object) -> None:
        """Who asked was killed."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.server.takes:
            self.server.posted.append((self.headers["idempotency-key"], decoded(body)))
        if self.server.status is not None:
            self.send_response(self.server.status)
            self.send_header("content-length", "0")
            self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def serving() -> Iterator[Hook]:
    with Hook() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
