import { assertEquals } from "@std/assert";
import {
  Transcript,
  type TranscriptSink,
} from "../../lib/terminal/transcript.ts";
import { PURE } from "../kit/pure.ts";

const NOW = new Date("2025-03-04T05:06:07.089Z");
const TIME = "2025-03-04T05:06:07.089Z";

/** Keeps what it is given, in pieces of at most `limit` bytes. */
class FakeSink implements TranscriptSink {
  readonly writes: string[] = [];
  closed = 0;
  error: Error | undefined;
  readonly #limit: number;

  constructor(limit = Infinity) {
    this.#limit = limit;
  }

  write(bytes: Uint8Array): number {
    if (this.error) throw this.error;
    const piece = bytes.subarray(0, Math.min(this.#limit, bytes.length));
    this.writes.push(new TextDecoder().decode(piece));
    return piece.length;
  }

  close(): void {
    this.closed++;
  }
}

function open(
  sink: TranscriptSink,
): { transcript: Transcript; faults: unknown[] } {
  const faults: unknown[] = [];
  const transcript = new Transcript(
    sink,
    () => NOW,
    (error) => faults.push(error),
  );
  return { transcript, faults };
}

Deno.test(
  "Transcript.record() writes time, direction, name and text",
  PURE,
  () => {
    const sink = new FakeSink();
    const { transcript, faults } = open(sink);
    transcript.record("<", "小明", ["你好"]);
    transcript.record(">", "Ann", ["hi: there"]);
    transcript.record("*", "", ["The client has ended the conversation"]);
    assertEquals(sink.writes, [
      `${TIME} < 小明: 你好\n`,
      `${TIME} > Ann: hi: there\n`,
      `${TIME} * The client has ended the conversation\n`,
    ]);
    assertEquals(faults, []);
  },
);

Deno.test("Transcript.record() writes a block in one piece", PURE, () => {
  const sink = new FakeSink();
  const { transcript } = open(sink);
  transcript.record("<", "Ann", ["one", "", "three"]);
  assertEquals(sink.writes, [
    `${TIME} < Ann: one\n${TIME} < Ann: \n${TIME} < Ann: three\n`,
  ]);
  transcript.record("<", "Ann", []);
  assertEquals(sink.writes.length, 1);
});

Deno.test(
  "Transcript.record() makes name and text safe, a line each",
  PURE,
  () => {
    const sink = new FakeSink();
    const { transcript } = open(sink);
    transcript.record("<", "A\x1b[2Jn", ["a\nb\r\x07\u202ec\tD\x9b1m\u2028"]);
    assertEquals(sink.writes, [
      `${TIME} < A\\x1b[2Jn: a\\x0ab\\x0d\\x07\\u202ec\tD\\x9b1m\\u2028\n`,
    ]);
  },
);

Deno.test("Transcript.record() goes on after a part was written", PURE, () => {
  const sink = new FakeSink(3);
  const { transcript } = open(sink);
  transcript.record(">", "Ann", ["one", "two"]);
  assertEquals(
    sink.writes.join(""),
    `${TIME} > Ann: one\n${TIME} > Ann: two\n`,
  );
});

Deno.test("Transcript.record() tells a fault once and stops", PURE, () => {
  const sink = new FakeSink();
  const { transcript, faults } = open(sink);
  transcript.record(">", "Ann", ["one"]);
  const full = new Error("No space left on device");
  sink.error = full;
  transcript.record(">", "Ann", ["two"]);
  transcript.record(">", "Ann", ["three"]);
  sink.error = undefined;
  transcript.record(">", "Ann", ["four"]);
  assertEquals(faults, [full]);
  assertEquals(sink.writes, [`${TIME} > Ann: one\n`]);
  transcript.close();
  assertEquals(sink.closed, 1);
});

Deno.test(
  "Transcript.record() takes a sink that takes nothing as a fault",
  PURE,
  () => {
    const { transcript, faults } = open(new FakeSink(0));
    transcript.record(">", "Ann", ["one"]);
    assertEquals(faults.map(String), ["Error: Nothing could be written"]);
  },
);

Deno.test(
  "Transcript.close() may be called twice and ends the recording",
  PURE,
  () => {
    const sink = new FakeSink();
    const { transcript, faults } = open(sink);
    transcript.close();
    transcript.close();
    transcript.record(">", "Ann", ["one"]);
    assertEquals([sink.closed, sink.writes.length, faults.length], [1, 0, 0]);
  },
);
