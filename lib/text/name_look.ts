/**
 * How a name is shown wherever it stands: in a colour of its own, the same for
 * all who look; and where in a text it is a word.
 *
 * @module
 */

/**
 * Colours of the 256 that terminals know (xterm). Each can be read on black and
 * on white: its contrast with either is at least four to one (WCAG 2).
 */
export const NAME_COLORS = [
  ...[130, 64, 28, 29, 30, 31, 27],
  ...[63, 98, 129, 164, 162, 161],
] as const;
/** The levels of red, green and blue in the cube that they are of. */
const LEVELS = [0, 95, 135, 175, 215, 255];
const CUBE_START = 16;
/** Of the hash FNV-1a with 32 bits. */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
/** What can stand beside a word of such letters: they know no spaces. */
const UNSPACED =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;
const EDGE = String.raw`[\p{L}\p{M}\p{N}_]`;

/**
 * What {@linkcode colorOfName} and {@linkcode wordPattern} work with, for a page
 * that does the same.
 */
export const NAME_LOOK = {
  basis: OFFSET_BASIS,
  prime: PRIME,
  colors: NAME_COLORS.map(cssColor),
  unspaced: UNSPACED.source,
  edge: EDGE,
} as const;

/** The same text for two names that differ only in case or width. */
export function folded(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** The number of a name's colour: see {@linkcode NAME_COLORS}. */
export function colorOfName(name: string): number {
  let hash = OFFSET_BASIS;
  for (const character of folded(name)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), PRIME) >>> 0;
  }
  return NAME_COLORS[hash % NAME_COLORS.length] ?? NAME_COLORS[0];
}

/** A colour of the 256 as a style sheet has it. */
export function cssColor(color: number): string {
  const place = color - CUBE_START;
  const parts = [Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6];
  return `rgb(${parts.map((part) => LEVELS[part]).join(" ")})`;
}

/** A pattern of all places where a name is a word of a text, in either case. */
export function wordPattern(name: string): RegExp {
  const word = name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const before = UNSPACED.test([...name][0] ?? "") ? "" : `(?<!${EDGE})`;
  const after = UNSPACED.test([...name].at(-1) ?? "") ? "" : `(?!${EDGE})`;
  return new RegExp(before + word + after, "giu");
}
