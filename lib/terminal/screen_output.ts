/**
 * What a terminal shows where lines are edited, written so that a terminal
 * that takes nothing for a while stops nothing else.
 *
 * @module
 */
import { Alarm } from "../chat/waiting.ts";
import { CLOSING_WAIT_MS } from "../chat/converse.ts";
import type { Output } from "./output.ts";

/** How long one who asks twice waits at the end; a terminal needs less. */
const SHORT_WAIT_MS = 100;
/**
 * How much that nobody waits for may be pending, in UTF-16 units, before the
 * next of it is left out: warnings, and lines that are entered. More than
 * anyone pastes, which comes faster than a terminal shows it.
 */
export const UNAWAITED_LENGTH = 16 * 1024 * 1024;
/** The most of one write, in bytes: a slow terminal takes it within the wait. */
const WRITE_BYTES = 16 * 1024;

/** What goes out together. */
interface Batch {
  readonly output: Output;
  text: string;
  readonly written: PromiseWithResolvers<void>;
}

/**
 * Writes text in the order in which it is given, one write after the other;
 * what is pending for one output goes out together. Of what someone waits for
 * everything is kept, of all else at most {@linkcode UNAWAITED_LENGTH} and one
 * text more.
 */
export class ScreenOutput {
  readonly #drained: () => void;
  readonly #queue: Batch[] = [];
  #writing: Batch | undefined;
  #unawaited = 0;
  /** Settles when nothing is pending; absent when nothing is. */
  #idle: PromiseWithResolvers<void> | undefined;
  /** Present once it is to end. */
  #alarm: Alarm | undefined;
  /** Whether the alarm is set back when something is taken. */
  #isPatient = true;
  #givenUp = false;

  /** Calls `drained` each time that all has been written. */
  constructor(drained: () => void) {
    this.#drained = drained;
  }

  /** Whether not all has been written. */
  get isPending(): boolean {
    return this.#idle !== undefined;
  }

  /**
   * Settles when the text is written.
   *
   * @throws what the output throws, or when it was given up.
   */
  write(output: Output, text: string): Promise<void> {
    if (this.#givenUp) return Promise.reject(stalled());
    let batch = this.#queue.at(-1);
    if (batch?.output !== output) {
      batch = { output, text: "", written: Promise.withResolvers() };
      this.#queue.push(batch);
    }
    batch.text += text;
    if (this.#idle === undefined) this.#work();
    return batch.written.promise;
  }

  /** Writes text that nobody waits for, faults included. */
  put(output: Output, text: string): void {
    if (this.#unawaited >= UNAWAITED_LENGTH) return;
    this.#unawaited += text.length;
    const settled = (): void => void (this.#unawaited -= text.length);
    this.write(output, text).then(settled, settled);
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
    if (this.isPending) this.#alarm.run();
  }

  /** Settles when all is written, or was given up. */
  async flush(): Promise<void> {
    if (!this.#givenUp) await this.#idle?.promise;
  }

  async #work(): Promise<void> {
    const idle = this.#idle = Promise.withResolvers();
    // What is given together goes out together.
    await Promise.resolve();
    this.#alarm?.run();
    while ((this.#writing = this.#queue.shift()) !== undefined) {
      const { output, text, written } = this.#writing;
      await this.#writeAll(output, text)
        .then(written.resolve, written.reject);
    }
    this.#alarm?.stop();
    this.#idle = undefined;
    this.#drained();
    idle.resolve();
  }

  async #writeAll(output: Output, text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length && !this.#givenUp;) {
      done += await output.write(bytes.subarray(done, done + WRITE_BYTES));
      if (this.#isPatient) this.#alarm?.reset();
    }
  }

  #giveUp(): void {
    this.#givenUp = true;
    this.#writing?.written.reject(stalled());
    for (const { written } of this.#queue.splice(0)) written.reject(stalled());
    this.#idle?.resolve();
  }
}

function stalled(): Error {
  return new Error("The terminal takes nothing");
}
