"""The systems of the matrix: the servers in `servers/`, and the profile that speaks of each."""

from __future__ import annotations

from msgspec import Struct


class Stack(Struct, frozen=True):
    """One server.

    place: where it is installed (`installing.PLACES`); command: what starts it there; path: of its
    WebSocket; package: the name in `versions` that stands
    for all; engine_io: heartbeats are Engine.IO packets; recipe: what it does on SIGTERM in the
    measurement of a planned shutdown, "" where it does that by itself.
    """

    name: str
    profile: str
    place: str
    command: tuple[str, ...]
    package: str
    recipe: str = ""
    path: str = "/ws"
    engine_io: bool = False


def _python(script: str, place: str = "python") -> tuple[str, ...]:
    return (f"{{folder}}/{place}/venv/bin/python", f"serve_{script}.py")


ALL = (
    Stack(
        "RFC 6455, strict", "generic-ws", "python", _python("rfc6455"), "wsproto",
        recipe="a close frame 1001 to every client",
    ),
    Stack(
        "Node ws", "node-ws", "node", ("node", "serve_ws.js"), "ws",
        recipe="`client.close(1001)` for every client, then `wss.close()`",
    ),
    Stack(
        "Socket.IO", "socketio-v4", "node", ("node", "serve_socketio.js"), "socket.io",
        recipe="`io.close()`", path="/socket.io/?EIO=4&transport=websocket", engine_io=True,
    ),
    Stack(
        "Python websockets", "python-websockets", "python", _python("websockets"), "websockets",
        recipe="the server's `async with` ends",
    ),
    Stack(
        "Python websockets 11", "python-websockets-11", "python-11",
        _python("websockets", "python-11"), "websockets",
        recipe="the server's `async with` ends",
    ),
    Stack("uvicorn, FastAPI", "uvicorn-fastapi", "python", _python("uvicorn"), "uvicorn"),
    Stack(
        "aiohttp", "aiohttp", "python", _python("aiohttp"), "aiohttp",
        recipe="`on_shutdown` closes every WebSocket with 1001",
    ),
    Stack(
        "Tornado", "tornado", "python", _python("tornado"), "tornado",
        recipe="`handler.close(1001)` for every client, then it waits for them",
    ),
    Stack(
        "Spring WebSocket", "spring-websocket", "spring",
        ("java", "-Xmx96m", "-cp", "target/classes:target/dependency/*", "interop.Serve"),
        "spring-websocket",
        recipe="a `SmartLifecycle` right below Tomcat's closes every session with 1012",
    ),
)  # fmt: skip
"""in the order of the table"""
