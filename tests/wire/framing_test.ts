import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  BlockDecoder,
  type Framing,
  linesOf,
  ProtocolError,
  withoutEnding,
} from "../../lib/wire/framing.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

const KIBIBYTE = 1024;
/** The most that the first read takes, and any, in bytes. */
const FIRST_READ = 256;
const LARGEST_READ = 1024 * KIBIBYTE;
/** A limit that none of the texts here reaches, in bytes. */
const NO_LIMIT = 1024 * KIBIBYTE;
/** Characters of 1, 2, 3 and 4 bytes, and both line endings. */
const TEXT = "n\na é\r\n你好啊\n😀𝄞\n\n再见 🙂\r\nlast";
const RANDOM_CASES = 5000;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Reads pieces to the end; returns a copy of each block. */
function blocksOf(
  pieces: Iterable<Uint8Array>,
  framing: Framing,
  maxMessage = NO_LIMIT,
): Uint8Array[] {
  const codec = new BlockDecoder({ framing, maxMessage });
  const blocks: Uint8Array[] = [];
  const keep = (block: Uint8Array | null): void => {
    if (block !== null) blocks.push(block.slice());
  };
  for (const piece of pieces) {
    for (let done = 0; done < piece.length;) {
      const space = codec.space();
      assert(space.length > 0, "There is no space to read into");
      const part = piece.subarray(done, done + space.length);
      space.set(part);
      keep(codec.take(part.length));
      done += part.length;
    }
  }
  keep(codec.finish());
  return blocks;
}

/** The messages of a stream that comes in these pieces, as text. */
function messagesOf(
  pieces: Iterable<Uint8Array>,
  framing: Framing = "lines",
): string[] {
  return blocksOf(pieces, framing)
    .flatMap((block) => framing === "raw" ? [block] : [...linesOf(block)])
    .map((message) => decoder.decode(message));
}

/** What the lines of a text are, told without the codec. */
function linesIn(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function* twoWaySplits(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let at = 1; at < bytes.length; at++) {
    yield [bytes.subarray(0, at), bytes.subarray(at)];
  }
}

Deno.test(
  "BlockDecoder gives the lines of a text that comes whole",
  PURE,
  () => {
    assertEquals(messagesOf([bytesOf(TEXT)]), linesIn(TEXT));
    // All whole lines of one read are one block, what has no ending another.
    assertEquals(blocksOf([bytesOf("a\nb\nc")], "lines"), [
      bytesOf("a\nb\n"),
      bytesOf("c"),
    ]);
  },
);

Deno.test(
  "BlockDecoder gives the same lines for a text byte by byte",
  PURE,
  () => {
    const pieces = Array.from(bytesOf(TEXT), (byte) => Uint8Array.of(byte));
    assertEquals(messagesOf(pieces), linesIn(TEXT));
  },
);

Deno.test(
  "BlockDecoder gives the same lines at every two-way split",
  PURE,
  () => {
    for (const pieces of twoWaySplits(bytesOf(TEXT))) {
      assertEquals(
        messagesOf(pieces),
        linesIn(TEXT),
        `split after byte ${pieces[0]?.length}`,
      );
    }
  },
);

Deno.test(
  "BlockDecoder gives the same lines for random splits of random text",
  PURE,
  () => {
    const random = new Random(20260731);
    const characters = [
      "\n",
      "\r\n",
      "\r",
      "n",
      "a",
      " ",
      "é",
      "你",
      "😀",
      "\0",
    ];
    for (let round = 0; round < RANDOM_CASES; round++) {
      let text = "";
      const length = random.below(60);
      while (text.length < length) text += random.of(characters);
      const bytes = bytesOf(text);
      const longest = 1 + random.below(20);
      const pieces = [...random.pieces(bytes, longest)];
      const message = `seed ${random.seed}, case ${round}: ${
        JSON.stringify(pieces.map((piece) => [...piece]))
      }`;
      assertEquals(messagesOf(pieces), linesIn(text), message);
      const raw = messagesOf(pieces, "raw");
      assertEquals(raw.join(""), text, message);
      assert(raw.length <= pieces.length, message);
    }
  },
);

Deno.test("BlockDecoder gives one message a read under raw", PURE, () => {
  const reads = ["n", "你好\n", "a\nb", "n", "x".repeat(5 * KIBIBYTE)];
  assertEquals(messagesOf(reads.map(bytesOf), "raw"), reads);
});

Deno.test(
  "BlockDecoder reads a whole message under raw from the first",
  PURE,
  () => {
    const codec = new BlockDecoder({ framing: "raw", maxMessage: NO_LIMIT });
    assertEquals(codec.space().length, LARGEST_READ);
  },
);

Deno.test(
  "BlockDecoder holds a character cut by a read under raw",
  PURE,
  () => {
    for (const character of ["é", "你", "😀"]) {
      const bytes = bytesOf(`a${character}b`);
      for (let at = 2; at < bytes.length - 1; at++) {
        const messages = messagesOf(
          [bytes.subarray(0, at), bytes.subarray(at)],
          "raw",
        );
        assertEquals(messages, ["a", `${character}b`], `cut at ${at}`);
      }
      const alone = Array.from(
        bytesOf(character),
        (byte) => Uint8Array.of(byte),
      );
      assertEquals(messagesOf(alone, "raw"), [character]);
    }
  },
);

Deno.test(
  "BlockDecoder holds nothing but a cut character under raw",
  PURE,
  () => {
    const table: { name: string; bytes: number[]; held: number }[] = [
      { name: "ASCII", bytes: [0x61], held: 0 },
      { name: "a whole character", bytes: [0xe4, 0xbd, 0xa0], held: 0 },
      { name: "a whole longest one", bytes: [0xf0, 0x9f, 0x98, 0x80], held: 0 },
      { name: "the lead of two", bytes: [0x61, 0xc3], held: 1 },
      { name: "one of three", bytes: [0x61, 0xe4], held: 1 },
      { name: "two of three", bytes: [0x61, 0xe4, 0xbd], held: 2 },
      { name: "three of four", bytes: [0x61, 0xf0, 0x9f, 0x98], held: 3 },
      { name: "a lead before ASCII", bytes: [0xe4, 0x61], held: 0 },
      { name: "a byte never UTF-8", bytes: [0x61, 0xff], held: 0 },
      { name: "a continuation alone", bytes: [0x80], held: 0 },
      { name: "continuations alone", bytes: [0x80, 0x80, 0x80, 0x80], held: 0 },
      { name: "two after ASCII", bytes: [0x61, 0x80, 0x80], held: 0 },
      { name: "nothing", bytes: [], held: 0 },
    ];
    for (const { name, bytes, held } of table) {
      const codec = new BlockDecoder({ framing: "raw", maxMessage: 100 });
      codec.space().set(bytes);
      const block = codec.take(bytes.length);
      assertEquals(codec.pending, held, name);
      assertEquals([...block ?? []], bytes.slice(0, bytes.length - held), name);
      assertEquals([...codec.finish() ?? []], bytes.slice(bytes.length - held));
    }
  },
);

Deno.test(
  "BlockDecoder passes bytes that are not UTF-8 unchanged",
  PURE,
  () => {
    const bytes = Uint8Array.of(0xff, 0x61, 0xc3, 0x0a, 0x80, 0xe4, 0xbd, 0x0a);
    for (const framing of ["lines", "raw"] as const) {
      for (const pieces of twoWaySplits(bytes)) {
        const all = blocksOf(pieces, framing).flatMap((block) => [...block]);
        assertEquals(all, [...bytes], `${framing}, after ${pieces[0]?.length}`);
      }
    }
  },
);

Deno.test(
  "BlockDecoder.finish() gives a last line without its ending",
  PURE,
  () => {
    const table: { text: string; last: string | null }[] = [
      { text: "", last: null },
      { text: "a", last: "a" },
      { text: "a\n", last: null },
      { text: "a\nb", last: "b" },
      { text: "a\n\r", last: "\r" },
      { text: "\n", last: null },
    ];
    for (const { text, last } of table) {
      const codec = new BlockDecoder({ framing: "lines", maxMessage: 10 });
      codec.space().set(bytesOf(text));
      codec.take(text.length);
      const block = codec.finish();
      assertEquals(block && decoder.decode(block), last, JSON.stringify(text));
      assertEquals(codec.finish(), null, "A second finish has nothing left");
    }
  },
);

/** A limit that a few characters reach, in bytes. */
const SMALL_LIMIT = 5;
const WITHIN_LIMIT = ["12345\n", "12345\r\n", "12345", "\n12345\n", "你12\n"];
const OVER_LIMIT = [
  { good: "", long: "123456\n" },
  { good: "", long: "123456\r\n" },
  { good: "", long: "123456" },
  { good: "", long: "12345\r" },
  { good: "", long: "12345\rx\n" },
  { good: "", long: "你好\n" },
  { good: "a\n\n12345\r\n", long: "123456\n" },
  { good: "a\n", long: "123456789" },
];

/** What comes before a message that is over the limit, and that one does. */
function untilTooLong(pieces: Iterable<Uint8Array>, framing: Framing): string {
  const codec = new BlockDecoder({ framing, maxMessage: SMALL_LIMIT });
  let text = "";
  const error = assertThrows(() => {
    for (const piece of pieces) {
      codec.space().set(piece);
      const block = codec.take(piece.length);
      assert(block?.length !== 0, "A block is never empty");
      if (block) text += decoder.decode(block);
    }
    const block = codec.finish();
    if (block) text += decoder.decode(block);
    codec.space();
  }, ProtocolError);
  assertEquals(error.limit, SMALL_LIMIT);
  assertMatch(error.message, /more than 5 bytes$/);
  return text;
}

Deno.test(
  "BlockDecoder takes messages that reach the limit exactly",
  PURE,
  () => {
    for (const text of WITHIN_LIMIT) {
      for (const pieces of twoWaySplits(bytesOf(text))) {
        const all = blocksOf(pieces, "lines", SMALL_LIMIT)
          .map((block) => decoder.decode(block)).join("");
        assertEquals(all, text);
      }
    }
    assertEquals(blocksOf([bytesOf("12345")], "raw", SMALL_LIMIT), [
      bytesOf("12345"),
    ]);
  },
);

Deno.test(
  "BlockDecoder gives what came before a message over the limit, then throws",
  PURE,
  () => {
    for (const { good, long } of OVER_LIMIT) {
      const bytes = bytesOf(good + long);
      assertEquals(untilTooLong([bytes], "lines"), good, "whole");
      for (const pieces of twoWaySplits(bytes)) {
        const split = `${JSON.stringify(good + long)} at ${pieces[0]?.length}`;
        assertEquals(untilTooLong(pieces, "lines"), good, split);
      }
    }
    assertEquals(untilTooLong([bytesOf("123456")], "raw"), "");
    assertEquals(untilTooLong(["12", "123456"].map(bytesOf), "raw"), "12");
  },
);

Deno.test(
  "BlockDecoder asks for no more of a message that is over the limit already",
  PURE,
  () => {
    const codec = new BlockDecoder({
      framing: "lines",
      maxMessage: SMALL_LIMIT,
    });
    codec.space().set(bytesOf("a\n1234567"));
    assertEquals(codec.take(9), bytesOf("a\n"));
    assertThrows(() => codec.space(), ProtocolError);
  },
);

Deno.test("BlockDecoder stays over the limit once it is", PURE, () => {
  const codec = new BlockDecoder({ framing: "lines", maxMessage: SMALL_LIMIT });
  codec.space().set(bytesOf("1234567"));
  assertEquals(codec.take(7), null);
  assertThrows(() => codec.space(), ProtocolError);
  assertThrows(() => codec.finish(), ProtocolError);
});

Deno.test(
  "BlockDecoder never has more space than the limit and a read need",
  PURE,
  () => {
    const random = new Random(4);
    for (const maxMessage of [1, 1000, 100_000, 1_000_000]) {
      const bound = Math.max(LARGEST_READ, 4 * (maxMessage + 2));
      const codec = new BlockDecoder({ framing: "lines", maxMessage });
      let largest = 0;
      for (let line = 0; line < 20; line++) {
        let left = random.below(2) === 0
          ? maxMessage
          : random.below(maxMessage);
        while (left > 0) {
          const space = codec.space();
          assert(space.length > 0, "There is no space to read into");
          largest = Math.max(largest, space.buffer.byteLength);
          const count = Math.min(left, space.length);
          space.fill(0x61, 0, count);
          assertEquals(codec.take(count), null);
          left -= count;
        }
        codec.space()[0] = 0x0a;
        assert(codec.take(1), "A line that is ended is given");
      }
      assert(largest <= bound, `${largest} bytes for a limit of ${maxMessage}`);
    }
  },
);

Deno.test(
  "BlockDecoder costs little while nothing comes, and after a long line",
  PURE,
  () => {
    const codec = new BlockDecoder({ framing: "lines", maxMessage: NO_LIMIT });
    assertEquals(codec.space().buffer.byteLength, FIRST_READ);
    for (let left = NO_LIMIT; left > 0;) {
      const count = Math.min(left, codec.space().length);
      codec.space().fill(0x61, 0, count);
      codec.take(count);
      left -= count;
    }
    assert(codec.space().buffer.byteLength > LARGEST_READ);
    codec.space()[0] = 0x0a;
    assertEquals(codec.take(1)?.length, NO_LIMIT + 1);
    assertEquals(codec.space().buffer.byteLength, FIRST_READ);
  },
);

Deno.test(
  "BlockDecoder reads more at once where a peer keeps filling it",
  PURE,
  () => {
    const codec = new BlockDecoder({ framing: "lines", maxMessage: NO_LIMIT });
    const sizes: number[] = [];
    for (let read = 0; read < 8; read++) {
      const space = codec.space().fill(0x0a);
      sizes.push(space.length);
      codec.take(space.length);
    }
    assertEquals(sizes, [
      FIRST_READ,
      1024,
      4096,
      16_384,
      65_536,
      262_144,
      LARGEST_READ,
      LARGEST_READ,
    ]);
  },
);

Deno.test(
  "BlockDecoder gives a read that may wait little space, and frees the rest",
  PURE,
  () => {
    const codec = new BlockDecoder({ framing: "lines", maxMessage: NO_LIMIT });
    const fill = (): void => {
      const space = codec.space().fill(0x0a);
      codec.take(space.length);
    };
    while (codec.space().length < LARGEST_READ) fill();
    const { buffer } = codec.space();
    codec.space().set(bytesOf("a\nbc"));
    assertEquals(codec.take(4), bytesOf("a\n"));
    const waits = codec.space();
    assertEquals(waits.buffer.byteLength, FIRST_READ);
    assert(codec.hasSpare);
    // Where the little is filled at once, all of it is used again.
    codec.take(waits.fill(0x0a).length);
    assertEquals(codec.space().buffer, buffer);
    assert(!codec.hasSpare);

    codec.space().set(bytesOf("a\nbc"));
    codec.take(4);
    codec.space();
    codec.rest();
    assertEquals([codec.hasSpare, buffer.byteLength], [false, 0]);
    assertEquals(codec.held, bytesOf("bc"));
    codec.space().set(bytesOf("d\n"));
    assertEquals(codec.take(2), bytesOf("bcd\n"));
  },
);

Deno.test("BlockDecoder uses its buffer again", PURE, () => {
  const codec = new BlockDecoder({ framing: "lines", maxMessage: NO_LIMIT });
  const { buffer } = codec.space();
  for (let read = 0; read < 1000; read++) {
    const space = codec.space();
    assertEquals(space.buffer, buffer);
    space.set(bytesOf("a\nbc"));
    codec.take(4);
    assertEquals(codec.pending, 2);
    codec.space().set(bytesOf("\n"));
    const block = codec.take(1);
    assertEquals(block && decoder.decode(block), "bc\n");
  }
});

Deno.test("linesOf() gives each line with its ending", PURE, () => {
  for (const text of ["", "a", "a\n", "\n\n", "a\r\nb", "你\n好\n", "\r\n"]) {
    const lines = [...linesOf(bytesOf(text))].map((line) =>
      decoder.decode(line)
    );
    assertEquals(lines, linesIn(text), JSON.stringify(text));
  }
});

Deno.test(
  "withoutEnding() takes the line ending off, and nothing else",
  PURE,
  () => {
    const table: [line: string, text: string][] = [
      ["", ""],
      ["\n", ""],
      ["\r\n", ""],
      ["\r", "\r"],
      ["a", "a"],
      ["a\n", "a"],
      ["a\r\n", "a"],
      ["a\r", "a\r"],
      ["a\r\r\n", "a\r"],
      ["a\n\n", "a\n"],
      [" a \n", " a "],
    ];
    for (const [line, text] of table) {
      assertEquals(
        decoder.decode(withoutEnding(bytesOf(line))),
        text,
        JSON.stringify(line),
      );
    }
  },
);
