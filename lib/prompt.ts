/**
 * A line editor at a terminal that other output does not disturb.
 *
 * @module
 */
import process from "node:process";
import * as readline from "node:readline";
import { Writable } from "node:stream";
import { DrawnLine } from "./drawn_line.ts";
import { ScreenOutput } from "./screen_output.ts";
import { screenSize } from "./screen.ts";

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
  /** What is left on the screen of a line that was entered. */
  entered(text: string): string;
  /**
   * Gets each line when it is entered, null for Ctrl-D. Returns whether it
   * took the line: then nobody who asks for lines is given that.
   */
  take(line: string | null): boolean;
  /** Called for Ctrl-C on an empty line; on another it clears the line. */
  interrupt(): void;
  /** Called when the terminal is gone. */
  hungUp(): void;
}

/**
 * Edits lines of standard input with `node:readline`; standard output must be
 * a terminal as well. What is entered is kept until it is asked for.
 *
 * What is seen of the line is drawn here, not by `node:readline`, which loses
 * count of the rows: at a wide character that does not fit, at a tab and after
 * a resize.
 */
export class Prompt {
  readonly #options: PromptOptions;
  /** null stands for Ctrl-D. */
  readonly #entered: (string | null)[] = [];
  #editor: readline.Interface;
  #label = "";
  #history: string[] = [];
  readonly #screen = new ScreenOutput(() => this.#drained());
  readonly #drawn = new DrawnLine({
    write: (text) => this.#screen.put(Deno.stdout, text),
    size: screenSize,
  });
  #drawing = false;
  /** What stands on the screen is not what it should be. */
  #stale = false;
  readonly #setRawMode = process.stdin.setRawMode;
  /** The mode that the terminal gets when nothing is pending. */
  #nextRawMode: boolean | undefined;
  #lastKey: string | undefined;
  /** How many keys were pressed at once: more than one are a paste. */
  #keys = 0;
  /** Ctrl-D was pressed: nothing is edited until it is resumed. */
  #atEnd = false;
  #closed = false;
  /** Takes the next line in place of who asks for lines; it is not shown. */
  #secret: ((line: string | null) => void) | undefined;
  /** The terminal is gone: what was half typed then was never entered. */
  #hungUp = false;
  #wake = (): void => {};
  readonly #hangUp = (): void => {
    if (this.#hungUp) return;
    this.#hungUp = true;
    this.#options.hungUp();
    this.#closeEditor();
  };
  readonly #resized = (): void => this.#draw();
  readonly #pressed = (_text: unknown, key: readline.Key): void => {
    if (key.ctrl && key.name === "l") this.clear();
    this.#lastKey = key.name;
    this.#keys++;
    this.#drawSoon();
  };

  constructor(options: PromptOptions) {
    this.#options = options;
    // Setting the mode waits for the terminal to take what is being written.
    process.stdin.setRawMode = (mode) => {
      this.#nextRawMode = mode;
      if (!this.#screen.isPending) this.#applyRawMode();
      return process.stdin;
    };
    // Before the editor hears of it.
    process.stdin.on("end", this.#hangUp);
    process.stdin.on("error", this.#hangUp);
    this.#editor = this.#open();
    process.stdout.on("resize", this.#resized);
  }

  #open(): readline.Interface {
    const { entered, interrupt, lineByLine } = this.#options;
    const editor = readline.createInterface({
      input: process.stdin,
      output: new Writable({ write: (_chunk, _encoding, done) => done() }),
      terminal: true,
      history: this.#history,
      historySize: HISTORY_LINES,
      prompt: "",
    });
    // Where it may read TERM and that is "dumb", it takes even Backspace for text.
    Reflect.deleteProperty(editor, "_ttyWrite");
    // Else it measures all of the line at each character of a paste, to see
    // whether it stands at the start of a row and has to draw all anew.
    editor.getCursorPos = () => ({ rows: 0, cols: 1 });
    editor.on("history", (history: string[]) => {
      if (this.#secret) history.shift();
      this.#history = history;
    });
    editor.on("line", (line: string) => {
      if (this.#hungUp) return;
      if (this.#secret) return this.#secret(line);
      this.#drawn.replace(`${entered(line)}\n`);
      if (this.#options.take(line)) return;
      this.#entered.push(line);
      if (lineByLine) this.#label = "";
      this.#wake();
    });
    editor.on("close", () => {
      if (!this.#atEnd && !this.#secret) this.#options.take(null);
      this.#end();
    });
    // It hears of the terminal's faults itself, whoever else does.
    editor.on("error", this.#hangUp);
    editor.on("SIGINT", () => {
      if (editor.line === "") return interrupt();
      this.#clearLine();
    });
    // Stopping oneself takes a permission that Deno would ask for on the spot.
    editor.on("SIGTSTP", () => {});
    process.stdin.on("keypress", this.#pressed);
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
    if (this.#entered.length === 0 && !this.#closed) {
      this.resume();
      this.#label = this.#options.label;
      this.#draw();
    }
    while (this.#entered.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#entered.shift() ?? null;
  }

  /** Lets lines be edited again after Ctrl-D, before one is asked for. */
  resume(): void {
    if (!this.#atEnd || this.#closed) return;
    this.#editor = this.#open();
    this.#atEnd = false;
  }

  /**
   * Asks for a line that is not shown, before any that is asked for already.
   * Null when Ctrl-D was pressed, or the prompt is closed.
   */
  secret(question: string): Promise<string | null> {
    if (!this.#isEditing) return Promise.resolve(null);
    const label = this.#label;
    const { line: halfTyped } = this.#editor;
    this.#clearLine();
    return new Promise((resolve) => {
      // All at once: the next line may stand in the same paste.
      this.#secret = (line) => {
        this.#secret = undefined;
        this.#label = label;
        if (line !== null) this.#editor.write(halfTyped);
        this.#draw();
        resolve(line);
      };
      this.#label = question;
      this.#draw();
    });
  }

  #clearLine(): void {
    this.#editor.write(null, { ctrl: true, name: "e" });
    this.#editor.write(null, { ctrl: true, name: "u" });
  }

  /** All that was entered and not taken yet, which is taken with it. */
  takeEntered(): string[] {
    return this.#entered.splice(0).filter((line) => line !== null);
  }

  /**
   * Shows whole lines above the one that is edited; settles when they are
   * written.
   *
   * @throws what standard output throws, or when the terminal was given up.
   */
  async show(lines: string): Promise<void> {
    this.#drawn.replace("");
    const written = this.#screen.write(Deno.stdout, lines);
    this.#draw();
    await written;
  }

  /** The same for who doesn't wait, nor hears of faults. */
  put(lines: string, output: "stdout" | "stderr"): void {
    this.#drawn.replace("");
    this.#screen.put(Deno[output], lines);
    this.#draw();
  }

  /** See {@linkcode ScreenOutput.hurry}. */
  hurry(wait: "normal" | "short"): void {
    this.#screen.hurry(wait);
  }

  /** See {@linkcode ScreenOutput.flush}. */
  async flush(): Promise<void> {
    await this.#screen.flush();
  }

  /** Clears the screen, but for the line that is edited. */
  clear(): void {
    this.#drawn.clearScreen();
    this.#draw();
  }

  /**
   * Takes the edited line away and leaves the terminal as it was found, once
   * what is pending is written: `flush` waits for that. A terminal that is
   * given up gets its mode back from Deno, when the process exits.
   */
  close(): void {
    if (this.#closed) return;
    process.stdin.off("end", this.#hangUp);
    process.stdin.off("error", this.#hangUp);
    process.stdout.off("resize", this.#resized);
    this.#closeEditor();
    this.#closed = true;
  }

  #closeEditor(): void {
    // Before the editor tells of it as of Ctrl-D.
    this.#end();
    this.#editor.close();
  }

  #applyRawMode(): void {
    const mode = this.#nextRawMode;
    this.#nextRawMode = undefined;
    if (mode === undefined) return;
    try {
      this.#setRawMode.call(process.stdin, mode);
    } catch {
      // A terminal that is gone can't be left as it was found.
    }
  }

  #drained(): void {
    this.#applyRawMode();
    if (this.#stale) this.#draw();
  }

  /** Nothing is edited any more. */
  #end(): void {
    if (this.#atEnd) return;
    this.#atEnd = true;
    process.stdin.off("keypress", this.#pressed);
    this.#drawn.replace("");
    this.#secret?.(null);
    this.#entered.push(null);
    this.#wake();
  }

  /**
   * Acts on a Tab, which the editor has put in as text. Its own completion
   * pauses the input, where Deno 2.6 loses a key.
   */
  #complete(): void {
    const { line, cursor } = this.#editor;
    if (line[cursor - 1] !== "\t") return;
    const start = line.slice(0, cursor - 1);
    const hits = start === ""
      ? []
      : this.#options.commands.filter((it) => it.startsWith(start));
    // A paste can end with a Tab, and what is read of a longer one as well.
    if (hits.length === 0 && this.#keys > 1) return;
    this.#editor.write(null, { name: "backspace" });
    const [hit = ""] = hits;
    if (hits.length === 1) this.#editor.write(hit.slice(start.length));
    if (hits.length > 1) this.#drawn.replace(`${hits.join("  ")}\n`);
  }

  /** Once for all keys of a paste. */
  #drawSoon(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      // A Tab within a paste is text, and so it is in what isn't shown.
      const completes = this.#lastKey === "tab" && !this.#secret;
      if (completes && this.#isEditing) this.#complete();
      this.#lastKey = undefined;
      this.#keys = 0;
      this.#draw();
    });
  }

  #draw(): void {
    if (!this.#isEditing) return;
    this.#stale = this.#screen.isPending;
    if (this.#stale) return;
    const { line, cursor: place } = this.#editor;
    const [text, cursor] = this.#secret ? ["", 0] : [line, place];
    this.#drawn.draw({ label: this.#label, text, cursor });
  }
}
