/**
 * How much may be said: by one member, and by all of one address together.
 *
 * @module
 */

/** How many bytes cost as much as one message. */
const MESSAGE_BYTES = 1024;
const SECOND_MS = 1000;
/** How many addresses are remembered at the most. */
const MAX_ADDRESSES = 4096;

/** A limit on how fast someone may speak, in messages. */
export interface Rate {
  /** How many a second over a long time; Infinity for no limit. */
  perSecond: number;
  /** How many at once. */
  burst: number;
}

/**
 * How much may be said: a token bucket that may be overdrawn. One that has
 * anything left may spend more than that, and then waits for as long as it
 * takes to earn it. So what costs more than a burst can also be said.
 */
export class Allowance {
  readonly #rate: Rate;
  /** What is spent here is spent there too, and both are waited for. */
  readonly #shared: Allowance | undefined;
  #tokens: number;
  #filledAt: number;
  #saidBytes = 0;

  /** It is full at first. `now` is in milliseconds, here and below. */
  constructor(rate: Rate, now: number, shared?: Allowance) {
    this.#rate = rate;
    this.#shared = shared;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /** How many bytes were said since others last got their turn. */
  get saidBytes(): number {
    return this.#saidBytes;
  }

  /** For how many milliseconds nothing may be said; 0 when something may. */
  wait(now: number): number {
    const { perSecond } = this.#rate;
    const shared = this.#shared?.wait(now) ?? 0;
    this.#fill(now);
    if (this.#tokens > 0 || perSecond === Infinity) {
      // Not all that wait for the same need to look each time that one may go on.
      return shared && Math.max(shared, Math.ceil(SECOND_MS / perSecond));
    }
    const own = Math.ceil(-this.#tokens / perSecond * SECOND_MS);
    return Math.max(1, own, shared);
  }

  /** Whether nothing is owed, nor will be earned. */
  isFull(now: number): boolean {
    this.#fill(now);
    return this.#tokens >= this.#rate.burst;
  }

  /** A message of so many bytes is said; each KiB of a long one is paid for. */
  spend(bytes: number): void {
    this.#saidBytes += Math.max(1, bytes);
    this.#tokens -= Math.max(1, bytes / MESSAGE_BYTES);
    this.#shared?.spend(bytes);
  }

  /** Others get their turn. */
  giveWay(): void {
    this.#saidBytes = 0;
  }

  #fill(now: number): void {
    const { perSecond, burst } = this.#rate;
    // A clock that was set back must not take anything away.
    const elapsed = Math.max(0, now - this.#filledAt) / SECOND_MS;
    const earned = elapsed > 0 ? elapsed * perSecond : 0;
    this.#tokens = Math.min(burst, this.#tokens + earned);
    this.#filledAt = now;
  }
}

/**
 * The allowances that all of an address share, so that coming again brings
 * nothing back. One that is full again is forgotten, and where too many are not,
 * the one that was used first.
 */
export class SharedAllowances {
  readonly #rate: Rate;
  readonly #byAddress = new Map<string, Allowance>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** That of an address, which is any text. */
  of(address: string, now: number): Allowance {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    if (this.#byAddress.size >= MAX_ADDRESSES) this.#forget(now);
    const allowance = new Allowance(this.#rate, now);
    this.#byAddress.set(address, allowance);
    return allowance;
  }

  #forget(now: number): void {
    const [first = ""] = this.#byAddress.keys();
    for (const [address, allowance] of this.#byAddress) {
      if (allowance.isFull(now)) this.#byAddress.delete(address);
    }
    if (this.#byAddress.size >= MAX_ADDRESSES) this.#byAddress.delete(first);
  }
}
