/**
 * Looks at every byte of a block, as all that goes from one pipe to another is
 * looked at: four at a time, as a word (SWAR: SIMD within a register). Words are
 * little-endian, as on all that Deno runs on.
 *
 * @module
 */
import { isAscii, isUtf8 as isUtf8ByteByByte } from "node:buffer";
import { CARRIAGE_RETURN, LINE_FEED } from "./framing.ts";

const BYTE_BITS = 8;
/** The largest number that a byte holds: how often one can be added to it. */
const MOST_IN_BYTE = 2 ** BYTE_BITS - 1;
const WORD_BYTES = 4;
const WORD_BITS = WORD_BYTES * BYTE_BITS;
/** In a word xor this, a byte is zero where it was a line feed. */
const LINE_FEEDS = 0x0a0a0a0a;
const ONES = 0x01010101;
/** All bits of each byte but the high one. */
const LOW_BITS = 0x7f7f7f7f;
const HIGH_BITS = ~LOW_BITS;
/** A word of bytes whose low four bits are those of 0xed. */
const DS = 0x0d0d0d0d;
const LOW_NIBBLES = 0x0f0f0f0f;
const NO_WORDS = new Int32Array();

/** Whether the bytes are UTF-8 (RFC 3629), no character of it cut off. */
export function isUtf8(bytes: Uint8Array): boolean {
  // The library is slow where Chinese and ASCII take turns.
  return isAscii(bytes) || isCommonUtf8(bytes) || isUtf8ByteByByte(bytes);
}

/**
 * Whether all bytes are ASCII and characters of three bytes, as Chinese is, but
 * for those that begin with E0 or ED, after which not every continuation is
 * UTF-8. False for bytes that do not begin where a word could.
 */
function isCommonUtf8(bytes: Uint8Array): boolean {
  const { head, words, tail } = inWords(bytes);
  if (head > 0) return false;
  let last = 0;
  for (let index = bytes.length - 1; index >= tail; index--) {
    last = last << BYTE_BITS | (bytes[index] ?? 0);
  }
  /** Has the high bit of each byte that is to continue a character. */
  let due = 0;
  for (let index = 0; index <= words.length; index++) {
    const word = index < words.length ? words[index] ?? 0 : last;
    // What is known of a byte is in its high bit, the bits below are left over.
    const leads = word & word << 1 & HIGH_BITS;
    const continuations = word & HIGH_BITS ^ leads;
    const ofThree = word << 2 & ~(word << 3);
    const notE0 = (word & LOW_NIBBLES) + LOW_BITS;
    const notED = ((word ^ DS) & LOW_NIBBLES) + LOW_BITS;
    const common = leads & ofThree & notE0 & notED;
    due |= leads << BYTE_BITS | leads << 2 * BYTE_BITS;
    if ((due ^ continuations | leads ^ common) !== 0) return false;
    due = leads >>> WORD_BITS - BYTE_BITS | leads >>> WORD_BITS - 2 * BYTE_BITS;
  }
  // The last word ends with a zero, so nothing can be due any more.
  return true;
}

/** How many line feeds there are in a block. */
export function countLineFeeds(bytes: Uint8Array): number {
  const { head, words, tail } = inWords(bytes);
  let count = countOneByOne(bytes, 0, head);
  for (let start = 0; start < words.length; start += MOST_IN_BYTE) {
    const end = Math.min(start + MOST_IN_BYTE, words.length);
    /** How many were found at each of the four places of a word. */
    let sums = 0;
    for (let index = start; index < end; index++) {
      const word = (words[index] ?? 0) ^ LINE_FEEDS;
      // Adding to the low bits leaves the high bit of just the zeros unset.
      const found = ~((word & LOW_BITS) + LOW_BITS | word | LOW_BITS);
      sums += found >>> (BYTE_BITS - 1);
    }
    for (let rest = sums; rest !== 0; rest >>>= BYTE_BITS) {
      count += rest & MOST_IN_BYTE;
    }
  }
  return count + countOneByOne(bytes, tail, bytes.length);
}

/**
 * Where the first line begins that is just `content`, which is not empty, before
 * its ending or the end of the block; -1 where there is none.
 */
export function findLine(bytes: Uint8Array, content: Uint8Array): number {
  if (isLine(bytes, 0, content)) return 0;
  const { head, words } = inWords(bytes);
  // The last word has none after it, so it is looked at byte by byte.
  const last = Math.max(0, words.length - 1);
  const [first = 0] = content;
  let start = findOneByOne(bytes, 0, head, content);
  for (let index = 0; start < 0 && index < last; index++) {
    index = findLineStart(words, index, last, first);
    const at = head + index * WORD_BYTES;
    start = findOneByOne(bytes, at, at + WORD_BYTES, content);
  }
  if (start >= 0) return start;
  return findOneByOne(bytes, head + last * WORD_BYTES, bytes.length, content);
}

/** The first word before `last` with a line feed before `first`, or `last`. */
function findLineStart(
  words: Int32Array,
  index: number,
  last: number,
  first: number,
): number {
  const firsts = Math.imul(first, ONES);
  let word = words[index] ?? 0;
  for (; index < last; index++) {
    const next = words[index + 1] ?? 0;
    // The bytes that come one later: the lowest of a word is the first.
    const later = word >>> BYTE_BITS | next << (WORD_BITS - BYTE_BITS);
    const both = (word ^ LINE_FEEDS) | (later ^ firsts);
    // Subtracting borrows from the high bit of a zero, if of no other byte.
    if (((both - ONES) & ~both & HIGH_BITS) !== 0) break;
    word = next;
  }
  return index;
}

/** The same, of lines whose line feed before them is in that part. */
function findOneByOne(
  bytes: Uint8Array,
  from: number,
  to: number,
  content: Uint8Array,
): number {
  for (let index = from; index < to; index++) {
    if (bytes[index] === LINE_FEED && isLine(bytes, index + 1, content)) {
      return index + 1;
    }
  }
  return -1;
}

/** Whether the line that begins at `start` is just that. */
function isLine(
  bytes: Uint8Array,
  start: number,
  content: Uint8Array,
): boolean {
  const end = start + content.length;
  if (end > bytes.length) return false;
  for (let index = 0; index < content.length; index++) {
    if (bytes[start + index] !== content[index]) return false;
  }
  return end === bytes.length || endingAt(bytes, end) > 0;
}

/** How many bytes the line ending at that place has; 0 for none. */
export function endingAt(bytes: Uint8Array, index: number): number {
  const carriage = bytes[index] === CARRIAGE_RETURN ? 1 : 0;
  return bytes[index + carriage] === LINE_FEED ? carriage + 1 : 0;
}

/** The aligned bytes as words, where these begin, and where they end. */
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
