/**
 * A clock that can be held and set back, for limits on waiting.
 *
 * @module
 */

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
    if (this.#runningSince !== undefined) {
      this.#runningSince = performance.now();
    }
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
    const now = performance.now();
    this.#elapsed += now - this.#runningSince;
    this.#runningSince = now;
    if (this.#elapsed < this.#limit) return this.run();
    this.#runningSince = undefined;
    this.#rung = true;
    this.#ring();
  }
}
