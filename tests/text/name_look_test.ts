import { assert, assertEquals } from "@std/assert";
import {
  colorOfName,
  cssColor,
  folded,
  NAME_COLORS,
  wordPattern,
} from "../../lib/text/name_look.ts";
import { PURE } from "../kit/pure.ts";

/** The relative luminance (WCAG 2). */
function luminanceOf(color: number): number {
  const parts = cssColor(color).match(/\d+/g) ?? [];
  const [red = 0, green = 0, blue = 0] = parts.map((part) => {
    const level = Number(part) / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

Deno.test("cssColor() knows the cube of colours", PURE, () => {
  assertEquals(cssColor(16), "rgb(0 0 0)");
  assertEquals(cssColor(130), "rgb(175 95 0)");
  assertEquals(cssColor(231), "rgb(255 255 255)");
});

Deno.test("NAME_COLORS are read on black and on white", PURE, () => {
  for (const color of NAME_COLORS) {
    const luminance = luminanceOf(color);
    assert((luminance + 0.05) / 0.05 >= 4, `${color} on black`);
    assert(1.05 / (luminance + 0.05) >= 4, `${color} on white`);
  }
});

Deno.test("colorOfName() is the same for one key, and uses all", PURE, () => {
  for (const [one, other] of [["Ann", "ann"], ["Ａｎｎ", "ANN"]] as const) {
    assertEquals(folded(one), folded(other));
    assertEquals(colorOfName(one), colorOfName(other));
  }
  const used = new Set(
    Array.from({ length: 200 }, (_, number) => colorOfName(`guest-${number}`)),
  );
  assertEquals(used.size, NAME_COLORS.length);
});

for (
  const [name, text, found] of [
    ["Ann", "ann, look", 1],
    ["Ann", "Anna and Hann", 0],
    ["Ann", "(ANN) ann's", 2],
    ["Ann", "请看ann", 0],
    ["小明", "小明你好, 你好小明", 2],
    ["a.b", "axb a.b", 1],
    ["guest-1", "guest-12 guest-1", 1],
    ["👍🏽", "ok 👍🏽!", 1],
  ] as const
) {
  Deno.test(`wordPattern() finds ${name} in ${text}`, PURE, () => {
    assertEquals([...text.matchAll(wordPattern(name))].length, found);
  });
}
