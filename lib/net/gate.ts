/**
 * The password, asked for before a conversation begins, and what else a side
 * learns from how the other begins.
 *
 * The wire: the server sends the line `* password:`, the client answers with
 * the password as a line. The server then sends `* password accepted`, and the
 * conversation begins with the next byte; or, a second later,
 * `* wrong password` and the question again, and after the third wrong one it
 * closes. These lines are the same in every language and under both framings,
 * so that a program knows them, and a person with netcat can answer. A line
 * that begins with `* ` is never a message of a room's member.
 *
 * @module
 */
import { DoorError } from "./door_error.ts";
import { LINE_FEED, withoutEnding } from "../wire/framing.ts";
import { lineOf, nameIn, textOf } from "../wire/message.ts";
import type { ByteStream } from "../chat/connection.ts";
import { ResumedStream } from "../chat/streams.ts";
import { orAborted } from "../chat/waiting.ts";

/** The line, without its ending, with which the server asks. */
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

/** The most that is held of a peer before the gate is passed, in bytes. */
export const PASSWORD_BYTES = 1024;
/** How often a peer may try on one connection. */
export const TRIES = 3;
/** How long a wrong password waits for its answer, in milliseconds. */
export const WRONG_WAIT_MS = 1000;

/** What the server's side of the gate needs besides the stream. */
export interface GateOptions {
  password: string;
  /** Ends the asking: its reason is thrown. */
  signal: AbortSignal;
  /** Settles after that time. */
  wait(milliseconds: number): Promise<void>;
}

/**
 * The server's side: asks for the password until it is right. Returns the
 * stream from the first byte after it on; what the client sent ahead is not
 * lost. The stream is not closed.
 *
 * @throws {DoorError} when the client has no right password, or leaves.
 * @throws the reason of `signal` once that is aborted.
 */
export async function askPassword(
  stream: ByteStream,
  { password, signal, wait }: GateOptions,
): Promise<ByteStream> {
  // Loaded here: a server without a password starts sooner without it.
  const { createHash, timingSafeEqual } = await import("node:crypto");
  // Digests have one length: comparing them tells nothing of the password's.
  const digest = (bytes: string | Uint8Array): Uint8Array =>
    createHash("sha256").update(bytes).digest();
  const speech = new GateSpeech(stream, signal);
  const right = digest(password);
  let guessed = false;
  try {
    for (let tries = 1;; tries++) {
      await speech.say(QUESTION);
      const line = await speech.hear();
      if (line === null) throw new DoorError("left at the door");
      if (line === "too long") throw new DoorError("wrong password");
      if (isTlsHello(line)) throw new DoorError("client with TLS");
      if (timingSafeEqual(digest(withoutEnding(line)), right)) {
        await speech.say(ACCEPTED);
        return speech.rest();
      }
      // A name is no guess: our client says one before it sees the question.
      guessed ||= nameIn(line) === null;
      await orAborted(wait(WRONG_WAIT_MS), signal);
      await speech.say(WRONG);
      if (tries === TRIES) throw new DoorError("wrong password");
    }
  } catch (cause) {
    // Who leaves, or breaks off, after a wrong one had no right one.
    signal.throwIfAborted();
    if (guessed) throw new DoorError("wrong password", { cause });
    throw cause;
  }
}

/**
 * The client's side: gives the password when it is asked for, never before.
 * Returns the stream from the conversation's first byte on. The stream is not
 * closed.
 *
 * @throws {DoorError} when the server does not ask, or refuses the password.
 * @throws the reason of `signal` once that is aborted.
 */
export async function givePassword(
  stream: ByteStream,
  { password, signal }: { password: string; signal: AbortSignal },
): Promise<ByteStream> {
  const speech = new GateSpeech(stream, signal);
  const question = await speech.hear();
  if (question === null) throw new DoorError("closed unasked");
  if (question === "too long" || textOf(question) !== QUESTION) {
    if (question !== "too long") lookAtServer(question);
    throw new DoorError("no password wanted");
  }
  await speech.say(password);
  const answer = await speech.hear();
  if (answer === null || answer === "too long" || textOf(answer) !== ACCEPTED) {
    throw new DoorError("password refused");
  }
  return speech.rest();
}

/**
 * What a client without a password learns from the first bytes of a server.
 *
 * @throws {DoorError} when the server asks for one, speaks TLS, or has no place.
 */
export function lookAtServer(bytes: Uint8Array): void {
  if (firstLine(bytes) === QUESTION) throw new DoorError("password wanted");
  if (isTlsRecord(bytes, ALERT)) throw new DoorError("server with TLS");
  lookForPlace(bytes);
}

/**
 * What a client learns from the first bytes of a conversation.
 *
 * @throws {DoorError} when the server has no place.
 */
export function lookForPlace(bytes: Uint8Array): void {
  if (firstLine(bytes) === FULL) throw new DoorError("room full");
}

/** The text of the first line; undefined until it has come. */
function firstLine(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(LINE_FEED);
  return end < 0 ? undefined : textOf(bytes.subarray(0, end + 1));
}

/**
 * What a server without TLS learns from the first bytes of a client.
 *
 * @throws {DoorError} when the client speaks TLS.
 */
export function lookAtClient(bytes: Uint8Array): void {
  if (isTlsHello(bytes)) throw new DoorError("client with TLS");
}

/** The types of the TLS records with which a side can begin (RFC 8446, 5.1). */
const ALERT = 0x15;
const HANDSHAKE = 0x16;
const TLS_MAJOR_VERSION = 0x03;
const TLS_MAX_MINOR_VERSION = 0x04;

function isTlsHello(bytes: Uint8Array): boolean {
  return isTlsRecord(bytes, HANDSHAKE);
}

function isTlsRecord(bytes: Uint8Array, type: number): boolean {
  const [first, major, minor = Infinity] = bytes;
  return first === type && major === TLS_MAJOR_VERSION &&
    minor <= TLS_MAX_MINOR_VERSION;
}

/** Lines to and fro over a stream, in bounded memory. */
class GateSpeech {
  readonly #stream: ByteStream;
  readonly #signal: AbortSignal;
  readonly #buffer = new Uint8Array(PASSWORD_BYTES);
  #filled = 0;

  constructor(stream: ByteStream, signal: AbortSignal) {
    this.#stream = stream;
    this.#signal = signal;
  }

  async say(line: string): Promise<void> {
    const bytes = lineOf(line);
    for (let done = 0; done < bytes.length;) {
      const writing = this.#stream.write(bytes.subarray(done));
      done += await orAborted(writing, this.#signal);
    }
  }

  /** The next line; null at end of stream, where a line needs no ending. */
  async hear(): Promise<Uint8Array | "too long" | null> {
    for (let seen = 0;;) {
      const newline = this.#buffer.subarray(0, this.#filled)
        .indexOf(LINE_FEED, seen);
      if (newline >= 0) return this.#take(newline + 1);
      seen = this.#filled;
      if (this.#filled === this.#buffer.length) return "too long";
      const reading = this.#stream.read(this.#buffer.subarray(this.#filled));
      const count = await orAborted(reading, this.#signal);
      if (count === null) {
        return this.#filled > 0 ? this.#take(this.#filled) : null;
      }
      this.#filled += count;
      // TLS never becomes a line, so its end must not be waited for.
      const heard = this.#buffer.subarray(0, this.#filled);
      if (isTlsRecord(heard, ALERT) || isTlsHello(heard)) {
        return this.#take(this.#filled);
      }
    }
  }

  /** The stream with what was heard and not taken. */
  rest(): ByteStream {
    return this.#filled === 0
      ? this.#stream
      : new ResumedStream(this.#stream, this.#take(this.#filled));
  }

  #take(count: number): Uint8Array {
    const taken = this.#buffer.slice(0, count);
    this.#buffer.copyWithin(0, count, this.#filled);
    this.#filled -= count;
    return taken;
  }
}
