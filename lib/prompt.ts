/**
 * A line editor at a terminal that other output does not disturb.
 *
 * @module
 */
import process from "node:process";
import * as readline from "node:readline";

/** How many lines the arrow keys bring back. */
const HISTORY_LINES = 500;

/** What a prompt is made with. */
export interface PromptOptions {
  /** What stands before the line that is edited. */
  label: string;
  /** Whether the label stands there only while a line is asked for. */
  lineByLine: boolean;
  /** Called for Ctrl-C on an empty line; on another it clears the line. */
  interrupt(): void;
}

/**
 * Edits lines with `node:readline` on standard input and output, which must
 * both be terminals. What is entered is kept until it is asked for.
 */
export class Prompt {
  readonly #editor: readline.Interface;
  readonly #entered: string[] = [];
  readonly #options: PromptOptions;
  #atEnd = false;
  #closed = false;
  #wake = (): void => {};

  constructor(options: PromptOptions) {
    this.#options = options;
    this.#editor = readline.createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      historySize: HISTORY_LINES,
      prompt: "",
    });
    this.#editor.on("line", (line: string) => {
      this.#entered.push(line);
      this.#wake();
      if (options.lineByLine) this.#editor.setPrompt("");
      if (!this.#closed) this.#editor.prompt();
    });
    this.#editor.on("close", () => {
      this.#atEnd = true;
      this.#wake();
    });
    this.#editor.on("SIGINT", () => {
      if (this.#editor.line === "") return options.interrupt();
      this.#editor.write(null, { ctrl: true, name: "e" });
      this.#editor.write(null, { ctrl: true, name: "u" });
    });
  }

  /** All that was entered and not taken yet, which is taken with it. */
  takeEntered(): string[] {
    return this.#entered.splice(0);
  }

  /**
   * The next line without its ending; null when Ctrl-D was pressed on an
   * empty line, and after `close`.
   */
  async next(): Promise<string | null> {
    if (this.#entered.length === 0) this.#show(this.#options.label);
    while (this.#entered.length === 0 && !this.#atEnd) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#entered.shift() ?? null;
  }

  /** Lets `write` put whole lines above the one that is edited. */
  above(write: () => void): void {
    if (this.#closed || this.#atEnd) return write();
    const { rows } = this.#editor.getCursorPos();
    readline.moveCursor(process.stdout, 0, -rows);
    readline.cursorTo(process.stdout, 0);
    readline.clearScreenDown(process.stdout);
    write();
    // The editor goes up again by the rows that its line had.
    process.stdout.write("\n".repeat(rows));
    this.#editor.prompt(true);
  }

  #show(label: string): void {
    if (this.#closed || this.#atEnd) return;
    if (this.#editor.getPrompt() === label) return;
    this.#editor.setPrompt(label);
    this.#editor.prompt(true);
  }

  /** Takes the label away and leaves the terminal as it was found. */
  close(): void {
    if (this.#closed) return;
    if (!this.#atEnd) {
      this.above(() => {});
      readline.cursorTo(process.stdout, 0);
      readline.clearScreenDown(process.stdout);
    }
    this.#closed = true;
    this.#editor.close();
  }
}
