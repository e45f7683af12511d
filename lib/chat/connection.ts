/**
 * A stream of bytes as an end of a conversation.
 *
 * @module
 */
import { dropRest } from "./closing.ts";
import {
  type Block,
  type ByteStream,
  ConnectionError,
  type ConnectionOptions,
  type Endpoint,
  type Observation,
} from "./endpoint.ts";
import { BlockDecoder, type Framing, linesOf } from "../wire/framing.ts";
import { LINE_ENDING, LINE_FEED } from "../wire/framing.ts";
import { ProtocolError, RAW_PAUSE_MS, withoutEnding } from "../wire/framing.ts";
import { lookAt } from "../wire/look.ts";
import { lastLine, type Reason } from "../wire/fixed_lines.ts";
import { TextOnly } from "../wire/text_only.ts";
import { LINE_ENDING_WAIT_MS, Unended } from "./unended.ts";
import { Alarm, pause, within } from "./waiting.ts";

/** How long nothing may come before what only a fast peer needs is freed. */
const REST_MS = 50;
/** How long the peer may take to be told why this is over. */
const TELLING_WAIT_MS = 200;

/**
 * An end of a conversation at the other end of a stream of bytes. Before
 * {@linkcode begin} bytes can be peeked at, skipped and sent.
 *
 * `receive` throws a `ProtocolError` for a message over the limit; what comes
 * after it is dropped. `receive` and `send` throw a {@linkcode ConnectionError}
 * when the connection breaks or is idle, `send` also once it is closed, and
 * `receive` at the end of the stream where the peer's last line says that it
 * could not go on. A reset after it is thrown, over TCP, by `closeWrite`.
 *
 * Blocks are sent in the order of the calls. Under `lines` a last line without
 * its ending gets it when more is sent; under `raw` line endings are left out,
 * and empty messages, which a stream can't carry, and a moment is between two.
 */
export class Connection implements Endpoint {
  /** Where the peer is, as a person is told. */
  readonly address: string;
  /** The IP address of the peer; undefined for a Unix socket. */
  readonly host: string | undefined;
  /** What was found by {@linkcode watch}. */
  problem: unknown;
  /** Whether anything of the conversation came. */
  hasHeard = false;
  readonly #stream: ByteStream;
  readonly #decoder: BlockDecoder;
  #options: ConnectionOptions | undefined;
  #observed: Set<Observation> | undefined;
  #look: ((bytes: Uint8Array) => Promise<unknown>) | undefined;
  /** The read on its way, or one that was not taken yet. */
  #reading: Promise<number | null> | undefined;
  #receiving: Promise<Block | null> | undefined;
  #unended: Unended | undefined;
  /** Set where what comes is text for people. */
  #text: TextOnly | undefined;
  /** Runs while there is more buffer than a peer at rest needs. */
  #rest: Alarm | undefined;
  #isOver = false;
  /** What the end of the stream throws. */
  #endFault: ConnectionError | undefined;
  /** The same for what the last line says, unless more comes. */
  #lastWord: ConnectionError | undefined;
  /** Whether a message was too long: what still comes is dropped. */
  #isDropping = false;
  /** Settles when the last block is sent, or has failed. */
  #sending = Promise.resolve();
  #lastSentUnended = false;
  #sentAt = -Infinity;
  #writeClosed = false;
  #writeFault: ConnectionError | undefined;
  /** Settles a write that the peer does not take; a close leaves it pending. */
  #cancelWrite: ((error: ConnectionError) => void) | undefined;
  /** What sending throws once this is closed. */
  #closed: ConnectionError | undefined;
  /** Runs while the peer is waited for. */
  #idle: Alarm | undefined;
  #broken: PromiseWithResolvers<never> | undefined;
  /** Whether this side is busy with what it received: it asks for no more yet. */
  #isBusy = false;

  /** `framing` is that of the conversation, if it is known already. */
  constructor(
    stream: ByteStream,
    place: Pick<Connection, "address" | "host">,
    framing: Framing = "lines",
  ) {
    this.#stream = stream;
    this.address = place.address;
    this.host = place.host;
    this.#decoder = new BlockDecoder({ framing, maxMessage: Infinity });
  }

  /** How messages are told apart; `lines` before the conversation begins. */
  get framing(): Framing {
    return this.#options?.framing ?? "lines";
  }

  /** Rejects when it was idle for too long; undefined where that can't be. */
  get broken(): Promise<never> | undefined {
    return this.#broken?.promise;
  }

  /**
   * All that came and was not skipped, once that is more than `seen` bytes or
   * the stream has ended; valid until the next call. Only before the conversation
   * begins; several may be pending. Throws what the stream throws.
   */
  async peek(seen = 0): Promise<Uint8Array> {
    const decoder = this.#decoder;
    while (decoder.pending <= seen) {
      const reading = this.#read();
      const count = await reading;
      // A conversation that has begun takes it; or another has peeked at it.
      if (count === null || this.#options) break;
      if (reading !== this.#reading) continue;
      this.#reading = undefined;
      decoder.hold(count);
    }
    return decoder.held;
  }

  /** Drops the first bytes of what was peeked at. */
  skip(count: number): void {
    this.#decoder.skip(count);
  }

  /**
   * From the first byte of the conversation on `look` sees what each read brings.
   * `receive` throws the {@linkcode problem} that it finds, before any message.
   */
  watch(look: ((bytes: Uint8Array) => Promise<unknown>) | undefined): void {
    this.#look = look;
  }

  /** Begins the conversation, with the first byte that was not skipped. */
  begin(options: ConnectionOptions): void {
    this.#options = options;
    const { idleTimeout, isText = false } = options;
    if (isText) this.#text = new TextOnly();
    this.#unended = new Unended(() => this.#mention("no line ending"), isText);
    const count = this.#decoder.begin(options);
    if (count > 0) this.#reading = Promise.resolve(count);
    if (idleTimeout === Infinity || this.#closed) return;
    const broken = this.#broken = Promise.withResolvers<never>();
    broken.promise.catch(() => {});
    this.#idle = new Alarm(idleTimeout, async () => {
      await this.sayLast("idle");
      const error = new ConnectionError("idle");
      this.close(error);
      broken.reject(error);
    });
    this.#idle.run();
  }

  receive(): Promise<Block | null> {
    this.#isBusy = false;
    this.#idle?.run();
    return this.#receiving ??= this.#receive()
      .finally(() => this.#receiving = undefined);
  }

  /** Settles when the system has taken the block. */
  send(block: Block): Promise<void> {
    const sent = this.#sending.then(() => this.#send(block));
    // A fault is told to the sender of that block alone.
    this.#sending = sent.catch(() => {});
    return sent;
  }

  /** Sends a last line, or settles when the peer does not take it at once. */
  async sayLast(reason: Reason): Promise<void> {
    await within(TELLING_WAIT_MS, this.send(lastLine(reason))).catch(() => {});
  }

  /**
   * Settles when what is on its way is sent, unless the connection is reset or,
   * with a Unix socket, closed by the peer.
   *
   * @throws {ConnectionError} then.
   */
  probe(): Promise<void> {
    return this.send(new Uint8Array());
  }

  async closeWrite(): Promise<void> {
    if (this.#writeClosed || this.#closed) return;
    const probing = this.#awaitSending();
    this.#writeClosed = true;
    // Of a reset after the end of the stream no read tells, nor closing.
    await probing.catch((fault: ConnectionError) => {
      if (this.#isOver) throw fault;
      this.#endFault = fault;
    });
    // Where that fails the peer is gone, as the next receive will tell.
    await this.#stream.closeWrite().catch(() => {});
  }

  /** A `fault` is what `receive` throws from now on. */
  close(fault?: ConnectionError): void {
    if (this.#closed) return;
    this.#closed = fault ?? new ConnectionError("broken");
    this.#isOver = true;
    this.#endFault = fault;
    this.#lastWord = undefined;
    this.#idle?.stop();
    this.#idle = undefined;
    this.#unended?.stop();
    this.#rest?.stop();
    this.#stream.close();
    this.#cancelWrite?.(this.#closed);
  }

  #read(): Promise<number | null> {
    return this.#reading ??= this.#stream.read(this.#decoder.space());
  }

  async #receive(): Promise<Block | null> {
    try {
      while (!this.#isOver) {
        const reading = this.#read();
        if (this.#decoder.hasSpare) {
          (this.#rest ??= new Alarm(REST_MS, () => this.#decoder.rest())).run();
        }
        const taken = await this.#takeUnended(reading) ??
          await this.#take(reading);
        const block = taken && (this.#text?.unmarked(taken) ?? taken);
        if (!block?.length) continue;
        this.#lastWord = ConnectionError.in(block, this.framing);
        if (!lookAt(block, this.#options).isUtf8) this.#mention("not UTF-8");
        this.#isBusy = true;
        if (!this.#cancelWrite) this.#idle?.hold();
        return block;
      }
    } catch (fault) {
      // A read that our own close broke off is the end of the stream.
      if (!this.#closed) {
        if (!(fault instanceof ProtocolError)) {
          throw this.#lastWord ?? ConnectionError.from(fault);
        }
        this.#isOver = this.#isDropping;
        this.#isDropping = true;
        if (!this.#isOver) throw fault;
        await dropRest(this.#stream);
      }
    }
    const fault = this.#endFault ?? this.#lastWord;
    if (fault) throw fault;
    return null;
  }

  /** What is held, where it is taken without its line ending. */
  async #takeUnended(reading: Promise<unknown>): Promise<Block | null> {
    const waits = this.#decoder.pending > 0 && this.framing === "lines";
    if (!waits || !await this.#unended?.isDue(reading)) return null;
    // A part of a character can only wait for its rest.
    return this.#decoder.flush();
  }

  /** What a read has made whole. */
  async #take(reading: Promise<number | null>): Promise<Block | null> {
    const count = await reading;
    this.#unended?.hold();
    this.#rest?.reset();
    // The system tells of a reset once: where a write is told, a read finds the
    // end of the stream, and a line cut off looks like a last one. So what is on
    // its way is waited for, but not long: the peer may not read any more.
    if (count === null && this.#decoder.pending > 0) {
      await within(LINE_ENDING_WAIT_MS, this.#awaitSending()).catch(() => {});
    }
    this.#reading = undefined;
    if (this.#isOver) return null;
    this.#idle?.reset();
    if (count === null) {
      this.#isOver = true;
      if (this.#writeFault && this.#decoder.pending > 0) throw this.#writeFault;
      return this.#decoder.finish();
    }
    this.hasHeard = true;
    const fresh = this.#decoder.fresh(count);
    const problem = this.#look && await this.#look(fresh);
    if (problem !== undefined) throw this.problem = problem;
    const kept = this.#text?.leaveOut(fresh) ?? count;
    const block = this.#decoder.take(kept);
    this.#unended?.came(fresh.subarray(0, kept), block !== null);
    return block;
  }

  /** Settles when what is on its way is sent; over TCP it finds a reset. */
  #awaitSending(): Promise<void> {
    const canFind = this.host !== undefined && !this.#writeClosed;
    return canFind ? this.probe() : this.#sending;
  }

  async #send(block: Block): Promise<void> {
    if (block.length === 0) return await this.#write(block);
    if (this.framing === "lines") {
      if (this.#lastSentUnended) await this.#write(LINE_ENDING);
      this.#lastSentUnended = block.at(-1) !== LINE_FEED;
      return await this.#write(block);
    }
    for (const line of linesOf(block)) {
      const message = withoutEnding(line);
      if (message.length === 0) {
        this.#mention("empty message");
        continue;
      }
      const wait = this.#sentAt + RAW_PAUSE_MS - performance.now();
      if (wait > 0) await pause(wait);
      await this.#write(message);
      this.#sentAt = performance.now();
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#idle?.run();
    try {
      let rest = bytes;
      do {
        if (this.#closed) throw this.#closed;
        const count = await new Promise<number>((resolve, reject) => {
          this.#cancelWrite = reject;
          this.#stream.write(rest).then(resolve, reject);
        });
        rest = rest.subarray(count);
        this.#idle?.reset();
        this.#options?.sent?.();
      } while (rest.length > 0);
    } catch (cause) {
      this.#options?.lost?.();
      throw this.#writeFault = ConnectionError.from(this.#closed ?? cause);
    } finally {
      this.#cancelWrite = undefined;
      if (this.#isBusy) this.#idle?.hold();
    }
  }

  #mention(observation: Observation): void {
    const observed = this.#observed ??= new Set();
    if (!observed.has(observation)) this.#options?.observe(observation);
    observed.add(observation);
  }
}
