/**
 * Tests with a client at a terminal, whose peer is played by the test.
 *
 * @module
 */
import type { Language } from "../lib/phrases.ts";
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
  /** Further options of the program. */
  args?: readonly string[];
  /** What the shell is given after the command: redirections. */
  redirections?: string;
}

/** Starts a client in a terminal, and waits for it to connect. */
export async function startClientAtTerminal(
  listener: RawListener,
  options: ClientOptions = {},
): Promise<{ client: Tmux; peer: RawPeer }> {
  const { language = "en", args = [], redirections = "" } = options;
  const all = [String(listener.port), "--lang", language, ...args];
  const [command, words] = commandFor("client", ["127.0.0.1", ...all]);
  const client = await Tmux.start(
    redirections === ""
      ? [command, words]
      : ["sh", ["-c", `exec "$0" "$@" ${redirections}`, command, ...words]],
    options,
  );
  try {
    const screen = await client.until(/n ends|n结束|\[ended/);
    // Else there is nobody to wait for.
    if (screen.includes("[ended with 2]")) throw new Error(screen);
    return { client, peer: await listener.accept() };
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}

/** A test with a client that stands at its prompt. */
export function testClient(
  name: string,
  options: ClientOptions,
  fn: (client: Tmux, peer: RawPeer) => Promise<void>,
): void {
  testWith(["tmux"], name, async () => {
    using listener = new RawListener();
    const started = await startClientAtTerminal(listener, options);
    await using client = started.client;
    using peer = started.peer;
    await client.until(/(Client:|客户端:)$/);
    await fn(client, peer);
  });
}

/** Starts a server in a terminal, and waits until it listens. */
export async function startServerAtTerminal(
  args: readonly string[] = [],
): Promise<{ terminal: Tmux; port: number } & AsyncDisposable> {
  const all = ["--port", "0", "--lang", "en", ...args];
  const terminal = await Tmux.start(commandFor("server", all));
  try {
    const screen = await terminal.until("waiting for a client...");
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
