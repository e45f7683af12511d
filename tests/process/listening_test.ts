import { assert, assertEquals } from "@std/assert";
import {
  commandFor,
  COMPILED,
  freePort,
  start,
  startClient,
  startServer,
} from "../kit/programs.ts";
import { Process } from "../kit/process.ts";
import { RawListener, RawPeer } from "../kit/raw_peer.ts";

Deno.test("server refuses others while a conversation lasts", async () => {
  await using server = await startServer();
  await using first = startClient(server);
  await first.write("hello\n");
  await server.stdout.until("hello\n");
  await using second = startClient(server);
  const { status, stderr } = await second.finish();
  assertEquals(status, 1);
  assert(
    stderr.includes(
      `nothing listens at 127.0.0.1:${server.port}, or it is busy`,
    ),
    stderr,
  );
  await first.write("still here\nn\n");
  assertEquals((await server.finish()).stdout, "hello\nstill here\n");
});

Deno.test("server --keep-open takes three clients, one after the other", async () => {
  await using server = await startServer(["-k", "--style", "chat"]);
  for (const said of ["first", "second", "third"]) {
    // Who comes next does not go by that name.
    const args = said === "second" ? ["--name", "Ann"] : [];
    await using client = startClient(server, args, { input: `${said}\nn\n` });
    assertEquals((await client.finish()).status, 0);
    await server.stdout.until(new RegExp(`says: ${said}\n.* has ended`));
  }
  server.kill("SIGTERM");
  const { status, stdout } = await server.finish();
  assertEquals(status, 143);
  assertEquals(
    stdout,
    `\
Server started, waiting for a client...
Client says: first
The client has ended the conversation
Ann says: second
Ann has ended the conversation
Client says: third
The client has ended the conversation
`,
  );
});

for (
  const [framing, ending, what] of [
    ["lines", "\n", "begins a line for each client"],
    ["raw", "", "puts nothing between clients"],
  ] as const
) {
  Deno.test(`server --keep-open --framing ${framing} ${what}`, async () => {
    const args = ["--keep-open", "--framing", framing];
    await using server = await startServer(args, { input: "" });
    // The second says nothing, the third ends its line itself.
    for (const said of ["first", "", "third\n", "fourth", "fifth"]) {
      using client = await RawPeer.connect(server.port);
      await client.send(said);
      await client.closeWrite();
      await client.end();
    }
    server.kill("SIGTERM");
    assertEquals(
      (await server.finish()).stdout,
      `first${ending}third\nfourth${ending}fifth`,
    );
  });
}

Deno.test("server --keep-open lets who comes meanwhile wait", async () => {
  await using server = await startServer(["-k"]);
  await using first = startClient(server);
  await first.write("first\n");
  await server.stdout.until("first\n");
  await using second = startClient(server, [], { input: "second\nn\n" });
  await second.stderr.until("Connected to the server");
  await first.write("more\nn\n");
  assertEquals((await second.finish()).status, 0);
  await server.stdout.until("second\n");
  assertEquals(server.stdout.text, "first\nmore\nsecond\n");
});

Deno.test("server --keep-open tells of input that is refused once", async () => {
  await using server = await startServer(["-k"], {
    input: Uint8Array.of(0xff, 0x0a),
  });
  using first = await RawPeer.connect(server.port);
  assertEquals(await first.end(), "* broken off: input failed\n");
  first.close();
  await server.stderr.until("not UTF-8");
  using second = await RawPeer.connect(server.port);
  assertEquals(await second.end(), "");
  second.close();
  await server.stderr.until("The client has closed the connection");
  server.kill("SIGTERM");
  const { stderr } = await server.finish();
  assertEquals(stderr.match(/^error/gm)?.length, 1, stderr);
});

Deno.test("server --keep-open survives a peer that breaks the rules", async () => {
  await using server = await startServer(["-k", "--max-message", "4"]);
  using peer = await RawPeer.connect(server.port);
  await peer.send("12345\n");
  await server.stderr.until("error: the peer sent a message of more than 4");
  await using client = startClient(server, [], { input: "next\nn\n" });
  assertEquals((await client.finish()).status, 0);
  await server.stdout.until("next\n");
});

Deno.test("client --wait tries until a server is there", async () => {
  const port = freePort();
  await using client = startClient({ port }, ["--wait", "60"], {
    input: "n\n",
  });
  await client.stderr.until(`Waiting for a server at 127.0.0.1:${port}...\n`);
  await using server = start("server", ["--port", String(port)]);
  const ends = await Promise.all([client.finish(), server.finish()]);
  assertEquals(ends.map(({ status }) => status), [0, 0]);
});

Deno.test("client --wait gives up after that time", async () => {
  const port = freePort();
  await using client = startClient({ port }, ["--wait", "0.3"]);
  const { status, stderr } = await client.finish();
  assertEquals(status, 1);
  assert(
    stderr.includes(`error: nothing listens at 127.0.0.1:${port}`),
    stderr,
  );
});

Deno.test("client --wait stops waiting at a signal", async () => {
  const port = freePort();
  await using client = startClient({ port }, ["--wait", "60"]);
  await client.stderr.until("Waiting for a server");
  client.kill("SIGTERM");
  const { status, stdout, stderr } = await client.finish();
  assertEquals([status, stdout], [143, ""]);
  assertEquals(stderr, `Waiting for a server at 127.0.0.1:${port}...\n`);
});

Deno.test("both talk over IPv6", async () => {
  await using server = await startServer(["--host", "::1"]);
  assertEquals(server.host, "::1");
  assert(server.stderr.text.includes("Listening on [::1]:"));
  await using client = startClient(server, [], { input: "hello\nn\n" });
  assertEquals((await client.finish()).status, 0);
  assertEquals((await server.finish()).stdout, "hello\n");
});

Deno.test("client takes its address as options too", async () => {
  await using server = await startServer();
  const { port } = server;
  const args = ["--host", "localhost", "-p", String(port)];
  await using client = start("client", args, { input: "hello\nn\n" });
  assertEquals((await client.finish()).status, 0);
  assertEquals((await server.finish()).stdout, "hello\n");
});

Deno.test("server --host 0.0.0.0 takes clients of any address", async () => {
  await using server = await startServer(["--host", "0.0.0.0"]);
  await using client = startClient({ port: server.port }, [], { input: "n\n" });
  assertEquals((await client.finish()).status, 0);
  assertEquals((await server.finish()).status, 0);
});

// What an executable may do was decided when it was compiled.
for (const granted of COMPILED ? [] : [true, false]) {
  const title = granted ? "names its addresses with" : "asks nothing without";
  Deno.test(`server --host 0.0.0.0 ${title} --allow-sys`, async () => {
    const permissions = ["--allow-net", ...(granted ? ["--allow-sys"] : [])];
    const args = ["--host", "0.0.0.0", "--port", "0", "--lang", "en"];
    await using server = new Process(
      ...commandFor("server", args, permissions),
    );
    await server.stderr.until("Server started");
    const others = Deno.networkInterfaces().filter(({ address, family }) =>
      family === "IPv4" && !address.startsWith("127.")
    );
    const named = server.stderr.text.includes("From other machines:");
    assertEquals(named, granted && others.length > 0);
    for (const { address } of named ? others : []) {
      assert(server.stderr.text.includes(address), server.stderr.text);
    }
  });
}

Deno.test("--idle-timeout ends a conversation in which nothing happens", async () => {
  using listener = new RawListener();
  await using client = startClient(listener, ["--idle-timeout", "0.2"]);
  using peer = await listener.accept();
  const { status, stderr } = await client.finish();
  assertEquals(status, 1);
  assert(stderr.includes("nothing came or went within --idle-timeout"), stderr);
  assertEquals(await peer.end(), "* broken off: idle\n");
});

Deno.test("--idle-timeout lets go of who left while a pipe has nothing to say", async () => {
  await using server = await startServer(["-k", "--idle-timeout", "0.2"]);
  using first = await RawPeer.connect(server.port);
  await first.closeWrite();
  assertEquals(await first.end(), "* broken off: idle\n");
  using second = await RawPeer.connect(server.port);
  await second.send("hello\n");
  await server.stdout.until("hello\n");
});

Deno.test("--idle-timeout never ends a server that is kept open", async () => {
  await using server = await startServer(["-k", "--idle-timeout", "0.2"]);
  for (let conversation = 1; conversation <= 2; conversation++) {
    using peer = await RawPeer.connect(server.port);
    await peer.send("hello\n");
    await server.stderr.until(
      new RegExp(`(within --idle-timeout\n[^]*){${conversation}}`),
    );
  }
  server.kill("SIGTERM");
  const { status, stdout, stderr } = await server.finish();
  assertEquals(status, 143);
  assertEquals(stdout, "hello\nhello\n");
  assertEquals(stderr.match(/within --idle-timeout/g)?.length, 2);
});
