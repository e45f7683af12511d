/**
 * Random bytes, splits and framings against the codec and the "n" rule.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  BlockDecoder,
  type Framing,
  linesOf,
  ProtocolError,
  withoutEnding,
} from "../../lib/wire/framing.ts";
import type { End } from "../../lib/wire/look.ts";
import { EndWord, textOf, textsOf } from "../../lib/wire/message.ts";
import type { Random } from "./random.ts";

const KIBIBYTE = 1024;
/** The most that a read takes, in bytes. */
const LARGEST_READ = 1024 * KIBIBYTE;
/** The longest input of most cases, in bytes, and of a few. */
const SHORT_BYTES = 60;
const LONG_BYTES = 20 * KIBIBYTE;
/** Of how many cases one is long. */
const LONG_EVERY = 100;
const BYTE_VALUES = 256;
/** What makes up the inputs: text, endings, end words and broken UTF-8. */
const PARTS = ["\n", "\r\n", "\r", "n", "nn", "a", " ", "é", "你", "😀", "\0"];
const WORDS = ["n", "nn", "再见", "a", "n a"];
const LIMITS = [1, 5, 20, 100, LONG_BYTES];

const encoder = new TextEncoder();

/**
 * Runs that many random cases.
 *
 * @throws with the seed and the number of the case that failed.
 */
export function fuzzCodec(random: Random, cases: number): void {
  for (let number = 0; number < cases; number++) {
    const longest = random.below(LONG_EVERY) === 0 ? LONG_BYTES : SHORT_BYTES;
    const bytes = randomBytes(random, random.below(longest));
    const pieces = [...random.pieces(bytes, 1 + random.below(longest / 2))];
    const limit = random.of(LIMITS);
    const word = random.of(WORDS);
    try {
      checkLines(bytes, pieces, limit);
      checkRaw(bytes, pieces, limit);
      checkEnd(bytes, word);
      const texts = [...linesOf(bytes)].map(textOf);
      assertEquals(textsOf(bytes), texts, "the texts of all lines");
    } catch (cause) {
      const sizes = pieces.map(({ length }) => length);
      throw new Error(
        `seed ${random.seed}, case ${number}: [${bytes}] in pieces of ` +
          `${sizes}, limit ${limit}, end "${word}"`,
        { cause },
      );
    }
  }
}

/** Text in which some bytes are broken, or bytes of any kind. */
function randomBytes(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const kind = random.below(3);
  if (kind === 0) return bytes.map(() => random.below(BYTE_VALUES));
  let text = "";
  while (text.length < length) text += random.of(PARTS);
  const { written } = encoder.encodeInto(text, bytes);
  const part = bytes.subarray(0, written);
  if (kind === 1 && written > 0) {
    part[random.below(written)] = random.below(BYTE_VALUES);
  }
  return part;
}

/** What the codec gave, and whether it then refused a message. */
interface Given {
  blocks: Uint8Array[];
  refused: boolean;
}

function decode(
  pieces: readonly Uint8Array[],
  framing: Framing,
  limit: number,
): Given {
  const decoder = new BlockDecoder({ framing, maxMessage: limit });
  const bound = Math.max(LARGEST_READ, 4 * (limit + 2));
  const blocks: Uint8Array[] = [];
  const keep = (block: Uint8Array | null): void => {
    if (block === null) return;
    assert(block.length > 0, "An empty block was given");
    blocks.push(block.slice());
  };
  try {
    for (const piece of pieces) {
      for (let done = 0; done < piece.length;) {
        const space = decoder.space();
        assert(space.length > 0, "There is no space to read into");
        assert(
          space.buffer.byteLength <= bound,
          "The buffer is over its bound",
        );
        const part = piece.subarray(done, done + space.length);
        space.set(part);
        done += part.length;
        keep(decoder.take(part.length));
      }
    }
    keep(decoder.finish());
    return { blocks, refused: false };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { blocks, refused: true };
  }
}

function checkLines(
  bytes: Uint8Array,
  pieces: readonly Uint8Array[],
  limit: number,
): void {
  const lines = splitAtLineFeeds(bytes);
  const long = lines.findIndex((line) => withoutEnding(line).length > limit);
  const { blocks, refused } = decode(pieces, "lines", limit);
  assertEquals(refused, long >= 0, "whether a line was refused");
  const right = refused ? lines.slice(0, long) : lines;
  assertEquals(join(blocks), join(right), "the lines that were given");
  const whole = refused ? blocks : blocks.slice(0, -1);
  for (const block of whole) {
    assertEquals(block.at(-1), 0x0a, "the end of a block");
  }
}

function checkRaw(
  bytes: Uint8Array,
  pieces: readonly Uint8Array[],
  limit: number,
): void {
  const { blocks, refused } = decode(pieces, "raw", limit);
  const given = join(blocks);
  assertEquals(given, bytes.slice(0, given.length), "the messages");
  for (const block of blocks) {
    assert(block.length <= limit, "A message is long");
  }
  // Up to three bytes of a character may be held from the read before.
  const mayRefuse = pieces.some(({ length }) => length + 3 > limit);
  if (refused) assert(mayRefuse, "A short message was refused");
  else assertEquals(given.length, bytes.length, "how much was given");
}

function checkEnd(bytes: Uint8Array, text: string): void {
  const word = encoder.encode(text);
  let start = 0;
  let right: End | null = null;
  for (const line of splitAtLineFeeds(bytes)) {
    const next = start + line.length;
    if (String(withoutEnding(line)) === String(word)) {
      right = { start, next };
      break;
    }
    start = next;
  }
  const found = new EndWord(text).find(bytes, "lines");
  assertEquals(found, right, "where the end was said");
}

/** The lines, told without the codec. */
function splitAtLineFeeds(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  bytes.forEach((byte, index) => {
    if (byte !== 0x0a) return;
    lines.push(bytes.slice(start, index + 1));
    start = index + 1;
  });
  if (start < bytes.length) lines.push(bytes.slice(start));
  return lines;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
