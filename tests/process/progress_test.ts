import { assertEquals, assertMatch } from "@std/assert";
import { CONNECTED, startClientAtTerminal } from "../kit/at_terminal.ts";
import { Process } from "../kit/process.ts";
import { commandFor, startAtTerminal, testWith } from "../kit/programs.ts";
import { RawListener, type RawPeer } from "../kit/raw_peer.ts";
import type { Tmux } from "../kit/tmux.ts";

/** One line of the input, with its ending, in bytes. */
const LINE = `${"x".repeat(1023)}\n`;
/** More than the buffers of a connection hold, in lines of a KiB. */
const LINES = 24 * 1024;
/** How much the peer takes between two looks at the screen, in bytes. */
const STEP_BYTES = 256 * 1024;
const NOT_UTF8 = 0xff;
const LINE_FEED = 0x0a;
const WARNING =
  "warning: the peer sent bytes that are not UTF-8; they are written as they came";
const CLOSED = "The server has closed the connection";
const PART =
  /^Sent [\d.]+ [kM]?B of 25\.2 MB \(\d+%\), [\d.]+ [kM]?B\/s(, \d+.* left)?$/m;
const TIME_LEFT = /\(\d+%\), [\d.]+ [kM]?B\/s, \d+.* left$/m;
const WITHOUT_SIZE = /^Sent [\d.]+ [kM]?B, [\d.]+ [kM]?B\/s$/m;

/** How a client is started that sends a file of 25.2 MB. */
interface Sending {
  args?: readonly string[];
  /** Whether the file comes through a pipe. */
  piped?: boolean;
  /** Whether standard output is the terminal. */
  onTerminal?: boolean;
  /** What is on standard output at the end. */
  heard?: Uint8Array;
}

/** A test with a client at a terminal, whose standard output is mostly a file. */
function testSending(
  name: string,
  { args = [], piped = false, onTerminal = false, heard = new Uint8Array() }:
    Sending,
  fn: (client: Tmux, peer: RawPeer, file: string) => Promise<void>,
): void {
  testWith(["tmux", "mkfifo"], name, async () => {
    const folder = await Deno.makeTempDir();
    const [file, pipe] = [`${folder}/file`, `${folder}/pipe`];
    await Deno.writeTextFile(file, LINE.repeat(LINES));
    await Deno.writeTextFile(`${folder}/heard`, "");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    const script = 'exec cat "$0" >"$1"';
    await using _feeder = piped
      ? new Process("sh", ["-c", script, file, pipe])
      : undefined;
    try {
      using listener = new RawListener();
      const input = piped ? `<'${pipe}'` : `<'${file}'`;
      const started = await startClientAtTerminal(listener, {
        args,
        redirections: onTerminal ? input : `${input} >'${folder}/heard'`,
      });
      await using client = started.client;
      using peer = started.peer;
      await fn(client, peer, file);
      const { status, screen } = await client.finish();
      assertEquals(status, 0);
      assertEquals(screen.match(/Sent /), null, screen);
      assertEquals(await Deno.readFile(`${folder}/heard`), heard);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Lets the peer take a little at a time until the screen is as wanted. */
async function takeUntil(
  wanted: RegExp,
  client: Tmux,
  peer: RawPeer,
): Promise<string> {
  for (let taken = 0; taken < LINE.length * LINES;) {
    for (let step = 0; step < STEP_BYTES;) step += (await peer.next()).length;
    taken += STEP_BYTES;
    const screen = await client.screen();
    if (wanted.test(screen)) return screen;
  }
  throw new Error(`No ${wanted} on the screen:\n${await client.screen()}`);
}

testSending("a file that is sent shows bytes, rate, percent and time left", {
  heard: new TextEncoder().encode("heard\n"),
}, async (client, peer) => {
  await client.until(PART);
  const screen = await takeUntil(TIME_LEFT, client, peer);
  assertEquals(screen.split("\n").slice(0, -1), [CONNECTED]);
  assertMatch(screen, PART);
  await peer.send("heard\n");
  await peer.end();
  peer.close();
});

testSending("a warning and the progress do not tear each other", {
  heard: Uint8Array.of(NOT_UTF8, LINE_FEED),
}, async (client, peer) => {
  await client.until(PART);
  await peer.send(Uint8Array.of(NOT_UTF8, LINE_FEED));
  const screen = await takeUntil(/not UTF-8.*\n.*Sent /, client, peer);
  const rows = screen.split("\n");
  assertEquals(rows.slice(0, -1), [CONNECTED, WARNING]);
  assertMatch(rows.at(-1) ?? "", PART);
  await peer.end();
  peer.close();
  const { screen: left } = await client.finish();
  assertEquals(left.split("\n"), [CONNECTED, WARNING, CLOSED]);
});

testSending("what comes from a pipe is shown without a percent", {
  piped: true,
}, async (client, peer) => {
  const screen = await client.until(WITHOUT_SIZE);
  assertEquals(screen.split("\n").slice(0, -1), [CONNECTED]);
  await peer.end();
  peer.close();
});

testWith(
  ["script"],
  "a terminal that tells no size shows the progress",
  async () => {
    using listener = new RawListener();
    const port = String(listener.port);
    const [command, args] = commandFor("client", ["127.0.0.1", port]);
    const script = 'cat | "$0" "$@" --lang en >/dev/null';
    await using client = startAtTerminal(
      ["sh", ["-c", script, command, ...args]],
    );
    using peer = await listener.accept();
    await client.write("hello\n");
    await client.stdout.until(/\rSent 6 B, [\d.]+ k?B\/s/);
    // Ctrl-D ends the pipe.
    await client.write("\x04");
    assertEquals(await peer.end(), "hello\n");
    peer.close();
    assertEquals((await client.finish()).status, 0);
  },
);

for (
  const [title, sending] of [
    ["--no-progress", { args: ["--no-progress"] }],
    ["plain on the same terminal", {
      args: ["--style", "plain"],
      onTerminal: true,
    }],
  ] as const
) {
  testSending(
    `${title} shows no progress`,
    sending,
    async (silent, silentPeer, file) => {
      await silentPeer.next();
      // By the time that one which started later shows it, this one would.
      using listener = new RawListener();
      const started = await startClientAtTerminal(listener, {
        redirections: `<'${file}' >/dev/null`,
      });
      await using client = started.client;
      using peer = started.peer;
      await client.until(PART);
      assertEquals(await silent.screen(), CONNECTED);
      await Promise.all([silentPeer.end(), peer.end()]);
      silentPeer.close();
    },
  );
}
