/**
 * Standard input where no line is edited: what is read there is for the peer
 * who is here.
 *
 * @module
 */
import { type Block, InputError } from "../chat/endpoint.ts";
import { Input, type Readable } from "./input.ts";
import type { Presence } from "./prompt.ts";
import { textsOf } from "../wire/message.ts";
import { Failure, isTerminalGone, reasonOf } from "../text/failure.ts";
import { sentence } from "../text/phrases.ts";

/** What a standard input needs besides its source. */
export interface StandardInputOptions {
  /** The most bytes that a line may have. */
  maxMessage: number;
  /** Whether it is a terminal, at which someone types. */
  terminal: boolean;
  /** Whether there is a peer at the moment. */
  presence(): Presence;
  /** Names what was typed for nobody. */
  warnNotSent(texts: string[]): void;
  /** Called when the terminal is gone. */
  hungUp(): void;
}

/** Reads blocks of lines, and knows the ways in which that ends. */
export class StandardInput {
  readonly #input: Input;
  readonly #options: StandardInputOptions;

  constructor(source: Readable, options: StandardInputOptions) {
    this.#input = new Input(source, options);
    this.#options = options;
  }

  /**
   * The next block, or null at the end and when the terminal is gone. A block
   * is valid until the next call.
   *
   * @throws {InputError} as {@linkcode Input}.
   * @throws {Failure} when it can't be read.
   */
  async read(): Promise<Block | null> {
    const { terminal, presence, warnNotSent, hungUp } = this.#options;
    try {
      for (;;) {
        const block = await this.#input.read();
        const isForGone = terminal && presence() === "gone";
        if (block === null || !isForGone) return block;
        warnNotSent(textsOf(block));
      }
    } catch (fault) {
      if (fault instanceof InputError) throw fault;
      if (!terminal || !isTerminalGone(fault)) {
        throw new Failure(sentence("input failed", { cause: reasonOf(fault) }));
      }
      hungUp();
      return null;
    }
  }
}
