/**
 * The rules of a name: what one may look like, and when two look alike.
 *
 * @module
 */

/** How many visible characters a name may have. */
export const MAX_NAME_CHARACTERS = 32;
/** How many code points: a character may carry marks, but not a tower of them. */
const MAX_NAME_CODE_POINTS = 4 * MAX_NAME_CHARACTERS;

/** Why a text is no name; each is the name of a phrase. */
export type NameProblem =
  | "name empty"
  | "name too long"
  | "name unprintable"
  | "name beginning"
  | "name colon"
  | "name spaces";

/**
 * What is not seen, or makes text read in another order than it is written:
 * controls, format characters, all that is ignored by default, line and
 * paragraph separators, the blank of Braille; and the sign for broken text.
 */
const UNPRINTABLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffd]/u;
/**
 * The colon and what looks like one (UTS #39), but for letters of living
 * scripts and signs on them.
 */
const COLON =
  /[:\u02d0\u02f8\u0589\u05c3\u0703\u0704\u16ec\u1803\u1809\u205a\u2236\ua789\ufe30]/u;
/** As notices and commands begin, look-alikes of the star included. */
const BEGINNING = /^[*/\u2217\u204e\u2044\u2215]/u;

/** Why the text can't be a name, or null when it can. */
export function nameProblem(text: string): NameProblem | null {
  if (text === "") return "name empty";
  // A full-width colon or star is one to the eye.
  const plain = text.normalize("NFKC");
  if (UNPRINTABLE.test(text)) return "name unprintable";
  if (plain.trim() !== plain) return "name spaces";
  // A mark without its letter would be drawn on what is before the name.
  if (/^\p{M}/u.test(plain)) return "name unprintable";
  if (BEGINNING.test(plain)) return "name beginning";
  // One look-alike is two full stops for NFKC.
  if (COLON.test(text + plain)) return "name colon";
  return isTooLong(text) ? "name too long" : null;
}

/** The same for two names that differ only in case, width or spacing. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC")
    .replaceAll(/\s+/gu, "");
}

function isTooLong(text: string): boolean {
  if (text.length <= MAX_NAME_CHARACTERS) return false;
  // The most UTF-16 units that the code points allowed can have.
  if (text.length > 2 * MAX_NAME_CODE_POINTS) return true;
  if ([...text].length > MAX_NAME_CODE_POINTS) return true;
  const characters = new Intl.Segmenter().segment(text);
  return [...characters].length > MAX_NAME_CHARACTERS;
}
