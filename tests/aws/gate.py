"""A gate in front of moto: it counts what is asked and throttles as the ELB API does."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

Environ = dict[str, Any]
CLASSIC = "2012-06-01"  # the API of classic load balancers, which has a bucket of its own
THROTTLED = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>"
    b"<Message>Rate exceeded</Message></Error></ErrorResponse>"
)


class Gate:
    """Lets `burst` calls of the ELB API through at once and `per_s` a second; None: every call.

    `asked` counts the operations that came, `refused` those that were throttled; `denied` is a set
    of operations that answer AccessDenied.
    """

    def __init__(self, burst: int | None = None, per_s: float = 10.0) -> None:
        self.asked: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._burst, self._per_s = burst, per_s
        self._tokens, self._seen = float(burst or 0), time.monotonic()
        self._lock = threading.Lock()
        self._app = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        said = parse_qs(body.decode("utf-8", "replace"))
        operation = said.get("Action", ["?"])[0]
        if said.get("Version") == [CLASSIC]:
            operation = f"classic {operation}"
        with self._lock:
            self.asked[operation] += 1
            if not operation.startswith("classic ") and not self._passes():
                self.refused[operation] += 1
                start("400 Bad Request", [("Content-Type", "text/xml")])
                return [THROTTLED]
        return list(self._app(environ, start))

    def _passes(self) -> bool:
        if self._burst is None:
            return True
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._seen) * self._per_s)
        self._seen = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


@contextmanager
def open_gate(gate: Gate) -> Iterator[str]:
    """Serve a gate; yields its URL."""
    server = make_server("127.0.0.1", 0, gate, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
