/**
 * Looks once at all bytes of a block, and answers all that is asked about them:
 * sixteen bytes at a time, by `look.wat`.
 *
 * @module
 */
import { CARRIAGE_RETURN, LINE_FEED } from "./framing.ts";
import { LOOK_WASM } from "./look_bytes.ts";

/** From this size on, in bytes, what was found in a block is kept. */
const LARGE_BYTES = 2 * 1024;
/** How much of a block is looked at in one call, in bytes: it stays in a cache. */
const PART_BYTES = 64 * 1024;
/** The room for the word, in bytes; the part of a block comes after it. */
const WORD_BYTES = 1024;
const PART_START = WORD_BYTES + 16;
/** How many bytes before a byte tell whether it continues a character. */
const BYTES_BEFORE = 3;
/** More than is ever looked at beyond the end of a block, in bytes. */
const BYTES_AFTER = 32;
/** A line's ending has no more bytes. */
const MOST_ENDING_BYTES = 2;

/** Where in a block the end was said. */
export interface End {
  /** Where the message that says it begins. */
  readonly start: number;
  /** Where what comes after that message, its line ending included, begins. */
  readonly next: number;
}

/** What a look at a block finds. */
export interface Look {
  /** The word that was looked for; empty for none. */
  readonly word: string;
  /** The first line that is just the word. */
  readonly end: End | null;
  readonly lineFeeds: number;
  /** Whether all is UTF-8 (RFC 3629), no character of it cut off. */
  readonly isUtf8: boolean;
}

type LookAt = (block: Uint8Array, word: string) => Look;

/** The bytes of each word: there are few, and they cost more than a small look. */
const words = new Map<string, Uint8Array>();
/** What was found, for as long as there is the block. */
const looks = new WeakMap<Uint8Array, Look>();
/** The fastest way there is; loaded for the first block, not at the start. */
let look: LookAt | undefined;
/** Throws for what is not UTF-8. */
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Looks at a block, but not twice at a large one: the bytes of a block never
 * change. `end` is the end word; without one no end is looked for.
 */
export function lookAt(
  block: Uint8Array,
  { end: word = "" }: { end?: string } = {},
): Look {
  look ??= loadSimd() ?? lookPlainly;
  // To look again costs less than to keep what was found.
  if (block.length < LARGE_BYTES) return look(block, word);
  const known = looks.get(block);
  if (known && (word === "" || word === known.word)) return known;
  const found = look(block, word);
  looks.set(block, found);
  return found;
}

/** The same, byte by byte. */
export function lookPlainly(block: Uint8Array, word: string): Look {
  const wordBytes = bytesOf(word);
  let end = endAt(block, 0, wordBytes);
  let lineFeeds = 0;
  for (let index = 0; index < block.length; index++) {
    if (block[index] !== LINE_FEED) continue;
    lineFeeds++;
    end ??= endAt(block, index + 1, wordBytes);
  }
  return { word, end, lineFeeds, isUtf8: isUtf8(block) };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The same by WebAssembly; null where there is none, or none with SIMD. */
export function loadSimd(): LookAt | null {
  let wasm: Wasm;
  try {
    const bytes = Uint8Array.from(atob(LOOK_WASM), (c) => c.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    wasm = exports as unknown as Wasm;
  } catch {
    return null;
  }
  const memory = new Uint8Array(wasm.memory.buffer);
  return (block, word) => {
    const wordBytes = bytesOf(word);
    if (wordBytes.length > WORD_BYTES) return lookPlainly(block, word);
    memory.set(wordBytes);
    let end: End | null = null;
    let lineFeeds = 0;
    let isUtf8 = true;
    for (let from = 0; from < block.length; from += PART_BYTES) {
      const to = Math.min(from + PART_BYTES, block.length);
      // A word that begins in this part may end in the next.
      const wordEnd = Math.min(
        to + wordBytes.length + MOST_ENDING_BYTES,
        block.length,
      );
      const before = Math.min(from, BYTES_BEFORE);
      // A block begins like what comes after a line feed.
      memory.fill(LINE_FEED, PART_START - BYTES_BEFORE, PART_START);
      memory.set(block.subarray(from - before, wordEnd), PART_START - before);
      // It ends as with a line feed, which also ends a character that is cut off.
      const blockEnd = PART_START + wordEnd - from;
      memory.fill(0, blockEnd, blockEnd + BYTES_AFTER);
      memory[blockEnd] = LINE_FEED;
      const extra = to === block.length ? 1 : 0;
      const partEnd = PART_START + to - from + extra;
      const [isPartUtf8, count, line] = wasm.look(
        PART_START,
        partEnd,
        wordBytes.length,
      );
      isUtf8 &&= isPartUtf8 === 1;
      lineFeeds += count - extra;
      if (line > 0) {
        end ??= endAt(block, from + line - PART_START, wordBytes);
      }
    }
    return { word, end, lineFeeds, isUtf8 };
  };
}

/** What `look.wat` exports. */
interface Wasm {
  memory: WebAssembly.Memory;
  look(
    start: number,
    end: number,
    wordLength: number,
  ): [isUtf8: 0 | 1, lineFeeds: number, line: number];
}

/** The end where the line that begins at `start` is just the word, or null. */
function endAt(
  block: Uint8Array,
  start: number,
  word: Uint8Array,
): End | null {
  const end = start + word.length;
  if (word.length === 0 || end > block.length) return null;
  for (let index = 0; index < word.length; index++) {
    if (block[start + index] !== word[index]) return null;
  }
  const carriage = block[end] === CARRIAGE_RETURN ? 1 : 0;
  if (block[end + carriage] === LINE_FEED) {
    return { start, next: end + carriage + 1 };
  }
  return end === block.length ? { start, next: end } : null;
}

function bytesOf(word: string): Uint8Array {
  const known = words.get(word);
  if (known) return known;
  const bytes = new TextEncoder().encode(word);
  words.set(word, bytes);
  return bytes;
}
