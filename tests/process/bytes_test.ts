import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  commandFor,
  ServerProcess,
  startClient,
  startServer,
} from "../kit/programs.ts";
import { RAW_PAUSE_MS } from "../../lib/wire/framing.ts";
import { RawListener, RawPeer } from "../kit/raw_peer.ts";

const MARK = "\ufeff";
/** What telnet clients begin with: options, and a window of ten lines. */
const NEGOTIATION = [
  ...[0xff, 0xfb, 0x1f, 0xff, 0xfd, 0x01],
  ...[0xff, 0xfa, 0x1f, 0x00, 0x50, 0x00, 0x0a, 0xff, 0xf0],
];

const encoder = new TextEncoder();

Deno.test("a byte order mark is no part of a name, a word or a text", async () => {
  await using room = await startServer(["--room"]);
  using ann = await RawPeer.connect(room.port);
  await ann.send(`${MARK}/name Ann\n`);
  await ann.until("Ann: welcome");
  await ann.send("n\n");
  await ann.end();

  await using chat = await startServer(["--style", "chat", "--name", "Bob"]);
  using named = await RawPeer.connect(chat.port);
  await named.send(`${MARK}/name Ann\nhello\n`);
  assertEquals(await named.until("\n"), "/name Bob\n");
  await chat.stdout.until("Ann says: hello\n");
  await named.send("n\n");
  await named.end();
  assertEquals((await chat.finish()).status, 0);
});

Deno.test("a byte order mark before the end word ends it, in a pipe too", async () => {
  for (const side of ["client", "server"] as const) {
    const input = `${MARK}n\n`;
    await using server = await startServer([], {
      ...side === "server" && { input },
    });
    await using client = startClient(server, [], {
      ...side === "client" && { input },
    });
    const [heard, said] = await Promise.all([server.finish(), client.finish()]);
    assertEquals([heard.status, said.status], [0, 0]);
    assertEquals([heard.stdout, said.stdout], ["", ""]);
    const [other, who] = side === "client"
      ? [heard, "client"]
      : [said, "server"];
    assertStringIncludes(other.stderr, `The ${who} has ended the conversation`);
  }
});

Deno.test("a byte order mark passes from pipe to pipe as data", async () => {
  const input = `${MARK}a\n${MARK}n\nb\n`;
  await using server = await startServer([]);
  await using client = startClient(server, [], { input });
  await server.closeInput();
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 0]);
  assertEquals(heard.stdout, input);
});

Deno.test("telnet's negotiation is no part of a text, wherever it is cut", async () => {
  await using server = await startServer(["--style", "chat"]);
  using peer = await RawPeer.connect(server.port);
  await peer.send(Uint8Array.of(...NEGOTIATION, ...encoder.encode("one\n")));
  await server.stdout.until("Client says: one\n");
  for (const byte of [...encoder.encode("tw"), ...NEGOTIATION]) {
    await peer.send(Uint8Array.of(byte));
  }
  await peer.send(encoder.encode("o\r\n"));
  await server.stdout.until("Client says: two\n");
  await peer.send(Uint8Array.of(0xff, 0xf1, ...encoder.encode("n\r\n")));
  await peer.end();
  const { status, stderr } = await server.finish();
  assertEquals(status, 0);
  assert(!stderr.includes("not UTF-8"), stderr);
});

Deno.test("a password may come with a mark or telnet's negotiation", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "secret\n");
    await Deno.chmod(file, 0o600);
    const args = ["--port", "0", "--lang", "en", "--password-file", file];
    for (const before of [encoder.encode(MARK), NEGOTIATION]) {
      await using server = await new ServerProcess(
        ...commandFor("server", args, ["--allow-net", "--allow-read"]),
      ).listening();
      using peer = await RawPeer.connect(server.port);
      await peer.send(
        Uint8Array.of(...before, ...encoder.encode("secret\r\n")),
      );
      await peer.until("* password accepted\n");
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a line typed key by key is waited for in a room", async () => {
  await using server = await startServer(["--room"]);
  using reader = await RawPeer.connect(server.port);
  await reader.send("/name reader\n");
  await reader.until("reader: welcome");
  using typist = await RawPeer.connect(server.port);
  await typist.send("/name typist\n");
  await typist.until("typist: welcome");
  for (const key of ["你", "h", "e"]) await typist.send(key);
  // A peer that sends a whole text is understood after a moment.
  using raw = await RawPeer.connect(server.port);
  await raw.send("first");
  await reader.until(": first\n");
  for (const key of ["l", "l", "o", "\r\n"]) await typist.send(key);
  assertStringIncludes(await reader.until("typist: "), "first");
  await reader.until("typist: 你hello\n");
});

Deno.test("a raw peer in a pair is seen, after a hint", async () => {
  await using server = await startServer(["--style", "chat"]);
  using peer = await RawPeer.connect(server.port);
  await peer.send("你好啊");
  await server.stdout.until("Client says: 你好啊\n");
  await server.stderr.until("try --framing raw");
  await peer.send("n");
  await server.stdout.until("The client has ended the conversation\n");
  await peer.end();
  assertEquals((await server.finish()).status, 0);
});

Deno.test("raw messages from a pipe are apart", async () => {
  using listener = new RawListener();
  await using client = startClient(listener, ["--framing", "raw"]);
  using peer = await listener.accept();
  const start = performance.now();
  await client.write("你好啊\n再见\nn\n");
  let text = "";
  while (text !== "你好啊再见n") text += await peer.next();
  // A machine that is busy may read two at once, but the third can't come early.
  assert(performance.now() - start >= 1.5 * RAW_PAUSE_MS, text);
  await peer.closeWrite();
  peer.close();
  assertEquals((await client.finish()).status, 0);
});
