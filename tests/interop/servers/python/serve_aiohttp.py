"""aiohttp: what comes is sent back."""

import aiohttp
import life
from aiohttp import web

OPEN = web.AppKey("open", set)


async def echo(request):
    socket = web.WebSocketResponse()
    socket.headers["X-Node"] = str(at.getsockname()[1])
    await socket.prepare(request)
    request.app[OPEN].add(socket)
    try:
        async for message in socket:
            await socket.send_str(message.data)
    finally:
        request.app[OPEN].discard(socket)
    return socket


async def healthy(request):
    return web.Response(text="well")


async def goodbye(app):
    for socket in tuple(app[OPEN]):
        await socket.close(code=aiohttp.WSCloseCode.GOING_AWAY)


app = web.Application()
app[OPEN] = set()
app.router.add_get("/ws", echo)
app.router.add_get("/healthz", healthy)
if life.GRACEFUL:
    app.on_shutdown.append(goodbye)
at = life.listening()
life.begin(at, "aiohttp")
web.run_app(app, sock=at, print=None)
