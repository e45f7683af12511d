/**
 * The text that the benchmark sends.
 *
 * @module
 */
import { Random } from "../../kit/random.ts";

const SEED = 20260731;
/** How many different lines there are before they repeat. */
const DIFFERENT_LINES = 20_000;
/** The least that a line has, in bytes; with its last word it is about 40. */
const LEAST_LINE_BYTES = 20;
const LINE_BYTES_RANGE = 36;
const WORDS =
  "hello world the quick brown fox jumps over a lazy dog 你好 世界 今天 天气 很好 我们 一起 学习 网络 编程 再见 no never now"
    .split(" ");

/**
 * Mixed Chinese and English lines of about 40 bytes, at least `bytes` of them
 * together. The same every time; no line is the end word.
 */
export function* linesOfAbout(bytes: number): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const random = new Random(SEED);
  const lines: string[] = [];
  while (lines.length < DIFFERENT_LINES) {
    const least = LEAST_LINE_BYTES + random.below(LINE_BYTES_RANGE);
    let line = "";
    for (let length = 0; length < least;) {
      const word = `${random.of(WORDS)} `;
      line += word;
      length += encoder.encode(word).length;
    }
    lines.push(line);
  }
  const block = encoder.encode(`${lines.join("\n")}\n`);
  for (let left = bytes; left > 0; left -= block.length) {
    yield left >= block.length ? block : wholeLines(block, left);
  }
}

/** The lines at the start of the block that have about that many bytes. */
function wholeLines(block: Uint8Array, bytes: number): Uint8Array {
  return block.subarray(0, block.indexOf(0x0a, bytes - 1) + 1);
}

/** Writes that text to a file; returns its size and its SHA-256. */
export async function writeText(
  path: string,
  bytes: number,
): Promise<{ size: number; hash: string }> {
  using file = await Deno.create(path);
  let size = 0;
  for (const block of linesOfAbout(bytes)) {
    for (let done = 0; done < block.length;) {
      done += await file.write(block.subarray(done));
    }
    size += block.length;
  }
  return { size, hash: await hashOf(path) };
}

/** The SHA-256 of a file. */
export async function hashOf(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
