/**
 * What a name looks like, so that nobody in a room is taken for another.
 *
 * @module
 */
import CONFUSABLE from "unhomoglyph/data" with { type: "json" };
import { folded } from "../text/name_look.ts";

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

function skeleton(text: string): string {
  const seen = text.normalize("NFD").replaceAll(UNSEEN, "");
  return Array.from(seen, (character) => PROTOTYPES[character] ?? character)
    .join("").normalize("NFD");
}
