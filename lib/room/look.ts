/**
 * What a name looks like, so that nobody in a room is taken for another.
 *
 * @module
 */
import { MAX_NAME_CHARACTERS } from "../wire/names.ts";
import CONFUSABLE from "unhomoglyph/data" with { type: "json" };

/** Each character that looks like others, and these (UTS #39). */
const PROTOTYPES: Readonly<Record<string, string>> = CONFUSABLE;
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * What a name can be taken for, as it is and in lower case. Two names that
 * share a look are alike: they differ in case or width, or their skeletons
 * (UTS #39) are the same. A look is to be compared, never to be shown.
 */
export function looksOf(name: string): ReadonlySet<string> {
  const forms = [name.normalize("NFKC"), folded(name)];
  return new Set(forms.map((form) => folded(skeleton(form))));
}

/** The same for two names that differ only in case or width. */
export function folded(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** How many changes may lead from a name to the one that was meant. */
const MAX_CHANGES = 2;
/** And to how much of a short name, though at least to one character. */
const CHANGED_PART = 1 / 3;

/** The one of the names that is most like a misspelt one, if one is. */
export function nearest(
  name: string,
  names: readonly string[],
): string | undefined {
  const wanted = folded(name.slice(0, 2 * MAX_NAME_CHARACTERS));
  const part = Math.floor(wanted.length * CHANGED_PART);
  let least = Math.min(MAX_CHANGES, Math.max(1, part)) + 1;
  let found: string | undefined;
  for (const one of names) {
    const form = folded(one);
    const isBegun = form.startsWith(wanted);
    const changes = isBegun ? 1 : changesBetween(wanted, form);
    if (changes >= least) continue;
    least = changes;
    found = one;
  }
  return found;
}

/** How many characters to put in, leave out or change (Levenshtein). */
function changesBetween(one: string, other: string): number {
  const others = [...other];
  let row = [0, ...others.map((_, index) => index + 1)];
  for (const character of one) {
    const next = [(row[0] ?? 0) + 1];
    for (const [index, match] of others.entries()) {
      const changed = (row[index] ?? 0) + (character === match ? 0 : 1);
      const shorter = Math.min(row[index + 1] ?? 0, next[index] ?? 0) + 1;
      next.push(Math.min(changed, shorter));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function skeleton(text: string): string {
  const seen = text.normalize("NFD").replaceAll(UNSEEN, "");
  return Array.from(seen, (character) => PROTOTYPES[character] ?? character)
    .join("").normalize("NFD");
}
