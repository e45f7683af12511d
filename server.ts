/**
 * The server: waits for a client and talks with it.
 *
 * `deno run --allow-net server.ts [options]`; `--help` lists the options.
 *
 * @module
 */
import { addressesToHandOut, addressOf, listen } from "./lib/network.ts";
import { STATUS } from "./lib/outcome.ts";
import { type Program, runProgram, talk } from "./lib/program.ts";
import { serve } from "./lib/serve.ts";

await runProgram("server", async (program: Program): Promise<number> => {
  const { options, say, terminal, signal } = program;
  const { keepOpen } = options;
  const listener = listen(options, say);
  terminal.warn(say("listening", { address: addressOf(listener.addr) }));
  const addresses = addressesToHandOut(listener).join(" ");
  if (addresses !== "") terminal.warn(say("reachable", { addresses }));
  await terminal.tell(say("server started"));

  let status: number = STATUS.ok;
  await serve(listener, async (connection): Promise<void> => {
    const address = addressOf(connection.remoteAddr);
    terminal.warn(say("peer connected", { address }));
    status = await talk(program, connection);
    if (keepOpen) {
      terminal.warnUnsent();
      status = STATUS.ok;
    }
  }, { keepOpen, signal });
  return status;
});
