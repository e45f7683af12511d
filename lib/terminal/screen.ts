/**
 * The size of the screen of a terminal.
 *
 * @module
 */

/** A size of a screen, in characters of single width. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** That of a terminal that does not tell. */
const DEFAULT_SIZE: ScreenSize = { columns: 80, rows: 24 };

/** The size as it is now: a person may change it at any time. */
export function screenSize(): ScreenSize {
  try {
    const { columns, rows } = Deno.consoleSize();
    // Some terminals say that they have none.
    return {
      columns: columns || DEFAULT_SIZE.columns,
      rows: rows || DEFAULT_SIZE.rows,
    };
  } catch {
    // Nobody looks at a terminal that is gone.
    return DEFAULT_SIZE;
  }
}
