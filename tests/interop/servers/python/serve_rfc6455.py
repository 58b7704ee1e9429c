"""The strict server: it takes only what RFC 6455 allows, and tells of all else in a line."""

import contextlib
import signal
import socket
import socketserver
import threading
import time

import life
import strict

OPEN = {}
"""the connections that are held, and what judges each"""
CLOSE_TIMEOUT_S = 5.0
"""for a client that does not answer the close frame"""
KEYS = set()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        head = b""
        while not head.endswith(b"\r\n\r\n") and len(head) < strict.LARGEST:
            line = self.rfile.readline(strict.LARGEST)
            if not line:
                return
            head += line
        headers, faults = strict.opening(head.removesuffix(b"\r\n\r\n"), KEYS)
        if head.split()[1:2] != [b"/ws"]:
            self._answer("404 Not Found", "nothing is here")
        elif faults:
            status = "426 Upgrade Required" if "upgrade" not in headers else "400 Bad Request"
            self._answer(status, "; ".join(faults))
        else:
            self.wfile.write(strict.accept(headers))
            self._talk(strict.Judge())

    def _answer(self, status, words):
        body = words.encode()
        head = f"HTTP/1.1 {status}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        head += f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def _talk(self, judge):
        OPEN[self.connection] = judge
        with contextlib.suppress(OSError):
            while data := self.connection.recv(65_536):
                known, was_over = len(judge.faults), judge.ended
                answer = judge.take(data)
                for fault in judge.faults[known:]:
                    print(f"fault: {fault}", flush=True)
                self.connection.sendall(answer)
                if judge.ended and not was_over:
                    self.connection.shutdown(socket.SHUT_WR)
                    self.connection.settimeout(CLOSE_TIMEOUT_S)
        del OPEN[self.connection]


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


def say_goodbye():
    """Close frame 1001 to everybody, and time to answer it."""
    for connection, judge in tuple(OPEN.items()):
        with contextlib.suppress(OSError):
            connection.sendall(judge.goodbye(1001))
    end = time.monotonic() + CLOSE_TIMEOUT_S
    while OPEN and time.monotonic() < end:
        time.sleep(0.02)


at = life.listening()
server = Server(at.getsockname(), Handler, bind_and_activate=False)
server.socket.close()
server.socket = at
goodbye = threading.Event()
if life.GRACEFUL:
    signal.signal(signal.SIGTERM, lambda *_: goodbye.set())
threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
life.begin(at, "wsproto")
goodbye.wait()
server.shutdown()
server.server_close()
say_goodbye()
