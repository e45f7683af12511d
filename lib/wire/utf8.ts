/**
 * Whether bytes are UTF-8, faster than the library tells for what is common.
 *
 * @module
 */
import { isUtf8 as isUtf8ByteByByte } from "node:buffer";
import { inWords } from "./scan.ts";

// Not shared with other modules: a constant that is imported is looked up anew
// in each round of a loop, which then takes a sixth longer.
const BYTE_BITS = 8;
const WORD_BITS = 32;
/** All bits of each byte of a word but the high one. */
const LOW_BITS = 0x7f7f7f7f;
const HIGH_BITS = ~LOW_BITS;
/** A word of bytes whose low four bits are those of 0xed. */
const DS = 0x0d0d0d0d;
const LOW_NIBBLES = 0x0f0f0f0f;

/** Whether the bytes are UTF-8 (RFC 3629), no character of it cut off. */
export function isUtf8(bytes: Uint8Array): boolean {
  return isCommonUtf8(bytes) || isUtf8ByteByByte(bytes);
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
    // What is known of a byte stands in its high bit, below is what is left.
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
