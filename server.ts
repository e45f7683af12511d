/**
 * The server: waits for a client and talks with it.
 *
 * `deno run --allow-net server.ts [options]`; `--help` lists the options.
 *
 * @module
 */
import { listen } from "./lib/net/listen.ts";
import { serve } from "./lib/net/serve.ts";
import { STATUS } from "./lib/cli/outcome.ts";
import { type Program, runProgram } from "./lib/cli/program.ts";
import { orAborted } from "./lib/chat/waiting.ts";

await runProgram("server", async (program: Program): Promise<number> => {
  const { options, password, say, terminal, signal } = program;
  const { keepOpen, framing } = options;
  const opening = listen(options, {
    password,
    passesBytes: terminal.passesBytes && !options.room,
    hasInput: async () =>
      !options.room && !terminal.attended && await terminal.receive() !== null,
    warn: (sentence) => terminal.warn(say(sentence)),
  });
  const listening = await orAborted(opening, signal);
  terminal.note(say("listening", { address: listening.address }));
  for (const hint of listening.hints) terminal.note(hint);
  // Loaded once it listens: clients can connect that much sooner.
  const { talk, tellNotAccepted } = await import("./lib/cli/talk.ts");
  if (options.room) {
    const { holdRoom } = await import("./lib/cli/room.ts");
    const doors = [listening];
    if (options.web) {
      const { openWeb } = await import("./lib/cli/web.ts");
      doors.push(await openWeb(program, options.web));
    }
    return await holdRoom(program, doors);
  }
  await terminal.tell(say("server started"));
  terminal.awaitFirst();

  let status: number = STATUS.ok;
  await serve(listening, async (connection): Promise<void> => {
    const { address } = connection;
    terminal.note(say("peer connected", { address }));
    const own = await talk(program, connection);
    if (!keepOpen) return void (status = own);
    terminal.awaitNext(framing);
    if (terminal.attended && !signal.aborted) {
      terminal.note(say("server waits on"));
    }
  }, {
    whom: keepOpen ? "next" : "one",
    signal,
    failed: (fault) => tellNotAccepted(fault, program),
  });
  return status;
});
