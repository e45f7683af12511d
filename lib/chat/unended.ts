/**
 * Bytes that wait for their line ending, which may never come.
 *
 * @module
 */
import { sequenceLength } from "../wire/framing.ts";
import { Alarm, within } from "./waiting.ts";

/** How long bytes may wait for their line ending before that is given up. */
export const LINE_ENDING_WAIT_MS = 1000;
/** The same for a peer that ended all its lines: a rest is just held up. */
const HELD_UP_WAIT_MS = 10_000;
/** The same for a peer that is known to send none. */
const NO_LINE_ENDING_WAIT_MS = 50;
/** Someone who types quickly may have pressed so many keys for one read. */
const KEYS_AT_ONCE = 2;

/** How long the line endings of one peer are waited for. */
export class Unended {
  readonly #tell: () => void;
  readonly #takes: boolean;
  /** Tells, where nothing is taken: cheaper than a timer for each read. */
  #alarm: Alarm | undefined;
  #wait = LINE_ENDING_WAIT_MS;
  #hasTaken = false;
  #isTyped = false;

  /**
   * `tell` is called when an ending does not come. Only where it `takes` them
   * are bytes ever due without it.
   */
  constructor(tell: () => void, takes: boolean) {
    this.#tell = tell;
    this.#takes = takes;
  }

  /**
   * Whether the bytes that are held are to be taken as a line, because `reading`
   * brings nothing more for a while. Never for those that someone types.
   */
  async isDue(reading: Promise<unknown>): Promise<boolean> {
    const isKnown = this.#wait === NO_LINE_ENDING_WAIT_MS;
    if (this.#isTyped && !isKnown) return false;
    if (!this.#takes) {
      (this.#alarm ??= new Alarm(LINE_ENDING_WAIT_MS, this.#tell)).run();
      return false;
    }
    const over = reading.then(() => true, () => true);
    if (await within(this.#wait, over)) return false;
    this.#tell();
    this.#wait = NO_LINE_ENDING_WAIT_MS;
    this.#hasTaken = true;
    return true;
  }

  /** A read brought these bytes, with a line ending or without. */
  came(bytes: Uint8Array, hasEnding: boolean): void {
    const { length } = bytes;
    // A key is a character; one that goes on typing may press two at once.
    const isKey = length === sequenceLength(bytes[0] ?? 0) ||
      this.#isTyped && length <= KEYS_AT_ONCE;
    this.#isTyped = !hasEnding && isKey;
    if (!hasEnding) return;
    this.#alarm?.reset();
    // It does send line endings: what waited may just have been held up.
    this.#wait = this.#hasTaken ? LINE_ENDING_WAIT_MS : HELD_UP_WAIT_MS;
  }

  /** A read has come to its end: what follows from it isn't known yet. */
  hold(): void {
    this.#alarm?.hold();
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.#alarm?.stop();
  }
}
