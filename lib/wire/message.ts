/**
 * What a line means: the "n" rule, the name line, a room's notice; and its text.
 *
 * @module
 */
import { type Framing, LINE_FEED, withoutEnding } from "./framing.ts";
import { type End, lookAt } from "./look.ts";

/** The message that ends the conversation, unless `--end` sets another. */
export const DEFAULT_END = "n";

/**
 * The "n" rule: a message that is exactly the end word ends the conversation,
 * whoever says it. Under `lines` a message is a line without its ending, under
 * `raw` it is the whole block. An empty word is never said.
 */
export class EndWord {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the first message of a block is that says it, or null. */
  find(block: Uint8Array, framing: Framing): End | null {
    if (this.#text === "") return null;
    const { end } = lookAt(block, { end: this.#text });
    if (end === null || framing === "lines") return end;
    const isAll = end.start === 0 && end.next === block.length;
    return isAll && block.at(-1) !== LINE_FEED ? end : null;
  }

  /**
   * The first block of a stream: without a byte order mark where just the word
   * comes after it.
   */
  begin(block: Uint8Array, framing: Framing): Uint8Array {
    const bare = withoutMark(block);
    if (bare === block || this.find(bare, framing)?.start !== 0) return block;
    return bare;
  }

  /** The line that says it, ready to send; null for an empty word. */
  get line(): Uint8Array | null {
    return this.#text === "" ? null : lineOf(this.#text);
  }
}

/** The byte order mark in UTF-8, with which some systems begin a text. */
const MARK = [0xef, 0xbb, 0xbf] as const;

/** The beginning of a text, without a byte order mark. */
export function withoutMark(bytes: Uint8Array): Uint8Array {
  const isMarked = MARK.every((byte, index) => bytes[index] === byte);
  return isMarked ? bytes.subarray(MARK.length) : bytes;
}

/** The line that says a message, ready to send. */
export function lineOf(message: string): Uint8Array {
  return new TextEncoder().encode(`${message}\n`);
}

/** How a name line begins. */
const NAME_COMMAND = "/name ";
/** More than any name line has, in bytes. */
const MAX_NAME_LINE_BYTES = 1024;
/** What comes before what a room says itself. */
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

/** The text of a line without its ending; U+FFFD replaces what is not UTF-8. */
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
