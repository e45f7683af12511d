/**
 * Line feeds in blocks, four bytes at a time: every byte that goes from one
 * pipe to another passes here.
 *
 * @module
 */
import { LINE_FEED } from "./line_codec.ts";

const WORD_BYTES = 4;
/** In a word combined with this, a byte is zero where it was a line feed. */
const LINE_FEEDS = 0x0a0a0a0a;
const ONES = 0x01010101;
const LOW_BITS = 0x7f7f7f7f;
const HIGH_BITS = 0x80808080;
const NO_WORDS = new Int32Array();

/** How many line feeds there are. */
export function countLineFeeds(bytes: Uint8Array): number {
  const { head, words, tail } = inWords(bytes);
  let count = countOneByOne(bytes, 0, head);
  for (let index = 0; index < words.length; index++) {
    const word = (words[index] ?? 0) ^ LINE_FEEDS;
    // Adding to the low bits leaves the high bit of just the zeros unset.
    const found = ~((word & LOW_BITS) + LOW_BITS | word | LOW_BITS);
    if (found !== 0) count += Math.imul(found >>> 7, ONES) >>> 24;
  }
  return count + countOneByOne(bytes, tail, bytes.length);
}

/**
 * Where the first line begins that `matches` says is the one, or -1. It is
 * asked only of lines that begin with the byte `first`.
 */
export function findLine(
  bytes: Uint8Array,
  first: number,
  matches: (start: number) => boolean,
): number {
  if (bytes[0] === first && matches(0)) return 0;
  const { head, words, tail } = inWords(bytes);
  let start = findOneByOne(bytes, 0, head, first, matches);
  for (let index = 0; start < 0 && index < words.length; index++) {
    const word = (words[index] ?? 0) ^ LINE_FEEDS;
    // Subtracting borrows from the high bit of a zero, if of no other byte.
    if (((word - ONES) & ~word & HIGH_BITS) === 0) continue;
    const at = head + index * WORD_BYTES;
    start = findOneByOne(bytes, at, at + WORD_BYTES, first, matches);
  }
  return start < 0
    ? findOneByOne(bytes, tail, bytes.length, first, matches)
    : start;
}

/** The same, of lines whose line feed stands in that part. */
function findOneByOne(
  bytes: Uint8Array,
  from: number,
  to: number,
  first: number,
  matches: (start: number) => boolean,
): number {
  for (let index = from; index < to; index++) {
    if (bytes[index] !== LINE_FEED || bytes[index + 1] !== first) continue;
    if (matches(index + 1)) return index + 1;
  }
  return -1;
}

/** The bytes that are in place for it as words, and what is around them. */
function inWords(
  { buffer, byteOffset, length }: Uint8Array,
): { head: number; words: Int32Array; tail: number } {
  const head = -byteOffset & (WORD_BYTES - 1);
  const count = Math.floor((length - head) / WORD_BYTES);
  // Too short a block may not even reach to where a word could begin.
  if (count <= 0) return { head: length, words: NO_WORDS, tail: length };
  const words = new Int32Array(buffer, byteOffset + head, count);
  return { head, words, tail: head + count * WORD_BYTES };
}

function countOneByOne(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let index = from; index < to; index++) {
    if (bytes[index] === LINE_FEED) count++;
  }
  return count;
}
