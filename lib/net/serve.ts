/**
 * The accept loop.
 *
 * @module
 */
import { pause } from "../chat/waiting.ts";

/** How long after a failure to accept it is tried again. */
const RETRY_MS = 500;

/** What the loop needs of a listener; a `Deno.Listener` fits. */
export interface Accepting<Connection> {
  /** The next connection; throws once the listener is closed, and for faults. */
  accept(): Promise<Connection>;
  /** Accepts nobody any more; a pending `accept` throws. */
  close(): void;
}

/** How a listener is served. */
export interface ServeOptions {
  /**
   * Who is accepted: `one`, after whom the listener is closed at once; `next`,
   * one after the other, while others wait in the backlog; or `all` together.
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
 * Gives accepted connections to `handle`, until `signal` is aborted or, with
 * `one`, the first is handled. Settles when every `handle` has; the listener is
 * closed then.
 *
 * @throws what `handle` throws, unless `whom` is `all`.
 */
export async function serve<Connection>(
  listener: Accepting<Connection>,
  handle: (connection: Connection) => Promise<void>,
  { whom, signal, failed }: ServeOptions,
): Promise<void> {
  const handling = new Set<Promise<void>>();
  let failing = false;
  let open = true;
  const close = (): void => {
    if (open) listener.close();
    open = false;
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    while (!signal.aborted) {
      let connection: Connection;
      try {
        connection = await listener.accept();
        failing = false;
      } catch (fault) {
        if (signal.aborted) return;
        if (!failing) failed(fault);
        failing = true;
        await pause(RETRY_MS, signal);
        continue;
      }
      if (whom === "one") close();
      const work = handle(connection);
      if (whom === "all") {
        // A fault with one must not end the others, nor the process.
        const done = (): void => void handling.delete(over);
        const over = work.then(done, done);
        handling.add(over);
      } else {
        await work;
      }
      if (whom === "one") return;
    }
  } finally {
    signal.removeEventListener("abort", close);
    close();
    await Promise.all(handling);
  }
}
