import { assertEquals } from "@std/assert";
import { textWidth, widthOf, wrap } from "../../lib/text/wrap.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

/** What a row is made of, and how it looks where the terminal must not wrap. */
const PIECES = ["a", " ", "    ", "中", "e\u0301", "👨‍👩‍👧", "❤️", "\u2068", "🇨🇳"];
const ROUNDS = 300;

function bare(text: string): string {
  return text.replaceAll(/\p{Cc}\[\?7[lh]/gu, "");
}

Deno.test("widthOf() counts the columns of a character", PURE, () => {
  for (const character of "aé\u00ad—“") assertEquals(widthOf(character), 1);
  for (const character of "中。ａ가あ🎈") assertEquals(widthOf(character), 2);
  for (const character of "\u0301\u200d\ufe0f") {
    assertEquals(widthOf(character), 0);
  }
});

Deno.test("textWidth() counts the columns of a text", PURE, () => {
  assertEquals(textWidth(""), 0);
  assertEquals(textWidth("n 结束:"), 7);
  assertEquals(textWidth("e\u0301🎈"), 3);
  assertEquals(textWidth("🇨🇳"), 2);
});

for (
  const [what, text, wanted] of [
    ["what fits", "a\n1234567890\n\n", "a\n1234567890\n\n"],
    [
      "what is longer",
      "1234567890abcdefghij\n",
      "1234567890\n  abcdefgh\n  ij\n",
    ],
    ["wide characters", "一二三四五六", "一二三四五\n  六"],
    ["one that does not fit", "123456789一", "123456789\n  一"],
    ["each line anew", "12345678901\nab", "1234567890\n  1\nab"],
    [
      "colours",
      "\x1b[32mlabel: \x1b[39mabcdef",
      "\x1b[32mlabel: \x1b[39mabc\n  def",
    ],
    ["the bell", "1234567890\x07", "1234567890\x07"],
    [
      "many spaces",
      `hi${" ".repeat(8)}| alice: yes`,
      "hi        \n  | alice:\n   yes",
    ],
  ] as const
) {
  Deno.test(`wrap() breaks ${what}`, PURE, () => {
    assertEquals(bare(wrap(text, 10).text), wanted);
  });
}

Deno.test("wrap() goes on where a row was left", PURE, () => {
  assertEquals(wrap("12345", 10), { text: "12345", column: 5 });
  assertEquals(wrap("67890", 10, 5), { text: "67890", column: 10 });
  assertEquals(wrap("x", 10, 10), { text: "\n  x", column: 3 });
});

Deno.test(
  "wrap() lets no terminal break what it may count otherwise",
  PURE,
  () => {
    assertEquals(wrap("é", 10).text, "\x1b[?7lé\x1b[?7h");
    assertEquals(wrap("e\n".repeat(3), 10).text, "e\n".repeat(3));
  },
);

Deno.test("wrap() indents each row but the first of a line", PURE, () => {
  const random = new Random(15);
  for (let round = 0; round < ROUNDS; round++) {
    const columns = 4 + random.below(20);
    const line = Array.from(
      { length: random.below(60) },
      () => PIECES[random.below(PIECES.length)] ?? "",
    ).join("");
    const [first = "", ...rows] = bare(wrap(line, columns).text).split("\n");
    let joined = first;
    for (const row of rows) {
      assertEquals(row.slice(0, 2), "  ");
      joined += row.slice(2);
    }
    assertEquals(joined, line);
    for (const row of [first, ...rows]) {
      const width = textWidth(row) + row.split("❤️").length - 1;
      // One that is wider than a row is alone in it.
      const isLone = row.replaceAll(/[ \u2068]/g, "") === "👨‍👩‍👧";
      assertEquals(width <= columns || isLone, true, JSON.stringify(row));
    }
  }
});
