import { assertEquals } from "@std/assert";
import { escapeUnsafe, safeMessage } from "../../lib/text/safe_text.ts";
import { PURE } from "../kit/pure.ts";

/** What is shown as an escape: the first and the last of each range. */
const UNSAFE: { name: string; first: number; last: number }[] = [
  { name: "C0 before the tab", first: 0x00, last: 0x08 },
  { name: "C0 after the tab", first: 0x0a, last: 0x1f },
  { name: "DEL and C1", first: 0x7f, last: 0x9f },
  { name: "line and paragraph separators", first: 0x2028, last: 0x2029 },
  { name: "embeddings and overrides", first: 0x202a, last: 0x202e },
  { name: "isolates", first: 0x2066, last: 0x2069 },
  { name: "the Arabic letter mark", first: 0x061c, last: 0x061c },
  { name: "direction marks", first: 0x200e, last: 0x200f },
];

function isUnsafe(code: number): boolean {
  return UNSAFE.some(({ first, last }) => first <= code && code <= last);
}

Deno.test("escapeUnsafe() shows what could act on a terminal", PURE, () => {
  const table: [text: string, shown: string][] = [
    ["\x1b[2J", "\\x1b[2J"],
    ["\x1b]0;title\x07", "\\x1b]0;title\\x07"],
    ["a\rb", "a\\x0db"],
    ["a\bb", "a\\x08b"],
    ["\0", "\\x00"],
    ["\x9b31m", "\\x9b31m"],
    ["\x7f", "\\x7f"],
    ["\u{202e}txt.exe", "\\u202etxt.exe"],
    ["\u{2066}a\u{2069}", "\\u2066a\\u2069"],
    ["a\u{2028}b", "a\\u2028b"],
    ["\x1b\x1b", "\\x1b\\x1b"],
  ];
  for (const [text, shown] of table) assertEquals(escapeUnsafe(text), shown);
});

Deno.test("escapeUnsafe() leaves other text as it is", PURE, () => {
  const texts = [
    "",
    "你好, hello",
    "😀 👨‍👩‍👧 🇨🇳",
    "e\u{301}",
    "שלום مرحبا",
    "\\x1b",
    "\u{a0}\u{fffd}",
  ];
  for (const text of texts) assertEquals(escapeUnsafe(text), text);
});

Deno.test("escapeUnsafe() knows every code point of its classes", PURE, () => {
  for (const { name, first, last } of UNSAFE) {
    for (let code = first; code <= last; code++) {
      const hex = code.toString(16);
      const shown = code <= 0xff
        ? `\\x${hex.padStart(2, "0")}`
        : `\\u${hex.padStart(4, "0")}`;
      assertEquals(
        escapeUnsafe(`a${String.fromCodePoint(code)}b`),
        `a${shown}b`,
        name,
      );
    }
  }
  for (let code = 0; code <= 0x10_ffff; code++) {
    if (isUnsafe(code) || (code >= 0xd800 && code <= 0xdfff)) continue;
    const character = String.fromCodePoint(code);
    if (character === "\t") continue;
    if (escapeUnsafe(character) === character) continue;
    throw new Error(`U+${code.toString(16)} is escaped`);
  }
});

Deno.test("escapeUnsafe() makes a tab spaces up to the next stop", PURE, () => {
  for (
    const [text, shown] of [
      ["\t", "        "],
      ["a\tb", "a       b"],
      ["1234567\tb", "1234567 b"],
      ["12345678\tb", "12345678        b"],
      ["中文\tb", "中文    b"],
      ["\x07\t\tb", "\\x07            b"],
    ] as const
  ) {
    assertEquals(escapeUnsafe(text), shown);
  }
});

Deno.test("safeMessage() isolates what is read from the right", PURE, () => {
  const [open, close] = ["\u2068", "\u2069"];
  for (
    const [text, shown] of [
      ["hello 你好", "hello 你好"],
      ["שלום", `${open}שלום${close}`],
      ["hi \u0628", `${open}hi \u0628${close}`],
      ["דני: bob", `${open}דני${close}: bob`],
      ["bob: a דני: b", `bob: ${open}a דני: b${close}`],
      ["دان: بوب\u200f", `${open}دان${close}: ${open}بوب\\u200f${close}`],
      ["* דני has left", `${open}* דני has left${close}`],
    ] as const
  ) {
    assertEquals(safeMessage(text), shown);
  }
});
