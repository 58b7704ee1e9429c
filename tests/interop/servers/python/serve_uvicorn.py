"""uvicorn with FastAPI: what comes is sent back."""

import fastapi
import life
import uvicorn

app = fastapi.FastAPI()


@app.websocket("/ws")
async def echo(socket: fastapi.WebSocket):
    await socket.accept()
    async for message in socket.iter_text():
        await socket.send_text(message)


at = life.listening()
life.begin(at, "uvicorn", "fastapi", "websockets")
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[at])
