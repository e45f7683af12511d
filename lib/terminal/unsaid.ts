/**
 * What was read of the input and is not said yet.
 *
 * @module
 */
import type { Block } from "../chat/endpoint.ts";
import { LINE_FEED } from "../wire/framing.ts";

/** Holds a block until it is said, all of it or a line at a time. */
export class Unsaid {
  readonly #read: () => Promise<Block | null>;
  readonly #lineByLine: boolean;
  /** Who waits for what is read. */
  #receiving: PromiseWithResolvers<Block | null> | undefined;
  #isReading = false;
  #isReleased = false;
  #block: Block | null = null;
  /** What the reading threw while nobody waited. */
  #fault: { error: unknown } | undefined;

  /** With `lineByLine` one line is said at a time, each with its ending. */
  constructor(
    read: () => Promise<Block | null>,
    options: { lineByLine: boolean },
  ) {
    this.#read = read;
    this.#lineByLine = options.lineByLine;
  }

  /**
   * What is to be said next, the same until it is; null at the end of the
   * input, and from `release` to `reopen`. While one call is pending another gives its
   * block.
   *
   * @throws what the reading throws.
   */
  receive(): Promise<Block | null> {
    if (this.#isReleased) return Promise.resolve(null);
    this.#receiving ??= Promise.withResolvers();
    const { promise } = this.#receiving;
    this.readAhead();
    return promise;
  }

  /** Reads what is to be said next, for who receives it later. */
  readAhead(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#next().then(
      (block) => this.#finishReading()?.resolve(block),
      (error) => {
        const receiving = this.#finishReading();
        if (receiving) receiving.reject(error);
        else this.#fault = { error };
      },
    );
  }

  /**
   * Nobody waits any more: who does gets null, and what is being read is for
   * who receives later. An input that says nothing for long would else keep all
   * who ever waited.
   */
  release(): void {
    this.#isReleased = true;
    this.#receiving?.resolve(null);
    this.#receiving = undefined;
  }

  /** From now on it is received again. */
  reopen(): void {
    this.#isReleased = false;
  }

  /** The reading is over. Returns who waited for it. */
  #finishReading(): PromiseWithResolvers<Block | null> | undefined {
    const receiving = this.#receiving;
    this.#receiving = undefined;
    this.#isReading = false;
    return receiving;
  }

  async #next(): Promise<Block | null> {
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault) throw fault.error;
    this.#block ??= await this.#read();
    if (this.#block === null || !this.#lineByLine) return this.#block;
    const newline = this.#block.indexOf(LINE_FEED);
    if (newline >= 0) return this.#block.subarray(0, newline + 1);
    // Who answers it must see that it is whole, before the input's end is said.
    const line = new Uint8Array(this.#block.length + 1).fill(LINE_FEED);
    line.set(this.#block);
    return this.#block = line;
  }

  /**
   * Forgets what is said; where not by line, the rest of the block as well.
   * False for what is not held.
   */
  say(block: Block): boolean {
    if (block.buffer !== this.#block?.buffer) return false;
    const rest = this.#block.subarray(block.length);
    this.#block = this.#lineByLine && rest.length > 0 ? rest : null;
    return true;
  }

  /** All that is held, which is forgotten; null when there is none. */
  take(): Block | null {
    const block = this.#block;
    this.#block = null;
    return block;
  }
}
