"""What a call to AWS costs the client: CPU of `lbcheck snapshot aws` for each call that it makes.

    python bench/client.py [BALANCERS]               an endpoint that answers at once, from memory
    python bench/client.py BALANCERS BURST PER_S     one that throttles: how near is the bound?

The bound is what a token bucket lets through: (calls - BURST) / PER_S seconds.
"""

from __future__ import annotations

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from gen_snapshot import document  # noqa: E402

_KEYS = {
    "DescribeLoadBalancers": ("LoadBalancers", None),
    "DescribeTargetGroups": ("TargetGroups", None),
    "DescribeListeners": ("Listeners", "LoadBalancerArn"),
    "DescribeRules": ("Rules", "ListenerArn"),
    "DescribeLoadBalancerAttributes": ("LoadBalancerAttributes", "LoadBalancerArn"),
    "DescribeTargetGroupAttributes": ("TargetGroupAttributes", "TargetGroupArn"),
    "DescribeTargetHealth": ("TargetHealth", "TargetGroupArn"),
}
_NAMES = {
    "LoadBalancerAttributes": "Attributes",
    "TargetGroupAttributes": "Attributes",
    "TargetHealth": "TargetHealthDescriptions",
}

THROTTLED = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>"
    b"<Message>Rate exceeded</Message></Error></ErrorResponse>"
)


def xml(value: object) -> str:
    """A value as the query protocol writes it."""
    if isinstance(value, dict):
        return "".join(f"<{key}>{xml(inner)}</{key}>" for key, inner in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{xml(inner)}</member>" for inner in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


class Endpoint(ThreadingHTTPServer):
    """Answers from one document and counts; with a bucket it refuses what comes too fast."""

    daemon_threads = True

    def __init__(self, balancers: int, burst: float = inf, per_s: float = inf) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.burst, self.per_s = burst, per_s
        self.tokens, self.seen, self.lock = burst, time.monotonic(), threading.Lock()
        self.refused = 0
        self.state = document(balancers)
        self.asked: Counter[str] = Counter()
        self.known: dict[tuple[str, str], bytes] = {}

    def passes(self) -> bool:
        """Is there a token for one more call?"""
        if self.burst == inf:
            return True
        with self.lock:
            now = time.monotonic()
            self.tokens = min(self.burst, self.tokens + (now - self.seen) * self.per_s)
            self.seen = now
            if self.tokens < 1:
                self.refused += 1
                return False
            self.tokens -= 1
            return True

    def answer(self, query: dict[str, list[str]]) -> bytes:
        operation = query["Action"][0]
        self.asked[operation] += 1
        section, argument = _KEYS.get(operation, ("", None))
        if query["Version"][0] == "2012-06-01":  # classic load balancers: there are none
            section = "LoadBalancerDescriptions"
        which = query.get(argument, [""])[0] if argument else ""
        key = (operation + query["Version"][0], which)
        if key not in self.known:
            own = self.state.get(section, [])
            value = own.get(which, []) if isinstance(own, dict) else own
            body = xml({_NAMES.get(section, section or "Nothing"): value})
            result = f"<{operation}Result>{body}</{operation}Result>"
            self.known[key] = f"<{operation}Response>{result}</{operation}Response>".encode()
        return self.known[key]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert isinstance(self.server, Endpoint)
        elb = "Action=" in body and "Version=2015" in body
        passes = not elb or self.server.passes()
        data = self.server.answer(parse_qs(body)) if "Action=" in body and passes else b"{}"
        if not passes:
            data = THROTTLED
        self.send_response(200 if passes else 400)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    balancers, *limit = sys.argv[1:] or ["300"]
    burst, per_s = map(float, limit or (inf, inf))
    server = Endpoint(int(balancers), burst, per_s)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rate = f"{burst:.0f}/{per_s:g}" if limit else "99999/99999"
    spent, wall, lost = fetch(server, rate)
    calls = server.asked.total()
    print(f"{calls} calls, {spent:.2f} s CPU with start-up: {spent / calls * 1000:.2f} ms a call")
    if limit:
        elb = sum(n for name, n in server.asked.items() if name.startswith("Describe"))
        bound = (elb - burst) / per_s
        print(
            f"{wall:.1f} s with start-up, bound {bound:.1f} s: {wall / bound:.2f} x; "
            f"{server.refused} refused and asked again, {lost} lost"
        )


def fetch(server: Endpoint, rate: str) -> tuple[float, float, int]:
    """CPU and wall seconds of one snapshot, and how many calls failed for good."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**own, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    with tempfile.TemporaryDirectory() as folder:
        state = pathlib.Path(folder) / "state.json"
        command = [
            *(sys.executable, "-m", "lbcheck", "snapshot", "aws", "--region", "eu-west-1"),
            *("--endpoint-url", f"http://127.0.0.1:{server.server_port}"),
            *("--aws-rate", rate, "-o", str(state)),
        ]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        errors = json.loads(state.read_text())["Errors"]
        lost = sum(error["Operation"] in _KEYS for error in errors)  # nobody else answers here
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, end - start, lost


if __name__ == "__main__":
    main()
