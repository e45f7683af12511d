/**
 * Waiting that has an end: by an abort, or when its time is over.
 *
 * @module
 */

/**
 * Waits for the work, but not beyond an abort: some work of Deno's, such as a
 * write, goes on waiting when what it is for is closed.
 *
 * @throws what the work throws, or the reason of `signal`.
 */
export async function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/**
 * What the work comes to, or undefined when that takes more than so many
 * milliseconds: it goes on then, and nobody hears of it.
 *
 * @throws what the work throws in that time.
 */
export async function within<T>(
  milliseconds: number,
  work: Promise<T>,
): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), milliseconds);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits so many milliseconds, but not beyond an abort. */
export async function pause(
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  // Loaded here: hardly anyone waits, and all start sooner without it.
  const { setTimeout: delay } = await import("node:timers/promises");
  await delay(milliseconds, undefined, { signal }).catch(() => {});
}
