// Socket.IO beside an application: what comes is sent back.
import http from "node:http";
import { Server } from "socket.io";
import { begin, graceful } from "./life.js";

const server = http.createServer((_, response) => {
  response.writeHead(404);
  response.end();
});
begin(server, "socket.io", "engine.io");
const io = new Server(server);
io.on("connection", (socket) => socket.onAny((...event) => socket.emit(...event)));
if (graceful) process.on("SIGTERM", () => io.close(() => process.exit(0)));
server.listen(0, "127.0.0.1");
