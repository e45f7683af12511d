/**
 * How fast someone may speak.
 *
 * @module
 */

/** A limit on how fast someone may speak. */
export interface Rate {
  /** How much may be spent a second over a long time; Infinity for no limit. */
  perSecond: number;
  /** How much may be spent at once. */
  burst: number;
}

const SECOND_MS = 1000;

/**
 * A token bucket that may be overdrawn: who has anything left may spend more
 * than that, and then waits for as long as it takes to earn it. So also what
 * costs more than a burst can be said, in the end.
 */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  /** It is full at first. `now` is in milliseconds, here and below. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /** For how many milliseconds nothing may be spent; 0 when something may. */
  wait(now: number): number {
    const { perSecond, burst } = this.#rate;
    if (perSecond === Infinity) return 0;
    // A clock that was set back must not take anything away.
    const elapsed = Math.max(0, now - this.#filledAt) / SECOND_MS;
    this.#tokens = Math.min(burst, this.#tokens + elapsed * perSecond);
    this.#filledAt = now;
    if (this.#tokens > 0) return 0;
    return Math.max(1, Math.ceil(-this.#tokens / perSecond * SECOND_MS));
  }

  /** Spends that much. */
  spend(cost: number): void {
    this.#tokens -= cost;
  }
}
