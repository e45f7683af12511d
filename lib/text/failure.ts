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
