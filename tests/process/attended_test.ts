import { assert, assertEquals } from "@std/assert";
import { startClientAtTerminal } from "../kit/at_terminal.ts";
import {
  commandFor,
  startAtTerminal,
  startServer,
  testWith,
} from "../kit/programs.ts";
import { RawListener, type RawPeer } from "../kit/raw_peer.ts";
import type { Process } from "../kit/process.ts";
import { REFERENCE, REFERENCE_OPTIONS } from "../kit/reference.ts";

/** What Ctrl-D and Ctrl-C send. */
const END_OF_INPUT = "\x04";
const INTERRUPT = "\x03";

testWith(["script"], "Ctrl-D at a terminal says n", async () => {
  await using server = await startServer();
  await using client = startAtTerminal(
    commandFor("client", ["127.0.0.1", String(server.port), "--lang", "en"]),
  );
  await client.stdout.until("Client: ");
  await client.write("hello\r");
  await server.stdout.until("hello\n");
  await client.write(END_OF_INPUT);
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 0]);
  assert(heard.stderr.endsWith("The client has ended the conversation\n"));
});

testWith(["script"], "Ctrl-C at a terminal says n and exits 130", async () => {
  await using server = await startServer();
  await using client = startAtTerminal(
    commandFor("client", ["127.0.0.1", String(server.port), "--lang", "en"]),
  );
  await client.stdout.until("Client: ");
  await client.write(INTERRUPT);
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 130]);
  assert(heard.stderr.endsWith("The client has ended the conversation\n"));
});

testWith(
  ["script"],
  "a side with a person ends when the peer closes",
  async () => {
    await withPerson([], async (client, peer) => {
      await peer.send("bye\n");
      await client.stdout.until("Server replies: bye");
      await peer.closeWrite();
      assertEquals(await peer.end(), "");
      peer.close();
      const { status, stdout } = await client.finish();
      assertEquals(status, 0);
      assert(stdout.includes("The server has closed the connection"), stdout);
    });
  },
);

testWith(
  ["script"],
  "a line entered after the peer has gone is named as not sent",
  async () => {
    await withPerson(["--turns"], async (client, peer) => {
      await client.write("first\r");
      assertEquals(await peer.until("first\n"), "first\n");
      // It is not the client's turn: the line waits.
      await client.write("second\r");
      await client.stdout.until(/second\r+\n/);
      peer.close();
      const { status, stdout } = await client.finish();
      assertEquals(status, 0);
      assert(stdout.includes("Not sent: second"), stdout);
      assert(!stdout.includes("Not sent: first"), stdout);
    });
  },
);

testWith(
  ["tmux"],
  "--style chat into a pipe has what a person types as well",
  async () => {
    const { client: told, server: answered } = REFERENCE.en;
    const file = await Deno.makeTempFile();
    try {
      using listener = new RawListener();
      const started = await startClientAtTerminal(listener, {
        args: REFERENCE_OPTIONS,
        redirections: `| tee ${file}`,
      });
      await using client = started.client;
      using peer = started.peer;
      const answers = answered.input.split("\n");
      for (const [index, line] of told.input.trimEnd().split("\n").entries()) {
        await client.type(line);
        await client.press("Enter");
        await peer.until(`${line}\n`);
        const answer = answers[index];
        if (!answer) break;
        await peer.send(`${answer}\n`);
        await client.until(`Server replies: ${answer}`);
      }
      peer.close();
      assertEquals((await client.finish()).status, 0);
      assertEquals(await Deno.readTextFile(file), told.output);
    } finally {
      await Deno.remove(file);
    }
  },
);

/** Gives a client at a terminal, and the peer that it has connected to. */
async function withPerson(
  args: readonly string[],
  use: (client: Process, peer: RawPeer) => Promise<void>,
): Promise<void> {
  using listener = new RawListener();
  await using client = startAtTerminal(
    commandFor("client", [
      "127.0.0.1",
      String(listener.port),
      "--lang",
      "en",
      "--no-color",
      ...args,
    ]),
  );
  using peer = await listener.accept();
  await client.stdout.until("Client: ");
  await use(client, peer);
}
