"""What a call to AWS costs the client: CPU of `lbcheck snapshot aws` for each call that it makes.

    python bench/client.py [BALANCERS]

The endpoint answers at once and from memory, so that nothing but the client is measured.
"""

from __future__ import annotations

import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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


def xml(value: object) -> str:
    """A value as the query protocol writes it."""
    if isinstance(value, dict):
        return "".join(f"<{key}>{xml(inner)}</{key}>" for key, inner in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{xml(inner)}</member>" for inner in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


class Endpoint(ThreadingHTTPServer):
    """Answers from one document and counts."""

    daemon_threads = True

    def __init__(self, balancers: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.state = document(balancers)
        self.asked: Counter[str] = Counter()
        self.known: dict[tuple[str, str], bytes] = {}

    def answer(self, query: dict[str, list[str]]) -> bytes:
        operation = query["Action"][0]
        self.asked[operation] += 1
        section, argument = _KEYS.get(operation, ("", None))
        which = query.get(argument, [""])[0] if argument else ""
        key = (operation + query["Version"][0], which)
        if key not in self.known:
            own = self.state.get(section, [])
            value = own.get(which, []) if isinstance(own, dict) else own
            value = [] if query["Version"][0] == "2012-06-01" else value
            body = xml({_NAMES.get(section, section or "Nothing"): value})
            result = f"<{operation}Result>{body}</{operation}Result>"
            self.known[key] = f"<{operation}Response>{result}</{operation}Response>".encode()
        return self.known[key]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert isinstance(self.server, Endpoint)
        data = self.server.answer(parse_qs(body)) if "Action=" in body else b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    balancers = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    server = Endpoint(balancers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**own, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-m", "lbcheck", "snapshot", "aws", "--region", "eu-west-1"),
            *("--endpoint-url", f"http://127.0.0.1:{server.server_port}"),
            *("--aws-rate", "99999/99999", "-o", str(pathlib.Path(folder) / "state.json")),
        ]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, env=environment, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    calls = server.asked.total()
    print(f"{calls} calls, {spent:.2f} s CPU with start-up: {spent / calls * 1000:.2f} ms a call")


if __name__ == "__main__":
    main()
