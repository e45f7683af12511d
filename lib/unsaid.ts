/**
 * What was read of the input and is not said yet.
 *
 * @module
 */
import type { Block } from "./endpoint.ts";
import { LINE_FEED } from "./line_codec.ts";

/** Holds a block until it is said, all of it or a line at a time. */
export class Unsaid {
  readonly #read: () => Promise<Block | null>;
  readonly #lineByLine: boolean;
  #receiving: Promise<Block | null> | undefined;
  #block: Block | null = null;

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
   * input. While one call is pending another gives its block.
   *
   * @throws what the reading throws.
   */
  receive(): Promise<Block | null> {
    this.#receiving ??= this.#receive().finally(() => {
      this.#receiving = undefined;
    });
    return this.#receiving;
  }

  async #receive(): Promise<Block | null> {
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
