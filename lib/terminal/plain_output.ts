/**
 * What peers say as `plain` puts it out: the messages alone.
 *
 * @module
 */
import type { Block } from "../chat/endpoint.ts";
import { escapeUnsafe } from "../text/safe_text.ts";
import { LINE_ENDING, LINE_FEED } from "../wire/framing.ts";
import { textsOf } from "../wire/message.ts";

/** What a plain output is made with. */
export interface PlainOutputOptions {
  /** Whether it is on a terminal, which must not act on it. */
  terminal: boolean;
  write(bytes: Uint8Array): Promise<void>;
}

/** Puts messages out as they came, with or without a line ending. */
export class PlainOutput {
  readonly #options: PlainOutputOptions;
  /** Whether what was put out last is a line not ended. */
  #isUnended = false;
  /** Whether that line is to be ended before more is put out. */
  #isToEnd = false;

  constructor(options: PlainOutputOptions) {
    this.#options = options;
  }

  /** Whether every byte is put out: else what could act is escaped. */
  get passesBytes(): boolean {
    return !this.#options.terminal;
  }

  /**
   * Puts a block out; settles when it is written.
   *
   * @throws what `write` throws.
   */
  async put(block: Block): Promise<void> {
    if (this.#isToEnd) await this.#options.write(LINE_ENDING);
    this.#isToEnd = false;
    this.#isUnended = block.at(-1) !== LINE_FEED;
    await this.#options.write(this.passesBytes ? block : this.#safe(block));
  }

  /** What is put out next is another peer's, and begins a line. */
  beginLine(): void {
    this.#isToEnd = this.#isUnended;
  }

  #safe(block: Block): Uint8Array {
    const texts = textsOf(block).map(escapeUnsafe).join("\n");
    return new TextEncoder().encode(this.#isUnended ? texts : `${texts}\n`);
  }
}
