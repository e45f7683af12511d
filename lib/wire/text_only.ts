/**
 * What may come beside text: a byte order mark at its start, and what a telnet
 * client says to a telnet server: commands (RFC 854) and subnegotiations
 * (RFC 855). Each of these begins with 0xFF, which is never UTF-8.
 *
 * @module
 */
import { LINE_FEED } from "./framing.ts";
import { withoutMark } from "./message.ts";

/** Begins a command: IAC, "interpret as command". */
const COMMAND = 0xff;
/** The command that begins a subnegotiation, and the one that ends it. */
const BEGIN = 0xfa;
const END = 0xf0;
/** From this command on an option follows: WILL, WON'T, DO and DON'T. */
const WILL = 0xfb;

/**
 * The first line of a stream, with its ending if that has come, and how many
 * bytes of the stream it takes up to there.
 */
export function firstTextLine(
  bytes: Uint8Array,
): { line: Uint8Array; length: number; isEnded: boolean } {
  const text = new TextOnly();
  const line: number[] = [];
  let length = 0;
  let isEnded = false;
  while (length < bytes.length && !isEnded) {
    const byte = bytes[length++] ?? 0;
    if (!text.isText(byte, bytes[length])) continue;
    line.push(byte);
    isEnded = byte === LINE_FEED;
  }
  return { line: withoutMark(Uint8Array.from(line)), length, isEnded };
}

/** Leaves out of one stream what is no text. */
export class TextOnly {
  #hasBegun = false;
  #state: "text" | "command" | "option" | "sub" | "command in sub" = "text";

  /** The next block; the first of all without a byte order mark. */
  unmarked(block: Uint8Array): Uint8Array {
    if (this.#hasBegun) return block;
    this.#hasBegun = true;
    return withoutMark(block);
  }

  /**
   * Leaves the commands out of the next bytes, in their place: returns how many
   * bytes the text has, with which they begin then. A read may cut a command.
   */
  leaveOut(bytes: Uint8Array): number {
    const first = this.#state === "text" ? bytes.indexOf(COMMAND) : 0;
    if (first < 0) return bytes.length;
    let kept = first;
    for (let index = first; index < bytes.length; index++) {
      const byte = bytes[index] ?? 0;
      if (this.isText(byte, bytes[index + 1])) bytes[kept++] = byte;
    }
    return kept;
  }

  /**
   * Whether the next byte is text. A 0xFF before what is no command is so too,
   * where that byte, `following`, has come already.
   */
  isText(byte: number, following: number | undefined): boolean {
    switch (this.#state) {
      case "text":
        if (byte !== COMMAND || (following ?? END) < END) return true;
        this.#state = "command";
        break;
      case "command":
        this.#state = byte >= WILL && byte < COMMAND
          ? "option"
          : byte === BEGIN
          ? "sub"
          : "text";
        return byte < END;
      case "option":
        this.#state = "text";
        break;
      case "sub":
        if (byte === COMMAND) this.#state = "command in sub";
        break;
      case "command in sub":
        this.#state = byte === END ? "text" : "sub";
    }
    return false;
  }
}
