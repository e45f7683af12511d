/**
 * Listening for browsers.
 *
 * @module
 */
import type { Lock } from "../net/admit.ts";
import {
  LEFT_SILENT,
  listen,
  type Listening,
  type ListenOptions,
} from "../net/listen.ts";
import { ConnectionError } from "../chat/endpoint.ts";
import { orAborted } from "../chat/waiting.ts";
import type { Say, Sentence } from "../text/phrases.ts";
import { makePage } from "./page.ts";
import { Answered, WebSocketStream } from "./websocket.ts";

/** Where a room listens for browsers, besides how it listens for others. */
export interface WebOptions extends ListenOptions {
  web: { readonly host: string | undefined; readonly port: number };
  /** The message that ends a member's part; empty for none. */
  end: string;
}

/** Where browsers come in. */
export interface WebListening extends Listening {
  /** What a person can type into a browser, the best first. */
  readonly urls: readonly string[];
}

/**
 * Listens for browsers, under the locks of the options. The connections that it
 * accepts are WebSockets; who asks for the page gets it, and is closed.
 *
 * @throws {Failure} that says what to do.
 */
export async function listenWeb(
  options: WebOptions,
  { password, say, signal, warn }: {
    password: string | undefined;
    say: Say;
    /** Aborts when the server is stopped. */
    signal: AbortSignal;
    warn(sentence: Sentence): void;
  },
): Promise<WebListening> {
  const { web, host, end } = options;
  const page = await makePage({
    say,
    end,
    hasPassword: password !== undefined,
  });
  const place = { host: web.host ?? host, port: web.port, unix: undefined };
  const listening = await listen({ ...options, ...place }, {
    password,
    // The layer looks at it.
    passesBytes: true,
    warn,
    layer: {
      wrap: (stream) => new WebSocketStream(stream, page, { signal }),
      lock: openWebSocket,
    },
  });
  const scheme = options.tlsCert === undefined ? "http" : "https";
  const { address, reachable } = listening;
  const local = address.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, "localhost");
  const urls = (reachable.length > 0 ? reachable : [local])
    .map((place) => `${scheme}://${place}`);
  return { ...listening, urls };
}

/** Passes those that ask for the WebSocket; of others nobody is told. */
const openWebSocket: Lock = async (connection, signal) => {
  try {
    await orAborted(connection.probe(), signal);
  } catch (fault) {
    const isAnswered = fault instanceof ConnectionError &&
      fault.cause instanceof Answered;
    throw isAnswered ? LEFT_SILENT : fault;
  }
};
