/**
 * Text that is safe on a terminal, whoever it comes from.
 *
 * @module
 */

/**
 * What could act on a terminal, or make text read in another order than it
 * stands: C0 but tab, DEL, C1, bidirectional overrides and isolates, line and
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
