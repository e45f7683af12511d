/**
 * The "n" rule: the message that ends the conversation.
 *
 * @module
 */
import { CARRIAGE_RETURN, type Framing, LINE_FEED } from "./line_codec.ts";
import { lineOf } from "./message.ts";
import { findLine } from "./scan.ts";

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
    if (framing === "raw") {
      return block.length === word.length && standsAt(block, 0, word)
        ? { start: 0, next: block.length }
        : null;
    }
    const [first = 0] = word;
    let next = -1;
    const start = findLine(block, first, (start) => {
      next = afterWord(block, start, word);
      return next >= 0;
    });
    return start < 0 ? null : { start, next };
  }

  /** The line that says it, ready to send; null for an empty word. */
  get line(): Uint8Array | null {
    return this.#text === "" ? null : lineOf(this.#text);
  }
}

/** Where the line after the one at `start` begins if that is the word, or -1. */
function afterWord(block: Uint8Array, start: number, word: Uint8Array): number {
  const end = start + word.length;
  if (!standsAt(block, start, word)) return -1;
  if (end === block.length) return end;
  const newline = block[end] === CARRIAGE_RETURN ? end + 1 : end;
  return block[newline] === LINE_FEED ? newline + 1 : -1;
}

/** Byte by byte: a view of each line that begins as the word does costs much. */
function standsAt(block: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let index = 0; index < word.length; index++) {
    if (block[start + index] !== word[index]) return false;
  }
  return true;
}
