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
/** A block of long lines has fewer of them. */
const BLOCK_BYTES = 4 * 1024 * 1024;
const WORDS = {
  mixed:
    "hello world the quick brown fox jumps over a lazy dog 你好 世界 今天 天气 很好 我们 一起 学习 网络 编程 再见 no never now",
  ASCII:
    "hello world the quick brown fox jumps over a lazy dog good morning what shall we learn today no never now",
  Latin:
    "été naïve façade über straße garçon señor mañana brûlée Åse øre smörgås café hello über déjà vu no não nós",
  emoji: "😀 🎉 👍🏽 👨‍👩‍👧 ❤️ 🇨🇳 🚀 🌍 😂😂 🙏 ok 🎂 ☕ 🐼 👏👏👏 no 🌧️",
};

/** What a text is made of. */
export type Kind = keyof typeof WORDS;

/** What a text looks like. */
export interface Look {
  /** Mixed Chinese and English where it is not given. */
  readonly kind?: Kind;
  /** How many bytes each line has; about 40 where it is not given. */
  readonly lineBytes?: number;
  /** A line feed where it is not given. */
  readonly ending?: string;
}

/**
 * Lines of such a look, at least `bytes` of them together. The same every time;
 * no line is the end word.
 */
export function* linesOfAbout(
  bytes: number,
  { kind = "mixed", lineBytes, ending = "\n" }: Look = {},
): Generator<Uint8Array> {
  const random = new Random(SEED);
  const words = WORDS[kind].split(" ").map((word) => `${word} `);
  const size = new Map(words.map((word) => [word, byteLength(word)]));
  const count = Math.min(
    DIFFERENT_LINES,
    Math.ceil(BLOCK_BYTES / (lineBytes ?? 1)),
  );
  let text = "";
  for (let number = 0; number < count; number++) {
    const least = lineBytes ??
      LEAST_LINE_BYTES + random.below(LINE_BYTES_RANGE);
    let length = 0;
    while (length < least) {
      const word = random.of(words);
      const added = length + (size.get(word) ?? 0);
      if (lineBytes !== undefined && added > lineBytes) break;
      text += word;
      length = added;
    }
    text += "x".repeat(Math.max(0, least - length)) + ending;
  }
  const block = new TextEncoder().encode(text);
  for (let left = bytes; left > 0; left -= block.length) {
    yield left >= block.length ? block : wholeLines(block, left);
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The lines at the start of the block that have about that many bytes. */
function wholeLines(block: Uint8Array, bytes: number): Uint8Array {
  return block.subarray(0, block.indexOf(0x0a, bytes - 1) + 1);
}

/** Writes that text to a file; returns its size and its SHA-256. */
export async function writeText(
  path: string,
  bytes: number,
  look: Look = {},
): Promise<{ size: number; hash: string }> {
  using file = await Deno.create(path);
  let size = 0;
  for (const block of linesOfAbout(bytes, look)) {
    for (let done = 0; done < block.length;) {
      done += await file.write(block.subarray(done));
    }
    size += block.length;
  }
  return { size, hash: await hashOf(path) };
}

/** The SHA-256 of a file, or of what a pattern's only group takes out of it. */
export async function hashOf(path: string, pattern?: RegExp): Promise<string> {
  const bytes = pattern === undefined
    ? await Deno.readFile(path)
    : new TextEncoder().encode(
      (await Deno.readTextFile(path)).matchAll(pattern)
        .map(([, part]) => part ?? "").toArray().join(""),
    );
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
