/**
 * Counts lines of text, to prove that they are right.
 *
 * @module
 */

/** The time since it was made, and what is the same for all right answers. */
export class Tally {
  readonly #sample: number;
  readonly #kept: string[] = [];
  readonly #start = performance.now();
  #lines = 0;
  #characters = 0;

  /** Every `sample`-th line is looked at in full. */
  constructor(sample: number) {
    this.#sample = sample;
  }

  /** Counts a line, given without its ending. */
  add(line: string): void {
    this.#lines++;
    this.#characters += line.length;
    if (this.#lines % this.#sample === 0) this.#kept.push(`${line}\n`);
  }

  /** What it came to, as JSON. */
  async finish(): Promise<string> {
    const milliseconds = performance.now() - this.#start;
    const bytes = new TextEncoder().encode(this.#kept.join(""));
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return JSON.stringify({
      milliseconds,
      lines: this.#lines,
      characters: this.#characters,
      hash: sum.toHex(),
    });
  }
}
