import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Role } from "../../lib/text/phrases.ts";
import { OFF_LINUX, ON_WINDOWS, unless } from "../kit/ignored.ts";
import {
  commandFor,
  COMPILED,
  freePort,
  start,
  startAtTerminal,
  startClient,
  startPython,
  startServer,
  testWith,
} from "../kit/programs.ts";
import { Process } from "../kit/process.ts";
import { RawListener, RawPeer } from "../kit/raw_peer.ts";

/** What moves the cursor or clears; a program at a terminal draws with it. */
const TERMINAL_CONTROL = /\r|\p{Cc}\[[?0-9;]*[A-Za-z]/gu;
const BOTH: readonly Role[] = ["server", "client"];

/** Asserts that a program told one line of error, and nothing of its inside. */
function assertOneError(stderr: string, words: readonly string[]): void {
  const lines = stderr.split("\n").filter((line) => line.startsWith("error: "));
  assertEquals(lines.length, 1, stderr);
  for (const word of words) assert(lines[0]?.includes(word), stderr);
  assert(!/^\s+at /m.test(stderr), stderr);
}

const USAGE: readonly [Role, readonly string[], readonly string[]][] = [
  ["server", ["--prot", "1"], ["--prot", "--help"]],
  ["client", ["-x"], ["-x", "--help"]],
  ["client", ["--room"], ["--room is an option of the server"]],
  ["server", ["--wait", "1"], ["--wait is an option of the client"]],
  ["client", ["--port", "8000", "9000"], ["--host", "9000", "host name"]],
  ["client", ["192.0.2.7:1", "9"], ["stray", "9"]],
  ["client", ["192.0.2.7:1", "-p", "9"], ["--port is given twice"]],
  ["server", ["--port", "70000"], ["--port", "70000", "65535"]],
  ["client", ["localhost", "0"], ["--port", '"0"', "1 to 65535"]],
  ["client", ["--max-message", "1x"], ["--max-message", "1x", "64k"]],
  ["server", ["--idle-timeout", "-1"], ["--idle-timeout", "-1", "2.5"]],
  ["server", ["--style", "loud"], ["--style", "loud", "auto, chat, plain"]],
  ["server", ["--framing", "json"], ["--framing", "json", "lines, raw"]],
  ["server", ["--lang", "fr"], ["--lang", "fr", "zh, en"]],
  ["server", ["--port"], ["--port", "value"]],
  ["server", ["8000"], ["stray", "8000", "--port"]],
  ["client", ["localhost", "8000", "more"], ["stray", "more", "[host] [port]"]],
];

for (const [role, args, words] of USAGE) {
  Deno.test(`${role} ${args.join(" ")} is wrong usage`, async () => {
    const options = { env: { LC_ALL: "en_US.UTF-8" }, input: "" };
    await using program = start(role, args, options);
    const { status, stdout, stderr } = await program.finish();
    assertEquals(status, 2);
    assertEquals(stdout, "");
    assertEquals(stderr.split("\n").length, 2, stderr);
    assertOneError(stderr, words);
  });
}

for (const role of BOTH) {
  for (const language of ["en", "zh"]) {
    Deno.test(`${role} --help --lang ${language} fits a terminal`, async () => {
      await using program = start(role, ["--help", "--lang", language]);
      const { status, stdout, stderr } = await program.finish();
      assertEquals([status, stderr], [0, ""]);
      const lines = stdout.trimEnd().split("\n");
      assert(lines.length <= 24, `${lines.length} lines`);
      for (const line of lines) assert(columns(line) <= 80, line);
      const command = COMPILED
        ? `duihua-${role} `
        : `deno run --allow-net ${role}.ts `;
      assert(lines.at(-1)?.includes(`: ${command}`), stdout);
    });
  }

  Deno.test(`${role} --version tells the version of deno.json`, async () => {
    const { version } = JSON.parse(await Deno.readTextFile("deno.json"));
    await using program = start(role, ["--version"]);
    const { status, stdout } = await program.finish();
    assertEquals(status, 0);
    assert(stdout.startsWith(`duihua ${version}`), stdout);
  });
}

for (const option of ["--help", "--version"]) {
  for (const role of BOTH) {
    Deno.test({
      ...unless(OFF_LINUX, `${role} ${option} tells that it can't be written`),
      async fn(): Promise<void> {
        const [command, args] = commandFor(role, [option, "--lang", "en"]);
        const script = `exec "$0" "$@" >/dev/full`;
        const words = ["-c", script, command, ...args];
        await using program = new Process("sh", words);
        const { status, stderr } = await program.finish();
        assertEquals(status, 1);
        assertOneError(stderr, ["standard output can't be written"]);
        assertEquals(stderr.split("\n").length, 2, stderr);
      },
    });
  }
}

const NOT_READ = { zh: "无法读取标准输入", en: "input can't be read" } as const;
for (const language of ["zh", "en"] as const) {
  Deno.test({
    ...unless(
      ON_WINDOWS,
      `an input that is a folder is told of in ${language}`,
    ),
    fn: async () => {
      using listener = new RawListener();
      const port = String(listener.port);
      const options = ["--lang", language, "--port", port];
      const [command, args] = commandFor("client", options);
      const words = ["-c", `exec "$0" "$@" </`, command, ...args];
      await using client = new Process("sh", words);
      using peer = await listener.accept();
      await peer.send("heard\n");
      await peer.end();
      peer.close();
      const { status, stdout, stderr } = await client.finish();
      assertEquals(status, 1);
      assertEquals(stdout, "heard\n");
      assertStringIncludes(stderr.split("\n").at(-2) ?? "", NOT_READ[language]);
    },
  });
}

// What an executable may do was decided when it was compiled.
for (const role of COMPILED ? [] : BOTH) {
  testWith(["script"], `${role} tells of a missing permission`, async () => {
    await using program = startAtTerminal(
      commandFor(role, ["--lang", "en", "--port", "1"], []),
    );
    const { status, stdout } = await program.finish();
    assertEquals(status, 1);
    const shown = stdout.replaceAll(TERMINAL_CONTROL, "");
    assertOneError(shown, ["127.0.0.1:1", "--allow-net"]);
    assertEquals(shown.trim().split("\n").length, 1, shown);
  });
}

Deno.test("client names the address that refuses", async () => {
  const port = freePort();
  await using client = startClient({ port });
  const { status, stdout, stderr } = await client.finish();
  assertEquals([status, stdout], [1, ""]);
  assertOneError(stderr, [`127.0.0.1:${port}`, "--wait", "start the server"]);
});

Deno.test("--wait waits for a name that can't be resolved yet", async () => {
  const place = { host: "no-such-host.invalid", port: 1 };
  await using client = startClient(place, ["--wait", "0.5"]);
  const { status, stderr } = await client.finish();
  assertEquals(status, 1);
  const [first = "", second = ""] = stderr.split("\n");
  assert(first.startsWith("Waiting for a server at no-such-host"), stderr);
  assert(second.startsWith("error: host no-such-host.invalid was not"), stderr);
});

testWith(
  ["unshare"],
  "client tells a name server that is away from a wrong name",
  async () => {
    const args = ["no-such-host.invalid", "1", "--lang", "en"];
    const [command, words] = commandFor("client", args);
    const inNetwork = ["--net", "--map-root-user", command, ...words];
    await using client = new Process("unshare", inNetwork);
    const { status, stderr } = await client.finish();
    assertEquals(status, 1);
    assertOneError(stderr, ["at the moment", "--wait SECONDS"]);
  },
);

Deno.test("client names the host that was not found", async () => {
  await using client = startClient({ host: "no-such-host.invalid", port: 1 });
  const { status, stderr } = await client.finish();
  assertEquals(status, 1);
  assertOneError(stderr, ["no-such-host.invalid", "was not found"]);
});

Deno.test("server names the port that is in use", async () => {
  using listener = new RawListener();
  const port = String(listener.port);
  await using server = start("server", ["--port", port, "--lang", "en"]);
  const { status, stdout, stderr } = await server.finish();
  assertEquals([status, stdout], [1, ""]);
  assertOneError(stderr, [`127.0.0.1:${port}`, "in use", "--port"]);
});

Deno.test("server names the host that is not this machine's", async () => {
  const args = ["--host", "192.0.2.1", "--port", "0", "--lang", "en"];
  await using server = start("server", args);
  const { status, stderr } = await server.finish();
  assertEquals(status, 1);
  assertOneError(stderr, ["192.0.2.1", "--host"]);
});

Deno.test("client names the address that can't be reached", async () => {
  // A broadcast: the system refuses it before anything is sent.
  await using client = startClient({ host: "255.255.255.255", port: 1 });
  const { status, stderr } = await client.finish();
  assertEquals(status, 1);
  assertOneError(stderr, ["255.255.255.255:1", "can't be reached"]);
});

testWith(["python3"], "client --connect-timeout names the time", async () => {
  await using listener = startPython("full_backlog.py", []);
  const [, port] = await listener.stdout.until(/port (\d+)\n/);
  await using client = startClient({ port: Number(port) }, [
    "--connect-timeout",
    "0.5",
  ]);
  const { status, stderr } = await client.finish();
  assertEquals(status, 1);
  assertOneError(stderr, [`127.0.0.1:${port}`, "0.5", "--connect-timeout"]);
});

for (const role of BOTH) {
  testWith(["python3"], `${role} names a peer that resets`, async () => {
    let address: string;
    let program: Process;
    let peer: Process;
    if (role === "server") {
      const server = program = await startServer();
      address = "127.0.0.1:";
      peer = startPython("reset.py", ["connect", String(server.port)]);
    } else {
      peer = startPython("reset.py", ["listen"]);
      const [, port] = await peer.stdout.until(/port (\d+)\n/);
      address = `127.0.0.1:${port}`;
      program = startClient({ port: Number(port) });
    }
    await using _peer = peer;
    await using _program = program;
    await program.stdout.until("hello\n");
    await program.write("hello\n");
    const { status, stdout, stderr } = await program.finish();
    assertEquals([status, stdout], [1, "hello\n"]);
    assertOneError(stderr, [address, "broke", "may not have arrived"]);
  });
}

Deno.test("a reset after the peer's end is told when the input ends", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await using client = startClient({ port });
  const peer = await listener.accept();
  await client.write("hello\n");
  // Closing on the rest of it resets the connection.
  await peer.read(new Uint8Array(1));
  await peer.write(new TextEncoder().encode("unended"));
  await peer.closeWrite();
  // Shown once the end of the stream is read.
  await client.stdout.until("unended");
  peer.close();
  await client.closeInput();
  const { status, stderr } = await client.finish();
  assertEquals(status, 1);
  assertOneError(stderr, [`127.0.0.1:${port}`, "broke", "may not have"]);
});

Deno.test("a message over the limit ends it where it is received", async () => {
  await using server = await startServer(["--max-message", "1k"]);
  using peer = await RawPeer.connect(server.port);
  await peer.send(`${"x".repeat(1024)}\n`);
  await server.stdout.until("x\n");
  await peer.send(`${"x".repeat(1025)}\n`);
  const { status, stdout, stderr } = await server.finish();
  assertEquals([status, stdout], [1, `${"x".repeat(1024)}\n`]);
  assertOneError(stderr, ["1024 bytes", "--max-message"]);
});

Deno.test("a line of the input over the limit is not sent", async () => {
  await using server = await startServer([], { input: "" });
  await using client = startClient(server, ["--max-message", "4"], {
    input: "1234\n12345\nmore\n",
  });
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  const last = "* broken off: input failed\n";
  assertEquals([heard.stdout, said.status], [`1234\n${last}`, 1]);
  assertEquals(heard.status, 1);
  assertOneError(said.stderr, ["line 2", "4 bytes", "--max-message"]);
});

Deno.test("input that is not UTF-8 is not sent from that line on", async () => {
  await using server = await startServer([], { input: "" });
  const good = new TextEncoder().encode("一\n二\n三");
  await using client = startClient(server, [], {
    input: Uint8Array.of(...good, 0xff, 0x0a, 0x61, 0x0a),
  });
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  const last = "* broken off: input failed\n";
  assertEquals([heard.stdout, said.status], [`一\n二\n${last}`, 1]);
  assertEquals(heard.status, 1);
  assertOneError(said.stderr, ["line 3", "byte 4", "UTF-8"]);
});

for (const encoding of ["GB18030", "BIG5", "UTF-16", "ISO-8859-1"]) {
  testWith(["iconv"], `the advice for input in ${encoding} helps`, async () => {
    const text = encoding.startsWith("ISO") ? "un café\n" : "一二\n你好\n";
    const shell = async (
      command: string,
      input: string,
    ): Promise<Uint8Array> => {
      await using iconv = new Process("sh", ["-c", command], { input });
      await iconv.finish();
      return iconv.stdout.bytes;
    };
    const send = async (
      input: Uint8Array,
    ): Promise<[text: string, stderr: string]> => {
      await using server = await startServer([], { input: "" });
      await using client = startClient(server, [], { input });
      const [heard, said] = await Promise.all([
        server.finish(),
        client.finish(),
      ]);
      return [heard.stdout, said.stderr];
    };
    const encoded = await shell(`iconv -f UTF-8 -t ${encoding}`, text);
    const [, stderr] = await send(encoded);
    const [advice = ""] = /iconv -f .* -t UTF-8 FILE/.exec(stderr) ?? [];
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeFile(`${folder}/FILE`, encoded);
      const converted = await shell(`cd "${folder}" && ${advice}`, "");
      assertEquals((await send(converted))[0], text);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

for (const style of ["chat", "plain"]) {
  Deno.test(`a peer that is not UTF-8 is shown in ${style}`, async () => {
    await using server = await startServer(["--style", style]);
    using peer = await RawPeer.connect(server.port);
    const bytes = Uint8Array.of(0x61, 0xff, 0x0a, 0xfe, 0x0a, 0x62, 0x0a);
    await peer.send(bytes);
    await server.stdout.until("b\n");
    await peer.send("n\n");
    await peer.end();
    peer.close();
    const { status, stderr } = await server.finish();
    assertEquals(status, 0);
    assertEquals(stderr.match(/^warning: .*not UTF-8/gm)?.length, 1);
    if (style === "plain") {
      assertStringIncludes(stderr, "they are written as they came");
      assertEquals(server.stdout.bytes, bytes);
    } else {
      assertStringIncludes(stderr, "they are shown as \ufffd");
      assertStringIncludes(
        server.stdout.text,
        "says: a\ufffd\nClient says: \ufffd\nClient says: b\n",
      );
    }
  });
}

/** How many columns a line takes on a terminal. */
function columns(line: string): number {
  const wide = line.match(/[\u3000-\u303f\u4e00-\u9fff\uff00-\uff60]/g) ?? [];
  return line.length + wide.length;
}
