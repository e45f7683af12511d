/**
 * The one loop of a server: who comes is let in, and served.
 *
 * @module
 */
import { type Accepting, admit, type Lock } from "./admit.ts";
import { type Limits, networkOf } from "./limits.ts";
import type { Connection } from "../chat/connection.ts";
import { pause } from "../chat/waiting.ts";
import { Failure, sentence } from "../text/phrases.ts";

/** How long after a failure to accept it is tried again, in milliseconds. */
const RETRY_MS = 500;
/** How long a client may take to be let in, in milliseconds. */
const ADMISSION_MS = 30_000;
/**
 * How many may wait to be let in, unless a server has place for more; one more,
 * and the one that came first has to go, of the address that has most of them.
 */
export const MAX_WAITING = 100;

/** Where connections come from, and what they have to pass. */
export interface Door extends Accepting<Connection> {
  readonly limits: Pick<Limits, "enter">;
  readonly locks: readonly Lock[];
  /** Is told which connection was refused and what was thrown. */
  tellRefused(connection: Pick<Connection, "address">, fault: unknown): void;
  /** How many may wait at once, {@linkcode MAX_WAITING}. */
  readonly places?: number;
  /** How long one may take, in milliseconds. */
  readonly timeLimit?: number;
}

/** How those who pass are served. */
export interface ServeOptions {
  /**
   * Which are served: `one`, after which the listener is closed at once;
   * `next`, one after the other, while nobody else is let in; or `all`
   * together.
   */
  whom: "one" | "next" | "all";
  /** Closes the listener and ends the loop. */
  signal: AbortSignal;
  /**
   * Is told what `accept` threw, such as that there are too many open files,
   * when it hasn't thrown the time before. It is tried again.
   */
  failed(fault: unknown): void;
}

/**
 * Gives the connections that pass all locks to `handle`, until `signal` is
 * aborted or, with `one`, the first has passed. They try at the same time, so a
 * slow one keeps nobody out; a refused one is closed. Settles when every
 * `handle` has; all is closed then.
 *
 * @throws what `handle` throws, unless `whom` is `all`.
 */
export async function serve(
  door: Door,
  handle: (connection: Connection) => Promise<void>,
  { whom, signal, failed }: ServeOptions,
): Promise<void> {
  const { limits, locks, places = MAX_WAITING, timeLimit = ADMISSION_MS } =
    door;
  /** Those that are trying, in the order of coming, and their hosts. */
  const waiting = new Map<AbortController, string | undefined>();
  const receiving = new Set<Promise<void>>();
  /** Settles when the one that passed last was served. */
  let turn = Promise.resolve();
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    door.close();
    for (const controller of waiting.keys()) controller.abort();
  };

  async function letIn(connection: Connection): Promise<void> {
    const controller = new AbortController();
    if (!isOpen) controller.abort();
    waiting.set(controller, connection.host);
    try {
      if (waiting.size > places) crowdOut(waiting);
      await admit(connection, locks, {
        signal: controller.signal,
        limit: timeLimit,
        tooSlow: sentence("too slow at the door"),
      });
      // Another may have passed at the same time.
      controller.signal.throwIfAborted();
    } finally {
      waiting.delete(controller);
    }
  }

  async function receive(connection: Connection): Promise<void> {
    let leave: (() => void) | undefined;
    try {
      leave = limits.enter(connection.host);
      await letIn(connection);
    } catch (fault) {
      connection.close();
      leave?.();
      if (isOpen) door.tellRefused(connection, fault);
      return;
    }
    if (whom === "one") close();
    // A fault with one of many must not end the others, nor the process.
    const work = whom === "all"
      ? handle(connection).catch(() => {})
      : turn.catch(() => {}).then(() =>
        whom === "one" || isOpen ? handle(connection) : connection.close()
      );
    if (whom === "next") turn = work;
    try {
      await work;
    } catch (fault) {
      close();
      throw fault;
    } finally {
      leave();
    }
  }

  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  try {
    for (let failing = false; isOpen;) {
      try {
        const connection = await door.accept();
        failing = false;
        if (whom === "next") await turn.catch(() => {});
        const work = receive(connection);
        receiving.add(work);
        const done = (): void => void receiving.delete(work);
        work.then(done, () => {});
      } catch (fault) {
        if (!isOpen) break;
        if (!failing) failed(fault);
        failing = true;
        await pause(RETRY_MS, signal);
      }
    }
  } finally {
    signal.removeEventListener("abort", close);
    close();
    await Promise.all(receiving);
  }
}

/** Sends away the first of the address of which most are waiting. */
function crowdOut(waiting: Map<AbortController, string | undefined>): void {
  const byNetwork = Map.groupBy(
    waiting,
    ([, host]) => host === undefined ? host : networkOf(host),
  );
  const [[first] = []] = [...byNetwork.values()]
    .reduce((one, other) => other.length > one.length ? other : one);
  if (first === undefined) return;
  waiting.delete(first);
  first.abort(new Failure(sentence("crowded out")));
}
