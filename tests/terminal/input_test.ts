import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Block } from "../../lib/chat/endpoint.ts";
import {
  firstNotUtf8,
  Input,
  InputError,
  isTerminalGone,
  PendingInput,
  type Readable,
} from "../../lib/terminal/input.ts";
import { Failure, sentence } from "../../lib/text/phrases.ts";
import { lineOf } from "../../lib/wire/message.ts";
import { PURE } from "../kit/pure.ts";
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
    const encoding = "ISO-8859-1";
    const place = { line: lines.length + 1, offset: 3, encoding };
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
    assertEquals(await input.read(), lineOf(size === 1 ? "one" : "one\ntwo"));
    const error = await assertRejects(() => readAll(input), InputError);
    const place = { line: 3, limit: MAX_MESSAGE_BYTES };
    assertEquals(error.sentence, sentence("input too long", place));
    assertEquals(await input.read(), null);
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

Deno.test("Input read() says each time why it can't", PURE, async () => {
  const cause = new Error("Is a directory");
  const input = new Input({ read: () => Promise.reject(cause) }, {
    maxMessage: MAX_MESSAGE_BYTES,
  });
  for (let round = 0; round < 2; round++) {
    const error = await assertRejects(() => input.read(), Failure);
    const reason = { cause: "Is a directory" };
    assertEquals(error.sentence, sentence("input failed", reason));
    assertEquals(error.cause, cause);
  }
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

Deno.test("isTerminalGone() knows the fault of a closed terminal", PURE, () => {
  const fault = (code: string): Error =>
    Object.assign(new Error("read failed"), { code });
  assertEquals(isTerminalGone(fault("EIO")), true);
  assertEquals(isTerminalGone(fault("EBUSY")), false);
  assertEquals(isTerminalGone(new Error("EIO")), false);
  assertEquals(isTerminalGone(undefined), false);
});

/** One whose input brings these texts, each as a block. */
function reading(lineByLine: boolean, ...texts: string[]): PendingInput {
  const read = (): Promise<Block | null> => {
    const text = texts.shift();
    const block = text === undefined ? null : new TextEncoder().encode(text);
    return Promise.resolve(block);
  };
  return new PendingInput(read, { lineByLine });
}

/** Says all that there is, in the pieces that there are. */
async function sayAll(pending: PendingInput): Promise<string[]> {
  const block = await pending.receive();
  if (block === null) return [];
  assertEquals(pending.said(block), true);
  return [new TextDecoder().decode(block), ...await sayAll(pending)];
}

Deno.test("PendingInput receive() gives blocks, or lines", PURE, async () => {
  const texts = ["one\n\n二\n", "no ending"];
  assertEquals(await sayAll(reading(false, ...texts)), texts);
  assertEquals(
    await sayAll(reading(true, ...texts)),
    ["one\n", "\n", "二\n", "no ending\n"],
  );
});

Deno.test(
  "PendingInput receive() gives the same until it is said",
  PURE,
  async () => {
    const pending = reading(true, "one\ntwo\n");
    const first = pending.receive();
    assertEquals(pending.receive(), first);
    assertEquals(await first, lineOf("one"));
    assertEquals(await pending.receive(), lineOf("one"));
  },
);

Deno.test(
  "PendingInput receive() throws what the reading throws",
  PURE,
  async () => {
    const read = (): Promise<never> => Promise.reject(new Error("gone"));
    const pending = new PendingInput(read, { lineByLine: false });
    for (let round = 0; round < 2; round++) {
      await assertRejects(() => pending.receive(), Error, "gone");
    }
  },
);

Deno.test(
  "PendingInput close() leaves what comes to the next",
  PURE,
  async () => {
    const read = Promise.withResolvers<Block | null>();
    const pending = new PendingInput(() => read.promise, { lineByLine: false });
    const first = pending.receive();
    pending.close();
    assertEquals(await first, null);
    assertEquals(await pending.receive(), null);
    pending.open();
    const next = pending.receive();
    read.resolve(lineOf("late"));
    assertEquals(await next, lineOf("late"));
  },
);

Deno.test(
  "PendingInput close() keeps what was given and not said",
  PURE,
  async () => {
    const pending = reading(true, "one\ntwo\n");
    await pending.receive();
    pending.close();
    assertEquals(await pending.receive(), null);
    pending.open();
    assertEquals(await sayAll(pending), ["one\n", "two\n"]);
  },
);

Deno.test("PendingInput readAhead() keeps what it reads", PURE, async () => {
  const read = Promise.withResolvers<Block | null>();
  const pending = new PendingInput(() => read.promise, { lineByLine: false });
  pending.readAhead();
  read.resolve(lineOf("early"));
  await read.promise;
  assertEquals(await pending.receive(), lineOf("early"));
});

Deno.test("PendingInput readAhead() keeps a fault, once", PURE, async () => {
  const faults = [new Error("refused")];
  const read = (): Promise<Block | null> => {
    const fault = faults.shift();
    return fault ? Promise.reject(fault) : Promise.resolve(null);
  };
  const pending = new PendingInput(read, { lineByLine: false });
  pending.readAhead();
  await new Promise((resolve) => setTimeout(resolve, 0));
  await assertRejects(() => pending.receive(), Error, "refused");
  assertEquals(await pending.receive(), null);
});

Deno.test(
  "PendingInput said() leaves what is held for what is not",
  PURE,
  async () => {
    for (const lineByLine of [false, true]) {
      const pending = reading(lineByLine, "typed\n");
      assertEquals(pending.said(lineOf("n")), false);
      await pending.receive();
      assertEquals(pending.said(lineOf("n")), false);
      assertEquals(pending.take(), lineOf("typed"));
    }
  },
);

Deno.test(
  "PendingInput said() forgets what comes after an end",
  PURE,
  async () => {
    for (const lineByLine of [false, true]) {
      const pending = reading(lineByLine, "n\nafter\n");
      const said = (await pending.receive())?.subarray(0, 2);
      assertEquals(pending.said(said ?? lineOf("")), true);
      assertEquals(
        await pending.receive(),
        lineByLine ? lineOf("after") : null,
      );
    }
  },
);

Deno.test(
  "PendingInput take() gives all that is held, once",
  PURE,
  async () => {
    const pending = reading(true, "one\ntwo\n");
    assertEquals(pending.take(), null);
    const first = await pending.receive() ?? lineOf("");
    assertEquals(pending.take(), lineOf("one\ntwo"));
    assertEquals(pending.take(), null);
    assertEquals(pending.said(first), false);
    assertEquals(await pending.receive(), null);
  },
);
