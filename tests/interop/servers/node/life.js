// How every Node server of the matrix lives: at a port of its own, no longer than it is wanted.
import { readFileSync } from "node:fs";

const LIFETIME_MS = 300_000;

// The server's documented way to say goodbye on SIGTERM is used, not only what it does by itself.
export const graceful = process.argv.includes("--graceful");

// Say where a server that starts to listen is and which one (the package that serves, and those
// below it); end when stdin ends, or after the lifetime.
export function begin(server, ...names) {
  const read = (name) => readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url));
  const versions = Object.fromEntries(names.map((name) => [name, JSON.parse(read(name)).version]));
  server.on("listening", () => {
    console.log(JSON.stringify({ port: server.address().port, versions }));
  });
  process.stdin.resume();
  process.stdin.on("end", () => process.exit(70));
  setTimeout(() => process.exit(70), LIFETIME_MS).unref();
}
