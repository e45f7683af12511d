import { assert, assertEquals } from "@std/assert";
import { startClientAtTerminal } from "../kit/at_terminal.ts";
import { startClient, startPython, testWith } from "../kit/programs.ts";
import { RawListener, type RawPeer } from "../kit/raw_peer.ts";
import { comeAs, startRoom } from "../kit/room_members.ts";

const BROKEN = "The server has closed the connection; connecting again...";
const RECONNECT = ["--reconnect"];

/** The next connection, of a client that says this first. */
async function comeBack(
  listener: RawListener,
  first: string,
): Promise<RawPeer> {
  const peer = await listener.accept();
  assertEquals((await peer.until("\n")).startsWith(first), true);
  return peer;
}

testWith(["tmux"], "--reconnect comes back with what was typed", async () => {
  const listener = new RawListener();
  const { port } = listener;
  const options = { args: [...RECONNECT, "--name", "Ann"], columns: 70 };
  const started = await startClientAtTerminal(listener, options);
  await using client = started.client;
  await started.peer.send("* Ann: You are Ann; 2 here\n* Bo: You are Bo now\n");
  await client.until(/\nBo:$/);
  // Nobody listens for a while, so that more than one try fails.
  listener[Symbol.dispose]();
  started.peer.close();
  await client.until(BROKEN);
  await client.type("meanwhile");
  await client.press("Enter");
  await client.type("half");
  await client.until("| Bo: meanwhile\nBo: half");
  using again = new RawListener(port);
  using peer = await comeBack(again, "/name Bo\n");
  assertEquals(await peer.until("meanwhile\n"), "/name Bo\nmeanwhile\n");
  await client.type(" done");
  await client.press("Enter");
  await peer.until("half done\n");
  // It wants its name again, and is a guest until that is free.
  await peer.send("* guest-2: Not taken\n");
  await client.until(/\nguest-2:$/);
  peer.close();
  using last = await comeBack(again, "/name Bo\n");
  // One that ends it has not broken it.
  await last.send("n\n");
  last.close();
  const { status, screen } = await client.finish();
  assertEquals(status, 0);
  assertEquals(screen.split(BROKEN).length - 1, 2);
  assert(screen.endsWith("The server has ended the conversation"), screen);
});

testWith(["tmux"], "--reconnect names what nobody came for", async () => {
  const listener = new RawListener();
  const started = await startClientAtTerminal(listener, { args: RECONNECT });
  await using client = started.client;
  listener[Symbol.dispose]();
  started.peer.close();
  await client.until(BROKEN);
  await client.type("lost");
  await client.press("Enter");
  await client.type("/quit");
  await client.press("Enter");
  const { status, screen } = await client.finish();
  assertEquals(status, 130);
  assert(screen.endsWith("\nNot sent: lost"), screen);
});

testWith(
  ["python3"],
  "a pipe that was cut has failed, and goes on",
  async () => {
    await using server = startPython("reset.py", ["listen"]);
    const [, port] = await server.stdout.until(/port (\d+)\n/);
    await using client = startClient({ port: Number(port) }, RECONNECT);
    await client.write("one\n");
    await client.stderr.until(/ broke \(.*; connecting again\.\.\.\n/);
    await server.finish();
    using listener = new RawListener(Number(port));
    await client.write("two\n");
    using second = await comeBack(listener, "two\n");
    await second.send("n\n");
    second.close();
    const { status, stdout, stderr } = await client.finish();
    assertEquals([status, stdout], [1, "hello\n"]);
    assertEquals(stderr.split("connecting again...").length - 1, 1);
  },
);

Deno.test("one that comes back has its name once it is free", async () => {
  await using server = await startRoom();
  using before = await comeAs("Ann", server.port);
  await using client = startClient(server, [...RECONNECT, "--name", "Ann"]);
  await client.stdout.until("Not taken: someone is called Ann already");
  before.close();
  await client.stdout.until("* Ann: You are Ann now\n");
  await server.stdout.until("* Ann has left\n* guest-1 is now Ann\n");
});

Deno.test("without an end word a server that closes has ended it", async () => {
  using listener = new RawListener();
  await using client = startClient(listener, [...RECONNECT, "--end", ""]);
  using peer = await listener.accept();
  peer.close();
  await client.closeInput();
  assertEquals((await client.finish()).status, 0);
});
