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
# APIs that have buckets of their own, by their versions: classic load balancers, and what runs
# behind the others. ECS names its operations in a header.
OTHERS = {"2012-06-01": "classic", "2011-01-01": "autoscaling", "2016-11-15": "ec2"}
THROTTLED = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>"
    b"<Message>Rate exceeded</Message></Error></ErrorResponse>"
)
DENIED = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
    b"<Message>not authorized</Message></Error></ErrorResponse>"
)
DENIED_JSON = b'{"__type": "AccessDeniedException", "message": "not authorized"}'


class Gate:
    """Lets `burst` calls of the ELB API through at once and `per_s` a second; None: every call.

    `asked` counts the operations that came, `refused` those that were throttled; `denied` is a set
    of operations that answer AccessDenied.
    """

    def __init__(self, burst: int | None = None, per_s: float = 10.0) -> None:
        self.asked: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.denied: set[str] = set()
        self._burst, self._per_s = burst, per_s
        self._tokens, self._seen = float(burst or 0), time.monotonic()
        self._lock = threading.Lock()
        self._app = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        said = parse_qs(body.decode("utf-8", "replace"))
        operation = said.get("Action", ["?"])[0]
        other = OTHERS.get(said.get("Version", [""])[0])
        if other:
            operation = f"{other} {operation}"
        if target := environ.get("HTTP_X_AMZ_TARGET"):
            operation = f"ecs {target.rpartition('.')[2]}"
        with self._lock:
            self.asked[operation] += 1
            if " " not in operation and not self._passes():
                self.refused[operation] += 1
                start("400 Bad Request", [("Content-Type", "text/xml")])
                return [THROTTLED]
        if operation in self.denied:
            start("403 Forbidden", [("Content-Type", "text/xml")])
            return [DENIED_JSON if operation.startswith("ecs ") else DENIED]
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
