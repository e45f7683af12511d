import { assert, assertEquals, assertRejects } from "@std/assert";
import { CLOSING_BYTES } from "../../lib/chat/closing.ts";
import { Connection } from "../../lib/chat/connection.ts";
import type {
  ByteStream,
  ConnectionOptions,
  Observation,
} from "../../lib/chat/endpoint.ts";
import { ConnectionError } from "../../lib/chat/endpoint.ts";
import {
  type Framing,
  linesOf,
  ProtocolError,
  RAW_PAUSE_MS,
} from "../../lib/wire/framing.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

/** How long a line ending may be waited for before it is mentioned. */
const LINE_ENDING_WAIT_MS = 1000;
const IDLE_MS = 50;
const RANDOM_CASES = 500;
const FLOOD_BYTES = 1024 * 1024;

/** What nobody wakes who waits at it. */
const NOTHING = new Int32Array(new SharedArrayBuffer(4));

/** A peer over TCP, where a reset can be found. */
const TCP = { address: "192.0.2.1:1", host: "192.0.2.1" };
/** A peer at a Unix socket, where it can't. */
const UNIX = { address: "/run/socket", host: undefined };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Lets everything go on that does not wait for the test. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A stream of bytes in a test's hands, which behaves as a `Deno.Conn`. */
class FakeStream implements ByteStream {
  readonly log: string[] = [];
  /** All that was written to it. */
  written = "";
  /** The most bytes that one write takes. */
  writeAtMost = Infinity;
  /** Set for a peer that reads nothing: a write waits, even after a close. */
  stalled = false;
  /** What writing and closing the sending half throw. */
  fault: Error | undefined;
  readonly #reads: (Uint8Array | null | Error)[] = [];
  readonly #closed = Promise.withResolvers<never>();
  #wake = (): void => {};

  constructor(...reads: (string | Uint8Array | null | Error)[]) {
    this.#closed.promise.catch(() => {});
    this.give(...reads);
  }

  give(...reads: (string | Uint8Array | null | Error)[]): void {
    for (const read of reads) {
      this.#reads.push(typeof read === "string" ? encoder.encode(read) : read);
    }
    this.#wake();
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    assert(buffer.length > 0, "Read into an empty buffer");
    if (this.#reads.length === 0) {
      const given = new Promise<void>((resolve) => this.#wake = resolve);
      await Promise.race([given, this.#closed.promise]);
    }
    const next = this.#reads.shift();
    if (next instanceof Error) throw next;
    if (next === null || next === undefined) return null;
    const part = next.subarray(0, buffer.length);
    buffer.set(part);
    if (part.length < next.length) {
      this.#reads.unshift(next.subarray(part.length));
    }
    return part.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.stalled) return new Promise(() => {});
    if (this.fault) return Promise.reject(this.fault);
    if (this.log.includes("closeWrite")) {
      return Promise.reject(new Error("Broken pipe"));
    }
    const part = bytes.subarray(0, this.writeAtMost);
    const text = decoder.decode(part, { stream: true });
    this.log.push(`write ${text}`);
    this.written += text;
    return Promise.resolve(part.length);
  }

  closeWrite(): Promise<void> {
    this.log.push("closeWrite");
    return this.fault ? Promise.reject(this.fault) : Promise.resolve();
  }

  close(): void {
    this.log.push("close");
    this.#closed.reject(new Error("Bad resource ID"));
  }
}

/** A promise that counts who waits for it. */
class CountedPromise<T> extends Promise<T> {
  waiting = 0;

  override then<One = T, Two = never>(
    fulfilled?: ((value: T) => One | PromiseLike<One>) | null,
    rejected?: ((reason: unknown) => Two | PromiseLike<Two>) | null,
  ): Promise<One | Two> {
    this.waiting++;
    return super.then(fulfilled, rejected);
  }
}

/** A stream that counts who waits for its last read. */
class CountedStream extends FakeStream {
  lastRead: CountedPromise<number | null> | undefined;

  override read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    return this.lastRead = new CountedPromise((resolve, reject) => {
      super.read(buffer).then(resolve, reject);
    });
  }
}

/** What the connection receives of its stream when that brings this. */
async function next(
  connection: Connection,
  stream: FakeStream,
  text: string,
): Promise<string | null> {
  stream.give(text);
  const block = await connection.receive();
  return block && decoder.decode(block);
}

interface Setting {
  framing?: Framing;
  maxMessage?: number;
  idleTimeout?: number;
  isText?: boolean;
  tellsReset?: boolean;
  observe?: ConnectionOptions["observe"];
  sent?(): void;
}

/** What comes is for people, and may have no line endings. */
const TEXT: Setting = { isText: true, observe: () => {} };

/** A connection on a stream, closed when it goes out of scope. */
function connect(
  stream: FakeStream,
  setting: Setting = {},
): Connection & Disposable {
  const { tellsReset = false } = setting;
  const connection = new Connection(stream, tellsReset ? TCP : UNIX);
  connection.begin({
    framing: "lines",
    maxMessage: 1000,
    idleTimeout: Infinity,
    observe: (observation) => {
      throw new Error(`Unexpected: ${observation}`);
    },
    ...setting,
  });
  return Object.assign(connection, {
    [Symbol.dispose]: () => connection.close(),
  });
}

/** All that a connection receives, to the end of the stream. */
async function messagesOf(connection: Connection): Promise<string[]> {
  const messages: string[] = [];
  for (;;) {
    const block = await connection.receive();
    if (block === null) return messages;
    const lines = connection.framing === "raw" ? [block] : linesOf(block);
    for (const line of lines) messages.push(decoder.decode(line));
  }
}

Deno.test(
  "Connection.receive() gives blocks, then null for ever",
  PURE,
  async () => {
    const stream = new FakeStream("a\nb\nc", "d\ne", null);
    using connection = connect(stream);
    const blocks: (string | null)[] = [];
    for (let call = 0; call < 5; call++) {
      const block = await connection.receive();
      blocks.push(block && decoder.decode(block));
    }
    assertEquals(blocks, ["a\nb\n", "cd\n", "e", null, null]);
  },
);

Deno.test(
  "Connection.receive() gives the same lines for any split",
  PURE,
  async () => {
    const text = "你好\nhello\r\n\n😀 é\nn";
    const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    const bytes = encoder.encode(text);
    const random = new Random(7);
    for (let round = 0; round < RANDOM_CASES; round++) {
      const pieces = [...random.pieces(bytes, 1 + random.below(10))];
      using connection = connect(new FakeStream(...pieces, null));
      assertEquals(
        await messagesOf(connection),
        lines,
        `seed ${random.seed}, case ${round}: ${pieces.map((p) => p.length)}`,
      );
    }
  },
);

Deno.test(
  "Connection.receive() gives each read as a message under raw",
  PURE,
  async () => {
    const cut = encoder.encode("a你");
    using connection = connect(
      new FakeStream("n", "b\nc", cut.subarray(0, 2), cut.subarray(2), null),
      { framing: "raw" },
    );
    assertEquals(await messagesOf(connection), ["n", "b\nc", "a", "你"]);
  },
);

Deno.test(
  "Connection.receive() called while one is pending gives its block",
  PURE,
  async () => {
    const stream = new FakeStream();
    using connection = connect(stream);
    const both = Promise.all([connection.receive(), connection.receive()]);
    stream.give("a\n", "b\n", null);
    const [first, second] = await both;
    assertEquals(first && decoder.decode(first), "a\n");
    assertEquals(second, first);
    assertEquals(await messagesOf(connection), ["b\n"]);
  },
);

Deno.test(
  "Connection.receive() throws for a message over the limit, after what came before",
  PURE,
  async () => {
    using connection = connect(new FakeStream("a\n123456\n", null), {
      maxMessage: 5,
    });
    const block = await connection.receive();
    assertEquals(block && decoder.decode(block), "a\n");
    const error = await assertRejects(
      () => connection.receive(),
      ProtocolError,
    );
    assertEquals(error.limit, 5);
    assertEquals(await connection.receive(), null);
  },
);

Deno.test(
  "Connection.receive() throws a ConnectionError for a reset",
  PURE,
  async () => {
    const cause = new Error("Connection reset by peer");
    using connection = connect(new FakeStream("a\nb", cause));
    await connection.receive();
    const error = await assertRejects(
      () => connection.receive(),
      ConnectionError,
      "broken connection",
    );
    assertEquals(error.kind, "broken");
    assertEquals(error.cause, cause);
  },
);

Deno.test(
  "Connection.receive() gives no line that a reset cut off, once a write was told",
  PURE,
  async () => {
    for (const cut of [["cut"], []]) {
      const stream = new FakeStream("whole\n", ...cut, null);
      using connection = connect(stream);
      stream.fault = new Error("Broken pipe");
      const sent = connection.send(encoder.encode("a\n"));
      await assertRejects(() => sent, ConnectionError);
      const block = await connection.receive();
      assertEquals(block && decoder.decode(block), "whole\n");
      if (cut.length === 0) {
        assertEquals(await connection.receive(), null);
        continue;
      }
      const received = connection.receive();
      const error = await assertRejects(() => received, ConnectionError);
      assertEquals(error.cause, stream.fault);
    }
  },
);

Deno.test(
  "Connection.receive() gives no line that a reset cut off, of which a write is still to tell",
  PURE,
  async () => {
    const fault = new Error("Connection reset");
    const stream = new FakeStream("cut", null);
    using connection = connect(stream);
    const writing = Promise.withResolvers<number>();
    stream.write = () => writing.promise;
    const sent = connection.send(encoder.encode("a\n"));
    const received = connection.receive();
    await settle();
    writing.reject(fault);
    await assertRejects(() => sent, ConnectionError);
    const error = await assertRejects(() => received, ConnectionError);
    assertEquals(error.cause, fault);

    // Where nothing is on its way, it is asked for.
    const other = new FakeStream("cut", null);
    other.fault = fault;
    using silent = connect(other, { tellsReset: true });
    await assertRejects(() => silent.receive(), ConnectionError);
  },
);

Deno.test(
  "Connection.receive() gives the last line also of a peer that reads nothing",
  PURE,
  async () => {
    // What is whole is waited with for nothing.
    const whole = new FakeStream("whole\n", null);
    whole.stalled = true;
    using first = connect(whole, { tellsReset: true });
    const sending = assertRejects(
      () => first.send(encoder.encode("a\n")),
      ConnectionError,
    );
    await first.receive();
    const late = settle().then(() => "late");
    assertEquals(await Promise.race([first.receive(), late]), null);
    first.close();
    await sending;

    const stream = new FakeStream("last", null);
    stream.stalled = true;
    using connection = connect(stream, { tellsReset: true });
    const sent = assertRejects(
      () => connection.send(encoder.encode("a\n")),
      ConnectionError,
    );
    const block = await connection.receive();
    assertEquals(block && decoder.decode(block), "last");
    assertEquals(await connection.receive(), null);
    connection.close();
    await sent;
  },
);

Deno.test(
  "Connection.receive() gives the last line also to who says no more",
  PURE,
  async () => {
    const stream = new FakeStream();
    using connection = connect(stream, { tellsReset: true });
    await connection.closeWrite();
    stream.give("last", null);
    assertEquals(await messagesOf(connection), ["last"]);
  },
);

Deno.test(
  "Connection observes bytes that are not UTF-8 once, and gives them",
  PURE,
  async () => {
    const observed: Observation[] = [];
    const bad = Uint8Array.of(0x61, 0xff, 0x0a);
    using connection = connect(new FakeStream("好\n", bad, bad, "b\n", null), {
      observe: (observation) => observed.push(observation),
    });
    await connection.receive();
    assertEquals(observed, []);
    const block = await connection.receive();
    assertEquals(block && [...block], [...bad]);
    assertEquals(observed, ["not UTF-8"]);
    assertEquals(await messagesOf(connection), ["a\u{fffd}\n", "b\n"]);
    assertEquals(observed, ["not UTF-8"]);
  },
);

Deno.test(
  "Connection takes a character cut by a read for UTF-8",
  PURE,
  async () => {
    const bytes = encoder.encode("你😀\n");
    for (const framing of ["lines", "raw"] as const) {
      for (let at = 1; at < bytes.length; at++) {
        const stream = new FakeStream(
          bytes.subarray(0, at),
          bytes.subarray(at),
          null,
        );
        using connection = connect(stream, { framing });
        assertEquals((await messagesOf(connection)).join(""), "你😀\n");
      }
    }
  },
);

Deno.test(
  "Connection mentions a line ending that does not come, once",
  PURE,
  async () => {
    const observed: Observation[] = [];
    const mentioned = Promise.withResolvers<void>();
    const stream = new FakeStream("hello");
    using connection = connect(stream, {
      observe: (observation) => {
        observed.push(observation);
        mentioned.resolve();
      },
    });
    // Only bytes without an ending are waited for, under lines alone.
    using idle = connect(new FakeStream());
    using ended = connect(new FakeStream("whole\n"));
    using raw = connect(
      new FakeStream("a", Uint8Array.of(0xe4)),
      { framing: "raw" },
    );
    await ended.receive();
    await raw.receive();
    const others = [idle, ended, raw].map((other) => other.receive());
    // It begins to wait after the others, which would have been mentioned first.
    const begin = performance.now();
    const receiving = connection.receive();
    await mentioned.promise;
    assert(performance.now() - begin >= LINE_ENDING_WAIT_MS);
    stream.give(" again", " and again\n");
    const block = await receiving;
    assertEquals(block && decoder.decode(block), "hello again and again\n");
    assertEquals(observed, ["no line ending"]);
    for (const other of [idle, ended, raw]) other.close();
    assertEquals(await Promise.all(others), [null, null, null]);
  },
);

Deno.test(
  "Connection mentions no line ending that comes in time, however often",
  PURE,
  async () => {
    const stream = new FakeStream("held ");
    using connection = connect(stream);
    const receiving = connection.receive();
    await settle();
    stream.give("up\n");
    // No timer fires meanwhile: only what the clock shows counts.
    Atomics.wait(NOTHING, 0, 0, LINE_ENDING_WAIT_MS);
    const block = await receiving;
    assertEquals(block && decoder.decode(block), "held up\n");
    const others = next(connection, stream, "half ");
    await settle();
    stream.give("a line\n");
    assertEquals(await others, "half a line\n");
    // Nor while nothing waits for one.
    const last = connection.receive();
    using idle = connect(new FakeStream(), {
      idleTimeout: LINE_ENDING_WAIT_MS + IDLE_MS,
    });
    await assertRejects(() => idle.receive(), ConnectionError);
    connection.close();
    assertEquals(await last, null);
  },
);

Deno.test(
  "Connection takes bytes without a line ending as a line, a character only whole",
  PURE,
  async () => {
    const stream = new CountedStream("hello", Uint8Array.of(0xe4));
    using connection = connect(stream, TEXT);
    const other = new FakeStream();
    using others = connect(other, TEXT);
    const begin = performance.now();
    const first = next(others, other, "all");
    const block = await connection.receive();
    assert(performance.now() - begin >= LINE_ENDING_WAIT_MS);
    assertEquals(block && decoder.decode(block), "hello");
    assertEquals(await first, "all");
    const receiving = connection.receive();
    for (let turn = 0; turn < 10; turn++) {
      assertEquals(await next(others, other, "b"), "b");
    }
    // Each look at a read that does not come would be kept as long as that.
    assert((stream.lastRead?.waiting ?? 0) <= 3);
    stream.give(Uint8Array.of(0xbd, 0xa0));
    const rest = await receiving;
    assertEquals(rest && decoder.decode(rest), "你");
  },
);

Deno.test(
  "Connection.send() keeps messages apart under raw",
  PURE,
  async () => {
    const times: number[] = [];
    const stream = new FakeStream();
    using connection = connect(stream, {
      framing: "raw",
      sent: () => times.push(performance.now()),
    });
    await connection.send(encoder.encode("a\nb\n"));
    await connection.send(encoder.encode("c\n"));
    assertEquals(stream.written, "abc");
    const [first = 0, second = 0, third = 0] = times;
    for (const pause of [second - first, third - second]) {
      assert(pause >= RAW_PAUSE_MS - 2);
    }
  },
);

Deno.test(
  "Connection waits for the end of a line that someone types",
  PURE,
  async () => {
    const stream = new FakeStream();
    using connection = connect(stream, TEXT);
    const other = new FakeStream();
    using others = connect(other, TEXT);
    const receiving = next(connection, stream, "h");
    for (const keys of ["e", "你", "lo"]) {
      await settle();
      stream.give(keys);
    }
    // The other begins to wait later.
    assertEquals(await next(others, other, "a text"), "a text");
    stream.give("\n");
    assertEquals(await receiving, "he你lo\n");
    // It is known that the other sends none: what it sends is no key.
    assertEquals(await next(others, other, "n"), "n");
  },
);

Deno.test(
  "Connection waits as long as at first for a line ending of who sends some",
  PURE,
  async () => {
    const stream = new FakeStream();
    using connection = connect(stream, TEXT);
    const other = new FakeStream();
    using others = connect(other, TEXT);
    const first = next(others, other, "all");
    assertEquals(await next(connection, stream, "held"), "held");
    assertEquals(await next(connection, stream, " up\n"), " up\n");
    await first;
    const receiving = next(connection, stream, "half ");
    // The other, which sends none, is known to.
    for (let turn = 0; turn < 3; turn++) await next(others, other, "b");
    stream.give("a line\n");
    assertEquals(await receiving, "half a line\n");
  },
);

Deno.test(
  "Connection waits longer for the rest of a line of who ended all before",
  PURE,
  async () => {
    const stream = new FakeStream();
    using connection = connect(stream, TEXT);
    const other = new FakeStream();
    using others = connect(other, TEXT);
    assertEquals(await next(connection, stream, "a line\n"), "a line\n");
    const receiving = next(connection, stream, "half ");
    // The other has ended none, so it waits for the shorter time.
    assertEquals(await next(others, other, "all"), "all");
    assertEquals(await next(others, other, "b"), "b");
    stream.give("a line\n");
    assertEquals(await receiving, "half a line\n");
  },
);

Deno.test(
  "Connection.send() writes the whole block, however little is taken",
  PURE,
  async () => {
    for (const writeAtMost of [1, 2, 3, 7, Infinity]) {
      const stream = new FakeStream();
      stream.writeAtMost = writeAtMost;
      using connection = connect(stream);
      await connection.send(encoder.encode("你好\nhello\r\n"));
      assertEquals(stream.written, "你好\nhello\r\n");
    }
  },
);

Deno.test(
  "Connection.send() sends one block after the other",
  PURE,
  async () => {
    const stream = new FakeStream();
    stream.writeAtMost = 1;
    using connection = connect(stream);
    await Promise.all(
      ["abc\n", "def\n", "ghi\n"].map((text) =>
        connection.send(encoder.encode(text))
      ),
    );
    assertEquals(stream.written, "abc\ndef\nghi\n");
  },
);

Deno.test(
  "Connection.send() runs no message into a last line without its ending",
  PURE,
  async () => {
    const stream = new FakeStream();
    using connection = connect(stream);
    for (const block of ["a\nb", "n\n", "c"]) {
      await connection.send(encoder.encode(block));
    }
    assertEquals(stream.written, "a\nb\nn\nc");
  },
);

Deno.test(
  "Connection.send() tells of each time that the peer took something",
  PURE,
  async () => {
    const stream = new FakeStream();
    stream.writeAtMost = 2;
    const sent: string[] = [];
    using connection = connect(stream, {
      sent: () => sent.push(stream.written),
    });
    await connection.send(encoder.encode("abcd\n"));
    assertEquals(sent, ["ab", "abcd", "abcd\n"]);
  },
);

Deno.test(
  "Connection.send() tells each who waits for its turn of its own fault",
  PURE,
  async () => {
    const stream = new FakeStream();
    stream.fault = new Error("Broken pipe");
    using connection = connect(stream);
    const sending = ["a\n", "b\n", "c\n"].map((text) =>
      assertRejects(
        () => connection.send(encoder.encode(text)),
        ConnectionError,
      )
    );
    await Promise.all(sending);
    stream.fault = undefined;
    await connection.send(encoder.encode("d\n"));
    assertEquals(stream.written, "d\n");
  },
);

Deno.test(
  "Connection.send() sends each line bare under raw, and no empty one",
  PURE,
  async () => {
    const stream = new FakeStream();
    const observed: Observation[] = [];
    using connection = connect(stream, {
      framing: "raw",
      observe: (observation) => observed.push(observation),
    });
    await connection.send(encoder.encode("你好\nb\r\nc"));
    assertEquals(observed, []);
    await connection.send(encoder.encode("\n\r\n"));
    await connection.send(encoder.encode("n\n"));
    assertEquals(stream.log, ["write 你好", "write b", "write c", "write n"]);
    assertEquals(observed, ["empty message"]);
  },
);

Deno.test(
  "Connection.send() throws a ConnectionError when the peer is gone",
  PURE,
  async () => {
    const stream = new FakeStream();
    stream.fault = new Error("Broken pipe");
    using connection = connect(stream);
    for (const text of ["a\n", "b\n"]) {
      const error = await assertRejects(
        () => connection.send(encoder.encode(text)),
        ConnectionError,
      );
      assertEquals(error.kind, "broken");
      assertEquals(error.cause, stream.fault);
    }
  },
);

Deno.test(
  "Connection.closeWrite() may be called twice, also when the peer is gone",
  PURE,
  async () => {
    for (const fault of [undefined, new Error("Not connected")]) {
      const stream = new FakeStream();
      stream.fault = fault;
      using connection = connect(stream);
      await connection.closeWrite();
      await connection.closeWrite();
      assertEquals(stream.log, ["closeWrite"]);
      connection.close();
      await connection.closeWrite();
      assertEquals(stream.log, ["closeWrite", "close"]);
    }
  },
);

Deno.test(
  "Connection.closeWrite() tells of a reset after the end of the stream",
  PURE,
  async () => {
    for (const tellsReset of [true, false]) {
      const stream = new FakeStream(null);
      using connection = connect(stream, { tellsReset });
      assertEquals(await connection.receive(), null);
      stream.fault = new Error("Broken pipe");
      if (!tellsReset) {
        await connection.closeWrite();
        continue;
      }
      const error = await assertRejects(
        () => connection.closeWrite(),
        ConnectionError,
      );
      assertEquals(error.cause, stream.fault);
    }
    // Before that end the next read tells of it, or the end does.
    for (const end of [new Error("Connection reset"), null]) {
      const stream = new FakeStream("last\n", end);
      stream.fault = new Error("Broken pipe");
      using connection = connect(stream, { tellsReset: true });
      await connection.closeWrite();
      assertEquals(stream.log, ["closeWrite"]);
      const block = await connection.receive();
      assertEquals(block && decoder.decode(block), "last\n");
      await assertRejects(() => connection.receive(), ConnectionError);
    }
  },
);

Deno.test(
  "Connection.close() ends what is received, and may be called twice",
  PURE,
  async () => {
    const stream = new FakeStream();
    using connection = connect(stream);
    const receiving = connection.receive();
    connection.close();
    connection.close();
    assertEquals(await receiving, null);
    assertEquals(await connection.receive(), null);
    assertEquals(stream.log, ["close"]);
  },
);

Deno.test(
  "Connection.close() leaves out what is read in the same moment",
  PURE,
  async () => {
    const stream = new FakeStream();
    using connection = connect(stream);
    const receiving = connection.receive();
    stream.give("late\n");
    connection.close();
    assertEquals(await receiving, null);
  },
);

Deno.test(
  "Connection.close() settles a write that never would",
  PURE,
  async () => {
    const stream = new FakeStream();
    stream.stalled = true;
    using connection = connect(stream);
    const sends = ["a\n", "b\n"].map((text) =>
      assertRejects(
        () => connection.send(encoder.encode(text)),
        ConnectionError,
      )
    );
    // The first send begins to write in its turn, before the second.
    await Promise.resolve();
    connection.close();
    for (const { kind } of await Promise.all(sends)) {
      assertEquals(
        kind,
        "broken",
      );
    }
    assertEquals(stream.written, "");
  },
);

Deno.test("Connection.send() throws after a close", PURE, async () => {
  for (const framing of ["lines", "raw"] as const) {
    const stream = new FakeStream();
    using connection = connect(stream, { framing });
    connection.close();
    await assertRejects(
      () => connection.send(encoder.encode("a\n")),
      ConnectionError,
    );
    assertEquals(stream.log, ["close"]);
  }
});

Deno.test(
  "Connection breaks what is pending off when it was idle for too long",
  PURE,
  async () => {
    const stream = new FakeStream("a\n");
    stream.stalled = true;
    const begin = performance.now();
    using connection = connect(stream, { idleTimeout: IDLE_MS });
    await connection.receive();
    const errors = await Promise.all([
      assertRejects(() => connection.receive(), ConnectionError),
      assertRejects(
        () => connection.send(encoder.encode("b\n")),
        ConnectionError,
      ),
    ]);
    assert(performance.now() - begin >= IDLE_MS);
    for (const { kind } of errors) assertEquals(kind, "idle");
    assertEquals(stream.log, ["close"]);
    const again = await assertRejects(
      () => connection.receive(),
      ConnectionError,
      "idle connection",
    );
    assertEquals(again.kind, "idle");
  },
);

Deno.test(
  "Connection does not take the time for which a block is kept for idle",
  PURE,
  async () => {
    for (const answers of [true, false]) {
      using busy = connect(new FakeStream("a\n", "b\n"), {
        idleTimeout: IDLE_MS,
      });
      await busy.receive();
      if (answers) await busy.send(encoder.encode("answer\n"));
      using idle = connect(new FakeStream(), { idleTimeout: 2 * IDLE_MS });
      await assertRejects(() => idle.receive(), ConnectionError);
      assertEquals(decoder.decode(await busy.receive() ?? undefined), "b\n");
      await assertRejects(() => busy.receive(), ConnectionError);
    }
  },
);

Deno.test(
  "Connection is idle when its peer takes nothing, although a block is kept",
  PURE,
  async () => {
    const stream = new FakeStream("a\n");
    stream.stalled = true;
    using connection = connect(stream, { idleTimeout: IDLE_MS });
    await connection.receive();
    const { kind } = await assertRejects(
      () => connection.send(encoder.encode("answer\n")),
      ConnectionError,
    );
    assertEquals(kind, "idle");
  },
);

Deno.test(
  "Connection breaks when it is idle after all was received",
  PURE,
  async () => {
    const stream = new FakeStream("a", null);
    using connection = connect(stream, { idleTimeout: IDLE_MS });
    while (await connection.receive() !== null);
    const { kind } = await assertRejects(
      async () => await connection.broken,
      ConnectionError,
    );
    assertEquals(kind, "idle");
    // The peer is told.
    assertEquals(stream.written, "* broken off: idle\n");
    assertEquals(stream.log.at(-1), "close");
  },
);

Deno.test(
  "Connection drops what comes after a message over the limit",
  PURE,
  async () => {
    const stream = new FakeStream("a\n", "too long", "b\n", null);
    using connection = connect(stream, { maxMessage: 4 });
    await connection.receive();
    await assertRejects(() => connection.receive(), ProtocolError);
    await connection.send(encoder.encode("why\n"));
    assertEquals(stream.written, "why\n");
    assertEquals(await connection.receive(), null);

    const flood = new FakeStream();
    using flooded = connect(flood, { maxMessage: 4 });
    for (let bytes = 0; bytes <= CLOSING_BYTES; bytes += FLOOD_BYTES) {
      flood.give("x".repeat(FLOOD_BYTES));
    }
    await assertRejects(() => flooded.receive(), ProtocolError);
    assertEquals(await flooded.receive(), null);
  },
);

Deno.test(
  "Connection.receive() throws what a peer's last line says",
  PURE,
  async () => {
    for (
      const { framing, given } of [
        { framing: "lines", given: "a\n* broken off: input failed\n" },
        { framing: "raw", given: "a* broken off: input failed" },
      ] as const
    ) {
      const stream = new FakeStream(given, null);
      using connection = connect(stream, { framing });
      // It is data as well.
      const block = await connection.receive();
      assertEquals(decoder.decode(block ?? undefined), given);
      for (let call = 0; call < 2; call++) {
        const fault = await assertRejects(
          () => connection.receive(),
          ConnectionError,
        );
        assertEquals(fault.kind, "broken off");
        assertEquals(fault.reason, "input failed");
      }
    }

    // A reset does not say more.
    const reset = new FakeStream("* not taken: output failed\n", new Error());
    using broken = connect(reset);
    await broken.receive();
    const fault = await assertRejects(() => broken.receive(), ConnectionError);
    assertEquals(fault.reason, "output failed");

    for (
      const text of [
        "* not taken: output failed\nmore\n",
        "said * not taken: output failed\n",
        "* not taken: nothing that is known\n",
      ]
    ) {
      using connection = connect(new FakeStream(text, null));
      await messagesOf(connection);
      assertEquals(await connection.receive(), null);
    }
  },
);

Deno.test("Connection takes reading and writing for life", PURE, async () => {
  for (const what of ["receive", "send"] as const) {
    const stream = new FakeStream();
    using connection = connect(stream, { idleTimeout: IDLE_MS });
    const begin = performance.now();
    const spend = (): void => {
      const until = performance.now() + IDLE_MS;
      while (performance.now() < until);
    };
    // No timer fires while the clock is spent: only what it shows counts.
    spend();
    if (what === "send") await connection.send(encoder.encode("a\n"));
    else {
      stream.give("a\n");
      await connection.receive();
    }
    await assertRejects(() => connection.receive(), ConnectionError);
    assert(performance.now() - begin >= 2 * IDLE_MS, what);
  }
});

Deno.test(
  "Connection leaves no timer behind when it is closed",
  PURE,
  async () => {
    const stream = new FakeStream("no ending");
    const connection = connect(stream, { idleTimeout: 1_000_000 });
    const receiving = connection.receive();
    await connection.send(encoder.encode("a\n"));
    // Until it waits for what ends the line.
    await settle();
    stream.stalled = true;
    const sent = assertRejects(
      () => connection.send(encoder.encode("b\n")),
      ConnectionError,
    );
    connection.close();
    assertEquals(await receiving, null);
    await sent;
  },
);
