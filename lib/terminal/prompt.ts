/**
 * A line editor at a terminal that other output does not disturb.
 *
 * @module
 */
import process from "node:process";
import { DrawnLine } from "./drawn_line.ts";
import { LineEditor } from "./line_editor.ts";
import { RawMode } from "./raw_mode.ts";
import { ScreenOutput } from "./screen_output.ts";
import { screenSize } from "./screen.ts";

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
  #label = "";
  readonly #screen = new ScreenOutput(() => this.#drained());
  readonly #drawn = new DrawnLine({
    write: (text) => this.#screen.put(Deno.stdout, text),
    size: screenSize,
  });
  readonly #rawMode = new RawMode(
    process.stdin,
    () => this.#screen.isPending,
  );
  readonly #editor: LineEditor;
  /** What stands on the screen is not what it should be. */
  #stale = false;
  /** Takes the next line in place of who asks for lines; it is not shown. */
  #secret: ((line: string | null) => void) | undefined;
  #wake = (): void => {};
  readonly #resized = (): void => this.#draw();
  readonly #continued = (): void => {
    // The shell that stopped it took the terminal back to its own mode.
    if (this.#editor.isOpen) process.stdin.setRawMode(true);
    this.#draw();
  };

  constructor(options: PromptOptions) {
    this.#options = options;
    this.#editor = new LineEditor({
      input: process.stdin,
      commands: options.commands,
      isSecret: () => this.#secret !== undefined,
      entered: (line) => this.#enter(line),
      left: () => {
        if (!this.#secret) options.take(null);
      },
      interrupted: () => options.interrupt(),
      hungUp: () => options.hungUp(),
      ended: () => this.#end(),
      changed: () => this.#draw(),
      cleared: () => this.clear(),
      offered: (commands) => this.#drawn.replace(`${commands.join("  ")}\n`),
    });
    process.stdout.on("resize", this.#resized);
    process.on("SIGCONT", this.#continued);
  }

  #enter(line: string): void {
    if (this.#secret) return this.#secret(line);
    const { entered, take, lineByLine } = this.#options;
    this.#drawn.replace(`${entered(line)}\n`);
    if (take(line)) return;
    this.#entered.push(line);
    if (lineByLine) this.#label = "";
    this.#wake();
  }

  /**
   * The next line without its ending; null when Ctrl-D was pressed on an
   * empty line, after which one can ask again, and once the terminal is gone
   * or the prompt is closed.
   */
  async next(): Promise<string | null> {
    if (this.#entered.length === 0 && !this.#editor.isClosed) {
      this.resume();
      this.#label = this.#options.label;
      this.#draw();
    }
    while (this.#entered.length === 0 && !this.#editor.isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#entered.shift() ?? null;
  }

  /** Lets lines be edited again after Ctrl-D, before one is asked for. */
  resume(): void {
    this.#editor.open();
  }

  /**
   * Asks for a line that is not shown, before any that is asked for already.
   * Null when Ctrl-D was pressed, or the prompt is closed.
   */
  secret(question: string): Promise<string | null> {
    if (!this.#editor.isOpen) return Promise.resolve(null);
    const label = this.#label;
    const halfTyped = this.#editor.line;
    this.#editor.clear();
    return new Promise((resolve) => {
      // All at once: the next line may stand in the same paste.
      this.#secret = (line) => {
        this.#secret = undefined;
        this.#label = label;
        if (line !== null) this.#editor.insert(halfTyped);
        this.#draw();
        resolve(line);
      };
      this.#label = question;
      this.#draw();
    });
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
    process.stdout.off("resize", this.#resized);
    process.off("SIGCONT", this.#continued);
    this.#editor.close();
  }

  #drained(): void {
    this.#rawMode.apply();
    if (this.#stale) this.#draw();
  }

  /** Nothing is edited any more. */
  #end(): void {
    this.#drawn.replace("");
    this.#secret?.(null);
    this.#entered.push(null);
    this.#wake();
  }

  #draw(): void {
    if (!this.#editor.isOpen) return;
    this.#stale = this.#screen.isPending;
    if (this.#stale) return;
    const { line, cursor: place } = this.#editor;
    const [text, cursor] = this.#secret ? ["", 0] : [line, place];
    this.#drawn.draw({ label: this.#label, text, cursor });
  }
}
