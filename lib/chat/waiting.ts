/**
 * Waiting that has an end: by an abort, when its time is over, or by a clock
 * that can be held.
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
 * milliseconds: it goes on then, and its fault is told to nobody.
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
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  if (signal.aborted) end();
  signal.addEventListener("abort", end);
  await within(milliseconds, promise);
  signal.removeEventListener("abort", end);
}

/**
 * Calls `ring` once when the time for which it ran reaches `limit`
 * milliseconds. It is made to be held and let run often: that costs a look at
 * the clock, not a timer.
 */
export class Alarm {
  readonly #limit: number;
  readonly #ring: () => void;
  #elapsed = 0;
  #rung = false;
  #runningSince: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A limit of Infinity never rings. The clock is held until `run`. */
  constructor(limit: number, ring: () => void) {
    this.#limit = limit;
    this.#ring = ring;
  }

  /** Lets the clock run on; once it has rung, only after a reset. */
  run(): void {
    if (this.#limit === Infinity || this.#rung) return;
    this.#runningSince ??= performance.now();
    const left = Math.max(0, this.#limit - this.#elapsed);
    this.#timer ??= setTimeout(() => this.#look(), left);
  }

  /** Holds the clock. */
  hold(): void {
    if (this.#runningSince === undefined) return;
    this.#elapsed += performance.now() - this.#runningSince;
    this.#runningSince = undefined;
  }

  /** Sets the clock back to nothing elapsed; it runs or is held as before. */
  reset(): void {
    this.#elapsed = 0;
    this.#rung = false;
    this.#runningSince &&= performance.now();
  }

  /** Takes the timer away; until `run` nothing rings. */
  stop(): void {
    this.hold();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#runningSince === undefined) return;
    this.hold();
    if (this.#elapsed < this.#limit) return this.run();
    this.#rung = true;
    this.#ring();
  }
}
