/**
 * Faults that a person is told of.
 *
 * @module
 */
import type { Sentence } from "./phrases.ts";

/** Thrown where it is known what the person is to be told. */
export class Failure extends Error {
  override readonly name: string = "Failure";
  /** What went wrong and what to do; it becomes text where it is shown. */
  readonly sentence: Sentence;

  constructor(sentence: Sentence, options?: ErrorOptions) {
    super(`Cannot go on: ${sentence.phrase}`, options);
    this.sentence = sentence;
  }
}

/** The system's words for what was thrown. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A signal that ends the conversation: why the program was aborted. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  readonly signal: keyof typeof SIGNAL_STATUS;

  constructor(signal: keyof typeof SIGNAL_STATUS) {
    super(`Interrupted by ${signal}`);
    this.signal = signal;
  }

  /** The exit status that it leads to. */
  get status(): number {
    return SIGNAL_STATUS[this.signal];
  }
}

/** Whether a terminal was closed while it was read: `EIO`, termios(3). */
export function isTerminalGone(fault: unknown): boolean {
  return fault instanceof Error && "code" in fault && fault.code === "EIO";
}
