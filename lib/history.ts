/**
 * The last messages of a room.
 *
 * @module
 */

import { EARLIER_BYTES } from "./utterance.ts";

/** The most bytes that a room's last messages may have when they are shown. */
export const HISTORY_BYTES = 1024 * 1024;

/** A message that was said. */
export interface Utterance {
  /** When, in milliseconds since 1970. */
  readonly time: number;
  /** The whole line, as all got it. */
  readonly line: Uint8Array;
}

/**
 * Keeps the last messages: at most so many, and at most so many bytes, marked
 * as earlier ones.
 */
export class History {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  /** The ring; the oldest is at `#first`. */
  readonly #ring: (Utterance | undefined)[] = [];
  #first = 0;
  #count = 0;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes = HISTORY_BYTES) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /** Keeps a message, and forgets what is too old for that. */
  add(utterance: Utterance): void {
    const length = shownLength(utterance);
    // One that is too long alone must not drive out all others.
    if (this.#maxMessages === 0 || length > this.#maxBytes) return;
    if (this.#count === this.#maxMessages) this.#forget();
    while (this.#bytes + length > this.#maxBytes) this.#forget();
    this.#ring[(this.#first + this.#count) % this.#maxMessages] = utterance;
    this.#count++;
    this.#bytes += length;
  }

  /** The last `count` of what is kept, or all of it, the oldest first. */
  last(count: number): Utterance[] {
    const found: Utterance[] = [];
    for (let index = Math.max(0, this.#count - count); index < this.#count;) {
      const utterance = this.#ring[(this.#first + index++) % this.#maxMessages];
      if (utterance !== undefined) found.push(utterance);
    }
    return found;
  }

  #forget(): void {
    const oldest = this.#ring[this.#first];
    if (oldest !== undefined) this.#bytes -= shownLength(oldest);
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#maxMessages;
    this.#count--;
  }
}

function shownLength({ line }: Utterance): number {
  return EARLIER_BYTES + line.length;
}
