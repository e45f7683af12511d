/**
 * The last messages of a room.
 *
 * @module
 */
import { EARLIER_BYTES } from "./utterance.ts";

/** The most bytes that a room's last messages may have when they are shown. */
export const HISTORY_BYTES = 1024 * 1024;

/** A message that is kept. */
export interface HistoryEntry {
  /** When it was said, in milliseconds since 1970. */
  readonly time: number;
  /** The whole line, as all got it. */
  readonly line: Uint8Array;
}

/**
 * Keeps the last messages: at most so many, and at most so many bytes of them,
 * counted as they are shown again, which is longer.
 */
export class History {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  /** The ring; the oldest is at `#first`. */
  readonly #ring: (HistoryEntry | undefined)[] = [];
  #first = 0;
  #count = 0;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes = HISTORY_BYTES) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /**
   * Keeps a message, in place of the oldest where there is no room for all; but
   * none that alone is too long.
   */
  add(entry: HistoryEntry): void {
    const length = shownLength(entry);
    // One that is too long alone must not drive out all others.
    if (this.#maxMessages === 0 || length > this.#maxBytes) return;
    if (this.#count === this.#maxMessages) this.#forget();
    while (this.#bytes + length > this.#maxBytes) this.#forget();
    this.#ring[(this.#first + this.#count) % this.#maxMessages] = entry;
    this.#count++;
    this.#bytes += length;
  }

  /** The last `count` of what is kept, or all of it, the oldest first. */
  last(count: number): HistoryEntry[] {
    const found: HistoryEntry[] = [];
    const start = Math.max(0, this.#count - count);
    for (let index = start; index < this.#count; index++) {
      const entry = this.#ring[(this.#first + index) % this.#maxMessages];
      if (entry !== undefined) found.push(entry);
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

function shownLength({ line }: HistoryEntry): number {
  return EARLIER_BYTES + line.length;
}
