/**
 * The bytes of a pipe, a file or a plain terminal as lines that can be sent.
 *
 * @module
 */
import type { Block } from "../chat/endpoint.ts";
import { Failure } from "../text/failure.ts";
import { type Sentence, sentence } from "../text/phrases.ts";
import {
  BlockDecoder,
  linesOf,
  ProtocolError,
  sequenceLength,
} from "../wire/framing.ts";
import { countLineFeeds, isUtf8 } from "../wire/bytes.ts";

/** How long until a source that wasn't ready is read again. */
const RETRY_MS = 10;

/** A line of the input can't be sent; the sentence tells which, and why. */
export class InputError extends Failure {
  override readonly name = "InputError";
}

/** What is read from; `Deno.stdin` fits. */
export interface Readable {
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
}

/** Reads blocks of lines that can be sent. */
export class Input {
  readonly #source: Readable;
  readonly #decoder: BlockDecoder;
  readonly #limit: number;
  /** What is still to be thrown. */
  #fault: InputError | undefined;
  #refused = false;
  #lines = 0;

  /** `maxMessage` is the most bytes that a line may have. */
  constructor(source: Readable, options: { maxMessage: number }) {
    this.#source = source;
    this.#limit = options.maxMessage;
    this.#decoder = new BlockDecoder({ ...options, framing: "lines" });
  }

  /**
   * The next block, or null at the end; at a terminal there may be more after
   * it. A block is valid until the next call.
   *
   * @throws {InputError} for a line that is too long or not UTF-8, after all
   * lines before it were given. That is the end of the input.
   */
  async read(): Promise<Block | null> {
    if (this.#refused) return this.#end();
    let block: Block | null = null;
    try {
      for (let atEnd = false; block === null && !atEnd;) {
        const count = await this.#readInto(this.#decoder.space());
        atEnd = count === null;
        block = count === null
          ? this.#decoder.finish()
          : this.#decoder.take(count);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const limit = this.#limit;
      this.#refuse(sentence("input too long", { line: this.#line, limit }));
      return this.#end();
    }
    return block === null ? null : this.#check(block);
  }

  /** What shares the input with us, such as `ssh`, may make it non-blocking. */
  async #readInto(space: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      try {
        return await this.#source.read(space);
      } catch (fault) {
        if (!isNotReady(fault)) throw fault;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** The lines of the block before the first that is not UTF-8. */
  #check(block: Block): Block | null {
    if (isUtf8(block)) {
      this.#lines += countLineFeeds(block);
      return block;
    }
    let good = 0;
    for (const line of linesOf(block)) {
      if (!isUtf8(line)) {
        const place = { line: this.#line, offset: firstNotUtf8(line) + 1 };
        this.#refuse(sentence("input not UTF-8", place));
        if (good === 0) return this.#end();
        break;
      }
      this.#lines++;
      good += line.length;
    }
    return block.subarray(0, good);
  }

  /** The number of the line that comes next, from 1. */
  get #line(): number {
    return this.#lines + 1;
  }

  #refuse(why: Sentence): void {
    this.#fault = new InputError(why);
    this.#refused = true;
  }

  /** The end of an input that was refused, which is told once. */
  #end(): null {
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault) throw fault;
    return null;
  }
}

/** Whether there may be something to read later: `EAGAIN`, read(2). */
function isNotReady(fault: unknown): boolean {
  return fault instanceof Error && fault.name === "WouldBlock";
}

/**
 * Where the first sequence begins that is not UTF-8, as an index; the length
 * of the line when there is none.
 */
export function firstNotUtf8(line: Uint8Array): number {
  let index = 0;
  while (index < line.length) {
    const next = index + sequenceLength(line[index] ?? 0);
    if (next > line.length || !isUtf8(line.subarray(index, next))) break;
    index = next;
  }
  return index;
}
