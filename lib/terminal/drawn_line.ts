/**
 * The edited line as it stands on a screen: drawn, drawn over, taken away.
 *
 * @module
 */
import { type EditedLine, LineView, up } from "./line_view.ts";
import type { ScreenSize } from "./screen.ts";

/**
 * From the start of a row on. At the top of the screen tmux would keep what is
 * cleared, as lines that have scrolled away, so it isn't cleared from there.
 */
const CLEAR_BELOW = "\x1b[C\x1b[J\r\x1b[K";
const CLEAR_SCREEN = "\x1b[H\x1b[2J";

/** What a drawn line needs of its terminal. */
export interface DrawnLineOptions {
  /** Writes on the terminal; may throw when that is gone. */
  write(text: string): void;
  /** The size of the screen at the moment. */
  size(): ScreenSize;
}

/**
 * Knows where on the screen the edited line stands, as long as others write
 * whole lines there, and only while it is taken off. Nothing throws.
 */
export class DrawnLine {
  readonly #options: DrawnLineOptions;
  /** What stands on the screen, the cursor in it. */
  #view: LineView | undefined;

  constructor(options: DrawnLineOptions) {
    this.#options = options;
  }

  /** Draws the line over what stands there, so that nothing flickers. */
  draw(line: EditedLine): void {
    if (line.label === "" && line.text === "") return this.replace("");
    const size = this.#options.size();
    const view = LineView.of(line, size);
    this.#put(this.#toStart() + view.draw(size.columns));
    this.#view = view;
  }

  /** Takes the line off the screen, and puts whole lines in its place. */
  replace(lines: string): void {
    const erasure = this.#view ? this.#toStart() + CLEAR_BELOW : "";
    this.#view = undefined;
    this.#put(erasure + lines);
  }

  /** Takes everything off the screen. */
  clearScreen(): void {
    this.#view = undefined;
    this.#put(CLEAR_SCREEN);
  }

  /** What moves the cursor to where the line begins. */
  #toStart(): string {
    if (this.#view === undefined) return "";
    const { columns, rows } = this.#options.size();
    return `${up(Math.min(this.#view.cursorRow(columns), rows - 1))}\r`;
  }

  #put(text: string): void {
    if (text === "") return;
    try {
      this.#options.write(text);
    } catch {
      // Who can't see the line that is edited will be told of the next message.
    }
  }
}
