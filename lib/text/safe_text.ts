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
