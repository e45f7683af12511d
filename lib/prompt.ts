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
  /** What the Tab key completes. */
  commands: readonly string[];
  /** Called for Ctrl-C on an empty line; on another it clears the line. */
  interrupt(): void;
}

/**
 * Edits lines with `node:readline` on standard input and output, which must
 * both be terminals. What is entered is kept until it is asked for.
 */
export class Prompt {
  readonly #options: PromptOptions;
  readonly #entered: string[] = [];
  #editor: readline.Interface;
  #history: string[] = [];
  /** Ctrl-D was pressed: until the next line is asked for nothing is edited. */
  #atEnd = false;
  #closed = false;
  #wake = (): void => {};

  constructor(options: PromptOptions) {
    this.#options = options;
    this.#editor = this.#open();
  }

  #open(): readline.Interface {
    const { commands, interrupt, lineByLine } = this.#options;
    const editor = readline.createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      history: this.#history,
      historySize: HISTORY_LINES,
      prompt: "",
      completer: (line: string): [string[], string] => [
        line === "" ? [] : commands.filter((it) => it.startsWith(line)),
        line,
      ],
    });
    editor.on("history", (history: string[]) => this.#history = history);
    editor.on("line", (line: string) => {
      this.#entered.push(line);
      if (lineByLine) editor.setPrompt("");
      if (this.#isEditing) editor.prompt();
      this.#wake();
    });
    editor.on("close", () => {
      if (this.#isEditing) this.#erase();
      this.#atEnd = true;
      this.#wake();
    });
    editor.on("SIGINT", () => {
      if (editor.line === "") return interrupt();
      editor.write(null, { ctrl: true, name: "e" });
      editor.write(null, { ctrl: true, name: "u" });
    });
    return editor;
  }

  get #isEditing(): boolean {
    return !this.#atEnd && !this.#closed;
  }

  /**
   * The next line without its ending; null when Ctrl-D was pressed on an
   * empty line, after which one can ask again, and after `close`.
   */
  async next(): Promise<string | null> {
    if (this.#atEnd && !this.#closed) {
      this.#atEnd = false;
      this.#editor = this.#open();
    }
    if (this.#entered.length === 0) this.#show(this.#options.label);
    while (this.#entered.length === 0 && this.#isEditing) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#entered.shift() ?? null;
  }

  /** All that was entered and not taken yet, which is taken with it. */
  takeEntered(): string[] {
    return this.#entered.splice(0);
  }

  /** Lets `write` put whole lines above the one that is edited. */
  above(write: () => void): void {
    if (!this.#isEditing) return write();
    const rows = this.#erase();
    write();
    // The editor goes up again by the rows that its cursor was down.
    process.stdout.write("\n".repeat(rows));
    this.#editor.prompt(true);
  }

  /** Clears the screen, but for the line that is edited. */
  clear(): void {
    readline.cursorTo(process.stdout, 0, 0);
    readline.clearScreenDown(process.stdout);
    this.#editor.prompt(true);
  }

  /** Takes the label away and leaves the terminal as it was found. */
  close(): void {
    if (this.#closed) return;
    if (this.#isEditing) this.#erase();
    this.#closed = true;
    this.#editor.close();
  }

  #show(label: string): void {
    if (!this.#isEditing || this.#editor.getPrompt() === label) return;
    this.#editor.setPrompt(label);
    this.#editor.prompt(true);
  }

  /** Takes the edited line off the screen; returns how far down its cursor was. */
  #erase(): number {
    const { rows } = this.#editor.getCursorPos();
    readline.moveCursor(process.stdout, 0, -rows);
    readline.cursorTo(process.stdout, 0);
    readline.clearScreenDown(process.stdout);
    return rows;
  }
}
