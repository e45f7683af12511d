/**
 * A pair of byte streams as an end of a conversation.
 *
 * @module
 */
import type { Block, ConnectionError, Endpoint } from "./endpoint.ts";
import { Idleness } from "./idleness.ts";
import { Incoming } from "./incoming.ts";
import type { Framing, ProtocolError } from "../wire/framing.ts";
import { Outgoing } from "./outgoing.ts";
import type { ByteStream } from "./streams.ts";

/** Something about the peer that is worth a word, but no fault. */
export type Observation = "not UTF-8" | "no line ending" | "empty message";

/** What a connection is made with. */
export interface ConnectionOptions {
  framing: Framing;
  /** The most bytes that a message may have. */
  maxMessage: number;
  /**
   * For how many milliseconds nothing may come or go; Infinity for ever. The
   * time for which this side is busy with what it received doesn't count.
   */
  idleTimeout: number;
  /** Is told each time that the peer took something. */
  sent?(): void;
  /**
   * Whether bytes whose line ending doesn't come soon are a line without one,
   * so that a peer that sends none can take part among lines. Then "no line
   * ending" is not observed.
   */
  takesUnended?: boolean;
  /**
   * Whether writing nothing to the stream throws only once it is reset. Over TCP
   * it always does then, over TLS not before something else found it; a Unix
   * socket throws also when the peer has just closed.
   */
  tellsReset?: boolean;
  /** Is told each observation once. */
  observe(observation: Observation): void;
  /**
   * Is told that the peer broke a limit: a message was too long, or it was
   * idle, of which this may be told again. `receive` and `send` don't throw for
   * that then, so the peer can be told why until the connection is closed. What
   * comes after a message that was too long is dropped.
   */
  overLimit?(fault: ProtocolError | ConnectionError): void;
}

/**
 * An end of a conversation at the other end of a stream of bytes.
 *
 * `receive` throws a `ProtocolError` for a message over the limit. `receive`
 * and `send` throw a {@linkcode ConnectionError} when the connection breaks or
 * is idle, `send` also once it is closed. A reset after the end of the stream
 * is thrown by `closeWrite`, or by the `receive` that comes to that end later,
 * where it can be known: `tellsReset`.
 *
 * Blocks are sent one after the other, in the order of the calls. Under `lines`
 * a last line without its ending gets it when more is sent; under `raw` the line
 * endings are left out, and empty messages, which a stream can't carry.
 */
export class Connection implements Endpoint {
  readonly framing: Framing;
  readonly #stream: ByteStream;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #idle: Idleness | undefined;
  readonly #observe: (observation: Observation) => void;
  #observed: Set<Observation> | undefined;
  #writeClosed = false;
  #closed = false;
  #fault: ConnectionError | undefined;

  constructor(stream: ByteStream, options: ConnectionOptions) {
    const { framing, maxMessage, idleTimeout, overLimit } = options;
    this.#stream = stream;
    this.framing = framing;
    this.#observe = options.observe;
    if (idleTimeout !== Infinity) {
      this.#idle = new Idleness(idleTimeout, (error) => {
        if (overLimit) return overLimit(error);
        this.#fault = error;
        this.close();
      });
    }
    const idle = this.#idle;
    const observe = (observation: Observation): void =>
      this.#mention(observation);
    const { sent } = options;
    const outgoing = new Outgoing(stream, {
      framing,
      tellsReset: options.tellsReset ?? false,
      idle,
      sent,
      observe,
    });
    this.#outgoing = outgoing;
    this.#incoming = new Incoming(stream, {
      framing,
      maxMessage,
      takesUnended: options.takesUnended ?? false,
      observe,
      overLimit,
      idle,
      outgoing,
    });
  }

  /** Rejects when it is idle for too long; absent without such a limit. */
  get broken(): Promise<never> | undefined {
    return this.#idle?.exceeded;
  }

  receive(): Promise<Block | null> {
    return this.#incoming.receive();
  }

  send(block: Block): Promise<void> {
    return this.#outgoing.send(block);
  }

  async closeWrite(): Promise<void> {
    if (this.#writeClosed || this.#closed) return;
    this.#writeClosed = true;
    await this.#findReset();
    this.#outgoing.finish();
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
    this.#incoming.cancel(this.#fault);
    this.#stream.close();
    this.#outgoing.cancel(this.#fault);
  }

  /**
   * Finds a reset after the end of the stream: no read tells of one, nor does
   * closing. Where that end was not read yet, receiving it throws.
   */
  async #findReset(): Promise<void> {
    try {
      await this.#outgoing.probe();
    } catch (fault) {
      if (this.#incoming.isOver) throw fault;
      this.#incoming.endWith(this.#outgoing.broken);
    }
  }

  #mention(observation: Observation): void {
    this.#observed ??= new Set();
    if (this.#observed.has(observation)) return;
    this.#observed.add(observation);
    this.#observe(observation);
  }
}
