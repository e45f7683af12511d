/**
 * Random numbers that can be had again.
 *
 * @module
 */

/**
 * A generator of pseudo-random numbers (mulberry32): the same seed gives the
 * same numbers.
 */
export class Random {
  /** To be named where a test fails. */
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed | 0;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** One of the choices. */
  of<Choice>(choices: readonly Choice[]): Choice {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) {
      throw new RangeError("There is nothing to choose");
    }
    return choice;
  }

  /** The bytes in pieces of random lengths, from 1 to `longest`. */
  *pieces(bytes: Uint8Array, longest: number): Generator<Uint8Array> {
    for (let start = 0; start < bytes.length;) {
      const next = start + 1 + this.below(longest);
      yield bytes.subarray(start, next);
      start = next;
    }
  }
}
