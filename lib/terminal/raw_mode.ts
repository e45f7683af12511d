/**
 * The raw mode of a terminal, which is set between writes.
 *
 * @module
 */

/** A terminal whose mode can be set; `process.stdin` fits. */
export interface RawTerminal {
  /** With true each key is read at once and not shown, else whole lines. */
  setRawMode(mode: boolean): RawTerminal;
}

/**
 * Puts off what anyone sets with the `setRawMode` of a terminal while that is
 * busy taking what is written: setting it would wait for all of that.
 */
export class RawMode {
  readonly #terminal: RawTerminal;
  readonly #setRawMode: RawTerminal["setRawMode"];
  /** The mode that was put off. */
  #next: boolean | undefined;

  constructor(terminal: RawTerminal, isBusy: () => boolean) {
    this.#terminal = terminal;
    this.#setRawMode = terminal.setRawMode;
    terminal.setRawMode = (mode) => {
      this.#next = mode;
      if (!isBusy()) this.apply();
      return terminal;
    };
  }

  /** Sets the mode that was put off last, if any. Never throws. */
  apply(): void {
    const mode = this.#next;
    this.#next = undefined;
    if (mode === undefined) return;
    try {
      this.#setRawMode.call(this.#terminal, mode);
    } catch {
      // A terminal that is gone can't be left as it was found.
    }
  }
}
