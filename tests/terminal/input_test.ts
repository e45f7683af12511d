import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  firstNotUtf8,
  Input,
  InputError,
  type Readable,
} from "../../lib/terminal/input.ts";
import { PURE } from "../kit/pure.ts";
import { sentence } from "../../lib/text/phrases.ts";
import { Random } from "../kit/random.ts";

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
    const what = `seed 42, round ${round}`;
    const error = await assertRejects(
      async () => {
        for (;;) {
          const block = await input.read();
          assert(block !== null && block.length > 0, what);
          text += new TextDecoder().decode(block);
        }
      },
      InputError,
    );
    const place = { line: lines.length + 1, offset: 3 };
    assertEquals(error.sentence, sentence("input not UTF-8", place), what);
    assertEquals(text, good, what);
    assertEquals(await input.read(), null, what);
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
    const place = { line: 3, limit: MAX_MESSAGE_BYTES };
    assertEquals(error.sentence, sentence("input too long", place));
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

Deno.test("firstNotUtf8() says where a line stops being UTF-8", PURE, () => {
  const table: { name: string; bytes: number[]; index: number }[] = [
    { name: "nothing", bytes: [], index: 0 },
    { name: "ASCII", bytes: [0x61, 0x62, 0x0a], index: 3 },
    { name: "two bytes", bytes: [0xc3, 0xa9], index: 2 },
    { name: "three bytes", bytes: [0xe4, 0xbd, 0xa0, 0x0a], index: 4 },
    { name: "four bytes", bytes: [0xf0, 0x9f, 0x98, 0x80], index: 4 },
    { name: "never UTF-8", bytes: [0x61, 0xff, 0x61], index: 1 },
    { name: "a lead alone", bytes: [0x61, 0xc3, 0x0a], index: 1 },
    { name: "a character cut off", bytes: [0x61, 0xe4, 0xbd], index: 1 },
    { name: "a continuation alone", bytes: [0xc3, 0xa9, 0xa9], index: 2 },
    { name: "overlong", bytes: [0x61, 0xc0, 0xaf], index: 1 },
    { name: "a surrogate", bytes: [0xed, 0xa0, 0x80], index: 0 },
    { name: "above Unicode", bytes: [0x61, 0xf4, 0x90, 0x80, 0x80], index: 1 },
    { name: "GBK", bytes: [0x61, 0xc4, 0xe3, 0xba, 0xc3], index: 1 },
  ];
  for (const { name, bytes, index } of table) {
    assertEquals(firstNotUtf8(Uint8Array.from(bytes)), index, name);
  }
});

Deno.test("Input read() passes on what its source throws", PURE, async () => {
  const fault = new Error("Input/output error");
  const input = new Input({ read: () => Promise.reject(fault) }, {
    maxMessage: MAX_MESSAGE_BYTES,
  });
  assertEquals(await assertRejects(() => input.read(), Error), fault);
});

Deno.test(
  "Input read() waits for a source that isn't ready",
  PURE,
  async () => {
    const bytes = new TextEncoder().encode("你好\nsecond");
    const ready = source(bytes, 5);
    let tries = 0;
    const input = new Input({
      read: (buffer) =>
        ++tries % 2 === 0
          ? ready.read(buffer)
          : Promise.reject(new Deno.errors.WouldBlock("Try again")),
    }, { maxMessage: MAX_MESSAGE_BYTES });
    assertEquals(await readAll(input), "你好\nsecond");
  },
);
