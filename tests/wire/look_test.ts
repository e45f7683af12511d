import { assert, assertEquals } from "@std/assert";
import { linesOf, withoutEnding } from "../../lib/wire/framing.ts";
import {
  type End,
  loadSimd,
  lookAt,
  lookPlainly,
} from "../../lib/wire/look.ts";
import { fuzzLook } from "../kit/look_fuzz.ts";
import { Process } from "../kit/process.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

const encoder = new TextEncoder();
const BLOCKS = 3000;
const MOST_BYTES = 40;
const MOST_PIECES = 40;
const FIRST = 0x6e;
/** Those that a look at many bytes at once could take for a line feed. */
const BYTES = [
  ...[0x0a, 0x0a, 0x0a, 0x0d, 0x0b, 0x09, 0x8a, 0x00, 0xff],
  ...[FIRST, FIRST, FIRST],
];

/** Blocks that begin and end anywhere in sixteen bytes. */
function* randomBlocks(random: Random): Generator<Uint8Array> {
  for (let block = 0; block < BLOCKS; block++) {
    const start = random.below(16);
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

/** Runs a test of each way to look at a block. */
function testBoth(
  name: string,
  test: (lookAt: typeof lookPlainly) => void,
): void {
  Deno.test(`lookPlainly() ${name}`, PURE, () => test(lookPlainly));
  Deno.test(`loadSimd() ${name}`, PURE, () => {
    const lookBySimd = loadSimd();
    assert(lookBySimd, "There is no SIMD here");
    test(lookBySimd);
  });
}

testBoth("counts line feeds as a loop does", (lookAt) => {
  for (const bytes of randomBlocks(new Random(1))) {
    const count = bytes.filter((byte) => byte === 0x0a).length;
    assertEquals(lookAt(bytes, "").lineFeeds, count, bytes.toString());
  }
});

testBoth("counts any number of line feeds", (lookAt) => {
  for (const length of [1019, 1020, 1021, 4096, 100_000, 1_000_000]) {
    const { lineFeeds } = lookAt(new Uint8Array(length).fill(0x0a), "");
    assertEquals(lineFeeds, length);
  }
});

testBoth("finds the end that a look at each line finds", (lookAt) => {
  let found = 0;
  for (const bytes of randomBlocks(new Random(2))) {
    for (const word of ["n", "nn", "n\0", "\0\v"]) {
      let start = 0;
      let right: End | null = null;
      for (const line of linesOf(bytes)) {
        const next = start + line.length;
        if (withoutEnding(line).join() === encoder.encode(word).join()) {
          right = { start, next };
          break;
        }
        start = next;
      }
      if (right) found++;
      assertEquals(lookAt(bytes, word).end, right, bytes.toString());
    }
  }
  assert(found > BLOCKS / 10, `${found}`);
});

testBoth("finds an end that is in two parts of a block", (lookAt) => {
  const partBytes = 64 * 1024;
  for (const word of ["n", "再见", "n".repeat(3000)]) {
    const wordBytes = encoder.encode(word);
    for (const ending of ["", "\n", "\r\n", "\r\na", "\r", "n", "\rn\n"]) {
      const line = encoder.encode(`\n${word}${ending}`);
      const isEnd = /^\r?\n|^$/.test(ending);
      const endingBytes = /^\r?\n/.exec(ending)?.[0].length ?? 0;
      for (let back = line.length + 1; back >= -1; back--) {
        const start = partBytes - back;
        const block = new Uint8Array(start + line.length).fill(0x61);
        block.set(line, start);
        const next = start + 1 + wordBytes.length + endingBytes;
        const right = isEnd ? { start: start + 1, next } : null;
        assertEquals(
          lookAt(block, word).end,
          right,
          `${word}${ending} ${back}`,
        );
        if (back > 10) back -= 97;
      }
    }
  }
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

testBoth("takes the sequences that are UTF-8", (lookAt) => {
  const leads = [0x00, 0x0a, 0x41, 0x7f, 0x80, 0xbf];
  for (let byte = 0xc0; byte <= 0xff; byte++) leads.push(byte);
  // The ends of all ranges that a continuation may be in.
  const others = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xe4];
  const before = encoder.encode("中文 a");
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
          assertEquals(lookAt(block, "").isUtf8, isWhole, block.toString());
          const cut = block.subarray(0, -1);
          assertEquals(lookAt(cut, "").isUtf8, isBegun, cut.toString());
        }
      }
    }
  }
});

testBoth("agrees with a decoder on random blocks", (lookAt) => {
  const random = new Random(3);
  const whole = ["a", "\n", "中", "，", "“", "é", "ế", "한", "ก", "👋"];
  const parts = whole.map((text) => encoder.encode(text));
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
    assertEquals(lookAt(block, "").isUtf8, isDecoded, block.toString());
  }
  assert(taken > BLOCKS / 3 && taken < BLOCKS, `${taken} of ${BLOCKS}`);
});

Deno.test(
  "loadSimd() finds in random blocks what lookPlainly() finds",
  PURE,
  () => {
    fuzzLook(new Random(4), 100_000);
  },
);

Deno.test("lookAt() looks at a large block once, but for a word", PURE, () => {
  for (const length of [10, 100_000]) {
    const block = new Uint8Array(length).fill(0x0a);
    block[5] = 0x6e;
    const look = lookAt(block, { end: "n" });
    assertEquals(look.end, { start: 5, next: 7 });
    assertEquals(look.lineFeeds, length - 1);
    assertEquals(lookAt(block) === look, length > 10);
    assertEquals(lookAt(block, { end: "n" }) === look, length > 10);
    assertEquals(lookAt(block, { end: "nn" }).end, null);
    assertEquals(lookAt(block, { end: "n" }), look);
  }
});

Deno.test("lookAt() does without WebAssembly where there is none", async () => {
  const module = import.meta.resolve("../../lib/wire/look.ts");
  const input = `import { loadSimd, lookAt } from "${module}";
    const block = new Uint8Array(100_000).fill(0x0a);
    block[99_999] = 0x6e;
    const look = lookAt(block, { end: "n" });
    console.log(JSON.stringify([loadSimd(), look]));`;
  const args = ["run", "--v8-flags=--jitless", "-"];
  await using process = new Process(Deno.execPath(), args, { input });
  const { stdout, stderr } = await process.finish();
  assertEquals(stderr, "");
  const end = { start: 99_999, next: 100_000 };
  const look = { word: "n", end, lineFeeds: 99_999, isUtf8: true };
  assertEquals(JSON.parse(stdout), [null, look]);
});
