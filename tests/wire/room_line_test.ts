import { assertEquals } from "@std/assert";
import { roomLine } from "../../lib/wire/room_line.ts";
import { PURE } from "../kit/pure.ts";

for (
  const [line, kind, name, text] of [
    ["Bo: hello", "said", "Bo", "hello"],
    ["Bo: * 小明: you are out", "said", "Bo", "* 小明: you are out"],
    ["** Bo waves: all", "said", "Bo", "waves: all"],
    ["* 小明: You are 小明", "told", "小明", "You are 小明"],
    ["* Bo whispers: a: b", "whispered", "Bo", "a: b"],
    ["* to Bo: hi", "sent", "Bo", "hi"],
    ["* Bo has left", "notice", "Bo", "has left"],
  ] as const
) {
  Deno.test(`roomLine() finds ${kind} in ${line}`, PURE, () => {
    assertEquals(roomLine(line), { kind, name, text });
  });
}

Deno.test("roomLine() finds nothing in what a room does not say", PURE, () => {
  const long = "x".repeat(33);
  const lines = ["", "*", "hello", "* [10:30] Bo: hi", "* password:", ": x"];
  for (const line of [...lines, `${long}: hi`, "* a\u202eb: hi", "* a:b"]) {
    assertEquals(roomLine(line), undefined);
  }
});
