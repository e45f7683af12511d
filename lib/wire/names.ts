/**
 * The rules of a name: what one may look like.
 *
 * @module
 */

/** How many visible characters a name may have, and how many marks. */
export const MAX_NAME_CHARACTERS = 32;
/** How many code points: an emoji may have several. */
const MAX_NAME_CODE_POINTS = 4 * MAX_NAME_CHARACTERS;

/** Why a text is no name; each is the name of a phrase. */
export type NameProblem = "name empty" | "name too long" | "name characters";

/**
 * What a name may hold: emoji (UTS #51), letters, marks, numbers, four signs.
 * What is ignored by default is not seen, so it is in an emoji or nowhere.
 */
const ALLOWED = new RegExp(
  [
    String.raw`EMOJI(?:\u200dEMOJI)*`.replaceAll(
      "EMOJI",
      String.raw`[\p{Emoji}--[\p{P}\p{N}]](?:\p{EMod}|\ufe0f)?`,
    ),
    // The flags of regions, and keys with a number on them.
    String.raw`(?<=\u{1f3f4})[\u{e0030}-\u{e007a}]+\u{e007f}`,
    String.raw`[0-9]\ufe0f\u20e3`,
    String.raw`[[\p{L}\p{M}\p{N}\-_.']--\p{Default_Ignorable_Code_Point}]`,
  ].join("|"),
  "gv",
);
/**
 * More marks than a syllable of any script has; or one without its letter,
 * which would be drawn on what is before the name.
 */
const STRAY_MARKS = /^\p{M}|\p{M}{5}/u;
const MARK = /\p{M}/gu;

/** Why the text can't be a name, or null when it can. */
export function nameProblem(text: string): NameProblem | null {
  if (text === "") return "name empty";
  if (isTooLong(text)) return "name too long";
  const isGood = text.replaceAll(ALLOWED, "") === "" &&
    !STRAY_MARKS.test(text) &&
    (text.match(MARK)?.length ?? 0) <= MAX_NAME_CHARACTERS;
  return isGood ? null : "name characters";
}

const GUEST = /^guest-([1-9][0-9]*)$/;

/** What a room calls one that has no name. */
export function guestName(number: number): string {
  return `guest-${number}`;
}

/** The number of such a name; undefined for another name. */
export function guestNumber(name: string): number | undefined {
  const [, digits] = GUEST.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function isTooLong(text: string): boolean {
  if (text.length <= MAX_NAME_CHARACTERS) return false;
  // The most UTF-16 units that the code points allowed can have.
  if (text.length > 2 * MAX_NAME_CODE_POINTS) return true;
  if ([...text].length > MAX_NAME_CODE_POINTS) return true;
  const characters = new Intl.Segmenter().segment(text);
  return [...characters].length > MAX_NAME_CHARACTERS;
}
