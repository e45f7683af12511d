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
import { describeFault, STATUS } from "./lib/cli/outcome.ts";
import { type Program, runProgram } from "./lib/cli/program.ts";
import { isBroken, talk } from "./lib/cli/talk.ts";
import { orAborted, pause } from "./lib/chat/waiting.ts";
import { guestNumber } from "./lib/wire/names.ts";

/** The longest pause before connecting again, and the first, in milliseconds. */
const MAX_PAUSE_MS = 10_000;
const FIRST_PAUSE_MS = 200;

await runProgram("client", async (program: Program): Promise<number> => {
  try {
    return await connectAndTalk(program);
  } catch (fault) {
    if (!isPasswordWanted(fault)) throw fault;
    const { say, terminal, signal } = program;
    const asking = terminal.askSecret(say("password prompt"));
    const password = await orAborted(asking, signal);
    if (password === null) throw fault;
    return await connectAndTalk({ ...program, password }, { again: true });
  }
});

/**
 * Connects and talks, under `--reconnect` once more each time that it breaks. Of
 * a pipe's input something may be lost then: it has failed.
 */
async function connectAndTalk(
  program: Program,
  first?: { again: boolean },
): Promise<number> {
  const { options, say, terminal, signal } = program;
  let status: number | undefined;
  let { name } = options;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const { ownName = "" } = terminal.renderer;
    // One that wants a name is a guest until that is free.
    const isGuest = guestNumber(ownName) !== undefined;
    if (ownName && !(name && isGuest)) name = ownName;
    const began = performance.now();
    const wait = status === undefined ? options.wait : Infinity;
    try {
      const own = await connectAndTalkOnce(
        { ...program, options: { ...options, wait, name } },
        status === undefined ? first : undefined,
      );
      return terminal.attended ? own : status ?? own;
    } catch (fault) {
      if (!options.reconnect || !isBroken(fault)) throw fault;
      const message = describeFault(fault, serverAddress(options), say);
      terminal.warn(say("connecting again", { message }));
    }
    status = STATUS.failed;
    await pause(pauseMs, signal);
    signal.throwIfAborted();
    // A server that lets nobody in is not asked all the time.
    const wasLong = performance.now() - began > MAX_PAUSE_MS;
    pauseMs = wasLong ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, MAX_PAUSE_MS);
  }
}

/** With `again` the person, who was told of a connection, is not told anew. */
async function connectAndTalkOnce(
  program: Program,
  { again = false } = {},
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
    if (!again) {
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
