import { assertEquals } from "@std/assert";
import { linesOf } from "../lib/line_codec.ts";
import { lineOf, textOf, textsOf } from "../lib/message.ts";
import { PURE } from "./pure.ts";

const encoder = new TextEncoder();

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
