import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  MAX_NAME_CHARACTERS,
  nameKey,
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
  "राम\u0903",
  "O'Neil, jr.",
  "two words",
  "guest-1",
  "👍🏽",
  "a*b/c",
  "-",
  LONGEST,
  "e\u0301".repeat(MAX_NAME_CHARACTERS),
];

const BAD_NAMES: readonly [name: string, problem: NameProblem][] = [
  ["", "name empty"],
  [" ", "name spaces"],
  [" bob", "name spaces"],
  ["bob ", "name spaces"],
  ["bob\u00a0", "name spaces"],
  ["\u3000bob", "name spaces"],
  ["*", "name beginning"],
  ["* bob has left", "name beginning"],
  ["\uff0a bob", "name beginning"],
  ["\u2217 bob", "name beginning"],
  ["/who", "name beginning"],
  ["\uff0fwho", "name beginning"],
  ["bob:", "name colon"],
  ["bob: hello", "name colon"],
  ["bob\uff1a hello", "name colon"],
  ["bob\u2236 hello", "name colon"],
  ["bob\ufe55", "name colon"],
  ["bob\ua789", "name colon"],
  ["bob\u02d0 hello", "name colon"],
  ["bob\u0589 hello", "name colon"],
  ["bob\u05c3 hello", "name colon"],
  ["bob\u205a hello", "name colon"],
  ["小明\ufe30好", "name colon"],
  ["bob\n", "name unprintable"],
  ["bob\r", "name unprintable"],
  ["b\0b", "name unprintable"],
  ["b\tb", "name unprintable"],
  ["\x1b[31mbob", "name unprintable"],
  ["bob\x7f", "name unprintable"],
  ["bob\x9b2J", "name unprintable"],
  ["\u202ebob", "name unprintable"],
  ["bob\u2066", "name unprintable"],
  ["bob\u2028", "name unprintable"],
  ["bo\u200bb", "name unprintable"],
  ["bob\u200d", "name unprintable"],
  ["bob\ufeff", "name unprintable"],
  ["bob\ufe0f", "name unprintable"],
  ["bob\u00ad", "name unprintable"],
  ["\u3164", "name unprintable"],
  ["\u2800", "name unprintable"],
  ["bob\u{e0041}", "name unprintable"],
  ["\u0301bob", "name unprintable"],
  ["bob\ufffd", "name unprintable"],
  ["bob\ud800", "name unprintable"],
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

Deno.test(
  "nameKey() is the same for names that differ in case, width or spacing",
  PURE,
  () => {
    const alike = [
      ["bob", "BOB", "Bob", "ｂｏｂ", "ＢＯＢ", "ⓑⓞⓑ"],
      ["Zoë", "Zoe\u0308", "ZOË"],
      ["straße", "STRASSE"],
      ["ΣΑΣ", "σας"],
      ["two words", "two  words", "two\u3000words", "twowords"],
      ["王老师", "王 老师", "王\u3000老师"],
      ["ｶﾞ", "ガ"],
      ["\u0390", "\u03aa\u0301"],
    ];
    for (const names of alike) {
      for (const name of names) {
        assertEquals(nameKey(name), nameKey(names[0] ?? ""), name);
      }
    }
    assertEquals(new Set(alike.map(([name]) => nameKey(name ?? ""))).size, 8);
  },
);
