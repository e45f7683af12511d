/**
 * The accept loop.
 *
 * @module
 */

/** What the loop needs of a listener; a `Deno.Listener` fits. */
export interface Accepting<Conn> {
  accept(): Promise<Conn>;
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
}

/**
 * Gives accepted connections to `handle`, until `signal` is aborted or the
 * only one is over. Settles when every `handle` has; the listener is closed
 * then.
 *
 * @throws what `accept` throws, and what `handle` throws unless it is for all.
 */
export async function serve<Conn>(
  listener: Accepting<Conn>,
  handle: (connection: Conn) => Promise<void>,
  { whom, signal }: ServeOptions,
): Promise<void> {
  const handling = new Set<Promise<void>>();
  let open = true;
  const close = (): void => {
    if (open) listener.close();
    open = false;
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    while (!signal.aborted) {
      let connection: Conn;
      try {
        connection = await listener.accept();
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      if (whom === "one") close();
      const work = handle(connection);
      if (whom === "all") {
        // A fault with one must not end the others, nor the process.
        const over = work.catch(() => {}).finally(() => handling.delete(over));
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
