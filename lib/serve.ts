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

/**
 * Gives accepted connections to `handle`, one at a time. Without `keepOpen`
 * the listener is closed as soon as it has accepted one; with it the loop goes
 * on until `signal` is aborted, and who comes meanwhile waits in the backlog.
 *
 * Settles when the last `handle` has. The listener is closed then.
 *
 * @throws what `accept` or `handle` throw.
 */
export async function serve<Conn>(
  listener: Accepting<Conn>,
  handle: (connection: Conn) => Promise<void>,
  { keepOpen, signal }: { keepOpen: boolean; signal: AbortSignal },
): Promise<void> {
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
      if (!keepOpen) close();
      await handle(connection);
      if (!keepOpen) return;
    }
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}
