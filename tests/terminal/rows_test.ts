import { assertEquals } from "@std/assert";
import { Rows } from "../../lib/terminal/rows.ts";
import { PURE } from "../kit/pure.ts";

const SIZE = { columns: 10, rows: 5 };

/** What is drawn; `^` is where the cursor is saved. */
function drawn(
  rows: Rows,
  line: { label?: string; text: string; cursor: number },
  size = SIZE,
): string {
  const { text } = rows.draw({ label: "", ...line }, size);
  return text.replace("\x1b[?7l", "").replace("\x1b[?7h", "")
    .replace("\x1b8", "").replace("\x1b7", "^");
}

for (
  const [what, text, cursor, row, wanted] of [
    ["an empty line", "", 0, 0, ">"],
    ["the end of a line", "abc", 3, 0, ">abc"],
    ["the middle", "abc", 1, 0, ">a^bc"],
    ["a full row", "123456789", 9, 1, ">123456789\r\n  "],
    [
      "the first of two rows",
      "1234567890",
      2,
      0,
      "\r\n\x1b[1A>12^3456789\r\n  0",
    ],
    ["a wide one that does not fit", "12345678中", 9, 1, ">12345678\r\n  中"],
    ["a tab", "a\tb", 2, 0, ">a      ^b"],
    ["a tab that is broken", "12345678\tb", 10, 1, ">12345678 \r\n        b"],
    ["a line ending", "a\nb\n", 4, 0, ">a⏎b⏎"],
    ["what is unsafe", "\u202ea", 1, 0, ">\\u202e^a"],
    ["a family", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 22, 2, ">👨‍👩‍👧‍👦\r\n  👨‍👩‍👧‍👦\r\n  "],
    ["an emoji by its style", "❤️❤️❤️❤️❤️", 10, 1, ">❤️❤️❤️❤️\r\n  ❤️"],
  ] as const
) {
  Deno.test(`Rows.draw() puts the cursor on ${what}`, PURE, () => {
    const line = { label: ">", text, cursor };
    const rows = new Rows();
    assertEquals(drawn(rows, line), wanted);
    assertEquals(rows.draw(line, SIZE).cursorRow(SIZE.columns), row);
  });
}

Deno.test("Rows.draw() turns autowrap off and on again", PURE, () => {
  const { text } = new Rows().draw({ label: ">", text: "a", cursor: 0 }, SIZE);
  assertEquals(text, "\x1b[?7l>\x1b7a\x1b8\x1b[?7h");
});

Deno.test("Rows.draw() shows the rows around the cursor only", PURE, () => {
  const size = { columns: 6, rows: 2 };
  const text = "aaaaaabbbbccccdd";
  const rows = new Rows();
  assertEquals(drawn(rows, { text, cursor: 16 }, size), "  cccc\r\n  dd");
  assertEquals(
    drawn(rows, { text, cursor: 0 }, size),
    "\r\n\x1b[1A^aaaaaa\r\n  bbbb",
  );
  assertEquals(
    drawn(rows, { text, cursor: 7 }, size),
    "\r\n\x1b[1Aaaaaaa\r\n  b^bbb",
  );
});

Deno.test(
  "Rows.draw() draws each version as if it were the first",
  PURE,
  () => {
    const versions = [
      ["> ", "一二三四五六七"],
      ["> ", "一二三四五六七八"],
      ["> ", "一二a三四五六七八"],
      ["> ", "一二a\t四五六七八"],
      ["> ", "一二ab三四五六七八"],
      ["> ", "一二a"],
      ["", "一二三"],
      ["", "一a三"],
      ["\x1b[32m> \x1b[39m", "一二a"],
      ["\x1b[32m> \x1b[39m", "\t\t一"],
      ["\x1b[32m> \x1b[39m", "x\t一"],
      ["\x1b[32m> \x1b[39m", "\x1b[32m"],
    ] as const;
    for (const columns of [3, 1, 8]) {
      const rows = new Rows();
      for (const [label, text] of versions) {
        for (let cursor = text.length; cursor >= 0; cursor--) {
          const line = { label, text, cursor };
          const size = { columns, rows: 4 };
          const message = JSON.stringify(line);
          assertEquals(
            drawn(rows, line, size),
            drawn(new Rows(), line, size),
            message,
          );
        }
      }
    }
  },
);

Deno.test("Rows.draw() counts the rows anew for another width", PURE, () => {
  const { cursorRow } = new Rows().draw(
    { label: "\x1b[32m>\x1b[39m", text: "123456789", cursor: 9 },
    { columns: 80, rows: 24 },
  );
  assertEquals([80, 10, 5, 4].map(cursorRow), [0, 1, 2, 2]);
  const broken = new Rows().draw(
    { label: "", text: "一二三四五六七", cursor: 7 },
    { columns: 6, rows: 24 },
  );
  // Of three rows each is broken in two, and so is the cursor's.
  assertEquals([6, 5, 80].map(broken.cursorRow), [3, 6, 3]);
  // A joined emoji may take two columns only.
  const joined = new Rows().draw(
    { label: "", text: "👨‍👩‍👧‍👦👨‍👩‍👧‍👦", cursor: 22 },
    SIZE,
  );
  assertEquals([10, 5, 2].map(joined.cursorRow), [2, 2, 4]);
});
