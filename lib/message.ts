/**
 * What a line means: a message, the name line, a room's notice; and its text.
 *
 * @module
 */
import { withoutEnding } from "./line_codec.ts";

/** The line that says a message, ready to send. */
export function lineOf(message: string): Uint8Array {
  return new TextEncoder().encode(`${message}\n`);
}

/** How a name line begins. */
const NAME_COMMAND = "/name ";
/** More than any name line has, in bytes. */
const MAX_NAME_LINE_BYTES = 1024;
/** What stands before what a room says itself. */
export const NOTICE_MARK = "* ";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Whether a line is one that a room says, not a member of it. */
export function isNotice(line: Uint8Array): boolean {
  return textOf(line.subarray(0, NOTICE_MARK.length)) === NOTICE_MARK;
}

/** The name line: how a side says its name, as the first line that it sends. */
export function nameLine(name: string): Uint8Array {
  return lineOf(`${NAME_COMMAND}${name}`);
}

/** What a name line gives as the name, not looked at yet; null for another line. */
export function nameIn(line: Uint8Array): string | null {
  // A name line is short; what is longer need not be decoded to know.
  if (line.length > MAX_NAME_LINE_BYTES) return null;
  const text = textOf(line);
  return text.startsWith(NAME_COMMAND) ? text.slice(NAME_COMMAND.length) : null;
}

/** The text of a line without its ending; U+FFFD stands for what is not UTF-8. */
export function textOf(line: Uint8Array): string {
  return decoder.decode(withoutEnding(line));
}

/** The texts of all lines of a block, each as {@linkcode textOf} gives it. */
export function textsOf(block: Uint8Array): string[] {
  const text = decoder.decode(block);
  // A `\n` is never part of a longer sequence, so all can be decoded at once.
  const texts = text.split(text.includes("\r\n") ? /\r?\n/ : "\n");
  if (texts.at(-1) === "") texts.pop();
  return texts;
}
