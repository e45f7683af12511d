// A chat peer as one writes it in Node: line by line, with readline.
// line_peer.mjs listen PORT | connect PORT
import { connect, createServer } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";

const HOST = "127.0.0.1";
const [, , how, port] = process.argv;

/** Passes lines on, no faster than they are taken. */
const pass = (source, sink) => {
  const lines = createInterface({ input: source, crlfDelay: Infinity });
  lines.on("line", (line) => {
    if (!sink.write(`${line}\n`)) lines.pause();
  });
  sink.on("drain", () => lines.resume());
  return new Promise((resolve) => lines.on("close", resolve));
};

const talk = (socket) => {
  socket.setNoDelay(true);
  pass(process.stdin, socket).then(() => socket.end());
  pass(socket, process.stdout);
};

if (how === "listen") {
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    listener.close();
    talk(socket);
  });
  listener.listen(Number(port), HOST, () => {
    console.error(`listening on ${port}`);
  });
} else {
  const socket = connect({
    host: HOST,
    port: Number(port),
    allowHalfOpen: true,
  });
  socket.on("connect", () => talk(socket));
}
