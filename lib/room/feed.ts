/**
 * What everyone in a room is to read, kept once, and the places of its readers.
 *
 * @module
 */

/**
 * How many bytes are kept together, and so the most that a reader gets at once
 * unless a single message is longer. Many messages become one write that way.
 */
export const SEGMENT_BYTES = 64 * 1024;

/** A part of the feed. Readers hold on to those that they have not read. */
class Segment {
  readonly bytes: Uint8Array;
  /** Where in the feed it begins. */
  readonly start: number;
  used = 0;
  next: Segment | undefined;

  constructor(start: number, size: number) {
    this.start = start;
    this.bytes = new Uint8Array(size);
  }

  /** Where in the feed what it holds ends. */
  get end(): number {
    return this.start + this.used;
  }
}

/**
 * Messages in the one order in which all read them. What is appended costs the
 * same for one reader as for a thousand, and is let go of when the last has
 * read it.
 */
export class Feed {
  #tail = new Segment(0, SEGMENT_BYTES);

  /** How many bytes were ever appended: the place after the last. */
  get end(): number {
    return this.#tail.end;
  }

  /** The part that is appended to. */
  get tail(): Segment {
    return this.#tail;
  }

  /** Appends one whole message, which is copied. */
  append(message: Uint8Array): void {
    let tail = this.#tail;
    if (tail.used + message.length > tail.bytes.length) {
      const size = Math.max(SEGMENT_BYTES, message.length);
      tail = this.#tail = tail.next = new Segment(tail.end, size);
    }
    tail.bytes.set(message, tail.used);
    tail.used += message.length;
  }
}

/** Where one reader's feed differs from that of all. */
interface Edit {
  readonly at: number;
  /** How many bytes from there on it does not get. */
  skip: number;
  /** What it alone gets there. */
  readonly insert: Uint8Array | undefined;
  next: Edit | undefined;
}

/** One reader's place in a feed, which it reads from its end on. */
export class Reader {
  readonly #feed: Feed;
  #segment: Segment;
  #place: number;
  #firstEdit: Edit | undefined;
  #lastEdit: Edit | undefined;
  #inserted = 0;

  constructor(feed: Feed) {
    this.#feed = feed;
    this.#segment = feed.tail;
    this.#place = feed.end;
  }

  /** How many bytes are kept for it; those that it is to skip count. */
  get pending(): number {
    return this.#feed.end - this.#place + this.#inserted;
  }

  /** Leaves out the last `length` bytes that were appended. */
  skip(length: number): void {
    const at = this.#feed.end - length;
    if (this.#place === at && this.#firstEdit === undefined) {
      this.#place = this.#feed.end;
      this.#segment = this.#feed.tail;
      return;
    }
    const last = this.#lastEdit;
    if (last !== undefined && last.at + last.skip === at) last.skip += length;
    else this.#edit({ at, skip: length, insert: undefined, next: undefined });
  }

  /** Puts in, for this reader alone, a message after what is there now. */
  insert(message: Uint8Array): void {
    const at = this.#feed.end;
    this.#edit({ at, skip: 0, insert: message, next: undefined });
    this.#inserted += message.length;
  }

  /**
   * The next messages together, or null when there are none. The bytes stay as
   * they are, and are not to be written to.
   */
  take(): Uint8Array | null {
    while (this.pending > 0) {
      const pieces = this.#takeSegment();
      const [first] = pieces;
      if (first !== undefined) {
        return pieces.length === 1 ? first : join(pieces);
      }
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
    const pieces: Uint8Array[] = [];
    for (let size = 0; size < SEGMENT_BYTES;) {
      const edit = this.#firstEdit;
      const editHere = edit !== undefined && edit.at <= segment.end;
      const stop = editHere ? edit.at : segment.end;
      if (this.#place < stop) {
        pieces.push(
          segment.bytes.subarray(
            this.#place - segment.start,
            stop - segment.start,
          ),
        );
        size += stop - this.#place;
        this.#place = stop;
      }
      if (!editHere) break;
      this.#firstEdit = edit.next;
      if (edit.next === undefined) this.#lastEdit = undefined;
      this.#place += edit.skip;
      if (edit.insert === undefined) continue;
      pieces.push(edit.insert);
      size += edit.insert.length;
      this.#inserted -= edit.insert.length;
    }
    return pieces;
  }

  #edit(edit: Edit): void {
    if (this.#lastEdit === undefined) this.#firstEdit = edit;
    else this.#lastEdit.next = edit;
    this.#lastEdit = edit;
  }
}

function join(pieces: Uint8Array[]): Uint8Array {
  let size = 0;
  for (const piece of pieces) size += piece.length;
  const joined = new Uint8Array(size);
  size = 0;
  for (const piece of pieces) {
    joined.set(piece, size);
    size += piece.length;
  }
  return joined;
}
