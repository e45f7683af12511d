/**
 * What is said in a room, kept once: what its readers have yet to read, and the
 * last messages.
 *
 * @module
 */
import { EARLIER_BYTES, join } from "./lines.ts";

/**
 * How many bytes are kept together, and so the most that a reader gets at once
 * unless a single message is longer. Many messages become one write that way.
 */
export const SEGMENT_BYTES = 64 * 1024;
/** The most bytes that a room's last messages may have when they are shown. */
export const HISTORY_BYTES = 1024 * 1024;

/** About what is kept for a difference between a reader's feed and that of all. */
const EDIT_BYTES = 64;
/** About what is kept for a message of a reader's own, besides its bytes. */
const INSERT_BYTES = 512;

/** A part of the feed. Readers hold on to those that they have not read. */
class Segment {
  readonly bytes: Uint8Array;
  /** Where in the feed it begins, and where what it holds ends. */
  readonly start: number;
  end: number;
  /** The part after it, when it is full. */
  next: Segment | undefined;

  /** It is empty at first, or has the one message that fills it. */
  constructor(start: number, message?: Uint8Array) {
    this.bytes = message ?? new Uint8Array(SEGMENT_BYTES);
    this.start = start;
    this.end = start + (message?.length ?? 0);
  }

  /** Copies a message to its end, or into a next part. Returns which has it. */
  append(message: Uint8Array): Segment {
    const used = this.end - this.start;
    if (used + message.length > this.bytes.length) {
      // One that is longer than a part is a part by itself, and not copied.
      const isLong = message.length > SEGMENT_BYTES;
      this.next = new Segment(this.end, isLong ? message : undefined);
      return isLong ? this.next : this.next.append(message);
    }
    this.bytes.set(message, used);
    this.end += message.length;
    return this;
  }
}

/**
 * Messages in the one order in which all read them. What is appended costs the
 * same for one reader as for a thousand, and is let go of when the last has
 * read it.
 */
export class Feed {
  #tail = new Segment(0);

  /** How many bytes were ever appended: the place after the last. */
  get end(): number {
    return this.#tail.end;
  }

  /** The part that is appended to. */
  get tail(): Segment {
    return this.#tail;
  }

  /** Appends one whole message, whose bytes are not to change any more. */
  append(message: Uint8Array): void {
    this.#tail = this.#tail.append(message);
  }
}

/** Where one reader's feed differs from that of all. */
interface Edit {
  /** The place in the feed. */
  readonly at: number;
  /** How many bytes from there on the reader does not get. */
  skip: number;
  /** What the reader alone gets there. */
  readonly insert?: Uint8Array;
}

/** One reader's place in a feed, which it reads from its end on. */
export class Reader {
  readonly #feed: Feed;
  #segment: Segment;
  #place: number;
  /** In the order of their places. */
  readonly #edits: Edit[] = [];
  /** How many of the edits are messages for it alone, and what they cost. */
  #inserts = 0;
  #insertedBytes = 0;

  constructor(feed: Feed) {
    this.#feed = feed;
    this.#segment = feed.tail;
    this.#place = feed.end;
  }

  /**
   * How many bytes are kept for it; those that it is to skip count, and what it
   * takes to keep each difference.
   */
  get pending(): number {
    return this.#feed.end - this.#place + this.#insertedBytes +
      this.#edits.length * EDIT_BYTES;
  }

  /** Whether messages for it alone are kept. */
  get hasOwn(): boolean {
    return this.#inserts > 0;
  }

  /** Leaves out the last `length` bytes that were appended. */
  skip(length: number): void {
    const at = this.#feed.end - length;
    const last = this.#edits.at(-1);
    if (last === undefined && this.#place === at) {
      this.#place = this.#feed.end;
      this.#segment = this.#feed.tail;
    } else if (last !== undefined && last.at + last.skip === at) {
      last.skip += length;
    } else {
      this.#edits.push({ at, skip: length });
    }
  }

  /** Puts in, for this reader alone, a message after what is there now. */
  insert(message: Uint8Array): void {
    this.#edits.push({ at: this.#feed.end, skip: 0, insert: message });
    this.#inserts++;
    this.#insertedBytes += INSERT_BYTES + message.length;
  }

  /**
   * The next messages together, or null when there are none. The bytes stay as
   * they are, and are not to be written to.
   */
  take(): Uint8Array | null {
    while (this.pending > 0) {
      const pieces = this.#takeSegment();
      if (pieces.length > 1) return join(pieces);
      if (pieces[0] !== undefined) return pieces[0];
    }
    return null;
  }

  /** What there is for this reader up to the end of one segment. */
  #takeSegment(): Uint8Array[] {
    let segment = this.#segment;
    while (this.#place >= segment.end && segment.next !== undefined) {
      segment = segment.next;
    }
    this.#segment = segment;
    const { bytes, start, end } = segment;
    const pieces: Uint8Array[] = [];
    let edits = 0;
    for (let size = 0; size < SEGMENT_BYTES; edits++) {
      const edit = this.#edits[edits];
      const stop = Math.min(edit?.at ?? end, end);
      if (this.#place < stop) {
        pieces.push(bytes.subarray(this.#place - start, stop - start));
        size += stop - this.#place;
        this.#place = stop;
      }
      if (edit === undefined || edit.at > end) break;
      this.#place += edit.skip;
      if (edit.insert === undefined) continue;
      pieces.push(edit.insert);
      size += edit.insert.length;
      this.#inserts--;
      this.#insertedBytes -= INSERT_BYTES + edit.insert.length;
    }
    if (edits > 0) this.#edits.splice(0, edits);
    return pieces;
  }
}

/** A message that is kept. */
export interface HistoryEntry {
  /** When it was said, in milliseconds since 1970. */
  readonly time: number;
  /** The whole line, as all got it. */
  readonly line: Uint8Array;
  /** The member that said it. */
  readonly by: object;
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

  /** The last `count` of what is kept and wanted, or all, the oldest first. */
  last(
    count: number,
    isWanted: (entry: HistoryEntry) => boolean = () => true,
  ): HistoryEntry[] {
    const found: HistoryEntry[] = [];
    for (let left = this.#count; left > 0 && found.length < count; left--) {
      const entry = this.#entries[this.#forgotten + left - 1];
      if (entry && isWanted(entry)) found.push(entry);
    }
    return found.reverse();
  }

  get #count(): number {
    return this.#entries.length - this.#forgotten;
  }
}

function shownLength({ line }: HistoryEntry): number {
  return EARLIER_BYTES + line.length;
}
