/**
 * Random blocks against both ways to look at one.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { loadSimd, lookPlainly } from "../../lib/wire/look.ts";
import type { Random } from "./random.ts";

const WORDS = ["n", "nn", "nnn\0", "再见", "\0", "a n", "", "n".repeat(40)];
const TEXTS = [
  ...["\n", "\n", "\r\n", "\r", "\0", "a", " ", "n", "nn", "a n"],
  ...["é", "中", "再见", "ế", "ก", "한", "\ud7ff", "\ue000", "\uffff", "👋"],
  ...["𐀀", "\u{10ffff}", "n".repeat(40), "0123456789abcdef"],
];
/** The ends of all ranges that a byte of UTF-8 may be in. */
const BYTES = [
  ...[0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0],
  ...[0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xff],
];
const SHORT_BYTES = 100;
/** More than is looked at in one call, and where the next one begins. */
const LONG_BYTES = 130 * 1024;
const PART_BYTES = 64 * 1024;
const LONG_EVERY = 1000;
const BYTE_VALUES = 256;

const encoder = new TextEncoder();
const parts = TEXTS.map((text) => encoder.encode(text));

/**
 * Looks at that many random blocks.
 *
 * @throws with the seed and the number of the case where both don't agree.
 */
export function fuzzLook(random: Random, cases: number): void {
  const lookBySimd = loadSimd();
  assert(lookBySimd, "There is no SIMD here");
  const space = new Uint8Array(LONG_BYTES);
  for (let number = 0; number < cases; number++) {
    const isLong = random.below(LONG_EVERY) === 0;
    const length = isLong
      ? PART_BYTES + random.below(LONG_BYTES - PART_BYTES)
      : random.below(SHORT_BYTES);
    const start = isLong ? 0 : random.below(LONG_BYTES - SHORT_BYTES);
    const block = space.subarray(start, start + length);
    if (isLong) {
      block.fill(random.of([0x0a, 0x61, 0x6e]));
      fill(random, block.subarray(PART_BYTES - SHORT_BYTES));
    } else fill(random, block);
    const word = random.of(WORDS);
    const right = lookPlainly(block, word);
    const look = lookBySimd(block, word);
    if (
      look.isUtf8 === right.isUtf8 && look.lineFeeds === right.lineFeeds &&
      look.end?.start === right.end?.start && look.end?.next === right.end?.next
    ) continue;
    const what = `seed ${random.seed}, case ${number}: [${block}]`;
    assertEquals(look, right, what);
  }
}

/** Fills the first bytes with text, of which some is broken. */
function fill(random: Random, block: Uint8Array): void {
  const end = Math.min(block.length, 2 * SHORT_BYTES);
  for (let at = 0; at < end;) {
    const part = random.of(parts).subarray(0, end - at);
    block.set(part, at);
    at += part.length;
  }
  if (end === 0) return;
  // Half of all blocks stay as they are: most of these are UTF-8.
  for (let broken = random.below(4) - 1; broken > 0; broken--) {
    block[random.below(end)] = random.below(2) === 0
      ? random.of(BYTES)
      : random.below(BYTE_VALUES);
  }
}
