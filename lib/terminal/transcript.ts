/**
 * A conversation as lines of a file that is safe to show on a terminal.
 *
 * @module
 */
import { escapeUnsafe } from "../text/safe_text.ts";

/** Received, sent, or about the conversation. */
export type Direction = "<" | ">" | "*";

/** Where a transcript goes; should append what it is given in one piece. */
export interface TranscriptSink {
  /** Returns how many of the bytes it took; throws when it can't take any. */
  write(bytes: Uint8Array): number;
  close(): void;
}

/** Writes down what is said as it is said: nothing is kept back. */
export class Transcript {
  readonly #now: () => Date;
  readonly #fault: (error: unknown) => void;
  readonly #encoder = new TextEncoder();
  #sink: TranscriptSink | undefined;

  /**
   * `fault` is called once, with what the sink threw, when it can't be written
   * any more; from then on nothing is recorded.
   */
  constructor(
    sink: TranscriptSink,
    now: () => Date,
    fault: (error: unknown) => void,
  ) {
    this.#sink = sink;
    this.#now = now;
    this.#fault = fault;
  }

  /**
   * Writes texts as a line each, all in one piece: the time (ISO 8601, UTC),
   * the direction, the name unless it is empty, the text. Never throws; does
   * nothing after `close`.
   */
  record(direction: Direction, name: string, texts: Iterable<string>): void {
    if (this.#sink === undefined) return;
    const label = name === "" ? "" : `${escapeUnsafe(name)}: `;
    const start = `${this.#now().toISOString()} ${direction} ${label}`;
    let lines = "";
    for (const text of texts) lines += `${start}${escapeUnsafe(text)}\n`;
    try {
      writeAll(this.#sink, this.#encoder.encode(lines));
    } catch (error) {
      this.close();
      this.#fault(error);
    }
  }

  /** Closes the sink. May be called twice. */
  close(): void {
    this.#sink?.close();
    this.#sink = undefined;
  }
}

function writeAll(sink: TranscriptSink, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    const count = sink.write(bytes.subarray(done));
    if (count === 0) throw new Error("Nothing could be written");
    done += count;
  }
}
