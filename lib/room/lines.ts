/**
 * The bytes of a room's lines: what a member says, what the room says, and
 * what was said earlier.
 *
 * @module
 */
import { escapeUnsafe } from "../text/safe_text.ts";
import {
  CARRIAGE_RETURN,
  cutCharacter,
  LINE_ENDING,
  withoutEnding,
} from "../wire/framing.ts";
import { NOTICE_MARK, textOf } from "../wire/message.ts";
import { isUtf8 } from "../wire/bytes.ts";

/** How much of a line is looked at before others get their turn, in bytes. */
const SLICE_BYTES = 16 * 1024;
const SPACE = 0x20;
const DELETE = 0x7f;
/**
 * The first bytes, in UTF-8, of the C1 controls and of what turns or breaks
 * lines. Other characters begin with them too, so those are looked at one by
 * one.
 */
const C1_LEAD = 0xc2;
const GENERAL_PUNCTUATION_LEAD = 0xe2;
const ARABIC_LEAD = 0xd8;

const encoder = new TextEncoder();

/** What is before each line of the member that has that name. */
export function prefixOf(name: string): Uint8Array {
  return encoder.encode(`${name}: `);
}

/** A line of the room itself, which no member can say. */
export function noticeOf(text: string): Uint8Array {
  return encoder.encode(`${NOTICE_MARK}${text}\n`);
}

/** A line without its ending and all carriage returns before that. */
export function contentOf(line: Uint8Array): Uint8Array {
  const content = withoutEnding(line);
  let end = content.length;
  while (content[end - 1] === CARRIAGE_RETURN) end--;
  return content.subarray(0, end);
}

/**
 * One whole line of valid UTF-8 that says the content, or null for one of more
 * than `most` bytes. Members read it on terminals that act on what they get. So
 * what could act on a terminal, or forge a line, becomes a visible escape or
 * spaces; all else is the bytes that came. A long one takes its time: whenever
 * it yields, something else may be done first.
 */
export function* utteranceOf(
  prefix: Uint8Array,
  content: Uint8Array,
  most: number,
): Generator<undefined, Uint8Array | null> {
  const pieces = [prefix];
  let left = most - prefix.length - LINE_ENDING.length;
  let rest = content;
  while (rest.length > 0) {
    if (rest !== content) yield;
    const isLast = rest.length <= SLICE_BYTES;
    const cut = isLast ? 0 : cutCharacter(rest, SLICE_BYTES);
    const slice = rest.subarray(0, SLICE_BYTES - cut);
    rest = rest.subarray(slice.length);
    const piece = isSafe(slice)
      ? slice
      : encoder.encode(escapeUnsafe(textOf(slice)));
    left -= piece.length;
    if (left < 0) return null;
    pieces.push(piece);
  }
  pieces.push(LINE_ENDING);
  return join(pieces);
}

/** How many bytes longer {@linkcode earlier} makes a line. */
export const EARLIER_BYTES = `${NOTICE_MARK}[hh:mm] `.length;

/**
 * An earlier line of a member, marked with the time at which it was said, in
 * milliseconds since 1970. The mark shows it in this machine's time zone.
 */
export function earlier(line: Uint8Array, time: number): Uint8Array {
  const clock = new Date(time).toTimeString().slice(0, "hh:mm".length);
  return join([encoder.encode(`${NOTICE_MARK}[${clock}] `), line]);
}

/** The pieces one after the other, copied. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const piece of pieces) size += piece.length;
  const joined = new Uint8Array(size);
  size = 0;
  for (const piece of pieces) {
    joined.set(piece, size);
    size += piece.length;
  }
  return joined;
}

function isSafe(bytes: Uint8Array): boolean {
  let needsLook = false;
  for (const byte of bytes) {
    if (byte < SPACE || byte === DELETE) return false;
    needsLook ||= byte > DELETE;
  }
  if (!needsLook) return true;
  if (!isUtf8(bytes)) return false;
  return ![C1_LEAD, ARABIC_LEAD, GENERAL_PUNCTUATION_LEAD].some((lead) =>
    bytes.includes(lead)
  );
}
