import { assertEquals } from "@std/assert";
import { firstTextLine, TextOnly } from "../../lib/wire/text_only.ts";
import { PURE } from "../kit/pure.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const OPTIONS = [0xff, 0xfb, 0x1f, 0xff, 0xfd, 0x01];
/** A window of ten lines: one byte of it is a line feed; and two 0xFF. */
const WINDOW = [0xff, 0xfa, 0x1f, 0x00, 0xff, 0xff, 0x0a, 0xff, 0xf0];
const GO_AHEAD = [0xff, 0xf9];
const ESCAPED = [0xff, 0xff];

/** What is left of bytes that come in reads of so many. */
function read(bytes: Uint8Array, size: number): number[] {
  const text = new TextOnly();
  const left: number[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    const part = bytes.slice(start, start + size);
    left.push(...part.subarray(0, text.leaveOut(part)));
  }
  return left;
}

Deno.test(
  "TextOnly.leaveOut() leaves commands out, wherever reads cut them",
  PURE,
  () => {
    const [before, after] = ["你好 ", "a\r\n"].map((it) => encoder.encode(it));
    const bytes = Uint8Array.of(
      ...OPTIONS,
      ...before ?? [],
      ...WINDOW,
      ...ESCAPED,
      ...after ?? [],
      ...GO_AHEAD,
    );
    for (let size = 1; size <= bytes.length; size++) {
      const left = Uint8Array.from(read(bytes, size));
      assertEquals(decoder.decode(left), "你好 a\r\n");
    }
  },
);

Deno.test(
  "TextOnly.leaveOut() keeps a 0xFF that begins no command",
  PURE,
  () => {
    const bytes = Uint8Array.of(0x61, 0xff, 0x62, 0x0a);
    assertEquals(read(bytes, bytes.length), [...bytes]);
    // Cut off it is no command either, and no text.
    assertEquals(read(bytes, 2), [0x61, 0x62, 0x0a]);
  },
);

Deno.test(
  "TextOnly.unmarked() takes a mark off the first block only",
  PURE,
  () => {
    const text = new TextOnly();
    const block = encoder.encode("\ufeffa\n");
    assertEquals(decoder.decode(text.unmarked(block)), "a\n");
    assertEquals(decoder.decode(text.unmarked(block)), "\ufeffa\n");
  },
);

Deno.test(
  "firstTextLine() tells how much of the stream a line takes",
  PURE,
  () => {
    const begin = Uint8Array.of(
      ...WINDOW,
      ...encoder.encode("\ufeffsecret\r\n"),
    );
    const bytes = Uint8Array.of(...begin, ...encoder.encode("hello\n"));
    const { line, length, isEnded } = firstTextLine(bytes);
    assertEquals(decoder.decode(line), "secret\r\n");
    assertEquals([length, isEnded], [begin.length, true]);
    const cut = firstTextLine(begin.subarray(0, -1));
    assertEquals([cut.length, cut.isEnded], [begin.length - 1, false]);
  },
);
