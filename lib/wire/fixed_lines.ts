/**
 * What a program looks for at the beginning of a stream: the fixed
 * lines, the same in every language and under both framings, and TLS.
 *
 * A line that begins with `* ` is never a message of a room's member.
 *
 * @module
 */
import { LINE_FEED } from "./framing.ts";
import { textOf } from "./message.ts";

/** The line with which a server asks for the password. */
export const QUESTION = "* password:";
/** The line with which it answers the right password. */
export const ACCEPTED = "* password accepted";
/** The line with which it answers another. */
export const WRONG = "* wrong password";
/**
 * The first line of a server that has no place in its room; a sentence for a
 * person follows.
 */
export const FULL = "* room full";

/** The most bytes that a line with a password has, its ending included. */
export const PASSWORD_BYTES = 1024;

/** The types of the TLS records with which a side can begin (RFC 8446, 5.1). */
const ALERT = 0x15;
const HANDSHAKE = 0x16;
const TLS_MAJOR_VERSION = 0x03;
const TLS_MAX_MINOR_VERSION = 0x04;

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
