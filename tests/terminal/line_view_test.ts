import { assertEquals } from "@std/assert";
import { LineView } from "../../lib/terminal/line_view.ts";
import { PURE } from "../kit/pure.ts";

for (
  const [what, text, cursor, row, drawn] of [
    ["an empty line", "", 0, 0, "> \x1b[J\r\x1b[1C"],
    ["the end of a line", "abc", 3, 0, ">abc \x1b[J\r\x1b[4C"],
    ["the middle", "abc", 1, 0, ">abc \x1b[J\r\x1b[2C"],
    ["a full row", "123456789", 9, 1, ">123456789 \x1b[J\r"],
    [
      "the first of two rows",
      "1234567890",
      2,
      0,
      ">1234567890 \x1b[J\x1b[1A\r\x1b[3C",
    ],
    [
      "a wide one that does not fit",
      "12345678中",
      8,
      1,
      // What stood at the margin is taken away.
      ">12345678\x1b[K中 \x1b[J\r",
    ],
    ["a tab", "a\tb", 2, 0, ">a      b \x1b[J\r\x1b[8C"],
    ["what is unsafe", "\u202ea", 1, 0, ">\\u202ea \x1b[J\r\x1b[7C"],
  ] as const
) {
  Deno.test(`LineView.draw() puts the cursor on ${what}`, PURE, () => {
    const view = LineView.of({ label: ">", text, cursor }, {
      columns: 10,
      rows: 5,
    });
    assertEquals(view.cursorRow(10), row);
    assertEquals(view.draw(10), drawn);
  });
}

Deno.test("LineView.of() shows the rows around the cursor only", PURE, () => {
  const size = { columns: 4, rows: 3 };
  const line = { label: "", text: "aaaabbbbccccdd" };
  const last = LineView.of({ ...line, cursor: 14 }, size);
  assertEquals(last.draw(4), "ccccdd \x1b[J\r\x1b[2C");
  const first = LineView.of({ ...line, cursor: 0 }, size);
  assertEquals(first.draw(4), "aaaabbbb \x1b[J\x1b[2A\r");
});

Deno.test("LineView.cursorRow() counts anew for another width", PURE, () => {
  const view = LineView.of(
    { label: "\x1b[32m>\x1b[39m", text: "123456789", cursor: 9 },
    { columns: 80, rows: 24 },
  );
  assertEquals([80, 10, 5, 4].map((it) => view.cursorRow(it)), [0, 1, 2, 2]);
});
