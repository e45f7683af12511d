/**
 * Tests with a client at a terminal, whose peer is played by the test.
 *
 * @module
 */
import type { Language } from "../../lib/text/phrases.ts";
import { commandFor, testWith } from "./programs.ts";
import { RawListener, type RawPeer } from "./raw_peer.ts";
import { type TerminalOptions, Tmux } from "./tmux.ts";

/** The first line that a client shows. */
export const CONNECTED = "Connected to the server, n ends the conversation:";

/** What a client shows of a message of its peer. */
export function reply(text: string): string {
  return `Server replies: ${text}`;
}

/** What a client is started with. */
export interface ClientOptions extends TerminalOptions {
  language?: Language;
  /** What a script is started with in place of `--allow-net`. */
  permissions?: readonly string[];
  /** Further options of the program. */
  args?: readonly string[];
  /** What the shell is given after the command: redirections. */
  redirections?: string;
  /** How its prompt ends the screen, where it has a name. */
  prompt?: RegExp;
  /** A signal that never reaches it. */
  blocked?: "SIGWINCH";
}

/** Starts a client in a terminal, and waits for it to connect. */
export async function startClientAtTerminal(
  listener: RawListener,
  options: ClientOptions = {},
): Promise<{ client: Tmux; peer: RawPeer }> {
  const { language = "en", args = [], redirections = "", blocked } = options;
  const { permissions } = options;
  const all = [String(listener.port), "--lang", language, ...args];
  const program = commandFor("client", ["127.0.0.1", ...all], permissions);
  const [command, words] = blocked ? withBlocked(blocked, program) : program;
  const client = await Tmux.start(
    redirections === ""
      ? [command, words]
      : ["sh", ["-c", `exec "$0" "$@" ${redirections}`, command, ...words]],
    options,
  );
  try {
    const screen = await client.until(/n ends|n结束|\[ended/);
    // After wrong usage nobody connects.
    if (screen.includes("[ended with 2]")) throw new Error(screen);
    return { client, peer: await listener.accept() };
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}

/** A command that runs another, which a signal never reaches. */
function withBlocked(
  signal: Deno.Signal,
  [command, args]: [string, string[]],
): [string, string[]] {
  const script = `
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.${signal}])
os.execvp(sys.argv[1], sys.argv[1:])`;
  return ["python3", ["-c", script, command, ...args]];
}

/** A test with a client that is at its prompt. */
export function testClient(
  name: string,
  options: ClientOptions,
  fn: (client: Tmux, peer: RawPeer, listener: RawListener) => Promise<void>,
): void {
  const tools = options.blocked ? ["tmux", "python3"] : ["tmux"];
  testWith(tools, name, async () => {
    using listener = new RawListener();
    const started = await startClientAtTerminal(listener, options);
    await using client = started.client;
    using peer = started.peer;
    await client.until(options.prompt ?? /(Client:|客户端:)$/);
    await fn(client, peer, listener);
  });
}

/** Starts a server in a terminal, and waits until it listens. */
export async function startServerAtTerminal(
  args: readonly string[] = [],
): Promise<{ terminal: Tmux; port: number } & AsyncDisposable> {
  const all = ["--port", "0", "--lang", "en", ...args];
  const terminal = await Tmux.start(commandFor("server", all));
  try {
    const screen = await terminal.until(
      /waiting for a client\.\.\.|closes it:/,
    );
    const port = Number(/Listening on 127\.0\.0\.1:(\d+)/.exec(screen)?.[1]);
    return {
      terminal,
      port,
      [Symbol.asyncDispose]: () => terminal[Symbol.asyncDispose](),
    };
  } catch (error) {
    await terminal[Symbol.asyncDispose]();
    throw error;
  }
}
