"""Python websockets: what comes is sent back."""

import asyncio
import contextlib
import signal

import life
import websockets

try:
    from websockets.asyncio.server import serve
except ImportError:  # version 11
    from websockets.server import serve


async def echo(connection):
    with contextlib.suppress(websockets.ConnectionClosed):
        async for message in connection:
            await connection.send(message)


async def main():
    at = life.listening()
    async with serve(echo, sock=at):
        goodbye = asyncio.Event()
        if life.GRACEFUL:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, goodbye.set)
        life.begin(at, "websockets")
        await goodbye.wait()


asyncio.run(main())
