/**
 * The editing of a line with the keys of `node:readline`, which shows nothing.
 *
 * @module
 */
import * as readline from "node:readline";
import { type Readable, Writable } from "node:stream";

/** How many lines the arrow keys bring back. */
const HISTORY_LINES = 500;

/** What a line editor is made with. */
export interface LineEditorOptions {
  /** Where the keys come from. */
  input: Readable;
  /** What the Tab key completes. */
  commands: readonly string[];
  /** Whether the line is a secret: then no history keeps it, nor is it completed. */
  isSecret(): boolean;
  /** Called with each line that is entered. */
  entered(line: string): void;
  /** Called for Ctrl-D on an empty line, with which the editing ends. */
  left(): void;
  /** Called for Ctrl-C on an empty line; on another it clears the line. */
  interrupted(): void;
  /** Called once when the input is gone, which closes the editor. */
  hungUp(): void;
  /** Called when the editing ends: after one of the two, or with `close`. */
  ended(): void;
  /** Called when keys were pressed, once for all of a paste. */
  changed(): void;
  /** Called for Ctrl-L. */
  cleared(): void;
  /** Called with the commands that a Tab leaves to choose from. */
  offered(commands: readonly string[]): void;
}

/** Edits one line after the other. It is open at first. */
export class LineEditor {
  readonly #options: LineEditorOptions;
  /** Absent while nothing is edited. */
  #readline: readline.Interface | undefined;
  #history: string[] = [];
  #closed = false;
  #lastKey: string | undefined;
  /** How many keys were pressed at once: more than one are a paste. */
  #keys = 0;
  readonly #hangUp = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.hungUp();
    this.#end();
  };
  readonly #pressed = (_text: unknown, key: readline.Key): void => {
    if (key.ctrl && key.name === "l") this.#options.cleared();
    this.#lastKey = key.name;
    if (this.#keys++ === 0) queueMicrotask(() => this.#change());
  };

  constructor(options: LineEditorOptions) {
    this.#options = options;
    // Before the editor hears of it.
    options.input.on("end", this.#hangUp);
    options.input.on("error", this.#hangUp);
    this.open();
  }

  /** Whether nothing is edited ever again. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Whether a line is edited. */
  get isOpen(): boolean {
    return this.#readline !== undefined;
  }

  /** What is edited. */
  get line(): string {
    return this.#readline?.line ?? "";
  }

  /** The index in the line of the character that the cursor is on. */
  get cursor(): number {
    return this.#readline?.cursor ?? 0;
  }

  /** Edits again after Ctrl-D, unless it is closed. */
  open(): void {
    if (this.#readline !== undefined || this.#closed) return;
    const { input, isSecret, entered, left, interrupted } = this.#options;
    const editor = this.#readline = readline.createInterface({
      input,
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
      if (isSecret()) history.shift();
      this.#history = history;
    });
    editor.on("line", (line: string) => {
      // What was half typed when the input ended was never entered.
      if (this.isOpen) entered(line);
    });
    editor.on("close", () => {
      if (!this.isOpen) return;
      left();
      this.#end();
    });
    // It hears of the terminal's faults itself, whoever else does.
    editor.on("error", this.#hangUp);
    editor.on("SIGINT", () => {
      if (this.line === "") interrupted();
      else this.clear();
    });
    // Stopping oneself takes a permission that Deno would ask for on the spot.
    editor.on("SIGTSTP", () => {});
    input.on("keypress", this.#pressed);
  }

  /** Puts text in at the cursor. */
  insert(text: string): void {
    this.#readline?.write(text);
  }

  /** Takes all of the line away. */
  clear(): void {
    this.#readline?.write(null, { ctrl: true, name: "e" });
    this.#readline?.write(null, { ctrl: true, name: "u" });
  }

  /** Edits nothing any more; may be called twice. */
  close(): void {
    this.#closed = true;
    this.#options.input.off("end", this.#hangUp);
    this.#options.input.off("error", this.#hangUp);
    this.#end();
  }

  #end(): void {
    const editor = this.#readline;
    if (editor === undefined) return;
    // Before the editor tells of it as of Ctrl-D.
    this.#readline = undefined;
    this.#options.input.off("keypress", this.#pressed);
    this.#options.ended();
    editor.close();
  }

  #change(): void {
    // A Tab within a paste is text, and so it is in what isn't shown.
    if (this.#lastKey === "tab" && !this.#options.isSecret()) this.#complete();
    this.#keys = 0;
    this.#options.changed();
  }

  /**
   * Acts on a Tab, which the editor has put in as text. Its own completion
   * pauses the input, where Deno 2.6 loses a key.
   */
  #complete(): void {
    const { line, cursor } = this;
    if (line[cursor - 1] !== "\t") return;
    const start = line.slice(0, cursor - 1);
    const hits = start === ""
      ? []
      : this.#options.commands.filter((it) => it.startsWith(start));
    // A paste can end with a Tab, and what is read of a longer one as well.
    if (hits.length === 0 && this.#keys > 1) return;
    this.#readline?.write(null, { name: "backspace" });
    const [hit = ""] = hits;
    if (hits.length === 1) this.insert(hit.slice(start.length));
    if (hits.length > 1) this.#options.offered(hits);
  }
}
