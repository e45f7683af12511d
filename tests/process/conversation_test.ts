import { assert, assertEquals, assertMatch } from "@std/assert";
import { Process } from "../kit/process.ts";
import {
  commandFor,
  freePort,
  start,
  startAtTerminal,
  startClient,
  startServer,
  testWith,
} from "../kit/programs.ts";
import { RawListener, RawPeer } from "../kit/raw_peer.ts";
import { REFERENCE, REFERENCE_OPTIONS } from "../kit/reference.ts";

/** The first line that a client shows. */
const CONNECTED = "Connected to the server, n ends the conversation:\n";

for (const language of ["zh", "en"] as const) {
  Deno.test(`both have the reference conversation in ${language}`, async () => {
    const args = [...REFERENCE_OPTIONS, "--lang", language];
    const parts = REFERENCE[language];
    await using server = await startServer(args, { input: parts.server.input });
    await using client = startClient(server, args, {
      input: parts.client.input,
    });

    const ends = await Promise.all([server.finish(), client.finish()]);
    assertEquals(ends.map(({ status }) => status), [0, 0]);
    assertEquals(ends[0].stdout, parts.server.output);
    assertEquals(ends[1].stdout, parts.client.output);
    assertEquals(ends[1].stderr, "");
  });

  Deno.test(`both speak ${language} where the machine does`, async () => {
    const options = { input: "", env: { LC_ALL: `${language}_XX.UTF-8` } };
    const args = ["--style", "chat", "--port", String(freePort())];
    await using server = start("server", args, options);
    await server.stdout.until(firstLine(REFERENCE[language].server.output));
    await using client = start("client", args, options);
    await client.stdout.until(firstLine(REFERENCE[language].client.output));
  });
}

Deno.test("--quiet leaves only what goes wrong", async () => {
  const port = String(freePort());
  const args = ["--quiet", "--lang", "en", "--port", port];
  await using client = start("client", [...args, "--wait", "20"], {
    input: "hello\n",
  });
  await using server = start("server", args, { input: "" });
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.stdout, heard.stderr, heard.status], ["hello\n", "", 0]);
  assertEquals([said.stdout, said.stderr, said.status], ["", "", 0]);
  await using alone = start("client", args, { input: "" });
  const { stderr, status } = await alone.finish();
  assertEquals([stderr.startsWith("error: "), status], [true, 1]);
});

const ENVIRONMENT = ["--allow-net", "--allow-env=LANG,LC_MESSAGES,TERM"];

Deno.test("an empty LC_ALL counts as not set", async () => {
  const [command, args] = commandFor("client", ["-x"], ENVIRONMENT);
  const env = { LC_ALL: "", LC_MESSAGES: "", LANG: "zh_CN.UTF-8" };
  await using client = new Process(command, args, { env });
  assertEquals(
    (await client.finish()).stderr.startsWith("错误: 未知选项"),
    true,
  );
});

testWith(
  ["script"],
  "a terminal that can't draw gets no escape sequences",
  async () => {
    using listener = new RawListener();
    const args = ["127.0.0.1", String(listener.port), "--lang", "en"];
    await using client = startAtTerminal(
      commandFor("client", args, ENVIRONMENT),
      { TERM: "dumb" },
    );
    using peer = await listener.accept();
    await client.write("hello\n");
    await peer.until("hello\n");
    await peer.send("hi\n");
    await client.stdout.until("Server replies: hi");
    await client.write("n\n");
    assertEquals(await peer.end(), "hello\nn\n");
    peer.close();
    const { stdout } = await client.finish();
    assertEquals(
      /\p{Cc}/u.test(stdout.replaceAll(/\r?\n/g, "")),
      false,
      stdout,
    );
  },
);

Deno.test("plain passes every byte and tells the rest on stderr", async () => {
  const input = "\ufeff你好\r\n\n  spaces  \n\tтаб\0\x1b[2J\r🎈\nno ending";
  await using server = await startServer(["--style", "plain"], { input: "" });
  await using client = startClient(server, [], { input });

  const heard = await server.finish();
  const said = await client.finish();
  assertEquals([heard.status, said.status], [0, 0]);
  assertEquals(server.stdout.bytes, new TextEncoder().encode(input));
  assertEquals(said.stdout, "");
  assertEquals(
    heard.stderr.replaceAll(/:\d+/g, ":PORT"),
    `\
Listening on 127.0.0.1:PORT
Server started, waiting for a client...
Client connected: 127.0.0.1:PORT
The client has closed the connection
`,
  );
  assertEquals(
    said.stderr,
    `\
Connected to the server, n ends the conversation:
The server has closed the connection
`,
  );
});

Deno.test("auto is plain where standard output is no terminal", async () => {
  await using server = await startServer([], { input: "" });
  await using client = startClient(server, [], { input: "hello\n" });
  assertEquals((await server.finish()).stdout, "hello\n");
  assertEquals((await client.finish()).stdout, "");
});

Deno.test("both may speak at any time", async () => {
  const args = ["--style", "chat"];
  await using server = await startServer(args);
  await using client = startClient(server, args);
  await server.write("one\n");
  await server.write("two\n");
  await client.stdout.until("Server replies: two\n");
  await client.write("three\n");
  await server.stdout.until("Client says: three\n");
  await server.write("four\n");
  await client.stdout.until("Server replies: four\n");
  await client.write("n\n");

  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals(
    heard.stdout,
    `\
Server started, waiting for a client...
Server: one
Server: two
Client says: three
Server: four
The client has ended the conversation
`,
  );
  assertEquals(
    said.stdout,
    `\
Connected to the server, n ends the conversation:
Server replies: one
Server replies: two
Client: three
Server replies: four
Client: n
`,
  );
});

Deno.test("--time puts the clock before each message in a pipe, too", async () => {
  using listener = new RawListener();
  await using client = startClient(listener, ["--style", "chat", "--time"]);
  using peer = await listener.accept();
  await client.write("one\n");
  await peer.until("one\n");
  await peer.send("two\nthree\n");
  await client.stdout.until("three\n");
  await client.write("n\n");
  await peer.end();
  peer.close();
  const { status, stdout } = await client.finish();
  assertEquals(status, 0);
  assert(stdout.startsWith(CONNECTED), stdout);
  const messages = stdout.slice(CONNECTED.length).split("\n");
  const clock = /^\[([01]\d|2[0-3]):[0-5]\d:[0-5]\d\] /;
  assertEquals(
    messages.map((line) => clock.test(line) ? line.replace(clock, "") : line),
    [
      "Client: one",
      "Server replies: two",
      "Server replies: three",
      "Client: n",
      "",
    ],
  );
  for (const line of messages.slice(0, -1)) assertMatch(line, clock);
});

Deno.test("server --turns answers each message with one", async () => {
  await using server = await startServer(["--turns", "--style", "chat"], {
    input: "one\ntwo\nthree\n",
  });
  using peer = await RawPeer.connect(server.port);
  // All at once: the turns are kept all the same.
  await peer.send("a\nb\n");
  assertEquals(await peer.until("two\n"), "one\ntwo\n");
  await peer.send("n\n");
  await peer.end();
  peer.close();
  assertEquals(
    (await server.finish()).stdout,
    `\
Server started, waiting for a client...
Client says: a
Server: one
Client says: b
Server: two
The client has ended the conversation
`,
  );
});

Deno.test("--turns passes on last lines without their endings", async () => {
  const args = ["--turns"];
  await using server = await startServer(args, { input: "one\ntwo" });
  await using client = startClient(server, args, { input: "a\nb" });
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 0]);
  assertEquals([heard.stdout, said.stdout], ["a\nb\n", "one\ntwo\n"]);
});

Deno.test("--turns takes no turn for a name that is typed first", async () => {
  const args = ["--turns", "--style", "chat"];
  await using server = await startServer(args, { input: "hi\n" });
  await using client = startClient(server, args, {
    input: "/name Bob\nhello\nn\n",
  });
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 0]);
  assert(
    heard.stdout.includes("\nBob says: hello\nServer: hi\n"),
    heard.stdout,
  );
  assert(said.stdout.includes("\nServer replies: hi\n"), said.stdout);
});

Deno.test("--turns gives no turn for a name that plain passes on", async () => {
  await using server = await startServer(["--turns"]);
  using peer = await RawPeer.connect(server.port);
  await peer.send("/name Ann\na\n");
  // Else the server, which says nothing, would have to speak first.
  await server.stdout.until("/name Ann\na\n");
  await peer.send("n\n");
  await peer.end();
  peer.close();
  assertEquals((await server.finish()).status, 0);
});

Deno.test("lines are the same however the bytes are split", async () => {
  await using server = await startServer(["--style", "chat"]);
  using peer = await RawPeer.connect(server.port);
  for (const byte of new TextEncoder().encode("你好\r\n🎈é\n\nn\r\n")) {
    await peer.send(Uint8Array.of(byte));
  }
  await peer.end();
  peer.close();
  const { status, stdout } = await server.finish();
  assertEquals(status, 0);
  assertEquals(
    stdout,
    `\
Server started, waiting for a client...
Client says: 你好
Client says: 🎈é
Client says: ${""}
The client has ended the conversation
`,
  );
});

Deno.test("a last line without its ending is a message", async () => {
  const args = ["--style", "chat"];
  await using server = await startServer(args, { input: "bye" });
  await using client = startClient(server, args, { input: "你好" });
  const heard = (await server.finish()).stdout;
  assert(heard.includes("Client says: 你好\n"), heard);
  const said = (await client.finish()).stdout;
  assert(said.includes("Server replies: bye\n"), said);
});

Deno.test("raw sends the bare bytes of each message", async () => {
  using listener = new RawListener();
  await using client = startClient(listener, ["--framing", "raw"]);
  using peer = await listener.accept();
  await client.write("你好\n");
  assertEquals(await peer.until("好"), "你好");
  await client.write("再见\r\n");
  assertEquals(await peer.until("见"), "你好再见");
  await client.write("n\n");
  assertEquals(await peer.end(), "你好再见n");
  peer.close();
  assertEquals((await client.finish()).status, 0);
});

Deno.test("raw takes each read as a message and holds a cut character", async () => {
  const args = ["--framing", "raw", "--style", "chat"];
  await using server = await startServer(args);
  using peer = await RawPeer.connect(server.port);
  await peer.send("one");
  await server.stdout.until("Client says: one\n");
  const bytes = new TextEncoder().encode("二🎈");
  await peer.send(bytes.subarray(0, 5));
  await server.stdout.until("Client says: 二\n");
  await peer.send(bytes.subarray(5));
  await server.stdout.until("Client says: 🎈\n");
  await peer.send("n");
  await peer.end();
  peer.close();
  const { status, stderr } = await server.finish();
  assertEquals(status, 0);
  assert(!stderr.includes("hint"), stderr);
});

Deno.test("a peer that sends no line ending is mentioned once", async () => {
  await using server = await startServer();
  using peer = await RawPeer.connect(server.port);
  await peer.send("no");
  const [hint = ""] = await server.stderr.until(/^hint:.*\n/m);
  assert(hint.includes("try --framing raw"), hint);
  await peer.send(" ending");
  await peer.closeWrite();
  await server.closeInput();
  const { stdout, stderr } = await server.finish();
  assertEquals(stdout, "no ending");
  assertEquals(stderr.match(/^hint:/gm)?.length, 1);
});

function firstLine(text: string): string {
  return text.slice(0, text.indexOf("\n") + 1);
}
