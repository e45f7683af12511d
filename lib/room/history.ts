/**
 * The last messages of a room.
 *
 * @module
 */
import { EARLIER_BYTES } from "./lines.ts";

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
  #entries: HistoryEntry[] = [];
  /** How many of the entries are forgotten; they come first. */
  #forgotten = 0;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes = HISTORY_BYTES) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /** Keeps a message, in place of the oldest ones if there is no room for all. */
  add(entry: HistoryEntry): void {
    const length = shownLength(entry);
    // One that is too long alone must not drive out all others.
    if (this.#maxMessages === 0 || length > this.#maxBytes) return;
    this.#entries.push(entry);
    this.#bytes += length;
    while (this.#count > this.#maxMessages || this.#bytes > this.#maxBytes) {
      const oldest = this.#entries[this.#forgotten++];
      if (oldest !== undefined) this.#bytes -= shownLength(oldest);
    }
    // Moving all the others for each one would be slow in a long history.
    if (this.#forgotten > this.#count) {
      this.#entries = this.#entries.slice(this.#forgotten);
      this.#forgotten = 0;
    }
  }

  /** The last `count` of what is kept, or all of it, the oldest first. */
  last(count: number): HistoryEntry[] {
    const start = Math.max(0, this.#count - count);
    return this.#entries.slice(this.#forgotten + start);
  }

  get #count(): number {
    return this.#entries.length - this.#forgotten;
  }
}

function shownLength({ line }: HistoryEntry): number {
  return EARLIER_BYTES + line.length;
}
