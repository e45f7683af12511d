/**
 * What a program looks for at the beginning and at the end of a stream: the
 * fixed lines, the same in every language and under both framings, and TLS.
 *
 * A line that begins with `* ` is never a message of a room's member.
 *
 * @module
 */
import { lookAt } from "./look.ts";
import { type Framing, LINE_FEED } from "./framing.ts";
import { lineOf, NOTICE_MARK, textOf } from "./message.ts";

/** The line with which a server asks for the password. */
export const QUESTION = "* password:";
/** The line with which it answers the right password. */
export const ACCEPTED = "* password accepted";
/** The line with which it answers another. */
export const WRONG = "* wrong password";
/**
 * What a room says, as a notice, to a member that has to wait for its turn. A
 * client that has said the end word then waits until the room closes.
 */
export const HELD_BACK = "held back";
/** Lines of a server that has yet to hear what it was sent. */
const WAITING = [NOTICE_MARK + HELD_BACK, QUESTION];

/** The most bytes that a line with a password has, its ending included. */
export const PASSWORD_BYTES = 1024;

/** How often a peer may try on one connection. */
export const TRIES = 3;

/** The types of the TLS records with which a side can begin (RFC 8446, 5.1). */
const ALERT = 0x15;
const HANDSHAKE = 0x16;
const TLS_MAJOR_VERSION = 0x03;
const TLS_MAX_MINOR_VERSION = 0x04;
/** How many bytes an alert has that is not encrypted. */
const TLS_ALERT_BYTES = 7;

/**
 * What a side says in its very last line, as `* not taken: output failed`, when
 * it can't take what it is sent or breaks off what it sends. It says so in place
 * of the end word, and closes. Data that comes after such a line makes it data.
 */
const LAST_WORDS = [
  ["not taken", "output failed"],
  ["not taken", "message too long"],
  ["not taken", "room full"],
  ["not taken", "room locked"],
  ["not taken", "banned"],
  ["not taken", "wrong password"],
  ["not taken", "TLS wanted"],
  ["not taken", "no TLS here"],
  ["broken off", "input failed"],
  ["broken off", "interrupted"],
  ["broken off", "not read"],
  ["broken off", "idle"],
] as const;

/** Whether a side could not take all, or broke off. */
export type Verdict = typeof LAST_WORDS[number][0];
/** And why. */
export type Reason = typeof LAST_WORDS[number][1];

/** More bytes than such a line has. */
const LAST_LINE_BYTES = 64;
const LAST_LINES = LAST_WORDS.map(([verdict, reason]) => ({
  verdict,
  reason,
  text: `${NOTICE_MARK}${verdict}: ${reason}`,
}));

/** The last line of a side that can't go on, ready to send. */
export function lastLine(why: Reason): Uint8Array {
  const { text = "" } = LAST_LINES.find(({ reason }) => reason === why) ?? {};
  return lineOf(text);
}

/**
 * What the last line of a block says, if it is such a line, or the alert with
 * which a TLS server answers what is no TLS. Under `raw` it may have come
 * together with a message.
 */
export function lastWordIn(
  block: Uint8Array,
  framing: Framing,
): { reason: Reason; verdict: Verdict } | undefined {
  if (block.length === TLS_ALERT_BYTES && isTlsAlert(block)) {
    return { verdict: "not taken", reason: "TLS wanted" };
  }
  const tail = textOf(block.subarray(-LAST_LINE_BYTES));
  const line = tail.slice(tail.lastIndexOf("\n") + 1);
  return LAST_LINES.find(({ text }) =>
    framing === "raw" ? tail.endsWith(text) : line === text
  );
}

/**
 * Whether a block has the line of a room that holds a member back, or of a
 * server that takes what comes for a password.
 */
export function isHeldBack(block: Uint8Array): boolean {
  return WAITING.some((end) => lookAt(block, { end }).end !== null);
}

/** The text of the first line, without its ending; undefined until it has come. */
export function firstLine(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(LINE_FEED);
  return end < 0 ? undefined : textOf(bytes.subarray(0, end + 1));
}

/** Whether bytes begin as those of a client that speaks TLS. */
export function isTlsHello(bytes: Uint8Array): boolean {
  return isTlsRecord(bytes, HANDSHAKE);
}

/** Whether bytes begin as a TLS server's answer to what is no TLS. */
export function isTlsAlert(bytes: Uint8Array): boolean {
  return isTlsRecord(bytes, ALERT);
}

function isTlsRecord(bytes: Uint8Array, type: number): boolean {
  const [first, major, minor = Infinity] = bytes;
  return first === type && major === TLS_MAJOR_VERSION &&
    minor <= TLS_MAX_MINOR_VERSION;
}
