/**
 * Waiting that ends: by an abort, in time, by a clock that can be held, or when
 * it is one's turn.
 *
 * @module
 */
import type { Side } from "./endpoint.ts";

/**
 * Waits for the work, but not beyond an abort: some work of Deno's, such as a
 * write, goes on waiting when what it is for is closed.
 *
 * @throws what the work throws, or the reason of `signal`.
 */
export function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  return Promise.race([work, promise]).finally(() =>
    signal.removeEventListener("abort", abort)
  );
}

/**
 * What the work comes to, or undefined when that takes more than so many
 * milliseconds: it goes on then, and its fault is told to nobody.
 *
 * @throws what the work throws in that time.
 */
export function within<T>(
  milliseconds: number,
  work: Promise<T>,
): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), milliseconds);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** Waits so many milliseconds, but not beyond an abort. */
export async function pause(
  milliseconds: number,
  signal?: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await (signal ? orAborted(promise, signal).catch(() => {}) : promise);
  clearTimeout(timer);
}

/**
 * Calls `ring` once when the time for which it ran reaches `limit`
 * milliseconds. It is made to be held and let run often: that costs a look at
 * the clock, not a timer.
 */
export class Alarm {
  readonly #limit: number;
  readonly #ring: () => void;
  /** Infinity once it has rung. */
  #elapsed = 0;
  #runningSince: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A limit of Infinity never rings. The clock is held until `run`. */
  constructor(limit: number, ring: () => void) {
    this.#limit = limit;
    this.#ring = ring;
  }

  /** Lets the clock run on; once it has rung, only after a reset. */
  run(): void {
    const left = this.#limit - this.#elapsed;
    if (!Number.isFinite(left)) return;
    this.#runningSince ??= performance.now();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#runningSince === undefined) return;
      this.hold();
      if (this.#elapsed < this.#limit) return this.run();
      this.#elapsed = Infinity;
      this.#ring();
    }, Math.max(0, left));
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
    this.#runningSince &&= performance.now();
  }

  /** Takes the timer away; until `run` nothing rings. */
  stop(): void {
    this.hold();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Whose turn it is, where both sides speak in turn. */
export class Turns {
  #next: Side | "both";
  readonly #waiting: (() => void)[] = [];

  /** Without a `first` both speak at any time. */
  constructor(first?: Side) {
    this.#next = first ?? "both";
  }

  /** Whether both may speak at any time. */
  get areOpen(): boolean {
    return this.#next === "both";
  }

  /** Settles when it is that side's turn. */
  async wait(side: Side): Promise<void> {
    while (this.#next !== side && !this.areOpen) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Gives the turn to the other side. */
  pass(): void {
    if (!this.areOpen) this.#give(this.#next === "local" ? "remote" : "local");
  }

  /** From now on both speak at any time. */
  open(): void {
    this.#give("both");
  }

  #give(next: Side | "both"): void {
    this.#next = next;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
