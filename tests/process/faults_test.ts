import { assert, assertEquals, assertMatch } from "@std/assert";
import { Process } from "../kit/process.ts";
import {
  commandFor,
  ServerProcess,
  startPython,
  startServer,
  testWith,
} from "../kit/programs.ts";
import { RawListener, RawPeer } from "../kit/raw_peer.ts";
import { comeAs } from "../kit/room_members.ts";

const CONNECTED = "Connected to the server, n ends the conversation:\n";
const STYLES = ["chat", "plain"] as const;
const NOBODY = "warning: connections can't be accepted at the moment";
/** Fewer than any program has open: no further file can be opened. */
const NO_MORE_FILES = 3;
/** How many files a server of a room may have open at once. */
const FILE_LIMIT = 64;

/** Starts a client whose standard input, output or error is redirected. */
function startRedirected(
  { port }: { port: number },
  redirections: string,
  args: readonly string[] = [],
): Process {
  const all = ["127.0.0.1", String(port), "--lang", "en", ...args];
  const [command, words] = commandFor("client", all);
  const script = `exec "$0" "$@" ${redirections}`;
  return new Process("sh", ["-c", script, command, ...words]);
}

/** Sets how many files a process may have open; returns what it was. */
async function limitFiles(pid: number, limit: string): Promise<string> {
  const ask = ["--pid", String(pid), "--nofile"];
  const old = await output("prlimit", [...ask, "--output", "SOFT", "--raw"]);
  await output("prlimit", ["--pid", String(pid), `--nofile=${limit}:`]);
  return old.trim().split("\n").at(-1) ?? "";
}

async function output(command: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args })
    .output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

testWith(["sh"], "a full standard output shows after the n too", async () => {
  using listener = new RawListener();
  await using client = startRedirected(listener, ">/dev/full");
  using peer = await listener.accept();
  await client.write("n\n");
  assertEquals(await peer.end(), "n\n");
  await peer.send("late\n");
  peer.close();
  const { status, stderr } = await client.finish();
  assertEquals(status, 1, stderr);
  assertMatch(stderr, /^error: standard output can't be written/m);
});

for (const style of STYLES) {
  testWith(
    ["sh"],
    `a full standard output ends a ${style} conversation, and the peer is told`,
    async () => {
      using listener = new RawListener();
      const args = ["--style", style];
      await using client = startRedirected(listener, ">/dev/full", args);
      using peer = await listener.accept();
      await peer.send("heard\n");
      assertEquals(await peer.end(), "* not taken: output failed\n");
      peer.close();
      const { status, stderr } = await client.finish();
      assertEquals(status, 1);
      assertMatch(
        stderr.replace(CONNECTED, ""),
        /^error: standard output can't be written \(No space left .*\), the conversation is over\n$/,
      );
    },
  );

  testWith(
    ["sh"],
    `a full standard output ends no room, shown in ${style}`,
    async () => {
      const options = ["--room", "--style", style];
      const [command, args] = commandFor(
        "server",
        [...options, "--port", "0", "--lang", "en"],
      );
      const script = 'exec "$0" "$@" >/dev/full';
      await using server = new ServerProcess(
        "sh",
        ["-c", script, command, ...args],
      );
      await server.listening();
      using ann = await comeAs("Ann", server.port);
      using bo = await comeAs("Bo", server.port);
      for (const text of ["one", "two"]) {
        await ann.send(`${text}\n`);
        await bo.until(`Ann: ${text}\n`);
        await server.write(`${text} too\n`);
        await bo.until(`server: ${text} too\n`);
      }
      await server.write("n\n");
      await Promise.all([ann.end(), bo.end()]);
      ann.close();
      bo.close();
      const { status, stderr } = await server.finish();
      assertEquals(status, 1);
      assertEquals(stderr.match(/can't be written/g)?.length, 1, stderr);
      assertMatch(
        stderr,
        /^warning: standard output can't be written \(No space left .*\); the room goes on/m,
      );
      assert(!/^error/m.test(stderr), stderr);
    },
  );

  testWith(
    ["sh"],
    `a ${style} conversation works without standard output and error`,
    async () => {
      using listener = new RawListener();
      const args = ["--style", style];
      await using client = startRedirected(listener, ">&- 2>&-", args);
      using peer = await listener.accept();
      await peer.send("heard\n");
      await client.write("said\nn\n");
      assertEquals(await peer.end(), "said\nn\n");
      peer.close();
      assertEquals((await client.finish()).status, 0);
    },
  );

  testWith(
    ["sh"],
    `a ${style} conversation works without standard error`,
    async () => {
      using listener = new RawListener();
      const args = ["--style", style];
      await using client = startRedirected(listener, "2>&-", args);
      using peer = await listener.accept();
      await peer.send("heard\n");
      await client.stdout.until("heard\n");
      await client.write("said\nn\n");
      assertEquals(await peer.end(), "said\nn\n");
      peer.close();
      assertEquals((await client.finish()).status, 0);
    },
  );
}

testWith(
  ["prlimit"],
  "server --keep-open lives on when it may open files again",
  async () => {
    await using server = await startServer(["--keep-open"]);
    using first = await RawPeer.connect(server.port);
    await first.send("one\n");
    await server.stdout.until("one\n");
    const limit = await limitFiles(server.pid, String(NO_MORE_FILES));
    // With its input still open, only the end word ends the first conversation.
    await first.send("n\n");
    await first.end();
    using second = await RawPeer.connect(server.port);
    await second.send("two\nn\n");
    await server.stderr.until(
      /moment \(.*Too many open files.*\); trying again\n/,
    );
    await limitFiles(server.pid, limit);
    await server.stdout.until("two\n");
    await second.end();
    server.kill("SIGTERM");
    const { status, stderr } = await server.finish();
    assertEquals(status, 143);
    assertEquals(stderr.split(NOBODY).length, 2, stderr);
    assert(!/^error/m.test(stderr), stderr);
  },
);

testWith(
  ["sh"],
  "server --room that is out of files lets others in when some left",
  async () => {
    const [command, args] = commandFor(
      "server",
      ["--room", "--max-clients", "1000", "--port", "0", "--lang", "en"],
    );
    const script = `ulimit -n ${FILE_LIMIT} && exec "$0" "$@"`;
    await using server = new ServerProcess(
      "sh",
      ["-c", script, command, ...args],
    );
    await server.listening();
    await server.stdout.until("1 here");
    using stack = new DisposableStack();
    using ann = await comeAs("Ann", server.port);
    const others: RawPeer[] = [];
    for (let count = 0; count < FILE_LIMIT; count++) {
      others.push(stack.use(await RawPeer.connect(server.port)));
    }
    await server.stderr.until(
      /moment \(.*Too many open files.*\); trying again\n/,
    );
    await ann.send("still here\n");
    await server.stdout.until("Ann: still here\n");
    for (const other of others) other.close();
    using late = await comeAs("Bo", server.port);
    await late.send("me too\n");
    await ann.until("Bo: me too\n");
    await server.write("n\n");
    await Promise.all([ann.end(), late.end()]);
    ann.close();
    late.close();
    const { status, stderr } = await server.finish();
    assertEquals(status, 0);
    assert(!/^error/m.test(stderr), stderr);
  },
);

for (const style of STYLES) {
  testWith(
    ["python3"],
    `an output that isn't ready is waited for (${style})`,
    async () => {
      using listener = new RawListener();
      const args = ["127.0.0.1", String(listener.port), "--lang", "en"];
      const [command, words] = commandFor("client", [
        ...args,
        "--style",
        style,
      ]);
      await using client = startPython("non_blocking.py", [command, ...words], {
        input: "",
      });
      using peer = await listener.accept();
      const lines = Array.from(
        { length: 20_000 },
        (_, index) => `line ${index}`,
      );
      await peer.send(lines.map((line) => `${line}\n`).join(""));
      peer.close();
      const { status, stdout } = await client.finish();
      const shown = stdout.split("\n").map((line) =>
        line.replace("Server replies: ", "")
      ).filter((line) => line.startsWith("line "));
      assertEquals(shown, lines);
      assertEquals(status, 0);
    },
  );
}
