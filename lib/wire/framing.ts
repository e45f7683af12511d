/**
 * Bytes to messages, under both framings.
 *
 * A *block* is what one read brought that is whole, as bytes: under `lines`
 * every line that has its `\n` (at end of stream also a last one without), under
 * `raw` one message as it came.
 *
 * @module
 */

/** How messages are told apart in the stream of bytes. */
export type Framing = "lines" | "raw";

/**
 * How far messages are apart under `raw`, in milliseconds: so a peer that reads
 * at its own pace has most likely read one before the next comes.
 */
export const RAW_PAUSE_MS = 50;

/** The byte that ends a line. */
export const LINE_FEED = 0x0a;
/** A line's ending, ready to send. */
export const LINE_ENDING = Uint8Array.of(LINE_FEED);
/** The byte that may come before a line feed, as a part of the ending. */
export const CARRIAGE_RETURN = 0x0d;

/** The size of the first buffer, in bytes: what an idle peer costs. */
const FIRST_READ_BYTES = 256;
/** The size to which the buffer grows while a peer keeps filling it, in bytes. */
const FULL_READ_BYTES = 1024 * 1024;
/** How many times larger a buffer is than the one that a read has filled. */
const READ_GROWTH = 4;
/** The longest UTF-8 sequence, in bytes (RFC 3629). */
const MAX_CHARACTER_BYTES = 4;
/** The lowest byte that continues a sequence; below it all is ASCII. */
const CONTINUATION = 0x80;
/** The lowest bytes that begin a sequence of two, three and four, and none. */
const LEAD_OF_TWO = 0xc0;
const LEAD_OF_THREE = 0xe0;
const LEAD_OF_FOUR = 0xf0;
const NO_LEAD = 0xf8;

/** The peer broke the protocol: a message is longer than the limit allows. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  /** The limit that was passed, in bytes. */
  readonly limit: number;

  constructor(limit: number) {
    super(`Cannot take a message of more than ${limit} bytes`);
    this.limit = limit;
  }
}

/**
 * Splits a stream of bytes into blocks. Read into {@linkcode space}, then say
 * with {@linkcode take} how much came. One buffer serves all reads: the limit
 * for a message and the size of a read bound it. It is small while a peer is
 * silent: a read that may wait is given little space.
 */
export class BlockDecoder {
  #framing: Framing = "lines";
  #maxMessage = Infinity;
  #buffer = new Uint8Array(FIRST_READ_BYTES);
  /** A larger one, for when much comes again soon. */
  #spare: Uint8Array<ArrayBuffer> | undefined;
  /** Whether the last read left some of the space: the next may wait for long. */
  #isDrained = false;
  /** Where what was not handed out yet begins. */
  #start = 0;
  /** Where what was read ends. */
  #end = 0;
  /** Whether what comes next is a message over the limit. */
  #tooLong = false;

  /** `maxMessage` is the limit in bytes, the line ending not counted. */
  constructor(options: { framing: Framing; maxMessage: number }) {
    this.begin(options);
  }

  /**
   * Begins anew, with what is held as the bytes of the next read: returns how
   * many they are, for {@linkcode take}.
   */
  begin(
    { framing, maxMessage }: { framing: Framing; maxMessage: number },
  ): number {
    this.#framing = framing;
    this.#maxMessage = maxMessage;
    const count = this.pending;
    this.#end = this.#start;
    return count;
  }

  /** How many bytes are held that no block has handed out yet. */
  get pending(): number {
    return this.#end - this.#start;
  }

  /** Whether {@linkcode rest} would free something. */
  get hasSpare(): boolean {
    return this.#spare !== undefined;
  }

  /** Frees what only a peer that sends much needs, at any time. */
  rest(): void {
    if (this.#spare) free(this.#spare);
    this.#spare = undefined;
  }

  /** Those bytes, valid until the next call of {@linkcode space}. */
  get held(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Holds the next `count` bytes, and hands out nothing. */
  hold(count: number): void {
    this.#end += count;
    this.#isDrained = this.#end < this.#buffer.length;
  }

  /** Drops the first `count` bytes that are held. */
  skip(count: number): void {
    this.#start += count;
  }

  /** The next `count` bytes, before {@linkcode take} takes them. */
  fresh(count: number): Uint8Array {
    return this.#buffer.subarray(this.#end, this.#end + count);
  }

  /**
   * Where the next read is to put its bytes; never empty. Blocks handed out
   * before are no longer valid.
   *
   * @throws {ProtocolError} when the message before was too long.
   */
  space(): Uint8Array<ArrayBuffer> {
    if (this.#tooLong) throw new ProtocolError(this.#maxMessage);
    const { pending } = this;
    const size = this.#nextSize();
    const old = this.#buffer;
    if (size !== old.length) {
      const isLess = size < old.length;
      const buffer = !isLess && this.#spare || new Uint8Array(size);
      buffer.set(this.held);
      this.#buffer = buffer;
      this.#spare = isLess ? old : undefined;
      if (!isLess) free(old);
    } else if (this.#start > 0) {
      old.copyWithin(0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#end = pending;
    return this.#buffer.subarray(pending);
  }

  /**
   * Takes the next `count` bytes, which were read into {@linkcode space}.
   * Returns a block, whose bytes are valid until the next call of `space`, or
   * null when nothing is whole yet.
   *
   * @throws {ProtocolError} when a message is longer than the limit; messages
   * that came before it are returned first.
   */
  take(count: number): Uint8Array | null {
    const fresh = this.fresh(count);
    const from = this.#end;
    this.hold(count);
    if (this.#framing === "raw") return this.flush();
    const newline = fresh.lastIndexOf(LINE_FEED);
    return this.#handOut(newline < 0 ? this.#start : from + newline + 1);
  }

  /**
   * What is held as a block, although its line has no ending; null when there
   * is nothing, or only a part of a character. Reading may go on meanwhile.
   *
   * @throws {ProtocolError} as {@linkcode take}.
   */
  flush(): Uint8Array | null {
    return this.#handOut(this.#end - cutCharacter(this.#buffer, this.#end));
  }

  /**
   * The end of the stream: returns what is left as the last block (a line
   * without its ending, a character cut off), or null when nothing is.
   *
   * @throws {ProtocolError} as {@linkcode take}.
   */
  finish(): Uint8Array | null {
    return this.#handOut(this.#end);
  }

  #handOut(end: number): Uint8Array | null {
    if (this.#tooLong) throw new ProtocolError(this.#maxMessage);
    const block = this.#buffer.subarray(this.#start, end);
    const fits = this.#framing === "raw"
      ? (block.length > this.#maxMessage ? 0 : block.length)
      : linesWithin(block, this.#maxMessage);
    if (fits < block.length) {
      this.#tooLong = true;
      if (fits === 0) throw new ProtocolError(this.#maxMessage);
      return block.subarray(0, fits);
    }
    this.#start = end;
    // One byte more may be the carriage return of the line's ending.
    this.#tooLong = this.pending > this.#maxMessage + 1;
    return block.length > 0 ? block : null;
  }

  #nextSize(): number {
    // Under raw a message is what one read brings, so it must have the room.
    if (this.#framing === "raw") return FULL_READ_BYTES;
    const { pending } = this;
    const size = this.#buffer.length;
    // A read that waits must not keep much; a spare makes it cheap to go back.
    if (this.#isDrained && pending * READ_GROWTH < size) {
      return Math.max(FIRST_READ_BYTES, 2 * pending);
    }
    const filled = this.#end === size;
    if (filled && size < FULL_READ_BYTES) {
      return Math.min(size * READ_GROWTH, FULL_READ_BYTES);
    }
    // A long line needs room to grow; its limit bounds that.
    if (pending > size / 2) return size * 2;
    return size;
  }
}

/** Frees a buffer at once: a collector may not come for long. */
function free({ buffer }: Uint8Array<ArrayBuffer>): void {
  buffer.transfer(0);
}

/** How many bytes the lines have before the first that is longer than `limit`. */
function linesWithin(block: Uint8Array, limit: number): number {
  let start = 0;
  // No line can be longer than what is left of the block.
  while (block.length - start > limit) {
    // All lines that end up to there are short enough: they are not looked at.
    let newline = block.lastIndexOf(LINE_FEED, start + limit);
    if (newline < start) {
      newline = block.indexOf(LINE_FEED, start + limit);
      const line = block.subarray(start, newline < 0 ? undefined : newline + 1);
      if (withoutEnding(line).length > limit) return start;
    }
    start = newline + 1;
  }
  return block.length;
}

/** Each line of a block, with its ending. */
export function* linesOf(block: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  while (start < block.length) {
    const newline = block.indexOf(LINE_FEED, start);
    const next = newline < 0 ? block.length : newline + 1;
    yield block.subarray(start, next);
    start = next;
  }
}

/** A line without its ending: `\n`, and a `\r` before it. */
export function withoutEnding(line: Uint8Array): Uint8Array {
  let end = line.length;
  if (line[end - 1] === LINE_FEED) {
    end--;
    if (line[end - 1] === CARRIAGE_RETURN) end--;
  }
  return line.subarray(0, end);
}

/** How many of the last bytes before `end` begin a character without ending it. */
export function cutCharacter(bytes: Uint8Array, end: number): number {
  for (let back = 1; back < MAX_CHARACTER_BYTES && back <= end; back++) {
    const byte = bytes[end - back] ?? 0;
    if (byte < CONTINUATION) return 0;
    if (byte >= LEAD_OF_TWO) return back < sequenceLength(byte) ? back : 0;
  }
  return 0;
}

/**
 * The length, in bytes, of the UTF-8 sequence that begins with a byte; 1 for
 * one with which none begins.
 */
export function sequenceLength(first: number): number {
  if (first >= NO_LEAD) return 1;
  if (first >= LEAD_OF_FOUR) return 4;
  if (first >= LEAD_OF_THREE) return 3;
  return first >= LEAD_OF_TWO ? 2 : 1;
}
