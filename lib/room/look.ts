/**
 * What a name looks like, so that nobody in a room is taken for another.
 *
 * @module
 */
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

function skeleton(text: string): string {
  const seen = text.normalize("NFD").replaceAll(UNSEEN, "");
  return Array.from(seen, (character) => PROTOTYPES[character] ?? character)
    .join("").normalize("NFD");
}
