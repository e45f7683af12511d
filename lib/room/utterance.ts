/**
 * What a member of a room says, as a line for all others.
 *
 * @module
 */
import { escapeUnsafe } from "../text/safe_text.ts";
import { CARRIAGE_RETURN, LINE_FEED, withoutEnding } from "../wire/framing.ts";
import { NOTICE_MARK, textOf } from "../wire/message.ts";
import { isUtf8 } from "../wire/bytes.ts";

const TAB = 0x09;
const SPACE = 0x20;
const DELETE = 0x7f;
/**
 * The first bytes, in UTF-8, of the C1 controls and of what turns or breaks
 * lines; of other characters too, which then are looked at one by one.
 */
const C1_LEAD = 0xc2;
const GENERAL_PUNCTUATION_LEAD = 0xe2;

const encoder = new TextEncoder();

/** What stands before each line of the one who goes by that name. */
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
 * One whole line of valid UTF-8 that says the content. Members read it on
 * terminals that act on what they get, so what could act on one, or forge a
 * line, stands there as a visible escape; all else is the bytes that came.
 */
export function utteranceOf(
  prefix: Uint8Array,
  content: Uint8Array,
): Uint8Array {
  const safe = isSafe(content)
    ? content
    : encoder.encode(escapeUnsafe(textOf(content)));
  return concatenate(prefix, safe, true);
}

/**
 * An earlier line of a member, marked as one by the time it was said, in
 * milliseconds since 1970; it is shown in this machine's time zone.
 */
export function earlier(line: Uint8Array, time: number): Uint8Array {
  const clock = new Date(time).toTimeString().slice(0, "hh:mm".length);
  return concatenate(encoder.encode(`${NOTICE_MARK}[${clock}] `), line, false);
}

/** How many bytes longer {@linkcode earlier} makes a line. */
export const EARLIER_BYTES = `${NOTICE_MARK}[hh:mm] `.length;

function isSafe(bytes: Uint8Array): boolean {
  let needsLook = false;
  for (const byte of bytes) {
    if (byte < SPACE ? byte !== TAB : byte === DELETE) return false;
    needsLook ||= byte > DELETE;
  }
  if (!needsLook) return true;
  if (!isUtf8(bytes)) return false;
  return !bytes.includes(C1_LEAD) && !bytes.includes(GENERAL_PUNCTUATION_LEAD);
}

function concatenate(
  before: Uint8Array,
  after: Uint8Array,
  ended: boolean,
): Uint8Array {
  const length = before.length + after.length;
  const whole = new Uint8Array(ended ? length + 1 : length);
  whole.set(before);
  whole.set(after, before.length);
  if (ended) whole[length] = LINE_FEED;
  return whole;
}
