/**
 * The client: connects to a server and talks with it.
 *
 * `deno run --allow-net client.ts [host] [port] [options]`; `--help` lists the
 * options.
 *
 * @module
 */
import { serverAddress } from "./lib/net/admit.ts";
import { connect, isPasswordWanted } from "./lib/net/connect.ts";
import { type Program, runProgram } from "./lib/cli/program.ts";
import { talk, talkOn } from "./lib/cli/talk.ts";
import { orAborted } from "./lib/chat/waiting.ts";

await runProgram("client", async (program: Program): Promise<number> => {
  try {
    return await talkOn(program, (changed) => connectAndTalk(changed));
  } catch (fault) {
    if (!isPasswordWanted(fault)) throw fault;
    const { say, terminal, signal } = program;
    const asking = terminal.askSecret(say("password prompt"));
    const password = await orAborted(asking, signal);
    if (password === null) throw fault;
    // This person was told of a connection already.
    return await talkOn({ ...program, password }, connectAndTalk);
  }
});

/** Connects and talks, after a word to the person unless `isTold`. */
async function connectAndTalk(
  program: Program,
  isTold = false,
): Promise<number> {
  const { options, password, say, terminal, signal } = program;
  const { end } = options;
  const connection = await connect(options, {
    password,
    ...terminal.attended && {
      ask: (isAgain: boolean): Promise<string | null> => {
        if (isAgain) terminal.warn(say("wrong password"));
        return terminal.askSecret(say("password prompt"));
      },
    },
    passesBytes: terminal.passesBytes,
    signal,
    waiting(): void {
      const address = serverAddress(options);
      // One whose connection broke is told of that.
      if (options.wait === Infinity) return;
      terminal.note(say("waiting for server", { address }));
    },
    warn: (sentence) => terminal.warn(say(sentence)),
  });
  let lost: AbortSignal | undefined;
  try {
    if (!isTold) {
      await terminal.tell(
        end === ""
          ? say("client connected, no end")
          : say("client connected", { end }),
      );
    }
  } catch (fault) {
    // Nobody can see a conversation: it is left at once, so that the server is
    // told that it is over.
    lost = AbortSignal.abort(fault);
  }
  const status = await talk({ ...program, signal: lost ?? signal }, connection);
  lost?.throwIfAborted();
  return status;
}
