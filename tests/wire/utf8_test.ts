import { assert, assertEquals } from "@std/assert";
import { isUtf8 } from "../../lib/wire/utf8.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

const BLOCKS = 3000;
const MOST_PIECES = 40;

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
