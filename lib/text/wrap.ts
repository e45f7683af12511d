/**
 * How wide text is, and lines broken into the rows of a terminal.
 *
 * @module
 */

/** How far the stops of the tab are from each other. */
export const TAB_COLUMNS = 8;
/** Before each row of a line but the first, so that none looks like a line. */
const INDENT = "  ";
/** The most columns that a character takes. */
const MOST_COLUMNS = 2;
const EMOJI_STYLE = "\ufe0f";
const ASCII = /^[ -~]*$/;
/** Otherwise the terminal begins a row where it thinks that one is full. */
export const AUTOWRAP_OFF = "\x1b[?7l";
export const AUTOWRAP_ON = "\x1b[?7h";
/** Between lines, and what takes no room: a colour, the bell. */
const BETWEEN = /(\n|\p{Cc}(?:\[[\d;]*m)?)/u;

/** East Asian wide and full-width characters, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u3247\u3250-\u4dbf\u4e00-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
const FLAG_LETTER = /[\u{1f1e6}-\u{1f1ff}]/u;
/** Marks on the character before, and what is not seen. */
const ZERO_WIDTH = /^(?!\xad)[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;

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

/** At least what a terminal takes for it: what is past the margin is unseen. */
export function widthOfGrapheme(grapheme: string): number {
  const width = textWidth(grapheme);
  return width === 1 && grapheme.includes(EMOJI_STYLE) ? 2 : width;
}

/** What is before a row that is not a line's first; nothing on a tiny screen. */
export function indentOf(columns: number): string {
  return columns < INDENT.length + MOST_COLUMNS ? "" : INDENT;
}

/** Lines as rows, which a terminal neither breaks nor joins. */
export interface Wrapped {
  readonly text: string;
  /** How many columns of the last row are taken. */
  readonly column: number;
}

/**
 * Breaks each line that is longer than a row. All rows of it but the first are
 * indented, so that they are known for what they are whatever they hold. The
 * text may hold colours; `column` is where it begins.
 */
export function wrap(text: string, columns: number, column = 0): Wrapped {
  const indent = indentOf(columns);
  /** Where what is shown of a row begins. */
  let start = 0;
  let rows = "";
  let graphemes: Intl.Segmenter | undefined;
  const add = (shown: string, width: number): void => {
    if (column + width > columns && column > start) {
      rows += `\n${indent}`;
      column = start = indent.length;
    }
    rows += shown;
    column += width;
  };
  /** As much as fits, and the rest in whole rows: that is quicker. */
  const addPlain = (shown: string): void => {
    for (let from = 0; from < shown.length;) {
      const free = columns - (column < columns ? column : indent.length);
      const part = shown.slice(from, from + free);
      add(part, part.length);
      from += part.length;
    }
  };
  for (const [index, piece] of text.split(BETWEEN).entries()) {
    if (index % 2 === 1) {
      rows += piece;
      if (piece === "\n") column = start = 0;
      continue;
    }
    if (ASCII.test(piece)) {
      addPlain(piece);
    } else {
      // Made where it is needed: the first one takes longer than a whole start.
      graphemes ??= new Intl.Segmenter();
      for (const { segment } of graphemes.segment(piece)) {
        add(segment, widthOfGrapheme(segment));
      }
    }
  }
  // A terminal may take what is not ASCII for wider than it is taken for here.
  return { text: graphemes ? AUTOWRAP_OFF + rows + AUTOWRAP_ON : rows, column };
}
