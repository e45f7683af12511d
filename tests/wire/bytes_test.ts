import { assert, assertEquals } from "@std/assert";
import { linesOf, withoutEnding } from "../../lib/wire/framing.ts";
import { countLineFeeds, findLine, isUtf8 } from "../../lib/wire/bytes.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

const BLOCKS = 3000;
const MOST_BYTES = 40;
const MOST_PIECES = 40;
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

/** Whether a decoder that was not made here takes the bytes. */
function canBeDecoded(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

Deno.test("isUtf8() takes the sequences that are UTF-8", PURE, () => {
  const leads = [0x00, 0x0a, 0x41, 0x7f, 0x80, 0xbf];
  for (let byte = 0xc0; byte <= 0xff; byte++) leads.push(byte);
  // The ends of all ranges that a continuation may be in.
  const others = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xe4];
  const before = new TextEncoder().encode("中文 a");
  for (const lead of leads) {
    for (const second of others) {
      for (const third of others) {
        const sequence = Uint8Array.of(lead, second, third);
        const isWhole = canBeDecoded(sequence);
        const isBegun = canBeDecoded(sequence.subarray(0, 2));
        for (let length = 0; length <= before.length; length++) {
          if (!canBeDecoded(before.subarray(0, length))) continue;
          const block = new Uint8Array(length + sequence.length);
          block.set(before.subarray(0, length));
          block.set(sequence, length);
          assertEquals(isUtf8(block), isWhole, block.toString());
          const cut = block.subarray(0, -1);
          assertEquals(isUtf8(cut), isBegun, cut.toString());
        }
      }
    }
  }
});

Deno.test("isUtf8() agrees with a decoder on random blocks", PURE, () => {
  const random = new Random(3);
  const whole = ["a", "\n", "中", "，", "“", "é", "ế", "한", "ก", "👋"];
  const parts = whole.map((text) => new TextEncoder().encode(text));
  const broken = parts.flatMap((
    part,
  ) => [part.subarray(1), part.subarray(0, -1)]);
  let taken = 0;
  for (let count = 0; count < BLOCKS; count++) {
    const pieces: Uint8Array[] = [];
    for (let piece = random.below(MOST_PIECES); piece > 0; piece--) {
      pieces.push(random.of(random.below(99) === 0 ? broken : parts));
    }
    const bytes = new Uint8Array(pieces.flatMap((piece) => [...piece]));
    const block = bytes.subarray(random.below(4));
    const isDecoded = canBeDecoded(block);
    if (isDecoded) taken++;
    assertEquals(isUtf8(block), isDecoded, block.toString());
  }
  assert(taken > BLOCKS / 3 && taken < BLOCKS, `${taken} of ${BLOCKS}`);
});
