/**
 * A terminal's screen with one line that gives way to all that is shown.
 *
 * @module
 */
import { Alarm } from "../chat/waiting.ts";
import { CLOSING_WAIT_MS } from "../chat/closing.ts";
import { wrap } from "../text/wrap.ts";

/** Something to write to; `Deno.stdout` and `Deno.stderr` fit. */
export interface Output {
  /** Takes some of the bytes; settles with how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** A size of a screen, in characters of single width. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** What a line looks like on a screen. */
export interface Drawn {
  /** What draws it from the start of a row on, and leaves the cursor in it. */
  readonly text: string;
  /** How many rows the cursor is below the first, on a screen of that width. */
  cursorRow(columns: number): number;
}

/** The line that gives way; `draw` gives nothing where none is to be seen. */
export interface Line {
  readonly output: Output;
  draw(size: ScreenSize): Drawn | undefined;
}

/** The terminal of a screen. */
export interface ScreenTerminal {
  /** The size at the moment. */
  size(): ScreenSize;
  /** Lets each key be read at once and unshown, or whole lines. May throw. */
  setRaw(mode: boolean): void;
}

/** That of a terminal that does not tell. */
const DEFAULT_SIZE: ScreenSize = { columns: 80, rows: 24 };
/** How long a terminal is waited for at the end when that is asked for twice. */
const SHORT_WAIT_MS = 100;
/**
 * How much that nobody waits for may be pending, in UTF-16 units: warnings, and
 * lines that are entered. More than anyone pastes at once.
 */
export const UNAWAITED_LENGTH = 16 * 1024 * 1024;
/** How long after a write elsewhere a line is drawn again, in milliseconds. */
const RETURN_MS = 50;
/** The most of one write, in bytes: a slow terminal takes it within the wait. */
const WRITE_BYTES = 16 * 1024;
/**
 * From the start of a row on. At the top of the screen tmux would keep what is
 * cleared, as lines that have scrolled away, so it isn't cleared from there.
 */
const CLEAR_BELOW = "\r\x1b[C\x1b[J\r\x1b[K";
const CLEAR_SCREEN = "\x1b[H\x1b[2J";

/** What goes out together; settles when it is written. */
interface Batch extends PromiseWithResolvers<void> {
  readonly output: Output;
  text: string;
}

/**
 * Writes lines in the order in which they are given, one write after the other;
 * what is pending for one output goes out together. A line that is longer than
 * a row is broken here, so that no row of it looks like another line. The line
 * that gives way is drawn again once all is written. A terminal that takes
 * nothing for a while stops nothing else.
 */
export class Screen {
  readonly #terminal: ScreenTerminal;
  #line: Line | undefined;
  /** How the line was drawn, while it is on the screen. */
  #drawn: Drawn | undefined;
  /** Runs while the line gives way to what is written elsewhere. */
  #returning: ReturnType<typeof setTimeout> | undefined;
  /** What is on the screen is not what it should be. */
  #isStale = false;
  /** The mode that is to be set. */
  #mode: boolean | undefined;
  readonly #queue: Batch[] = [];
  #writing: Batch | undefined;
  #unawaited = 0;
  /** How many columns are taken by a line that is not ended yet. */
  #column = 0;
  /** Settles when nothing is pending; absent when nothing is. */
  #idle: PromiseWithResolvers<void> | undefined;
  /** Present once all is to end. */
  #alarm: Alarm | undefined;
  /** Whether the alarm is set back when something is taken. */
  #isPatient = true;
  /** Why nothing is written any more, once the terminal was given up. */
  #fault: Error | undefined;

  constructor(
    terminal: ScreenTerminal = {
      size: screenSize,
      setRaw: (mode) => Deno.stdin.setRaw(mode),
    },
  ) {
    this.#terminal = terminal;
  }

  /**
   * Takes another line, or none, in place of the one that gave way until now.
   * It is seen once `draw` is called or something is printed. What takes the
   * old one away is pending when this returns: `flush` waits for it.
   */
  show(line: Line | undefined): void {
    this.#hide();
    clearTimeout(this.#returning);
    this.#returning = undefined;
    this.#line = line;
    // What was to be drawn once all is written was the line before.
    this.#isStale = false;
  }

  /** Draws the line as it is now, at once or when all is written. */
  draw(): void {
    this.#isStale = this.#idle !== undefined;
    if (this.#isStale || this.#line === undefined || this.#returning) return;
    const drawn = this.#line.draw(this.#terminal.size());
    // In one write with what takes the old one away, so that nothing flickers.
    this.#hide();
    this.#drawn = drawn;
    if (drawn) this.control(drawn.text, this.#line.output);
  }

  /**
   * Shows lines where the line is, which gives way; settles when they are
   * written. The last need not be ended where there is no line that gives way.
   *
   * @throws what the output throws, or when the terminal was given up.
   */
  print(lines: string, output: Output): Promise<void> {
    this.#hide();
    const { columns } = this.#terminal.size();
    const { text, column } = wrap(lines, columns, this.#column);
    this.#column = column;
    const written = this.#write(output, text);
    this.draw();
    return written;
  }

  /**
   * The same for text that nobody waits for, faults included. It is left out
   * while {@linkcode UNAWAITED_LENGTH} of such text is pending.
   */
  put(text: string, output: Output): void {
    if (this.#unawaited >= UNAWAITED_LENGTH) return;
    this.#unawaited += text.length;
    const settled = (): void => void (this.#unawaited -= text.length);
    this.print(text, output).then(settled, settled);
  }

  /**
   * Takes the line away before something is written that may come to the same
   * terminal by another way, such as through `| tee`. It is drawn again when
   * this was not called for a moment. Settles when it is gone.
   */
  async giveWay(): Promise<void> {
    if (this.#line === undefined) return;
    clearTimeout(this.#returning);
    this.#hide();
    this.#returning = setTimeout(() => {
      this.#returning = undefined;
      this.draw();
    }, RETURN_MS);
    await this.flush();
  }

  /** Sends a terminal what is missed on none that is gone, such as a mode. */
  control(text: string, output: Output): void {
    this.#write(output, text).catch(() => {});
  }

  /** Takes all off the screen but the line. */
  clear(): void {
    this.#drawn = undefined;
    if (this.#line) this.control(CLEAR_SCREEN, this.#line.output);
    this.draw();
  }

  /**
   * Sets the terminal's mode, if any, between writes: a busy terminal would
   * first take all of them. A terminal that is gone is left as it is.
   */
  setRaw(mode: boolean | undefined): void {
    this.#mode = mode;
    if (this.#idle || mode === undefined) return;
    this.#mode = undefined;
    try {
      this.#terminal.setRaw(mode);
    } catch {
      // A terminal that is gone can't be left as it was found.
    }
  }

  /**
   * From now on a terminal is given up when it takes nothing for
   * `CLOSING_WAIT_MS`, or whatever it takes in {@linkcode SHORT_WAIT_MS}.
   */
  hurry(wait: "normal" | "short"): void {
    if (this.#alarm !== undefined && wait === "normal") return;
    this.#alarm?.stop();
    this.#isPatient = wait === "normal";
    const limit = this.#isPatient ? CLOSING_WAIT_MS : SHORT_WAIT_MS;
    this.#alarm = new Alarm(limit, () => this.#giveUp());
    if (this.#idle) this.#alarm.run();
  }

  /** Settles when all is written, or was given up. */
  async flush(): Promise<void> {
    if (!this.#fault) await this.#idle?.promise;
  }

  /** Takes the line off the screen until it is drawn again. */
  #hide(): void {
    if (this.#line === undefined || this.#drawn === undefined) return;
    const { columns, rows } = this.#terminal.size();
    const row = Math.min(this.#drawn.cursorRow(columns), rows - 1);
    this.#drawn = undefined;
    this.control(up(row) + CLEAR_BELOW, this.#line.output);
  }

  #write(output: Output, text: string): Promise<void> {
    if (this.#fault) return Promise.reject(this.#fault);
    let batch = this.#queue.at(-1);
    if (batch?.output !== output) {
      batch = { output, text: "", ...Promise.withResolvers<void>() };
      this.#queue.push(batch);
    }
    batch.text += text;
    if (this.#idle === undefined) this.#work();
    return batch.promise;
  }

  async #work(): Promise<void> {
    const idle = this.#idle = Promise.withResolvers();
    // What is given together goes out together.
    await Promise.resolve();
    this.#alarm?.run();
    while ((this.#writing = this.#queue.shift()) !== undefined) {
      const { resolve, reject } = this.#writing;
      await this.#writeAll(this.#writing).then(resolve, reject);
    }
    this.#alarm?.stop();
    this.#idle = undefined;
    this.setRaw(this.#mode);
    if (this.#isStale) this.draw();
    idle.resolve();
  }

  async #writeAll({ output, text }: Batch): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length && !this.#fault;) {
      done += await output.write(bytes.subarray(done, done + WRITE_BYTES));
      if (this.#isPatient) this.#alarm?.reset();
    }
  }

  #giveUp(): void {
    const fault = this.#fault = new Error("The terminal takes nothing");
    this.#writing?.reject(fault);
    for (const { reject } of this.#queue.splice(0)) reject(fault);
    this.#idle?.resolve();
  }
}

/** What moves the cursor up by some rows. */
export function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}

/** The size as it is now: a person may change it at any time. */
function screenSize(): ScreenSize {
  try {
    const { columns, rows } = Deno.consoleSize();
    // Some terminals say that they have none.
    return {
      columns: columns || DEFAULT_SIZE.columns,
      rows: rows || DEFAULT_SIZE.rows,
    };
  } catch {
    // Nobody looks at a terminal that is gone.
    return DEFAULT_SIZE;
  }
}
