import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Role } from "../../lib/text/phrases.ts";
import { OFF_LINUX, unless } from "../kit/ignored.ts";
import { Process, type StartOptions } from "../kit/process.ts";
import {
  commandFor,
  COMPILED,
  ServerProcess,
  startAtTerminal,
  testWith,
} from "../kit/programs.ts";
import { RawListener, RawPeer } from "../kit/raw_peer.ts";
import { inFolder } from "../kit/folder.ts";

const BOTH: readonly Role[] = ["server", "client"];
/** The beginning of each line: ISO 8601, UTC. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /;
/** More than is sent until the program is killed. */
const MANY_LINES = 200_000;
/** How much a peer reads before the program is killed, in bytes. */
const READ_BYTES = 512 * 1024;

function permissionsFor(path: string): string[] {
  return ["--no-prompt", "--allow-net", `--allow-write=${path}`];
}

function startLoggingServer(
  path: string,
  args: readonly string[] = [],
  options?: StartOptions,
): Promise<ServerProcess> {
  const all = ["--port", "0", "--lang", "en", "--log", path, ...args];
  const command = commandFor("server", all, permissionsFor(path));
  return new ServerProcess(...command, options).listening();
}

function startLoggingClient(
  { port }: { port: number },
  path: string,
  args: readonly string[] = [],
  options?: StartOptions,
): Process {
  const all = ["127.0.0.1", String(port), "--lang", "en", "--log", path];
  return new Process(
    ...commandFor("client", [...all, ...args], permissionsFor(path)),
    options,
  );
}

/** The lines of a log without their times, which have to be in order. */
function entriesIn(path: string): string[] {
  const lines = Deno.readTextFileSync(path).split("\n");
  assertEquals(lines.pop(), "", "the last line has no ending");
  const times = lines.map((line) => TIME.exec(line)?.[0] ?? "no time");
  assertEquals(times, times.toSorted());
  return lines.map((line) => line.replace(TIME, ""));
}

for (
  const [style, ann, bo] of [["chat", "Ann", "Bo"], [
    "plain",
    "client",
    "server",
  ]] as const
) {
  Deno.test(`--log holds a ${style} conversation on both sides`, () =>
    inFolder(async (folder) => {
      const [serverLog, clientLog] = [`${folder}/server`, `${folder}/client`];
      // A plain side passes a name on as data.
      const naming = (name: string): string[] =>
        style === "chat" ? ["--name", name] : [];
      const args = ["--style", style];
      await using server = await startLoggingServer(
        serverLog,
        [...args, ...naming("Bo")],
      );
      await using client = startLoggingClient(
        server,
        clientLog,
        [...args, ...naming("Ann")],
      );
      await client.write("你好 \u001b[2J\u202e\n");
      await server.stdout.until("你好");
      await server.write("one\n\ntwo\r\n");
      await client.stdout.until("two");
      await client.write("n\n");
      const statuses = await Promise.all([server.finish(), client.finish()]);
      assertEquals(statuses.map(({ status }) => status), [0, 0]);
      assertEquals(entriesIn(serverLog), [
        "* Server started, waiting for a client...",
        `< ${ann}: 你好 \\x1b[2J\\u202e`,
        `> ${bo}: one`,
        `> ${bo}: `,
        `> ${bo}: two`,
        `* ${
          style === "chat" ? "Ann" : "The client"
        } has ended the conversation`,
      ]);
      assertEquals(entriesIn(clientLog), [
        "* Connected to the server, n ends the conversation:",
        `> ${ann}: 你好 \\x1b[2J\\u202e`,
        `< ${bo}: one`,
        `< ${bo}: `,
        `< ${bo}: two`,
        `> ${ann}: n`,
      ]);
    }));
}

Deno.test("--log of a room holds what its operator hears and says", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    await using server = await startLoggingServer(path, ["--room"]);
    using peer = await RawPeer.connect(server.port);
    await peer.send("/name Ann\n");
    await server.stdout.until("Ann");
    await peer.send("a\u0007b\n");
    await server.stdout.until("b\n");
    await server.write("welcome\n");
    await peer.until("server: welcome\n");
    await server.write("n\n");
    await peer.end();
    peer.close();
    assertEquals((await server.finish()).status, 0);
    const entries = entriesIn(path);
    assertEquals(
      entries.filter((entry) => !entry.startsWith("< * ")),
      [
        "* The room is open, n closes it:",
        "< Ann: a\\x07b",
        "> server: welcome",
        "> server: n",
      ],
    );
    assert(
      entries.some((entry) => /^< \* .*Ann/.test(entry)),
      entries.join("\n"),
    );
  }));

Deno.test("--log appends to what the file holds", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    for (const text of ["first", "second"]) {
      using listener = new RawListener();
      await using client = startLoggingClient(listener, path, [], {
        input: `${text}\nn\n`,
      });
      using peer = await listener.accept();
      await peer.end();
      peer.close();
      assertEquals((await client.finish()).status, 0);
    }
    const start = "* Connected to the server, n ends the conversation:";
    assertEquals(entriesIn(path), [
      ...[start, "> client: first", "> client: n"],
      ...[start, "> client: second", "> client: n"],
    ]);
  }));

Deno.test("--log is written as the conversation goes", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    using listener = new RawListener();
    await using client = startLoggingClient(listener, path);
    using peer = await listener.accept();
    const said: string[] = [];
    for (const text of ["one", "two"]) {
      await client.write(`${text}\n`);
      await peer.until(`${text}\n`);
      await peer.send(`${text} too\n`);
      await client.stdout.until(`${text} too\n`);
      said.push(`> client: ${text}`, `< server: ${text} too`);
      assertEquals(entriesIn(path).slice(1), said);
    }
  }));

Deno.test("--log holds all that was sent when the program is killed", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    const input = Array.from({ length: MANY_LINES }, (_, index) => index);
    using listener = new RawListener();
    await using client = startLoggingClient(listener, path, [], {
      input: `${input.join("\n")}\n`,
    });
    using peer = await listener.accept();
    let received = "";
    while (received.length < READ_BYTES) received += await peer.next();
    client.kill("SIGKILL");
    await client.finish();
    // A connection of a killed program may be reset.
    await peer.end().then((rest) => received += rest, () => {});
    const log = Deno.readTextFileSync(path);
    const whole = log.slice(0, log.lastIndexOf("\n")).split("\n").slice(1);
    assert(whole.length < input.length, "it was killed too late");
    const wrong = whole.findIndex((line, index) =>
      line.replace(TIME, "") !== `> client: ${index}`
    );
    assertEquals(whole[wrong], undefined);
    const sent = received.split("\n").length - 1;
    assert(whole.length >= sent, `${whole.length} of ${sent} are in the log`);
  }));

// What an executable may do was decided when it was compiled.
for (const role of COMPILED ? [] : BOTH) {
  testWith(
    ["script"],
    `${role} --log without the permission says how to grant it, and asks nothing`,
    () =>
      inFolder(async (folder) => {
        const path = `${folder}/log`;
        await using program = startAtTerminal(
          commandFor(role, ["--lang", "en", "--log", path]),
        );
        const { status, stdout } = await program.finish();
        assertEquals(status, 1);
        assertEquals(
          stdout.replaceAll(/\p{Cc}\[\?2004[hl]/gu, ""),
          `error: there is no permission to write ${path}; start with deno run --allow-net --allow-write=${path}\r\n`,
        );
      }),
  );
}

for (const role of COMPILED ? [] : BOTH) {
  Deno.test(`${role} --log-limit says which permissions it needs`, () =>
    inFolder(async (folder) => {
      const path = `${folder}/log`;
      const args = ["--lang", "en", "--log", path, "--log-limit", "64k"];
      await using program = new Process(
        ...commandFor(role, args, permissionsFor(path)),
      );
      assertEquals(await program.finish(), {
        status: 1,
        stdout: "",
        stderr:
          `error: --log-limit puts the log away as ${path}.1, and there is no permission for it; start with deno run --allow-net --allow-write=${path},${path}.1 --allow-read=${path}\n`,
      });
      assertEquals([...Deno.readDirSync(folder)], []);
    }));
}

Deno.test("--log-limit keeps the latest of a flood, in two files", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    using listener = new RawListener();
    const flags = [`--allow-write=${path},${path}.1`, `--allow-read=${path}`];
    const args = ["127.0.0.1", String(listener.port), "--lang", "en"];
    await using client = new Process(
      ...commandFor("client", [...args, "--log", path, "--log-limit", "20k"], [
        "--no-prompt",
        "--allow-net",
        ...flags,
      ]),
    );
    using peer = await listener.accept();
    const lines = Array.from({ length: 3000 }, (_, index) => `line ${index}`);
    await peer.send(`${lines.join("\n")}\n`);
    await client.stdout.until("line 2999\n");
    await client.write("n\n");
    await peer.end();
    peer.close();
    assertEquals((await client.finish()).status, 0);
    const sizes = [path, `${path}.1`].map((it) => Deno.statSync(it).size);
    assert(sizes.every((size) => size <= 20 * 1024), String(sizes));
    const kept = [...entriesIn(`${path}.1`), ...entriesIn(path)];
    assertEquals(kept.pop(), "> client: n");
    const wanted = lines.slice(-kept.length);
    assertEquals(kept, wanted.map((line) => `< server: ${line}`));
    // No more than one file has gone since the one before it was full.
    assert(kept.length > 20 * 1024 / "2025-03-04T05:06:07.089Z < ".length / 2);
  }));

for (const role of BOTH) {
  Deno.test(`${role} --log in a missing folder is told in one line`, () =>
    inFolder(async (folder) => {
      const path = `${folder}/missing/log`;
      const args = ["--lang", "en", "--log", path];
      await using program = new Process(
        ...commandFor(role, args, permissionsFor(path)),
      );
      assertEquals(await program.finish(), {
        status: 1,
        stdout: "",
        stderr:
          `error: the folder of --log ${path} does not exist; make it first, or choose another path\n`,
      });
    }));
}

Deno.test({
  ...unless(
    {
      // Deno opens a device only with all permissions.
      "executables open no device": COMPILED,
      ...OFF_LINUX,
    },
    "--log on a full disk is told once, and the conversation goes on",
  ),
  fn: async () => {
    using listener = new RawListener();
    const args = [String(listener.port), "--lang", "en", "--log", "/dev/full"];
    await using client = new Process(
      ...commandFor("client", ["127.0.0.1", ...args], ["--allow-all"]),
    );
    using peer = await listener.accept();
    await client.write("one\n");
    await peer.until("one\n");
    await peer.send("two\n");
    await client.stdout.until("two\n");
    await client.write("n\n");
    assertEquals(await peer.end(), "one\nn\n");
    peer.close();
    const { status, stdout, stderr } = await client.finish();
    assertEquals([status, stdout], [0, "two\n"]);
    assertEquals(stderr.split("warning:").length, 2, stderr);
    assertStringIncludes(
      stderr,
      "warning: the log /dev/full can't be written any more (No space left",
    );
  },
});
