/**
 * What goes out over a stream of bytes.
 *
 * @module
 */
import { type Block, brokenBy, ConnectionError } from "./endpoint.ts";
import type { Idleness } from "./idleness.ts";
import {
  type Framing,
  LINE_ENDING,
  LINE_FEED,
  linesOf,
  withoutEnding,
} from "../wire/framing.ts";
import type { ByteStream } from "./streams.ts";

const NOTHING = new Uint8Array();

/** What is needed to send over a stream. */
export interface OutgoingOptions {
  framing: Framing;
  /** Whether writing nothing to the stream throws only once it is reset. */
  tellsReset: boolean;
  /** Is told while something is being sent. */
  idle: Idleness | undefined;
  /** Is called each time that the peer took something. */
  sent: (() => void) | undefined;
  /** Is told of what can't be sent under raw. */
  observe(observation: "empty message"): void;
}

/** Sends blocks one after the other, in the order of the calls. */
export class Outgoing {
  readonly #stream: ByteStream;
  readonly #options: OutgoingOptions;
  /** Those who wait for the block before theirs; undefined while none is sent. */
  #waiting: (() => void)[] | undefined;
  /** Whether the last line that was sent has no ending. */
  #isUnended = false;
  /** Whether nothing more will be sent. */
  #isFinished = false;
  #broken: ConnectionError | undefined;
  #cancelled: ConnectionError | undefined;
  /** Settles a write that the peer does not take; a close leaves it pending. */
  #cancelWrite: ((error: ConnectionError) => void) | undefined;

  constructor(stream: ByteStream, options: OutgoingOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** Why a write failed. */
  get broken(): ConnectionError | undefined {
    return this.#broken;
  }

  /**
   * Settles when the system has taken the block. Under `lines` a last line
   * without its ending gets it when more is sent.
   *
   * @throws {ConnectionError} when it can't be sent.
   */
  send(block: Block): Promise<void> {
    return this.#inTurn(() => this.#send(block));
  }

  /**
   * Settles when what is on its way is sent.
   *
   * @throws {ConnectionError} when the connection is reset, where the stream
   * tells of that.
   */
  probe(): Promise<void> {
    return this.#inTurn(async () => {
      // Who has closed the sending half can't write, and the next read tells.
      if (this.#isFinished || !this.#options.tellsReset) return;
      await this.#write(NOTHING);
    });
  }

  /** Nothing more will be sent: the sending half is closed now. */
  finish(): void {
    this.#isFinished = true;
  }

  /** Nothing more can be sent, for that reason: also what is on its way fails. */
  cancel(reason = new ConnectionError("broken")): void {
    this.#cancelled = reason;
    this.#cancelWrite?.(reason);
  }

  /** One after the other: a fault is told to who sent that block alone. */
  async #inTurn(send: () => Promise<void>): Promise<void> {
    const waiting = this.#waiting;
    if (waiting) await new Promise<void>((resolve) => waiting.push(resolve));
    else this.#waiting = [];
    try {
      await send();
    } finally {
      const next = this.#waiting?.shift();
      if (next) next();
      else this.#waiting = undefined;
    }
  }

  async #send(block: Block): Promise<void> {
    if (this.#options.framing === "lines") {
      if (this.#isUnended) await this.#write(LINE_ENDING);
      this.#isUnended = block.at(-1) !== LINE_FEED;
      return await this.#write(block);
    }
    for (const line of linesOf(block)) {
      const message = withoutEnding(line);
      if (message.length === 0) this.#options.observe("empty message");
      else await this.#write(message);
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { idle, sent } = this.#options;
    if (idle) idle.isSending = true;
    try {
      let done = 0;
      do {
        if (this.#cancelled) throw this.#cancelled;
        done += await this.#writeOnce(
          done === 0 ? bytes : bytes.subarray(done),
        );
        idle?.reset();
        sent?.();
      } while (done < bytes.length);
    } catch (cause) {
      throw this.#broken = brokenBy(this.#cancelled ?? cause);
    } finally {
      this.#cancelWrite = undefined;
      if (idle) idle.isSending = false;
    }
  }

  #writeOnce(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#cancelWrite = reject;
      this.#stream.write(bytes).then(resolve, reject);
    });
  }
}
