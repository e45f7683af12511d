import { assertEquals, assertRejects } from "@std/assert";
import type { ByteStream } from "../../lib/chat/endpoint.ts";
import { ReadAhead } from "../../lib/chat/read_ahead.ts";
import { FakeStream } from "../kit/fake_stream.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

const RECORD_BYTES = 16 * 1024;
const WINDOW_BYTES = 256 * 1024;
const CASES = 30;

type Readable = Pick<ByteStream, "read">;

function bytesFrom(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

/** What a stream gives to reads of sizes that vary, up to its end. */
async function readToEnd(from: Readable, sizes: Random): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const buffer = new Uint8Array(1 + sizes.below(3 * RECORD_BYTES));
    const count = await from.read(buffer);
    if (count === null) return new Uint8Array(await new Blob(parts).bytes());
    parts.push(buffer.slice(0, count));
  }
}

Deno.test("ReadAhead gives all in order, however it comes", PURE, async () => {
  for (let seed = 0; seed < CASES; seed++) {
    const random = new Random(seed);
    const bytes = bytesFrom(random, random.below(2 * WINDOW_BYTES));
    const stream = new FakeStream();
    const reading = readToEnd(new ReadAhead(stream), random);
    for (const piece of random.pieces(bytes, 2 * RECORD_BYTES)) {
      stream.give(piece);
      if (random.below(3) === 0) await stream.starved();
    }
    stream.give(null);
    assertEquals(await reading, bytes, `seed ${seed}`);
  }
  await rest();
});

Deno.test(
  "ReadAhead reads on after a full record, but not for ever",
  PURE,
  async () => {
    const stream = new FakeStream();
    const ahead = new ReadAhead(stream);
    stream.give(new Uint8Array(4 * WINDOW_BYTES));
    const record = new Uint8Array(RECORD_BYTES);
    assertEquals(await ahead.read(record), RECORD_BYTES);
    await rest();
    assertEquals(stream.bytesRead, RECORD_BYTES + WINDOW_BYTES);
    // All of it comes at once, and makes room for more.
    const all = new Uint8Array(2 * WINDOW_BYTES);
    assertEquals(await ahead.read(all), WINDOW_BYTES);
    await rest();
    assertEquals(stream.bytesRead, RECORD_BYTES + 2 * WINDOW_BYTES);
  },
);

Deno.test("ReadAhead reads nothing more after little", PURE, async () => {
  const stream = new FakeStream();
  const ahead = new ReadAhead(stream);
  stream.give("one\n");
  stream.give("two\n");
  assertEquals(await ahead.read(new Uint8Array(RECORD_BYTES)), 4);
  await rest();
  assertEquals(stream.bytesRead, 4);
  stream.give(null);
  await readToEnd(ahead, new Random(1));
});

Deno.test(
  "ReadAhead gives what came before a fault, then the fault",
  PURE,
  async () => {
    const stream = new FakeStream();
    const ahead = new ReadAhead(stream);
    stream.give(new Uint8Array(2 * RECORD_BYTES));
    const record = new Uint8Array(RECORD_BYTES);
    assertEquals(await ahead.read(record), RECORD_BYTES);
    await stream.starved();
    stream.close();
    await rest();
    assertEquals(await ahead.read(record), RECORD_BYTES);
    for (const _ of [1, 2]) {
      await assertRejects(() => ahead.read(record), Error, "closed");
    }
    await rest();
  },
);

/** Longer than the buffer is kept, so that no timer is left behind. */
function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 60));
}
