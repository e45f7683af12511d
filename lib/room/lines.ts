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
import { lookAt } from "../wire/look.ts";
import { MAX_NAME_CHARACTERS } from "../wire/names.ts";

/** How much of a line is looked at before others get their turn, in bytes. */
const SLICE_BYTES = 16 * 1024;
const SPACE = 0x20;
const DELETE = 0x7f;
const SLASH = 0x2f;
/** More than any command has, in bytes; what comes after isn't looked at. */
const MAX_COMMAND_BYTES = 1024;
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

/** What is before what that one does: `** NAME waves`. */
export function actionOf(name: string): Uint8Array {
  return encoder.encode(`** ${name} `);
}

/** What is before what that one says to one other, in every language. */
export function whisperFrom(name: string): Uint8Array {
  return encoder.encode(`${NOTICE_MARK}${name} whispers: `);
}

/** What is before the same for the one that said it. */
export function whisperTo(name: string): Uint8Array {
  return encoder.encode(`${NOTICE_MARK}to ${name}: `);
}

/** A line of the room itself, which no member can say. */
export function noticeOf(text: string): Uint8Array {
  return encoder.encode(`${NOTICE_MARK}${text}\n`);
}

/** A line of the room for the one member that has that name. */
export function noticeTo(name: string, text: string): Uint8Array {
  return noticeOf(`${name}: ${text}`);
}

/** A line without its ending and all carriage returns before that. */
export function contentOf(line: Uint8Array): Uint8Array {
  const content = withoutEnding(line);
  let end = content.length;
  while (content[end - 1] === CARRIAGE_RETURN) end--;
  return content.subarray(0, end);
}

/** A line that is a command: `/word arguments`. */
export interface CommandLine {
  readonly word: string;
  /** Without blanks around; of a very long one the beginning. */
  readonly argument: string;
  /** The whole line, without its ending. */
  readonly bytes: Uint8Array;
}

/**
 * The command that a line is, or what it says: a line that begins with `/` is
 * a command, and `//text` says `/text`. The line is without its ending.
 */
export function commandIn(bytes: Uint8Array): CommandLine | Uint8Array {
  if (bytes[0] !== SLASH) return bytes;
  if (bytes[1] === SLASH) return bytes.subarray(1);
  const text = textOf(bytes.subarray(1, MAX_COMMAND_BYTES));
  const [word = ""] = text.split(/\s/, 1);
  return { word, argument: text.slice(word.length).trim(), bytes };
}

/** What comes after so many words of a command, as it came. */
export function textAfter({ bytes }: CommandLine, words: number): Uint8Array {
  const text = textOf(bytes.subarray(0, MAX_COMMAND_BYTES));
  const [head] = new RegExp(`^(?:\\S+\\s+){${words}}`).exec(text) ?? [""];
  return bytes.subarray(encoder.encode(head).length);
}

/**
 * The beginning of a text in what the room says: as many characters as a name
 * has, or `most`.
 */
export function shown(text: string, most = MAX_NAME_CHARACTERS): string {
  return escapeUnsafe(Array.from(text).slice(0, most).join(""));
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
  if (!lookAt(bytes).isUtf8) return false;
  return ![C1_LEAD, ARABIC_LEAD, GENERAL_PUNCTUATION_LEAD].some((lead) =>
    bytes.includes(lead)
  );
}
