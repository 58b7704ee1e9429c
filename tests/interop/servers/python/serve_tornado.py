"""Tornado: what comes is sent back."""

import asyncio
import signal

import life
from tornado import httpserver, web, websocket

OPEN = set()


class Echo(websocket.WebSocketHandler):
    def open(self):
        OPEN.add(self)

    def on_message(self, message):
        self.write_message(message)

    def on_close(self):
        OPEN.discard(self)


async def main():
    server = httpserver.HTTPServer(web.Application([("/ws", Echo)]))
    at = life.listening()
    at.setblocking(False)
    server.add_socket(at)
    goodbye = asyncio.Event()
    if life.GRACEFUL:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, goodbye.set)
    life.begin(at, "tornado")
    await goodbye.wait()
    server.stop()
    for each in tuple(OPEN):
        each.close(1001)
    while OPEN:
        await asyncio.sleep(0.02)


asyncio.run(main())
