import { assertEquals } from "@std/assert";
import { textWidth, widthOf } from "../../lib/text/width.ts";
import { PURE } from "../kit/pure.ts";

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
