/**
 * Standard input where no line is edited: a pipe, a file or a plain terminal,
 * as lines that can be sent.
 *
 * @module
 */
import type { Block } from "../chat/endpoint.ts";
import { Failure, reasonOf, type Sentence, sentence } from "../text/phrases.ts";
import { likelyEncoding } from "../text/encoding.ts";
import {
  BlockDecoder,
  LINE_FEED,
  linesOf,
  ProtocolError,
  sequenceLength,
  withoutEnding,
} from "../wire/framing.ts";
import { countLineFeeds, isUtf8 } from "../wire/bytes.ts";

/** The most bytes of a line that Linux gives of a terminal: termios(3). */
const TERMINAL_LINE_BYTES = 4095;
/** How long until what wasn't ready is tried again. */
export const RETRY_MS = 10;

/** What is read from; `Deno.stdin` fits. */
export interface Readable {
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
}

/** A line of the input that can't be sent. */
export class InputError extends Failure {
  override readonly name = "InputError";
}

/**
 * Whether something only wasn't ready: what shares it with us, such as `ssh`,
 * may make it non-blocking (`EAGAIN`, read(2) and write(2)).
 */
export function isForTheMoment(fault: unknown): boolean {
  return fault instanceof Error && fault.name === "WouldBlock";
}

/** Whether a terminal was closed while it was read: `EIO`, termios(3). */
export function isTerminalGone(fault: unknown): boolean {
  return fault instanceof Error && "code" in fault && fault.code === "EIO";
}

/** Reads blocks of lines that can be sent. */
export class Input {
  readonly #source: Readable;
  readonly #decoder: BlockDecoder;
  readonly #limit: number;
  readonly #refused: ((fault: InputError) => void) | undefined;
  /** Set once a line is refused, and null once that was thrown. */
  #fault: InputError | null | undefined;
  /** How many lines were given. */
  #lines = 0;

  /**
   * `maxMessage` is the most bytes that a line may have. At a terminal, which
   * gives a line at a time, `refused` is told of one that can't be sent, and the
   * next is read.
   */
  constructor(
    source: Readable,
    { maxMessage, refused }: {
      maxMessage: number;
      refused?: ((fault: InputError) => void) | undefined;
    },
  ) {
    this.#source = source;
    this.#refused = refused;
    this.#limit = maxMessage;
    this.#decoder = new BlockDecoder({
      maxMessage: refused ? Infinity : maxMessage,
      framing: "lines",
    });
  }

  /**
   * The next block, or null at the end; at a terminal there may be more after
   * it. A block is valid until the next call.
   *
   * @throws {InputError} for a line that is too long or not UTF-8, once, after
   * all lines before it were given, unless `refused` was told. That is the end
   * of the input.
   * @throws {Failure} when it can't be read; its cause is what the source threw.
   */
  async read(): Promise<Block | null> {
    for (;;) {
      const block = this.#fault === undefined ? await this.#readGood() : null;
      const fault = this.#fault;
      if (block !== null || !fault) return block;
      this.#fault = this.#refused ? undefined : null;
      if (!this.#refused) throw fault;
      this.#refused(fault);
    }
  }

  /** The next lines before one that is refused; null when there is none. */
  async #readGood(): Promise<Block | null> {
    try {
      let count: number | null;
      let block: Block | null;
      do {
        count = await this.#readInto(this.#decoder.space());
        block = count === null
          ? this.#decoder.finish()
          : this.#decoder.take(count);
      } while (block === null && count !== null);
      return block && this.#check(block);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const place = { line: this.#lines + 1, limit: this.#limit };
      this.#fault = new InputError(sentence("input too long", place));
      return null;
    }
  }

  async #readInto(space: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      try {
        return await this.#source.read(space);
      } catch (cause) {
        if (!isForTheMoment(cause)) {
          const reason = sentence("input failed", { cause: reasonOf(cause) });
          throw new Failure(reason, { cause });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** The lines of the block before the first that can't be sent. */
  #check(block: Block): Block | null {
    // The decoder has seen to the length, but for a terminal's one line.
    if (isUtf8(block) && !this.#refused) {
      this.#lines += countLineFeeds(block);
      return block;
    }
    let good = 0;
    for (const line of linesOf(block)) {
      const problem = this.#problemOf(line, block.subarray(good));
      this.#lines++;
      if (problem !== undefined) {
        this.#fault = new InputError(problem);
        break;
      }
      good += line.length;
    }
    return good === 0 ? null : block.subarray(0, good);
  }

  /** Why a line can't be sent; `sample` shows in what encoding it may be. */
  #problemOf(line: Uint8Array, sample: Uint8Array): Sentence | undefined {
    const { length } = withoutEnding(line);
    if (this.#refused && length === TERMINAL_LINE_BYTES) {
      return sentence("terminal line cut", { limit: length });
    }
    if (isUtf8(line)) {
      return length > this.#limit
        ? sentence("line too long", { limit: this.#limit })
        : undefined;
    }
    return this.#refused ? sentence("line not UTF-8") : sentence(
      "input not UTF-8",
      {
        line: this.#lines + 1,
        offset: firstNotUtf8(line) + 1,
        encoding: likelyEncoding(sample),
      },
    );
  }
}

/** The index of the first sequence that is not UTF-8, or the line's length. */
export function firstNotUtf8(line: Uint8Array): number {
  let index = 0;
  while (index < line.length) {
    const next = index + sequenceLength(line[index] ?? 0);
    if (next > line.length || !isUtf8(line.subarray(index, next))) break;
    index = next;
  }
  return index;
}

/** Keeps what was read of an input until it is said: for this peer or the next. */
export class PendingInput {
  readonly #read: () => Promise<Block | null>;
  readonly #lineByLine: boolean;
  /** The call that waits for what is read. */
  #receiving: PromiseWithResolvers<Block | null> | undefined;
  #isReading = false;
  #isClosed = false;
  #block: Block | null = null;
  /** What the reading threw, until it is thrown to a call that waits. */
  #fault: { error: unknown } | undefined;

  /** With `lineByLine` one line is said at a time, each with its ending. */
  constructor(
    read: () => Promise<Block | null>,
    options: { lineByLine: boolean },
  ) {
    this.#read = read;
    this.#lineByLine = options.lineByLine;
  }

  /**
   * What is to be said next, the same until it is said; null at the end of the
   * input, and from `close` until `open`. While one call is pending another
   * gives its block.
   *
   * @throws what the reading throws.
   */
  receive(): Promise<Block | null> {
    if (this.#isClosed) return Promise.resolve(null);
    const { promise } = this.#receiving ??= Promise.withResolvers();
    this.readAhead();
    return promise;
  }

  /** Reads what is to be said next, and keeps it for the next `receive`. */
  async readAhead(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    let block: Block | null = null;
    try {
      if (!this.#fault) block = await this.#next();
    } catch (error) {
      this.#fault = { error };
    }
    this.#isReading = false;
    if (!this.#receiving) return;
    if (this.#fault) this.#receiving.reject(this.#fault.error);
    else this.#receiving.resolve(block);
    this.#receiving = undefined;
    this.#fault = undefined;
  }

  /** From now on `receive` gives null; what is read is for the next peer. */
  close(): void {
    this.#isClosed = true;
    // An input that is silent for long would keep all calls that ever waited.
    this.#receiving?.resolve(null);
    this.#receiving = undefined;
  }

  /** The next peer is here. */
  open(): void {
    this.#isClosed = false;
  }

  /**
   * Forgets what was said; where not by line, the rest of the block as well.
   * False for what is not held.
   */
  said(block: Block): boolean {
    if (block.buffer !== this.#block?.buffer) return false;
    const rest = this.#block.subarray(block.length);
    this.#block = this.#lineByLine && rest.length > 0 ? rest : null;
    return true;
  }

  /** All that is held, which is forgotten; null when there is none. */
  take(): Block | null {
    const block = this.#block;
    this.#block = null;
    return block;
  }

  async #next(): Promise<Block | null> {
    this.#block ??= await this.#read();
    if (this.#block === null || !this.#lineByLine) return this.#block;
    const newline = this.#block.indexOf(LINE_FEED);
    if (newline >= 0) return this.#block.subarray(0, newline + 1);
    // A peer that answers it must see that it is whole, before the input's end.
    const line = new Uint8Array(this.#block.length + 1).fill(LINE_FEED);
    line.set(this.#block);
    return this.#block = line;
  }
}
