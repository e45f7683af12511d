/**
 * Text on a terminal: safe there, whoever it comes from, and how wide it is.
 *
 * @module
 */

/**
 * What could act on a terminal, or show text in another order than it is
 * in: C0 but tab, DEL, C1, bidirectional overrides and isolates, line and
 * paragraph separators.
 */
const UNSAFE = /(?!\t)[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

/** The text with everything unsafe on a terminal as a visible escape. */
export function escapeUnsafe(text: string): string {
  return text.replaceAll(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code <= 0xff
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16)}`;
  });
}

/** What needs no quotes in a shell, nor in a list of paths. */
const PLAIN_PATH = /^[\p{L}\p{N}._/:+@%-]+$/u;

/**
 * The flag that allows to use a path, as it can be typed: for all paths where
 * this one would need quotes.
 */
export function pathFlag(access: "read" | "write", path: string): string {
  const flag = `--allow-${access}`;
  return PLAIN_PATH.test(path) ? `${flag}=${path}` : flag;
}

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
