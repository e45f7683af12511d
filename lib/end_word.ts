/**
 * The "n" rule: the message that ends the conversation.
 *
 * @module
 */
import type { Framing } from "./line_codec.ts";
import { lineOf } from "./message.ts";
import { endingAt, findLine } from "./scan.ts";

/** Where in a block the end was said. */
export interface End {
  /** Where the message that says it begins. */
  readonly start: number;
  /** Where what comes after that message, its line ending included, begins. */
  readonly next: number;
}

/**
 * The "n" rule: a message that is exactly the end word ends the conversation,
 * whoever says it. Under `lines` a message is a line without its ending, under
 * `raw` it is the whole block. An empty word is never said.
 */
export class EndWord {
  readonly #text: string;
  #bytes: Uint8Array | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the first message of a block that says it stands, or null. */
  find(block: Uint8Array, framing: Framing): End | null {
    // Encoded here: who never speaks costs no copy of it.
    const word = this.#bytes ??= new TextEncoder().encode(this.#text);
    if (word.length === 0) return null;
    if (framing === "raw" && block.length !== word.length) return null;
    const start = findLine(block, word);
    if (start < 0) return null;
    const end = start + word.length;
    return { start, next: end + endingAt(block, end) };
  }

  /** The line that says it, ready to send; null for an empty word. */
  get line(): Uint8Array | null {
    return this.#text === "" ? null : lineOf(this.#text);
  }
}
