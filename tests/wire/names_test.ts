import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  MAX_NAME_CHARACTERS,
  type NameProblem,
  nameProblem,
} from "../../lib/wire/names.ts";
import { PHRASES } from "../../lib/text/phrases.ts";
import { PURE } from "../kit/pure.ts";

const LONGEST = "字".repeat(MAX_NAME_CHARACTERS);
const GOOD_NAMES = [
  "a",
  "bob",
  "小明",
  "Zoë",
  "Zoe\u0308",
  "محمد",
  "राम",
  "김철수",
  "မြို့",
  "Nguyễn".normalize("NFD"),
  "O'Neil_jr.",
  "guest-1",
  "👍🏽",
  "👩🏽‍🚀",
  "❤️",
  "❤",
  "1️⃣",
  "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  "小明🎈",
  "-",
  LONGEST,
  "e\u0301".repeat(MAX_NAME_CHARACTERS),
];

const BAD_NAMES: readonly [name: string, problem: NameProblem][] = [
  ["", "name empty"],
  [" ", "name characters"],
  [" bob", "name characters"],
  ["bob ", "name characters"],
  ["bob\u00a0", "name characters"],
  ["\u3000bob", "name characters"],
  ["*", "name characters"],
  ["* bob has left", "name characters"],
  ["\uff0a bob", "name characters"],
  ["\u2217 bob", "name characters"],
  ["/who", "name characters"],
  ["\uff0fwho", "name characters"],
  ["bob:", "name characters"],
  ["bob: hello", "name characters"],
  ["bob\uff1a hello", "name characters"],
  ["bob\u2236 hello", "name characters"],
  ["bob\ufe55", "name characters"],
  ["bob\ua789", "name characters"],
  ["bob\u02d0 hello", "name characters"],
  ["bob\u0589 hello", "name characters"],
  ["bob\u05c3 hello", "name characters"],
  ["bob\u205a hello", "name characters"],
  ["小明\ufe30好", "name characters"],
  ["bob\n", "name characters"],
  ["bob\r", "name characters"],
  ["b\0b", "name characters"],
  ["b\tb", "name characters"],
  ["\x1b[31mbob", "name characters"],
  ["bob\x7f", "name characters"],
  ["bob\x9b2J", "name characters"],
  ["\u202ebob", "name characters"],
  ["bob\u2066", "name characters"],
  ["bob\u2028", "name characters"],
  ["bo\u200bb", "name characters"],
  ["bob\u200d", "name characters"],
  ["bob\ufeff", "name characters"],
  ["bob\ufe0f", "name characters"],
  ["bob\u00ad", "name characters"],
  ["\u3164", "name characters"],
  ["\u2800", "name characters"],
  ["bob\u{e0041}", "name characters"],
  ["\u0301bob", "name characters"],
  ["bob\ufffd", "name characters"],
  ["bob\ud800", "name characters"],
  // What looks like a colon or a star, a sentence, and what is not assigned.
  ["bob\u0378", "name characters"],
  ["bob\u1361hello", "name characters"],
  ["bob\u2806hello", "name characters"],
  ["\u066dbob", "name characters"],
  ["\ua673bob", "name characters"],
  ["*️⃣", "name characters"],
  ["‼️", "name characters"],
  ["bob has left, dan", "name characters"],
  ["two words", "name characters"],
  ["bob,dan", "name characters"],
  ["bob\ue000", "name characters"],
  ["1".repeat(MAX_NAME_CHARACTERS - 1) + "!", "name characters"],
  ["a" + "\u0301".repeat(5), "name characters"],
  ["a\u0301\u0323".repeat(17), "name characters"],
  [LONGEST + "字", "name too long"],
  ["a" + "\u0301".repeat(200), "name too long"],
  ["a".repeat(1_000_000), "name too long"],
];

Deno.test(
  "nameProblem() finds none in the names that people have",
  PURE,
  () => {
    for (const name of GOOD_NAMES) {
      assertEquals(nameProblem(name), null, name);
    }
  },
);

Deno.test("nameProblem() names what is wrong with each bad name", PURE, () => {
  for (const [name, problem] of BAD_NAMES) {
    assertEquals(nameProblem(name), problem, JSON.stringify(name).slice(0, 60));
  }
});

Deno.test("nameProblem() gives reasons that are phrases", PURE, () => {
  for (const [, problem] of BAD_NAMES) {
    assert(problem in PHRASES.en, problem);
  }
  for (const phrases of [PHRASES.en, PHRASES.zh]) {
    assertStringIncludes(
      phrases["name too long"],
      String(MAX_NAME_CHARACTERS),
    );
  }
});
