import { assertEquals } from "@std/assert";
import { type Framing, linesOf } from "../../lib/wire/framing.ts";
import {
  DEFAULT_END,
  EndWord,
  lineOf,
  textOf,
  textsOf,
} from "../../lib/wire/message.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

const RANDOM_CASES = 5000;

const encoder = new TextEncoder();

/** What the rule finds: what comes before the end, and what after it. */
function found(
  text: string,
  word: string,
  framing: Framing,
): [before: string, after: string] | null {
  const block = encoder.encode(text);
  const end = new EndWord(word).find(block, framing);
  if (end === null) return null;
  const decoder = new TextDecoder();
  return [
    decoder.decode(block.subarray(0, end.start)),
    decoder.decode(block.subarray(end.next)),
  ];
}

/** The rule told another way: by splitting the text. */
function foundBySplitting(
  text: string,
  word: string,
): [before: string, after: string] | null {
  const lines = text.split(/(?<=\n)/);
  const at = lines.findIndex((line) => line.replace(/\r?\n$/, "") === word);
  if (word === "" || at < 0) return null;
  return [lines.slice(0, at).join(""), lines.slice(at + 1).join("")];
}

Deno.test("DEFAULT_END is n", PURE, () => {
  assertEquals(DEFAULT_END, "n");
});

Deno.test("EndWord.find() finds a line that is exactly the word", PURE, () => {
  const table: [word: string, text: string, before: string, after: string][] = [
    ["n", "n\n", "", ""],
    ["n", "n\r\n", "", ""],
    ["n", "n", "", ""],
    ["n", "a\nn\nb\n", "a\n", "b\n"],
    ["n", "\nn\n", "\n", ""],
    ["n", "\r\nn", "\r\n", ""],
    ["n", "nn\nn\nn\n", "nn\n", "n\n"],
    ["n", "no\nan\nn\r\nrest", "no\nan\n", "rest"],
    ["再见", "你好\n再见\n", "你好\n", ""],
    ["再见", "再\n再见\r\n!", "再\n", "!"],
    ["bye", "by\nbyebye\nbye\n", "by\nbyebye\n", ""],
    [" ", "\n \n", "\n", ""],
    ["good bye", "good\ngood bye\n", "good\n", ""],
    ["\0", "a\n\0\n", "a\n", ""],
  ];
  for (const [word, text, before, after] of table) {
    assertEquals(
      found(text, word, "lines"),
      [before, after],
      JSON.stringify([word, text]),
    );
  }
});

Deno.test(
  "EndWord.find() takes everything else for an ordinary message",
  PURE,
  () => {
    const table: [word: string, text: string][] = [
      ["n", ""],
      ["n", "\n"],
      ["n", "N\n"],
      ["n", " n\n"],
      ["n", "n \n"],
      ["n", "nn\n"],
      ["n", "\tn\n"],
      ["n", "n\r"],
      ["n", "n\r\r\n"],
      ["n", "n\0\n"],
      ["n", "ｎ\n"],
      ["n", "no\nan\n n \n"],
      ["n", "\u{feff}n\n"],
      ["再见", "再\n见\n再见。\n"],
      ["再见", "n\n"],
      ["bye", "by\nbyee\n bye\nBYE\nb"],
      ["é", "e\u{301}\n"],
    ];
    for (const [word, text] of table) {
      assertEquals(
        found(text, word, "lines"),
        null,
        JSON.stringify([word, text]),
      );
    }
  },
);

Deno.test("EndWord.find() takes the whole block under raw", PURE, () => {
  assertEquals(found("n", "n", "raw"), ["", ""]);
  assertEquals(found("再见", "再见", "raw"), ["", ""]);
  for (
    const text of ["", "N", " n", "n ", "nn", "n\n", "n\r\n", "a\nn", "\nn"]
  ) {
    assertEquals(found(text, "n", "raw"), null, JSON.stringify(text));
  }
});

Deno.test("EndWord.find() never finds the empty word", PURE, () => {
  for (const text of ["", "\n", "\r\n", "a\n\nb\n", "n\n"]) {
    assertEquals(found(text, "", "lines"), null);
    assertEquals(found(text, "", "raw"), null);
  }
});

Deno.test(
  "EndWord.find() finds in random blocks what splitting finds",
  PURE,
  () => {
    const random = new Random(20260801);
    const pieces = ["n", "n", "\n", "\n", "\r\n", "\r", " ", "nn", "好", "ab"];
    for (let round = 0; round < RANDOM_CASES; round++) {
      let text = "";
      const count = random.below(12);
      for (let piece = 0; piece < count; piece++) text += random.of(pieces);
      const word = random.of(["n", "nn", "ab", "好", "n好", " ", ""]);
      assertEquals(
        found(text, word, "lines"),
        foundBySplitting(text, word),
        `seed ${random.seed}, case ${round}: ${JSON.stringify([word, text])}`,
      );
    }
  },
);

Deno.test("EndWord.line says the word", PURE, () => {
  for (const word of ["n", "good bye", "再见"]) {
    const end = new EndWord(word);
    const line = end.line ?? new Uint8Array();
    assertEquals(textOf(line), word);
    assertEquals(end.find(line, "lines"), { start: 0, next: line.length });
  }
  assertEquals(new EndWord("").line, null);
});

Deno.test("lineOf() gives a line that textOf() reads again", PURE, () => {
  for (const text of ["", "n", "你好", "😀 \t", "\u{feff}a", "a\r"]) {
    const line = lineOf(text);
    assertEquals(line, encoder.encode(`${text}\n`));
    if (!text.endsWith("\r")) assertEquals(textOf(line), text);
  }
});

Deno.test("textOf() shows what is not UTF-8 as U+FFFD", PURE, () => {
  const table: [bytes: number[], text: string][] = [
    [[0x61, 0xff, 0x62, 0x0a], "a\u{fffd}b"],
    [[0xe4, 0xbd], "\u{fffd}"],
    [[0xe4, 0xbd, 0xa0, 0x0d, 0x0a], "你"],
    [[], ""],
  ];
  for (const [bytes, text] of table) {
    assertEquals(textOf(Uint8Array.from(bytes)), text);
  }
});

Deno.test("textsOf() gives what textOf() does of each line", PURE, () => {
  const blocks = [
    "",
    "\n",
    "a",
    "a\n",
    "\ufeffa\nb",
    "\r\n\r\n",
    "a\r\r\nb\n",
    "a\r",
    "你好\r\n再见\n\n",
    "a\r\nb\r",
  ].map((text) => encoder.encode(text));
  blocks.push(Uint8Array.of(0xe4, 0xbd, 0x0a, 0xff, 0x0d, 0x0a, 0xf0, 0x9f));
  for (const block of blocks) {
    assertEquals(
      textsOf(block),
      [...linesOf(block)].map(textOf),
      String(block),
    );
  }
});
