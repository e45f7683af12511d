import { assertEquals, assertRejects } from "@std/assert";
import { Input, InputError, type Readable } from "../lib/input.ts";
import { Random } from "./random.ts";

const PURE = { permissions: "none" } as const;
const MAX_MESSAGE_BYTES = 4096;

/** Gives the bytes in pieces of at most `size`. */
function source(bytes: Uint8Array, size: number): Readable {
  let start = 0;
  return {
    read(buffer): Promise<number | null> {
      const piece = bytes.subarray(
        start,
        start + Math.min(size, buffer.length),
      );
      buffer.set(piece);
      start += piece.length;
      return Promise.resolve(piece.length === 0 ? null : piece.length);
    },
  };
}

/** Reads to the end, or to what is refused. */
async function readAll(input: Input): Promise<string> {
  let text = "";
  for (;;) {
    const block = await input.read();
    if (block === null) return text;
    text += new TextDecoder().decode(block);
  }
}

Deno.test("Input read() names the line that is not UTF-8", PURE, async () => {
  const random = new Random(42);
  for (let round = 0; round < 500; round++) {
    const lines = Array.from(
      { length: random.below(300) },
      // Bytes near a line feed, which a careless count takes for one.
      () =>
        "\x0b\x09\n\x8a好a".slice(random.below(4), 4 + random.below(3))
          .replaceAll("\n", ""),
    );
    const good = lines.map((line) => `${line}\n`).join("");
    const bad = Uint8Array.of(0x61, 0x62, 0xff, 0x0a);
    const bytes = new Uint8Array([...new TextEncoder().encode(good), ...bad]);
    const size = 1 + random.below(700);
    const input = new Input(source(bytes, size), {
      maxMessage: MAX_MESSAGE_BYTES,
    });
    let text = "";
    const error = await assertRejects(
      async () => {
        for (;;) text += new TextDecoder().decode((await input.read()) ?? bad);
      },
      InputError,
    );
    const what = `seed 42, round ${round}`;
    assertEquals(error.reason, "not UTF-8", what);
    assertEquals(error.line, lines.length + 1, what);
    assertEquals(error.offset, 3, what);
    assertEquals(text, good, what);
  }
});

Deno.test("Input read() names the line that is too long", PURE, async () => {
  const text = `one\ntwo\n${"x".repeat(MAX_MESSAGE_BYTES + 1)}\nfour\n`;
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 100, bytes.length]) {
    const input = new Input(source(bytes, size), {
      maxMessage: MAX_MESSAGE_BYTES,
    });
    const error = await assertRejects(() => readAll(input), InputError);
    assertEquals([error.reason, error.line], ["too long", 3]);
    assertEquals(error.limit, MAX_MESSAGE_BYTES);
  }
});

Deno.test("Input read() gives all, and more after an end", PURE, async () => {
  const pieces = ["a\nb", null, null, "c\n", null].map((piece) =>
    piece === null ? null : new TextEncoder().encode(piece)
  );
  const input = new Input({
    read(buffer): Promise<number | null> {
      const piece = pieces.shift() ?? null;
      if (piece) buffer.set(piece);
      return Promise.resolve(piece?.length ?? null);
    },
  }, { maxMessage: MAX_MESSAGE_BYTES });
  assertEquals(await readAll(input), "a\nb");
  assertEquals(await readAll(input), "c\n");
});
