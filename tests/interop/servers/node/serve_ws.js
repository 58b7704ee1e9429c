// Node ws on its own: what comes is sent back.
import { WebSocketServer } from "ws";
import { begin, graceful } from "./life.js";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, path: "/ws" });
begin(server, "ws");
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (message, binary) => socket.send(message, { binary }));
});
if (graceful) {
  process.on("SIGTERM", () => {
    for (const client of server.clients) client.close(1001);
    server.close(() => process.exit(0));
  });
}
