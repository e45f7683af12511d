import { assert, assertEquals } from "@std/assert";
import { prefixOf, utteranceOf } from "../../lib/room/lines.ts";
import { escapeUnsafe } from "../../lib/text/safe_text.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

const PREFIX = prefixOf("ann");
const KIB = 1024;

/** What it says, and how often something else may be done before that. */
function utter(
  content: Uint8Array,
  most = Infinity,
): { text: string | null; turns: number } {
  const making = utteranceOf(PREFIX, content, most);
  for (let turns = 0;; turns++) {
    const { done, value } = making.next();
    if (!done) continue;
    return { text: value && new TextDecoder().decode(value), turns };
  }
}

Deno.test(
  "utteranceOf() says in slices what it would say at once",
  PURE,
  () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = new Random(seed);
    const kinds = ["a", "\x01", "中", "😀", "\u202e", "é"].map((text) =>
      new TextEncoder().encode(text)
    );
    const broken = [0x80, 0xc3, 0xe4, 0xf0, 0xff];
    for (let round = 0; round < 20; round++) {
      const bytes: number[] = [];
      const bound = 1 + random.below(100 * KIB);
      while (bytes.length < bound) {
        if (random.below(4) === 0) bytes.push(random.of(broken));
        else bytes.push(...random.of(kinds));
      }
      const content = Uint8Array.from(bytes);
      const text = escapeUnsafe(new TextDecoder().decode(content));
      const { text: said } = utter(content);
      assert(said === `ann: ${text}\n`, `seed ${seed}, round ${round}`);
    }
  },
);

Deno.test(
  "utteranceOf() looks at no more than it takes, and at little at once",
  PURE,
  () => {
    const content = new Uint8Array(KIB * KIB).fill(1);
    const { text, turns } = utter(content);
    assertEquals(text?.length, 4 * content.length + PREFIX.length + 1);
    assert(turns >= 50, `${turns} turns`);
    const { text: tooLong, turns: few } = utter(content, KIB * KIB);
    assertEquals(tooLong, null);
    assert(few <= turns / 2, `${few} turns`);
    const short = new TextEncoder().encode("a");
    assertEquals(utter(short, 7), { text: "ann: a\n", turns: 0 });
    assertEquals(utter(short, 6), { text: null, turns: 0 });
  },
);
