import { assert, assertEquals } from "@std/assert";
import type { Role } from "../../lib/text/phrases.ts";
import type { Process } from "../kit/process.ts";
import { commandFor, startPython, testWith } from "../kit/programs.ts";
import { RawListener, type RawPeer } from "../kit/raw_peer.ts";
import { comeAs } from "../kit/room_members.ts";

/** How many lines are said to a terminal that takes none of them. */
const LINES = 40;
/** How long each is, in characters. */
const LINE_LENGTH = 3000;
const CLOSED = "* The room is closed\nn\n";

/** Starts a program at a terminal that can be paused. */
function startAtPausable(role: Role, args: readonly string[]): Process {
  const [command, words] = commandFor(role, [...args, "--lang", "en"]);
  const env = { NO_COLOR: "1" };
  return startPython("paused_terminal.py", [command, ...words], { env });
}

/** From now on the terminal takes nothing. */
async function pause(terminal: Process): Promise<void> {
  await terminal.write("pause\n");
  await terminal.stdout.until("[pause]\n");
}

/** Starts a room whose operator has a terminal that can be paused. */
async function startRoom(): Promise<{ operator: Process; port: number }> {
  const operator = startAtPausable("server", ["--room", "--port", "0"]);
  const [, port] = await operator.stderr.until(/Listening on \S+:(\d+)\n/);
  return { operator, port: Number(port) };
}

/** Starts a client whose terminal is paused once the prompt stands there. */
async function startPausedClient(): Promise<
  { client: Process; peer: RawPeer }
> {
  using listener = new RawListener();
  const args = ["127.0.0.1", String(listener.port)];
  const client = startAtPausable("client", args);
  const peer = await listener.accept();
  await client.stdout.until("Client: ");
  await pause(client);
  return { client, peer };
}

testWith(
  ["python3"],
  "a room goes on while its operator's terminal is paused, which shows all later",
  async () => {
    const { operator: started, port } = await startRoom();
    await using operator = started;
    using ann = await comeAs("Ann", port);
    using bo = await comeAs("Bo", port);
    await operator.stdout.until(/Bo has joined from \S+\r\n[^]*server: /);
    await pause(operator);
    const texts = Array.from(
      { length: LINES },
      (_, index) => `${index} ${"x".repeat(LINE_LENGTH)}`,
    );
    await ann.send(`${texts.join("\n")}\n`);
    await bo.until(`Ann: ${texts.at(-1)}\n`);
    await operator.write("typed unseen\r\n");
    await ann.until("server: typed unseen\n");
    await operator.write("half\n");
    await bo.send("the last\n");
    await ann.until("Bo: the last\n");
    await operator.write("resume\n");
    await operator.stdout.until(/the last\r\n[^\n]*half/);
    const shown = operator.stdout.text.split("[resume]\n")[1] ?? "";
    const lines = shown.replaceAll("\r\n  ", "");
    const found = lines.matchAll(/Ann: (\d+ x+)\r\n/g);
    assertEquals(Array.from(found, ([, text]) => text), texts);
    operator.kill("SIGTERM");
    assertEquals((await operator.finish()).status, 143);
  },
);

for (
  const [signal, status] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const
) {
  testWith(
    ["python3"],
    `${signal} ends a room whose operator's terminal is paused`,
    async () => {
      const { operator: started, port } = await startRoom();
      await using operator = started;
      using ann = await comeAs("Ann", port);
      using bo = await comeAs("Bo", port);
      await pause(operator);
      await ann.send("hello\n");
      await bo.until("Ann: hello\n");
      operator.kill(signal);
      for (const member of [ann, bo]) {
        const heard = await member.end();
        assert(heard.endsWith(CLOSED), heard);
        member.close();
      }
      assertEquals((await operator.finish()).status, status);
    },
  );

  testWith(
    ["python3"],
    `${signal} ends a client at a paused terminal, and its peer is told`,
    async () => {
      const { client: started, peer: accepted } = await startPausedClient();
      await using client = started;
      using peer = accepted;
      await peer.send("unseen\n");
      await client.write("half typed\n");
      client.kill(signal);
      assertEquals(await peer.end(), "n\n");
      peer.close();
      assertEquals((await client.finish()).status, status);
    },
  );
}

testWith(
  ["python3"],
  "keys are heard at a paused terminal, and it is left in order",
  async () => {
    const { client: started, peer: accepted } = await startPausedClient();
    await using client = started;
    using peer = accepted;
    await client.write("typed unseen\r\n");
    await peer.until("typed unseen\n");
    await client.write("\x04\n");
    assertEquals(await peer.end(), "typed unseen\nn\n");
    peer.close();
    assertEquals((await client.finish()).status, 0);
  },
);
