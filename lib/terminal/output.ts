/**
 * Standard output and error, and the line on the screen that gives way to what
 * is written there: the one that is edited, or that of the progress.
 *
 * @module
 */
import { type Block, OutputClosed } from "../chat/endpoint.ts";
import { escapeUnsafe } from "../text/safe_text.ts";
import { LINE_ENDING, LINE_FEED } from "../wire/framing.ts";
import { textsOf } from "../wire/message.ts";

/** Something to write to; `Deno.stdout` and `Deno.stderr` fit. */
export interface Output {
  /** Takes some of the bytes; settles with how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** The same, without waiting; `Deno.stderr` and `Deno.FsFile` fit. */
export interface SyncWriter {
  /** Takes some of the bytes; returns how many. */
  writeSync(bytes: Uint8Array): number;
}

/**
 * Writes all of the bytes; settles when they are taken.
 *
 * @throws {OutputClosed} when standard output can't be written.
 */
export async function writeOutput(
  output: Output,
  bytes: Uint8Array,
): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;) {
      done += await output.write(bytes.subarray(done));
    }
  } catch (cause) {
    throw new OutputClosed(cause);
  }
}

/**
 * Writes all of the text, without waiting.
 *
 * @throws what the writer throws, or when it takes nothing.
 */
export function writeAllSync(writer: SyncWriter, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) {
    const count = writer.writeSync(bytes.subarray(done));
    if (count === 0) throw new Error("Nothing could be written");
    done += count;
  }
}

/** Puts text on standard error as it is. Never throws: nobody could be told. */
export function writeError(
  text: string,
  stderr: SyncWriter = Deno.stderr,
): void {
  try {
    writeAllSync(stderr, text);
  } catch {
    // Closed, or full.
  }
}

/** What a display is made with. */
export interface DisplayOptions {
  stdout: Output & { isTerminal(): boolean };
  stderr: SyncWriter & { isTerminal(): boolean };
  /** Where lines are edited, what they are edited with. */
  prompt?: {
    show(lines: string): Promise<void>;
    put(lines: string, output: "stdout" | "stderr"): void;
  } | undefined;
  /** Where the progress of sending is shown, its line. */
  progress?: { hide(): void; show(): void } | undefined;
}

/** Shows what is said on standard output, and warnings on standard error. */
export class Display {
  readonly #options: DisplayOptions;
  /** Whether standard output is a terminal, which must not act on text. */
  readonly #isTerminal: boolean;
  /** Whether what was passed on last is a line not ended. */
  #isUnended = false;
  /** Whether that line is to be ended before more is passed on. */
  #isToEnd = false;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#isTerminal = options.stdout.isTerminal();
  }

  /**
   * Shows whole lines, which are safe on a terminal; settles when they are
   * written.
   *
   * @throws {OutputClosed} when standard output can't be written.
   */
  async show(lines: string): Promise<void> {
    const { prompt } = this.#options;
    if (!prompt) return await this.#write(new TextEncoder().encode(lines));
    try {
      await prompt.show(lines);
    } catch (cause) {
      throw new OutputClosed(cause);
    }
  }

  /**
   * Passes a block on byte for byte, but at a terminal what could act there is
   * escaped; settles when it is written.
   *
   * @throws {OutputClosed} when standard output can't be written.
   */
  async pass(block: Block): Promise<void> {
    if (this.#isToEnd) await this.#write(LINE_ENDING);
    this.#isToEnd = false;
    this.#isUnended = block.at(-1) !== LINE_FEED;
    await this.#write(this.#isTerminal ? this.#safe(block) : block);
  }

  /** What is passed on next is another peer's, and begins a line. */
  beginLine(): void {
    this.#isToEnd = this.#isUnended;
  }

  /** Puts lines on standard error, safe on a terminal. Never throws. */
  warn(text: string): void {
    const { prompt, progress, stderr } = this.#options;
    const isShown = stderr.isTerminal();
    // It may quote the peer, an argument or what was typed.
    const safe = isShown ? text.split("\n").map(escapeUnsafe).join("\n") : text;
    if (prompt && isShown) return prompt.put(`${safe}\n`, "stderr");
    progress?.hide();
    writeError(`${safe}\n`, stderr);
    progress?.show();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    // On one terminal the two must not tear each other.
    const progress = this.#isTerminal ? this.#options.progress : undefined;
    progress?.hide();
    await writeOutput(this.#options.stdout, bytes);
    progress?.show();
  }

  #safe(block: Block): Uint8Array {
    const texts = textsOf(block).map(escapeUnsafe).join("\n");
    return new TextEncoder().encode(this.#isUnended ? texts : `${texts}\n`);
  }
}
