/**
 * The server: waits for a client and talks with it.
 *
 * `deno run --allow-net server.ts [options]`; `--help` lists the options.
 *
 * @module
 */
import { openEntrance } from "./lib/net/entrance.ts";
import { STATUS } from "./lib/cli/outcome.ts";
import { type Program, runProgram } from "./lib/cli/program.ts";
import { serve } from "./lib/net/serve.ts";
import { orAborted } from "./lib/chat/waiting.ts";

await runProgram("server", async (program: Program): Promise<number> => {
  const { options, say, terminal, signal } = program;
  const { keepOpen, framing } = options;
  const opening = openEntrance({
    ...program,
    warn: (text) => terminal.warn(text),
  });
  const entrance = await orAborted(opening, signal);
  terminal.warn(say("listening", { address: entrance.address }));
  const addresses = entrance.reachable.join(" ");
  if (addresses !== "") terminal.warn(say("reachable", { addresses }));
  // Loaded once it listens: clients can connect that much sooner.
  const { talk, tellNotAccepted } = await import("./lib/cli/talk.ts");
  if (options.room) {
    const { holdRoom } = await import("./lib/cli/room.ts");
    return await holdRoom(program, entrance);
  }
  await terminal.tell(say("server started"));

  let status: number = STATUS.ok;
  await serve(entrance, async (visitor): Promise<void> => {
    terminal.warn(say("peer connected", { address: visitor.address }));
    const own = await talk(program, visitor);
    if (keepOpen) terminal.awaitNext(framing);
    else status = own;
  }, {
    whom: keepOpen ? "next" : "one",
    signal,
    failed: (fault) => tellNotAccepted(fault, program),
  });
  return status;
});
