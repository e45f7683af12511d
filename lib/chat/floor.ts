/**
 * Turns in a conversation.
 *
 * @module
 */
import type { Side } from "./endpoint.ts";

/** Who may speak, when both speak in turn. */
export class Floor {
  #holder: Side | "both";
  readonly #waiting: (() => void)[] = [];

  /** Without a `first` both speak at any time. */
  constructor(first: Side | undefined) {
    this.#holder = first ?? "both";
  }

  /** Whether both may speak at any time. */
  get isOpen(): boolean {
    return this.#holder === "both";
  }

  /** Settles when it is that side's turn. */
  async wait(side: Side): Promise<void> {
    while (this.#holder !== side && !this.isOpen) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Gives the turn to the other side. */
  pass(): void {
    if (this.#holder === "both") return;
    this.#change(this.#holder === "local" ? "remote" : "local");
  }

  /** From now on nobody waits for a turn. */
  open(): void {
    this.#change("both");
  }

  #change(holder: Side | "both"): void {
    this.#holder = holder;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
