/**
 * A line that shows how far the sending of a pipe or file has come.
 *
 * @module
 */
import { format as formatBytes } from "@std/fmt/bytes";
import { format as formatDuration } from "@std/fmt/duration";
import type { Say } from "../text/phrases.ts";
import { widthOf } from "../text/width.ts";

/** A transfer that is over by then shows nothing. */
const FIRST_DRAW_MS = 500;
const REDRAW_MS = 100;
/** How often the line is drawn while nothing is sent, so that the rate falls. */
const IDLE_REDRAW_MS = 500;
/** The rate is that of the last so many milliseconds. */
const RATE_WINDOW_MS = 3000;
const ERASE_TO_END_OF_LINE = "\x1b[K";

/** What a progress line is made with. */
export interface ProgressOptions {
  say: Say;
  /** Puts text on the terminal as it is; must not throw. */
  write(text: string): void;
  /** A clock that never goes back, in milliseconds. */
  now(): number;
  /** How many columns the terminal has at the moment. */
  columns(): number;
  /** How many bytes there are to send, more than 0, where that is known. */
  total?: number | undefined;
}

/** How much was sent by when. */
interface Sample {
  readonly time: number;
  readonly bytes: number;
}

/**
 * Shows the bytes sent and their rate and, where the size is known, the percent
 * and the time left, in one line at the cursor, which must stand at the start
 * of a line. Nothing is shown in the first half second. Once bytes were sent,
 * `done` must be called: until then a timer runs.
 */
export class Progress {
  readonly #options: ProgressOptions;
  #bytes = 0;
  /** When the line may be drawn next. */
  #due = -Infinity;
  /** Within the window, oldest first, one for each time it was drawn. */
  #samples: Sample[] = [];
  #text = "";
  #hidden = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Counts the bytes of a block that was sent. */
  sent(bytes: number): void {
    this.#bytes += bytes;
    if (this.#options.now() >= this.#due) this.#advance();
  }

  /** Lets `write` put whole lines on the screen where the line stands. */
  around(write: () => void): void {
    this.hide();
    try {
      write();
    } finally {
      this.show();
    }
  }

  /** Takes the line off the screen until `show` is called. */
  hide(): void {
    if (!this.#hidden) this.#erase();
    this.#hidden = true;
  }

  /** Lets the line be shown again after `hide`. */
  show(): void {
    this.#hidden = false;
    this.#draw();
  }

  /** Takes the line off the screen for good. May be called twice. */
  done(): void {
    clearInterval(this.#timer);
    if (!this.#hidden) this.#erase();
    this.#text = "";
    this.#due = Infinity;
  }

  #advance(): void {
    const time = this.#options.now();
    const sample = { time, bytes: this.#bytes };
    if (this.#samples.length === 0) {
      this.#samples.push(sample);
      this.#due = time + FIRST_DRAW_MS;
      this.#timer = setInterval(() => this.sent(0), IDLE_REDRAW_MS);
      return;
    }
    this.#due = time + REDRAW_MS;
    this.#text = this.#describe(this.#rateUntil(sample));
    this.#draw();
  }

  /** Bytes a second. */
  #rateUntil(sample: Sample): number {
    const start = sample.time - RATE_WINDOW_MS;
    // One that is older is kept, for the window to be full.
    while ((this.#samples[1]?.time ?? Infinity) <= start) this.#samples.shift();
    const [first = sample] = this.#samples;
    this.#samples.push(sample);
    return (sample.bytes - first.bytes) * 1000 / (sample.time - first.time);
  }

  #describe(bytesPerSecond: number): string {
    const { say, total } = this.#options;
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
    if (bytesPerSecond <= 0) return say("progress of total", part);
    const seconds = Math.ceil((total - this.#bytes) / bytesPerSecond);
    if (seconds === 0) return say("progress of total", part);
    const left = formatDuration(seconds * 1000, { ignoreZero: true });
    return say("progress with time left", { ...part, left });
  }

  #draw(): void {
    if (this.#text === "" || this.#hidden) return;
    // In the last column some terminals go to the next line at once.
    const text = cut(this.#text, this.#options.columns() - 1);
    this.#options.write(`\r${text}${ERASE_TO_END_OF_LINE}`);
  }

  #erase(): void {
    if (this.#text !== "") this.#options.write(`\r${ERASE_TO_END_OF_LINE}`);
  }
}

/** The start of the text that fits into so many columns. */
function cut(text: string, columns: number): string {
  let fitting = "";
  let width = 0;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) break;
    fitting += character;
  }
  return fitting;
}
