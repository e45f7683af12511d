/**
 * What is shown on standard output and error, where another line may stand:
 * the one that is edited, or that of the progress. It gives way.
 *
 * @module
 */
import { OutputClosed } from "../chat/endpoint.ts";
import { escapeUnsafe } from "../text/safe_text.ts";
import {
  type ErrorOutput,
  type Output,
  writeError,
  writeOutput,
} from "./output.ts";
import type { Progress } from "./progress.ts";
import type { Prompt } from "./prompt.ts";

/** What a display is made with. */
export interface DisplayOptions {
  stdout: Output & { isTerminal(): boolean };
  stderr: ErrorOutput & { isTerminal(): boolean };
  /** Where lines are edited, what they are edited with. */
  prompt:
    | Pick<Prompt, "show" | "put" | "hurry" | "flush" | "close">
    | undefined;
}

/** Shows text on standard output, warnings on standard error. */
export class Display {
  readonly #options: DisplayOptions;
  readonly #isTerminal: boolean;
  /** Shows how far the sending of the input has come, once it is set. */
  progress: Progress | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#isTerminal = options.stdout.isTerminal();
  }

  /**
   * Shows whole lines; settles when they are written.
   *
   * @throws {OutputClosed} when standard output can't be written.
   */
  async show(lines: string): Promise<void> {
    const { prompt } = this.#options;
    if (!prompt) return await this.write(new TextEncoder().encode(lines));
    try {
      await prompt.show(lines);
    } catch (cause) {
      throw new OutputClosed(cause);
    }
  }

  /**
   * Puts bytes on standard output as they are, where no lines are edited;
   * settles when they are written.
   *
   * @throws {OutputClosed} when standard output can't be written.
   */
  async write(bytes: Uint8Array): Promise<void> {
    // Where both stand on one terminal they must not tear each other.
    const progress = this.#isTerminal ? this.progress : undefined;
    progress?.hide();
    await writeOutput(this.#options.stdout, bytes);
    progress?.show();
  }

  /** Puts lines on standard error, safe on a terminal. Never throws. */
  warn(text: string): void {
    const { prompt, stderr } = this.#options;
    // It may quote the peer, an argument or what was typed.
    const isShown = stderr.isTerminal();
    const shown = isShown
      ? text.split("\n").map(escapeUnsafe).join("\n")
      : text;
    const lines = `${shown}\n`;
    const write = (): void => writeError(lines, stderr);
    if (prompt && isShown) prompt.put(lines, "stderr");
    else if (this.progress) this.progress.around(write);
    else write();
  }

  /** Takes the other line away, for good; may be called twice. */
  close(): void {
    this.progress?.done();
    this.#options.prompt?.close();
  }

  /**
   * The program is to end: from now on a terminal that takes nothing is not
   * waited for long, and hardly at all where that is asked for again.
   */
  hurry(wait: "normal" | "short" = "normal"): void {
    this.#options.prompt?.hurry(wait);
  }

  /** Settles when what was to be shown is written, or was given up. */
  async flush(): Promise<void> {
    await this.#options.prompt?.flush();
  }
}
