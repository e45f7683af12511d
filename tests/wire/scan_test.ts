import { assert, assertEquals } from "@std/assert";
import { linesOf, withoutEnding } from "../../lib/wire/framing.ts";
import { countLineFeeds, findLine } from "../../lib/wire/scan.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

const BLOCKS = 3000;
const MOST_BYTES = 40;
const FIRST = 0x6e;
/** Those that a look at four bytes at once could take for a line feed. */
const BYTES = [
  ...[0x0a, 0x0a, 0x0a, 0x0d, 0x0b, 0x09, 0x8a, 0x00, 0xff],
  ...[FIRST, FIRST, FIRST],
];

/** Blocks that begin and end anywhere in a word. */
function* randomBlocks(random: Random): Generator<Uint8Array> {
  for (let block = 0; block < BLOCKS; block++) {
    const start = random.below(8);
    const length = random.below(MOST_BYTES);
    // What stands around a block is not part of it.
    const bytes = new Uint8Array(start + length + 8).fill(0x0a)
      .subarray(start, start + length);
    for (let index = 0; index < length; index++) {
      bytes[index] = random.of(BYTES);
    }
    yield bytes;
  }
}

Deno.test("countLineFeeds() counts as a loop does", PURE, () => {
  for (const bytes of randomBlocks(new Random(1))) {
    const count = bytes.filter((byte) => byte === 0x0a).length;
    assertEquals(countLineFeeds(bytes), count, bytes.toString());
  }
});

Deno.test("countLineFeeds() counts any number of them", PURE, () => {
  for (const length of [1019, 1020, 1021, 4096, 100_000]) {
    assertEquals(countLineFeeds(new Uint8Array(length).fill(0x0a)), length);
  }
});

Deno.test("findLine() finds what a look at each line finds", PURE, () => {
  const contents = [[FIRST], [FIRST, FIRST], [FIRST, 0x00], [0xff, 0x0b]]
    .map((bytes) => Uint8Array.from(bytes));
  let found = 0;
  for (const bytes of randomBlocks(new Random(2))) {
    for (const content of contents) {
      let start = 0;
      let right = -1;
      for (const line of linesOf(bytes)) {
        if (withoutEnding(line).join() === content.join()) {
          right = start;
          break;
        }
        start += line.length;
      }
      if (right >= 0) found++;
      assertEquals(findLine(bytes, content), right, bytes.toString());
    }
  }
  assert(found > BLOCKS / 10, `${found}`);
});
