/**
 * A pair of byte streams as an end of a conversation.
 *
 * @module
 */
import { isUtf8 } from "node:buffer";
import { Alarm } from "./alarm.ts";
import { CLOSING_BYTES } from "./closing.ts";
import { type Block, ConnectionError, type Endpoint } from "./endpoint.ts";
import { Idleness } from "./idleness.ts";
import {
  BlockDecoder,
  type Framing,
  ProtocolError,
  withoutEnding,
} from "./line_codec.ts";
import { Outgoing } from "./outgoing.ts";
import type { ByteStream } from "./streams.ts";
import { within } from "./waiting.ts";

/** How long bytes may wait for their line ending before it is mentioned. */
const LINE_ENDING_WAIT_MS = 1000;
/** The same for a peer that is known to send none. */
const NO_LINE_ENDING_WAIT_MS = 50;
/** How much is read at once of what is dropped. */
const DROPPED_READ_BYTES = 64 * 1024;

/** Something about the peer that is worth a word, but no fault. */
export type Observation = "not UTF-8" | "no line ending" | "empty message";

/** What a connection is made with. */
export interface ConnectionOptions {
  framing: Framing;
  /** The most bytes that a message may have. */
  maxMessage: number;
  /**
   * For how many milliseconds nothing may come or go; Infinity for ever. It
   * doesn't count how long a block that was received keeps the next waiting.
   */
  idleTimeout: number;
  /** Is told each time that the peer took something. */
  sent?(): void;
  /**
   * Whether bytes that wait for their line ending for a second, and less than
   * that once it didn't come, become a line without one, so that a peer that
   * sends none can take part among lines. It is not observed then.
   */
  takesUnended?: boolean;
  /**
   * Whether writing nothing to the stream throws once it is reset, and only
   * then, as TCP has it: a Unix socket throws also when the peer has just
   * closed.
   */
  tellsReset?: boolean;
  /** Is told each observation once. */
  observe(observation: Observation): void;
  /**
   * Is told, instead of who receives or sends, that the peer broke a limit: a
   * message was too long, or it was idle, after which this may be called again.
   * It can then be told why, until the connection is closed. What comes after a
   * message that was too long is dropped.
   */
  overLimit?(fault: ProtocolError | ConnectionError): void;
}

/**
 * An end of a conversation at the other end of a stream of bytes.
 *
 * `receive` throws a `ProtocolError` for a message over the limit, and a
 * {@linkcode ConnectionError} as `send` does; neither throws for a limit of
 * which `overLimit` is told. `closeWrite` throws one for a connection that was
 * reset after the end of the stream, where that can be known: `tellsReset`.
 * Blocks are sent one after the other, in the order of the calls; under `lines`
 * a last line without its ending gets it when more is sent. Sending under `raw`
 * leaves the line endings out, and empty messages, which a stream can't carry.
 */
export class Connection implements Endpoint {
  readonly framing: Framing;
  readonly #stream: ByteStream;
  readonly #decoder: BlockDecoder;
  readonly #observe: (observation: Observation) => void;
  #observed: Set<Observation> | undefined;
  readonly #idle: Idleness | undefined;
  readonly #outgoing: Outgoing;
  readonly #overLimit: ConnectionOptions["overLimit"];
  readonly #takesUnended: boolean;
  readonly #tellsReset: boolean;
  /** While bytes wait for their line ending. */
  #unended: Alarm | undefined;
  #unendedWait = LINE_ENDING_WAIT_MS;
  /** The read on its way, while something is taken without its line ending. */
  #reading: Promise<number | null> | undefined;
  #receiving: Promise<Block | null> | undefined;
  #atEnd = false;
  #writeClosed = false;
  #closed = false;
  #fault: ConnectionError | undefined;

  constructor(stream: ByteStream, options: ConnectionOptions) {
    this.#stream = stream;
    this.framing = options.framing;
    this.#decoder = new BlockDecoder(options);
    this.#observe = options.observe;
    this.#overLimit = options.overLimit;
    this.#takesUnended = options.takesUnended ?? false;
    this.#tellsReset = options.tellsReset ?? false;
    if (options.idleTimeout !== Infinity) {
      this.#idle = new Idleness(options.idleTimeout, (error) => {
        if (this.#overLimit) return this.#overLimit(error);
        this.#fault = error;
        this.close();
      });
    }
    this.#outgoing = new Outgoing(stream, {
      framing: options.framing,
      idle: this.#idle,
      sent: options.sent,
      emptyMessage: () => this.#mention("empty message"),
    });
  }

  get broken(): Promise<never> | undefined {
    return this.#idle?.exceeded;
  }

  receive(): Promise<Block | null> {
    if (this.#idle) this.#idle.isReceived = false;
    if (this.#isOver) return this.#afterEnd();
    this.#receiving ??= this.#receive();
    return this.#receiving;
  }

  async #receive(): Promise<Block | null> {
    try {
      while (!this.#isOver) {
        this.#reading ??= this.#stream.read(this.#decoder.space());
        const unended = this.#decoder.pending > 0
          ? await this.#takeUnended(this.#reading)
          : null;
        const block = unended ?? this.#take(await this.#reading);
        if (block === null) continue;
        if (!isUtf8(block)) this.#mention("not UTF-8");
        if (this.#idle) this.#idle.isReceived = true;
        return block;
      }
    } catch (fault) {
      // A read that our own close broke off is the end of the stream.
      if (!this.#closed) {
        if (!(fault instanceof ProtocolError)) throw this.#named(fault);
        if (!this.#overLimit) throw fault;
        this.#overLimit(fault);
        await this.#drop();
      }
    } finally {
      this.#receiving = undefined;
    }
    return await this.#afterEnd();
  }

  /**
   * Drops what still comes, but not for ever: closing on unread bytes would
   * reset the connection, and lose what was sent.
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
    this.#atEnd = true;
  }

  /** Whether nothing more can be received. */
  get #isOver(): boolean {
    return this.#closed || this.#atEnd;
  }

  #afterEnd(): Promise<null> {
    return this.#fault ? Promise.reject(this.#fault) : Promise.resolve(null);
  }

  /** What is held, where it is taken without its line ending. */
  async #takeUnended(reading: Promise<unknown>): Promise<Block | null> {
    if (!this.#takesUnended) {
      this.#awaitEnding();
      return null;
    }
    // A part of a character can only wait for its rest.
    return await this.#isRead(reading) ? null : this.#decoder.flush();
  }

  /** What a read has made whole. */
  #take(count: number | null): Block | null {
    this.#reading = undefined;
    this.#unended?.hold();
    if (this.#closed) return null;
    this.#idle?.reset();
    if (count === null) {
      this.#atEnd = true;
      // The system tells of a reset once: where a write was told, a read finds
      // the end of the stream, and a line cut off looks like a last one.
      const { broken } = this.#outgoing;
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

  #awaitEnding(): void {
    if (this.framing === "raw") return;
    this.#unended ??= new Alarm(
      LINE_ENDING_WAIT_MS,
      () => this.#mention("no line ending"),
    );
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

  send(block: Block): Promise<void> {
    return this.#outgoing.send(block);
  }

  /** An empty message can't be sent under raw. */
  takesTurn(block: Block): boolean {
    return this.framing === "lines" || withoutEnding(block).length > 0;
  }

  async closeWrite(): Promise<void> {
    if (this.#writeClosed || this.#closed) return;
    this.#writeClosed = true;
    // After the end of the stream no read tells of a reset, nor does closing.
    if (this.#atEnd && this.#tellsReset) await this.#outgoing.probe();
    try {
      await this.#stream.closeWrite();
    } catch {
      // The peer is gone, as the next receive will tell.
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#idle?.stop();
    this.#unended?.stop();
    this.#stream.close();
    this.#outgoing.cancel(this.#fault);
  }

  /** Gives what the stream throws our name. */
  #named(cause: unknown): ConnectionError {
    if (cause instanceof ConnectionError) return cause;
    return this.#fault ?? new ConnectionError("broken", { cause });
  }

  #mention(observation: Observation): void {
    this.#observed ??= new Set();
    if (this.#observed.has(observation)) return;
    this.#observed.add(observation);
    this.#observe(observation);
  }
}
