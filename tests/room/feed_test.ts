import { assert, assertEquals } from "@std/assert";
import { Feed, History, Reader, SEGMENT_BYTES } from "../../lib/room/feed.ts";
import { EARLIER_BYTES } from "../../lib/room/lines.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function append(feed: Feed, text: string): number {
  feed.append(encoder.encode(text));
  return text.length;
}

function take(reader: Reader): string | null {
  const bytes = reader.take();
  return bytes === null ? null : decoder.decode(bytes);
}

Deno.test(
  "Reader.take() gives what came after it, together and once",
  PURE,
  () => {
    const feed = new Feed();
    append(feed, "before\n");
    const reader = new Reader(feed);
    assertEquals(take(reader), null);
    append(feed, "one\n");
    append(feed, "two\n");
    assertEquals(reader.pending, 8);
    assertEquals(take(reader), "one\ntwo\n");
    assertEquals([reader.pending, take(reader)], [0, null]);
  },
);

Deno.test(
  "Reader.take() gives bytes that stay as they are, the same to all",
  PURE,
  () => {
    const feed = new Feed();
    const readers = [new Reader(feed), new Reader(feed)];
    append(feed, "one\n");
    const [first, second] = readers.map((reader) => reader.take());
    append(feed, "two\n");
    assertEquals(decoder.decode(first ?? undefined), "one\n");
    assert(first?.buffer === second?.buffer);
  },
);

Deno.test(
  "Reader.take() cuts between messages, however long they are",
  PURE,
  () => {
    const feed = new Feed();
    const reader = new Reader(feed);
    const sizes = [1, SEGMENT_BYTES - 2, 3, 2 * SEGMENT_BYTES, 5];
    for (const size of sizes) append(feed, `${"x".repeat(size)}\n`);
    const ends: (string | undefined)[] = [];
    let total = 0;
    for (let text = take(reader); text !== null; text = take(reader)) {
      ends.push(text.at(-1));
      total += text.length;
    }
    assertEquals(total, sizes.reduce((sum, size) => sum + size + 1, 0));
    assert(ends.every((end) => end === "\n"));
  },
);

Deno.test("Reader.skip() keeps nothing for who has read all", PURE, () => {
  const feed = new Feed();
  const reader = new Reader(feed);
  for (let round = 0; round < 10; round++) {
    reader.skip(append(feed, "x".repeat(SEGMENT_BYTES)));
  }
  assertEquals([reader.pending, take(reader)], [0, null]);
  append(feed, "next\n");
  assertEquals(take(reader), "next\n");
});

Deno.test("Reader gives each its own, as lists of messages would", PURE, () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = new Random(seed);
  const feed = new Feed();
  const readers = Array.from({ length: 5 }, () => ({
    reader: new Reader(feed),
    expected: "",
    got: "",
  }));
  const read = (one: typeof readers[number]): void => {
    const text = take(one.reader) ?? "";
    assert(text === "" || text.endsWith("\n"), `seed ${seed}`);
    assert(one.expected.startsWith(text, one.got.length), `seed ${seed}`);
    one.got += text;
  };
  for (let step = 0; step < 5000; step++) {
    const size = random.below(50) === 0 ? 40_000 : 100;
    const text = `${step} ${"x".repeat(random.below(size))}\n`;
    const one = random.of(readers);
    switch (random.below(4)) {
      case 0:
        read(one);
        break;
      case 1:
        one.reader.insert(encoder.encode(text));
        one.expected += text;
        break;
      default: {
        const length = append(feed, text);
        const skips = random.below(2) === 0;
        if (skips) one.reader.skip(length);
        for (const other of readers) {
          if (other !== one || !skips) other.expected += text;
        }
      }
    }
  }
  for (const one of readers) {
    while (one.reader.pending > 0) read(one);
    assertEquals(one.got === one.expected, true, `seed ${seed}`);
  }
});

Deno.test(
  "Reader.pending counts what it takes to keep a difference",
  PURE,
  () => {
    const feed = new Feed();
    const reader = new Reader(feed);
    for (let count = 0; count < 100; count++) {
      reader.insert(
        encoder.encode("x\n"),
      );
    }
    assert(reader.pending > 100 * 500, String(reader.pending));
    assert(reader.hasOwn);
    append(feed, "y\n");
    for (let count = 0; count < 100; count++) {
      reader.skip(append(feed, "z\n"));
      append(feed, "y\n");
    }
    while (take(reader) !== null);
    assertEquals([reader.pending, reader.hasOwn], [0, false]);
  },
);

function kept(history: History, count = Infinity): string {
  return history.last(count).map(({ line }) => decoder.decode(line)).join("");
}

function remember(history: History, text: string): void {
  history.add({ time: 0, line: encoder.encode(text), by: history });
}

Deno.test(
  "History.last() gives the last messages, the oldest first",
  PURE,
  () => {
    const history = new History(3);
    assertEquals(kept(history), "");
    for (const [index, text] of [..."abcdefgh"].entries()) {
      remember(history, text);
      assertEquals(
        kept(history),
        "abcdefgh".slice(Math.max(0, index - 2), index + 1),
      );
    }
    assertEquals(kept(history, 2), "gh");
    assertEquals(kept(history, 9), "fgh");
  },
);

Deno.test("History.add() keeps no more bytes than it may", PURE, () => {
  const history = new History(100, 10 + 3 * EARLIER_BYTES);
  for (const text of ["1234", "5678", "90"]) remember(history, text);
  assertEquals(kept(history), "1234567890");
  remember(history, "abcde");
  assertEquals(kept(history), "90abcde");
  remember(history, "x".repeat(11 + 2 * EARLIER_BYTES));
  assertEquals(kept(history), "90abcde");
  const long = "x".repeat(10 + 2 * EARLIER_BYTES);
  remember(history, long);
  assertEquals(kept(history), long);
});

Deno.test("History.add() keeps nothing when none is wanted", PURE, () => {
  const history = new History(0);
  remember(history, "x");
  assertEquals(kept(history), "");
});
