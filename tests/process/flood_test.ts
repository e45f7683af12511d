import { assert, assertEquals } from "@std/assert";
import { peakBytes, testOnLinux } from "../kit/linux.ts";
import { Process } from "../kit/process.ts";
import { commandFor } from "../kit/programs.ts";
import { RawListener } from "../kit/raw_peer.ts";
import { Tmux } from "../kit/tmux.ts";

const MIB = 1024 ** 2;
/** How much is sent: a row and a line of the log each byte. */
const FLOOD_BYTES = MIB;
/** How much more a program may hold after that. */
const GROWTH_BYTES = 140 * MIB;

/** The client's arguments; nothing that it is sent ends the conversation. */
function argsFor({ port }: RawListener): string[] {
  const args = ["127.0.0.1", String(port), "--lang", "en", "--style", "chat"];
  return [...args, "--end", ""];
}

testOnLinux(
  "a flood of empty lines takes little memory at a file",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      using listener = new RawListener();
      const [command, args] = commandFor("client", [
        ...argsFor(listener),
        ...["--log", `${folder}/log`],
      ], ["--allow-net", `--allow-write=${folder}/log`]);
      await using client = new Process("sh", [
        "-c",
        `exec "$0" "$@" > ${folder}/shown`,
        ...[command, ...args],
      ]);
      using peer = await listener.accept();
      await peer.send("/name Ann\n");
      const before = await peakBytes(client.pid);
      await peer.send("\n".repeat(FLOOD_BYTES));
      // It is waited for until all is written.
      await untilSaid(`${folder}/log`, FLOOD_BYTES);
      const growth = await peakBytes(client.pid) - before;
      assert(growth < GROWTH_BYTES, `${growth / MIB} MiB more`);
      peer.close();
      await client.closeInput();
      assertEquals((await client.finish()).status, 0);
      const { size } = await Deno.stat(`${folder}/shown`);
      assert(size > FLOOD_BYTES * "Ann replies: \n".length);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

testOnLinux(
  "a flood of empty lines takes little memory at a terminal",
  async () => {
    using listener = new RawListener();
    await using client = await Tmux.start(
      commandFor("client", argsFor(listener)),
    );
    using peer = await listener.accept();
    await client.until(/Client:$/);
    const before = await peakBytes(await client.pid());
    await peer.send(`${"\n".repeat(FLOOD_BYTES)}that was all\n`);
    await client.until("that was all");
    const growth = await peakBytes(await client.pid()) - before;
    assert(growth < GROWTH_BYTES, `${growth / MIB} MiB more`);
  },
  ["tmux"],
);

/** Settles when a log has so many lines of the peer. */
async function untilSaid(path: string, lines: number): Promise<void> {
  const line = "2025-03-04T05:06:07.089Z < Ann: \n";
  const watcher = Deno.watchFs(path);
  for await (const _ of watcher) {
    if (Deno.statSync(path).size >= lines * line.length) break;
  }
}
