/**
 * A line that shows how far the sending of a pipe or file has come.
 *
 * @module
 */
import { format as formatBytes } from "@std/fmt/bytes";
import { format as formatDuration } from "@std/fmt/duration";
import type { Say } from "../text/phrases.ts";
import { widthOf } from "../text/wrap.ts";
import type { Drawn, Line, Screen, ScreenSize } from "./screen.ts";

const STANDARD_INPUT = 0;
/** A transfer that is over by then shows nothing. */
const FIRST_DRAW_MS = 500;
const REDRAW_MS = 100;
/** How often the line is drawn while nothing is sent, so that the rate falls. */
const IDLE_REDRAW_MS = 500;
/** The rate is that of the last so many milliseconds. */
const RATE_WINDOW_MS = 3000;

/**
 * Shows the bytes sent and their rate and, where the size is known, the percent
 * and the time left, in one line of standard error, which gives way on its
 * screen. Nothing is shown in the first half second. Once bytes were sent,
 * `done` must be called: until then a timer runs.
 */
export class Progress implements Line {
  readonly output = Deno.stderr;
  readonly #say: Say;
  readonly #total: number | undefined;
  readonly #screen: Pick<Screen, "show" | "draw">;
  readonly #now: () => number;
  #bytes = 0;
  /** What the line says; empty while there is nothing to see. */
  #text = "";
  /** When the line may be drawn next. */
  #due = -Infinity;
  /** What was sent by when, within the window, oldest first. */
  #samples: { readonly time: number; readonly bytes: number }[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * `total` is how many bytes there are to send, where that is known; `now` a
   * clock that never goes back, in milliseconds.
   */
  constructor(
    say: Say,
    total: number | undefined,
    screen: Pick<Screen, "show" | "draw">,
    now = (): number => performance.now(),
  ) {
    this.#say = say;
    this.#total = total;
    this.#screen = screen;
    this.#now = now;
    screen.show(this);
  }

  /** Counts the bytes of a block that was sent. */
  sent(bytes: number): void {
    this.#bytes += bytes;
    const time = this.#now();
    if (time < this.#due) return;
    const isFirst = this.#samples.length === 0;
    this.#due = time + (isFirst ? FIRST_DRAW_MS : REDRAW_MS);
    if (isFirst) {
      this.#timer = setInterval(() => this.sent(0), IDLE_REDRAW_MS);
    }
    // One that is older is kept, for the window to be full.
    const start = time - RATE_WINDOW_MS;
    while ((this.#samples[1]?.time ?? Infinity) <= start) this.#samples.shift();
    this.#samples.push({ time, bytes: this.#bytes });
    const [first] = this.#samples;
    if (isFirst || !first) return;
    const seconds = (time - first.time) / 1000;
    this.#text = this.#describe((this.#bytes - first.bytes) / seconds);
    this.#screen.draw();
  }

  /** What fits of the line, in one row. */
  draw({ columns }: ScreenSize): Drawn | undefined {
    if (this.#text === "") return undefined;
    let text = "";
    // In the last column some terminals go to the next line at once.
    let left = columns - 1;
    for (const character of this.#text) {
      left -= widthOf(character);
      if (left < 0) break;
      text += character;
    }
    // What is typed meanwhile is shown in the same row.
    return { text: `\r${text}\x1b[K`, cursorRow: () => 0 };
  }

  /** Takes the line off the screen for good. May be called twice. */
  done(): void {
    clearInterval(this.#timer);
    this.#due = Infinity;
    this.#screen.show(undefined);
  }

  #describe(bytesPerSecond: number): string {
    const [say, total] = [this.#say, this.#total];
    const bytes = formatBytes(this.#bytes);
    const rate = formatBytes(Math.round(bytesPerSecond));
    // A file can grow while it is sent: then its size means nothing any more.
    if (total === undefined || this.#bytes > total) {
      return say("progress", { bytes, rate });
    }
    const part = {
      bytes,
      rate,
      total: formatBytes(total),
      percent: Math.floor(this.#bytes / total * 100),
    };
    const seconds = Math.ceil((total - this.#bytes) / bytesPerSecond);
    // Nothing is left, or nothing was sent for a while.
    if (!(seconds > 0 && seconds < Infinity)) {
      return say("progress of total", part);
    }
    const left = formatDuration(seconds * 1000, { ignoreZero: true });
    return say("progress with time left", { ...part, left });
  }
}

/**
 * The size in bytes of the file that standard input is, needing no permission;
 * undefined for a pipe, a terminal, a device, and a file without a size of its
 * own. What was read of the file before this program got it is part of the
 * size: asking for the place in the file would take all permissions.
 */
export function inputSize(): number | undefined {
  try {
    // Imported above, it would cost every start a third more.
    const { fstatSync } = globalThis.process.getBuiltinModule("node:fs");
    const information = fstatSync(STANDARD_INPUT);
    return information.isFile() && information.size || undefined;
  } catch {
    // Not every system tells of every kind of standard input.
    return undefined;
  }
}
