/**
 * The screen of a terminal: its size, and how much of it text takes.
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

/** East Asian wide and full-width characters, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u3247\u3250-\u4dbf\u4e00-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
const FLAG_LETTER = /[\u{1f1e6}-\u{1f1ff}]/u;
/** Marks on the character before, and what is not seen. */
const ZERO_WIDTH = /^(?!\xad)[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;

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

/** How many columns a character takes: 0, 1 or 2. */
export function widthOf(character: string): number {
  if (character >= " " && character <= "~") return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) && !FLAG_LETTER.test(character) ? 2 : 1;
}

/** How many columns a text takes that has no control characters. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}
