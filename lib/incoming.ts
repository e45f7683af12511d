/**
 * What comes in over a stream of bytes.
 *
 * @module
 */
import { Alarm } from "./alarm.ts";
import { CLOSING_BYTES } from "./closing.ts";
import type { Block, ConnectionError } from "./endpoint.ts";
import type { Idleness } from "./idleness.ts";
import { BlockDecoder, type Framing } from "./line_codec.ts";
import type { ByteStream } from "./streams.ts";
import { within } from "./waiting.ts";

/** How long bytes may wait for their line ending before that is given up. */
const LINE_ENDING_WAIT_MS = 1000;
/** The same for a peer that is known to send none. */
const NO_LINE_ENDING_WAIT_MS = 50;
/** How much is read at once of what is dropped. */
const DROPPED_READ_BYTES = 64 * 1024;

/** What is needed to receive from a stream. */
export interface IncomingOptions {
  framing: Framing;
  /** The most bytes that a message may have. */
  maxMessage: number;
  /** Whether bytes become a block when their line ending doesn't come. */
  takesUnended: boolean;
  /** Is called, where they don't, when a line ending has not come for long. */
  noLineEnding(): void;
  /** Is told each time that the peer sent something, its end included. */
  idle: Idleness | undefined;
  /** Why a write to the stream failed, if one did. */
  broken(): ConnectionError | undefined;
}

/** Receives blocks, one call at a time. */
export class Incoming {
  readonly #stream: ByteStream;
  readonly #options: IncomingOptions;
  readonly #decoder: BlockDecoder;
  /** Runs while bytes wait for their line ending. */
  #unended: Alarm | undefined;
  #unendedWait = LINE_ENDING_WAIT_MS;
  /** The read on its way, while something is taken without its line ending. */
  #reading: Promise<number | null> | undefined;
  #isOver = false;

  constructor(stream: ByteStream, options: IncomingOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#decoder = new BlockDecoder(options);
  }

  /** Whether nothing more can be received. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * The next block, or null at end of stream and after `stop`. It is valid
   * until the next call.
   *
   * @throws {ProtocolError} when a message is longer than the limit; those that
   * came before it are given first.
   * @throws {ConnectionError} at an end of the stream that is a reset.
   * @throws what the stream throws.
   */
  async receive(): Promise<Block | null> {
    while (!this.#isOver) {
      this.#reading ??= this.#stream.read(this.#decoder.space());
      const unended = this.#decoder.pending > 0
        ? await this.#takeUnended(this.#reading)
        : null;
      const block = unended ?? this.#take(await this.#reading);
      if (block !== null) return block;
    }
    return null;
  }

  /**
   * Drops what still comes, but not for ever: closing on unread bytes would
   * reset the connection, and lose what was sent. Never throws.
   */
  async drop(): Promise<void> {
    const buffer = new Uint8Array(DROPPED_READ_BYTES);
    let dropped = 0;
    try {
      while (dropped < CLOSING_BYTES) {
        const count = await this.#stream.read(buffer);
        if (count === null) break;
        dropped += count;
      }
    } catch {
      // Closed, or gone.
    }
    this.#isOver = true;
  }

  /** Nothing more is received; the stream itself is not closed. */
  stop(): void {
    this.#isOver = true;
    this.#unended?.stop();
  }

  /** What is held, where it is taken without its line ending. */
  async #takeUnended(reading: Promise<unknown>): Promise<Block | null> {
    if (!this.#options.takesUnended) {
      this.#awaitEnding();
      return null;
    }
    // A part of a character can only wait for its rest.
    return await this.#isRead(reading) ? null : this.#decoder.flush();
  }

  #awaitEnding(): void {
    const { framing, noLineEnding } = this.#options;
    if (framing === "raw") return;
    this.#unended ??= new Alarm(LINE_ENDING_WAIT_MS, noLineEnding);
    this.#unended.run();
  }

  /** Whether something is read before the line ending is given up. */
  async #isRead(reading: Promise<unknown>): Promise<boolean> {
    const read = (): true => true;
    const wait = this.#unendedWait;
    if (await within(wait, reading.then(read, read))) return true;
    this.#unendedWait = NO_LINE_ENDING_WAIT_MS;
    return false;
  }

  /** What a read has made whole. */
  #take(count: number | null): Block | null {
    this.#reading = undefined;
    this.#unended?.hold();
    if (this.#isOver) return null;
    this.#options.idle?.reset();
    if (count === null) {
      this.#isOver = true;
      // The system tells of a reset once: where a write was told, a read finds
      // the end of the stream, and a line cut off looks like a last one.
      const broken = this.#options.broken();
      if (broken && this.#decoder.pending > 0) throw broken;
      return this.#decoder.finish();
    }
    const block = this.#decoder.take(count);
    if (block !== null) {
      this.#unended?.reset();
      // It does send line endings: what waited may just have been held up.
      this.#unendedWait = LINE_ENDING_WAIT_MS;
    }
    return block;
  }
}
