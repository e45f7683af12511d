import { assert, assertEquals } from "@std/assert";
import { looksOf } from "../../lib/room/names.ts";
import { PURE } from "../kit/pure.ts";

function areAlike(one: string, other: string): boolean {
  return !looksOf(one).isDisjointFrom(looksOf(other));
}

Deno.test("looksOf() has one in common for names that look alike", PURE, () => {
  const alike = [
    ["bob", "BOB", "Bob", "ｂｏｂ", "ＢＯＢ", "ⓑⓞⓑ", "b\u043eb", "b0b", "𝐛𝐨𝐛"],
    ["Zoë", "Zoe\u0308", "ZOË"],
    ["straße", "STRASSE"],
    ["ΣΑΣ", "σας"],
    ["ｶﾞ", "ガ"],
    ["\u0390", "\u03aa\u0301"],
    ["Ivan", "lvan", "1van"],
    ["guest-1", "guest-l", "Guest-I"],
    ["modern", "modem"],
    ["❤", "❤\ufe0f"],
  ];
  for (const [first = "", ...others] of alike) {
    for (const other of others) assert(areAlike(first, other), other);
  }
});

Deno.test("looksOf() tells other names apart", PURE, () => {
  const names = ["bob", "rob", "小明", "小朋", "محمد", "राम", "guest-10"];
  names.push("guest-2", "김철수", "👍", "👍🏽", "Zoe", "Zoë");
  for (const one of names) {
    const found = names.filter((other) => areAlike(one, other));
    assertEquals(found, [one]);
  }
});
