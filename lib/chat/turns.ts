/**
 * Turns in a conversation.
 *
 * @module
 */
import type { Side } from "./endpoint.ts";

/** Whose turn it is, where both sides speak in turn. */
export class Turns {
  #next: Side | "both";
  readonly #waiting: (() => void)[] = [];

  /** Without a `first` both speak at any time. */
  constructor(first?: Side) {
    this.#next = first ?? "both";
  }

  /** Whether both may speak at any time. */
  get areOpen(): boolean {
    return this.#next === "both";
  }

  /** Settles when it is that side's turn. */
  async wait(side: Side): Promise<void> {
    while (this.#next !== side && !this.areOpen) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Gives the turn to the other side. */
  pass(): void {
    if (!this.areOpen) this.#give(this.#next === "local" ? "remote" : "local");
  }

  /** From now on both speak at any time. */
  open(): void {
    this.#give("both");
  }

  #give(next: Side | "both"): void {
    this.#next = next;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
