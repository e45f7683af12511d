/**
 * What comes in over a stream of bytes.
 *
 * @module
 */
import { Alarm } from "./alarm.ts";
import { CLOSING_BYTES } from "./converse.ts";
import { type Block, brokenBy, type ConnectionError } from "./endpoint.ts";
import type { Idleness } from "./idleness.ts";
import { BlockDecoder, type Framing, ProtocolError } from "../wire/framing.ts";
import type { Outgoing } from "./outgoing.ts";
import type { ByteStream } from "./streams.ts";
import { isUtf8 } from "../wire/utf8.ts";
import { within } from "./waiting.ts";

/** How long bytes may wait for their line ending before that is given up. */
const LINE_ENDING_WAIT_MS = 1000;
/**
 * The same for a peer that ended all its lines so far: the rest of one may be
 * held up on its way for some seconds, and is no line of its own.
 */
const HELD_UP_WAIT_MS = 10_000;
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
  /** Is told of what comes, and of what does not come. */
  observe(observation: "not UTF-8" | "no line ending"): void;
  /**
   * Is told that a message was too long, in place of who receives: what comes
   * after it is dropped.
   */
  overLimit: ((fault: ProtocolError) => void) | undefined;
  /** Is told each time that the peer sent something, its end included. */
  idle: Idleness | undefined;
  /** What goes out over the same stream, and may be the first to break. */
  outgoing: Outgoing;
}

/** Receives blocks. */
export class Incoming {
  readonly #stream: ByteStream;
  readonly #options: IncomingOptions;
  readonly #decoder: BlockDecoder;
  /** Runs while bytes wait for their line ending. */
  #unended: Alarm | undefined;
  #unendedWait = LINE_ENDING_WAIT_MS;
  /** Whether something was ever taken without its line ending. */
  #tookUnended = false;
  /** The read on its way, while something is taken without its line ending. */
  #reading: Promise<number | null> | undefined;
  #receiving: Promise<Block | null> | undefined;
  #isOver = false;
  #isCancelled = false;
  #fault: ConnectionError | undefined;

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
   * The next block, or null at the end of the stream and after `cancel`; to all
   * who ask before it is there. It is valid until the next call.
   *
   * @throws {ProtocolError} when a message is longer than the limit; those that
   * came before it are given first.
   * @throws {ConnectionError} when the connection broke.
   */
  receive(): Promise<Block | null> {
    const { idle } = this.#options;
    if (idle) idle.isBusy = false;
    if (this.#isOver) return this.#afterEnd();
    return this.#receiving ??= this.#receive();
  }

  async #receive(): Promise<Block | null> {
    const { idle, observe, overLimit } = this.#options;
    try {
      while (!this.#isOver) {
        this.#reading ??= this.#stream.read(this.#decoder.space());
        let block = this.#decoder.pending > 0
          ? await this.#takeUnended(this.#reading)
          : null;
        if (block === null) {
          const count = await this.#reading;
          this.#unended?.hold();
          if (count === null) await this.#awaitReset();
          block = this.#take(count);
        }
        if (block === null) continue;
        if (!isUtf8(block)) observe("not UTF-8");
        if (idle) idle.isBusy = true;
        return block;
      }
    } catch (fault) {
      // A read that our own close broke off is the end of the stream.
      if (!this.#isCancelled) {
        if (!(fault instanceof ProtocolError)) throw brokenBy(fault);
        if (!overLimit) throw fault;
        overLimit(fault);
        await this.#drop();
      }
    } finally {
      this.#receiving = undefined;
    }
    return await this.#afterEnd();
  }

  /** The end of the stream, which is still to come, throws that. */
  endWith(reason: ConnectionError | undefined): void {
    this.#fault = reason;
  }

  /**
   * Nothing more is received, for that reason, if there is one: then receiving
   * throws it. The stream itself is not closed.
   */
  cancel(reason: ConnectionError | undefined): void {
    this.#isOver = true;
    this.#isCancelled = true;
    this.#fault = reason;
    this.#unended?.stop();
  }

  #afterEnd(): Promise<null> {
    return this.#fault ? Promise.reject(this.#fault) : Promise.resolve(null);
  }

  /**
   * Drops what still comes, but not for ever: closing on unread bytes would
   * reset the connection, and lose what was sent. Never throws.
   */
  async #drop(): Promise<void> {
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
    const { framing, observe } = this.#options;
    if (framing === "raw") return;
    this.#unended ??= new Alarm(
      LINE_ENDING_WAIT_MS,
      () => observe("no line ending"),
    );
    this.#unended.run();
  }

  /** Whether something is read before the line ending is given up. */
  async #isRead(reading: Promise<unknown>): Promise<boolean> {
    const read = (): true => true;
    const wait = this.#unendedWait;
    if (await within(wait, reading.then(read, read))) return true;
    this.#unendedWait = NO_LINE_ENDING_WAIT_MS;
    this.#tookUnended = true;
    return false;
  }

  /**
   * The system tells of a reset once: where a write is told, a read finds the
   * end of the stream, and a line cut off looks like a last one. So what is on
   * its way is waited for, but not for long: who says no more may not read on.
   */
  async #awaitReset(): Promise<void> {
    if (this.#decoder.pending === 0) return;
    const probing = this.#options.outgoing.probe();
    await within(LINE_ENDING_WAIT_MS, probing).catch(() => {});
  }

  /** What a read has made whole. */
  #take(count: number | null): Block | null {
    this.#reading = undefined;
    if (this.#isOver) return null;
    this.#options.idle?.reset();
    if (count === null) {
      this.#isOver = true;
      const { broken } = this.#options.outgoing;
      if (broken && this.#decoder.pending > 0) throw broken;
      return this.#decoder.finish();
    }
    const block = this.#decoder.take(count);
    if (block !== null) {
      this.#unended?.reset();
      // It does send line endings: what waited may just have been held up.
      this.#unendedWait = this.#tookUnended
        ? LINE_ENDING_WAIT_MS
        : HELD_UP_WAIT_MS;
    }
    return block;
  }
}
