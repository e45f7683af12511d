/**
 * What was read of the input and is not said yet.
 *
 * @module
 */
import type { Block } from "./endpoint.ts";
import { LINE_FEED } from "./line_codec.ts";

/** Holds one block until it is said, all of it or a line at a time. */
export class Unsaid {
  readonly #lineByLine: boolean;
  #block: Block | null = null;

  /** With `lineByLine` one line at a time is to be said, each with its ending. */
  constructor(options: { lineByLine: boolean }) {
    this.#lineByLine = options.lineByLine;
  }

  /** What is to be said next, the same until it is; null when there is none. */
  get next(): Block | null {
    if (this.#block === null || !this.#lineByLine) return this.#block;
    return this.#block.subarray(0, this.#block.indexOf(LINE_FEED) + 1);
  }

  /** Takes a block, when the one before is said. */
  hold(block: Block): void {
    this.#block = block;
    if (!this.#lineByLine || block.at(-1) === LINE_FEED) return;
    // Who answers it must see that it is whole, before the input's end is said.
    this.#block = new Uint8Array(block.length + 1).fill(LINE_FEED);
    this.#block.set(block);
  }

  /**
   * Forgets what is said; where not by line, also the rest of the block. False
   * for what was not held.
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
