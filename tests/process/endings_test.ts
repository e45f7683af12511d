import { assert, assertEquals } from "@std/assert";
import { unless } from "../kit/ignored.ts";
import {
  commandFor,
  COMPILED,
  ServerProcess,
  startClient,
  startServer,
} from "../kit/programs.ts";
import { Process } from "../kit/process.ts";
import { RawListener, RawPeer } from "../kit/raw_peer.ts";

const CLIENT_ENDED = "The client has ended the conversation\n";
const SERVER_ENDED = "The server has ended the conversation\n";
/** More than the buffers of sockets and pipes hold. */
const MANY_LINES = 500_000;
/** More visitors than have room in the heap if something of each is kept. */
const HEAP_MEBIBYTES = 48;
const VISITORS = 6000;

Deno.test("n from the client ends it", async () => {
  await using server = await startServer();
  await using client = startClient(server, [], { input: "hello\nn\n" });
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 0]);
  assertEquals(heard.stdout, "hello\n");
  assert(heard.stderr.endsWith(CLIENT_ENDED), heard.stderr);
  assert(!said.stderr.includes("ended"), said.stderr);
});

Deno.test("n from the server ends it", async () => {
  await using server = await startServer([], { input: "hello\nn\n" });
  await using client = startClient(server);
  const [said, heard] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 0]);
  assertEquals(heard.stdout, "hello\n");
  assert(heard.stderr.endsWith(SERVER_ENDED), heard.stderr);
  assert(!said.stderr.includes("ended"), said.stderr);
});

Deno.test({
  ...unless(
    { "executables take no flags of the runtime": COMPILED },
    "server --keep-open keeps nothing of who has gone",
  ),
  async fn(): Promise<void> {
    const [command, args] = commandFor(
      "server",
      ["--port", "0", "--lang", "en", "--keep-open"],
      ["--allow-net", `--v8-flags=--max-old-space-size=${HEAP_MEBIBYTES}`],
    );
    // Its input stays open and says nothing.
    await using server = await new ServerProcess(command, args).listening();
    for (let count = 0; count < VISITORS; count++) {
      using peer = await RawPeer.connect(server.port);
      await peer.send("n\n");
      await peer.end();
    }
  },
});

Deno.test("that n was said is told once where the peer stays", async () => {
  await using server = await startServer();
  using peer = await RawPeer.connect(server.port);
  await peer.send("n\n");
  // The server has closed its half, and waits for the other.
  await peer.end();
  await server.stderr.until(CLIENT_ENDED);
  await peer.send("still here\n");
  peer.close();
  const { status, stdout, stderr } = await server.finish();
  assertEquals(status, 0);
  assertEquals(stdout, "");
  assertEquals(stderr.split(CLIENT_ENDED).length, 2);
});

Deno.test("n ends it under raw", async () => {
  const args = ["--framing", "raw"];
  await using server = await startServer(args);
  await using client = startClient(server, args, { input: "n\n" });
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 0]);
  assert(heard.stderr.endsWith(CLIENT_ENDED), heard.stderr);
});

Deno.test("who says n closes its sending half and still shows what comes", async () => {
  using listener = new RawListener();
  await using client = startClient(listener, [], { input: "n\n" });
  using peer = await listener.accept();
  assertEquals(await peer.end(), "n\n");
  await peer.send("late\n");
  await client.stdout.until("late\n");
  await peer.send("later\n");
  peer.close();
  const { status, stdout } = await client.finish();
  assertEquals(status, 0);
  assertEquals(stdout, "late\nlater\n");
});

Deno.test("who says n does not wait for ever for the other to close", async () => {
  using listener = new RawListener();
  await using client = startClient(listener, [], { input: "n\n" });
  using peer = await listener.accept();
  assertEquals(await peer.end(), "n\n");
  assertEquals((await client.finish()).status, 0);
});

Deno.test("only exactly n ends it", async () => {
  const input = "N\n n\nn \nnn\n\n";
  await using server = await startServer([], { input });
  await using client = startClient(server, [], { input });
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals(heard.stdout, input);
  assertEquals(said.stdout, input);
});

Deno.test("--end sets another word", async () => {
  const args = ["--end", "再见"];
  await using server = await startServer(args);
  await using client = startClient(server, args, { input: "n\n再见\n" });
  const heard = await server.finish();
  const said = await client.finish();
  assertEquals([heard.status, said.status], [0, 0]);
  assertEquals(heard.stdout, "n\n");
  assert(heard.stderr.endsWith(CLIENT_ENDED), heard.stderr);
  assert(said.stderr.includes("再见 ends the conversation:"), said.stderr);
});

Deno.test("--end '' sets none", async () => {
  const args = ["--end", ""];
  const input = "n\nmore\nn\n";
  await using server = await startServer(args, { input });
  await using client = startClient(server, args, { input });
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 0]);
  assertEquals([heard.stdout, said.stdout], [input, input]);
  assert(said.stderr.startsWith("Connected to the server:\n"), said.stderr);
});

Deno.test("input after the n is named as not sent", async () => {
  await using server = await startServer();
  await using client = startClient(server, [], { input: "a\nn\nb\n" });
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 1]);
  assertEquals(heard.stdout, "a\n");
  const [warning = ""] = /^warning: .*$/m.exec(said.stderr) ?? [];
  assert(warning.includes("not sent"), said.stderr);
  assert(warning.includes("--end"), said.stderr);
});

Deno.test("under -k what comes after the n is for the next client", async () => {
  await using server = await startServer(["-k"]);
  using first = await RawPeer.connect(server.port);
  await server.stderr.until("connected");
  await server.write("n\n");
  assertEquals(await first.end(), "n\n");
  await server.write("more\n");
  // The first one stays, so there is time to read that before it is over.
  using next = await RawPeer.connect(server.port);
  await next.until("more\n");
  assert(!server.stderr.text.includes("not sent"), server.stderr.text);
});

Deno.test("the end of a pipe closes the sending half only", async () => {
  using listener = new RawListener();
  await using client = startClient(listener, [], { input: "last" });
  using peer = await listener.accept();
  assertEquals(await peer.end(), "last");
  await peer.send("answer\n");
  await client.stdout.until("answer\n");
  peer.close();
  assertEquals((await client.finish()).status, 0);
});

Deno.test("a last line without its ending arrives where the input is over", async () => {
  await using server = await startServer([], { input: "" });
  await using client = startClient(server);
  // The server has closed its sending half.
  await client.stderr.until("Connected");
  await client.write("last");
  await client.closeInput();
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 0]);
  assertEquals(heard.stdout, "last");
});

Deno.test("a side fed by a pipe sends its rest when the peer closes", async () => {
  await using server = await startServer();
  using peer = await RawPeer.connect(server.port);
  await peer.send("done\n");
  await peer.closeWrite();
  await server.stdout.until("done\n");
  await server.write("first\n");
  assertEquals(await peer.until("first\n"), "first\n");
  await server.write("rest");
  await server.closeInput();
  assertEquals(await peer.end(), "first\nrest");
  const { status, stderr } = await server.finish();
  assertEquals(status, 0);
  assert(
    stderr.endsWith("The client has closed the connection\n"),
    stderr,
  );
});

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`${signal} at the client says n and exits ${status}`, async () => {
    await using server = await startServer();
    await using client = startClient(server);
    await client.write("hello\n");
    await server.stdout.until("hello\n");
    client.kill(signal);
    const [heard, said] = await Promise.all([server.finish(), client.finish()]);
    assertEquals([heard.status, said.status], [0, status]);
    assert(heard.stderr.endsWith(CLIENT_ENDED), heard.stderr);
  });

  Deno.test(`${signal} at the server says n and exits ${status}`, async () => {
    await using server = await startServer(["--keep-open"]);
    await using client = startClient(server);
    await client.write("hello\n");
    await server.stdout.until("hello\n");
    server.kill(signal);
    const [said, heard] = await Promise.all([server.finish(), client.finish()]);
    assertEquals([heard.status, said.status], [0, status]);
    assert(heard.stderr.endsWith(SERVER_ENDED), heard.stderr);
  });

  Deno.test(`${signal} ends a server without a client with ${status}`, async () => {
    await using server = await startServer();
    server.kill(signal);
    assertEquals((await server.finish()).status, status);
  });
}

Deno.test("an output that goes away ends it quietly, and the peer is told", async () => {
  const [command, args] = commandFor("server", ["--lang", "en", "--port", "0"]);
  await using server = new Process("sh", [
    "-c",
    '{ "$@"; echo "status $?" >&2; } | head -1',
    "sh",
    command,
    ...args,
  ]);
  const [, port] = await server.stderr.until(/Listening on .*:(\d+)\n/);
  await using client = startClient({ port: Number(port) });
  await client.write("one\n");
  await server.stdout.until("one\n");
  // One write may still be taken: that of the line which head was waiting for.
  await client.write("two\n");
  await client.write("three\n").catch(() => {});
  const heard = await client.finish();
  const ended = await server.finish();
  assertEquals(heard.status, 1);
  assert(heard.stderr.includes("error: the peer did not take"), heard.stderr);
  assertEquals(ended.stdout, "one\n");
  assertEquals(
    ended.stderr.replaceAll(/:\d+/g, ":PORT"),
    `\
Listening on 127.0.0.1:PORT
Server started, waiting for a client...
Client connected: 127.0.0.1:PORT
status 0
`,
  );
});

Deno.test("a server killed in mid-message leaves the client what came", async () => {
  const shown: Uint8Array[] = [];
  const first = Promise.withResolvers<void>();
  const killed = Promise.withResolvers<void>();
  await using server = await startServer([], {
    input: "0123456789\n".repeat(MANY_LINES),
  });
  await using client = startClient(server, [], {
    // Takes nothing more until the server is gone, so that it can't be done.
    sink(chunk): Promise<void> {
      shown.push(chunk.slice());
      first.resolve();
      return killed.promise;
    },
  });
  await first.promise;
  server.kill("SIGKILL");
  assertEquals((await server.finish()).status, 137);
  killed.resolve();
  await client.closeInput();
  const { status, stderr } = await client.finish();
  const text = await new Blob(shown.map((chunk) => chunk.slice())).text();
  assert(text.length < 11 * MANY_LINES);
  assertEquals(text, "0123456789\n".repeat(MANY_LINES).slice(0, text.length));
  assertEquals(status, 0);
  assert(
    stderr.endsWith("The server has closed the connection\n"),
    stderr,
  );
});
