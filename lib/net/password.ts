/**
 * The password, asked for before a conversation begins. Both sides take it in
 * Unicode's form NFC (RFC 8265, 4.2.2): a keyboard may give another.
 *
 * The wire: the server sends the line `* password:`, the client answers with
 * the password as a line. The server then sends `* password accepted`, and the
 * conversation begins with the next byte; or, a second later,
 * `* wrong password` and the question again. Without a right one its last line
 * is `* not taken: wrong password`. So a person with netcat can answer too.
 *
 * @module
 */
import type { Connection } from "../chat/connection.ts";
import { orAborted, pause } from "../chat/waiting.ts";
import { Failure, sentence } from "../text/phrases.ts";
import {
  ACCEPTED,
  isTlsAlert,
  isTlsHello,
  PASSWORD_BYTES,
  QUESTION,
  TRIES,
  WRONG,
} from "../wire/fixed_lines.ts";
import type { Guesses } from "./limits.ts";
import { lookAt } from "../wire/look.ts";
import { lineOf, nameIn, textOf } from "../wire/message.ts";
import { firstTextLine } from "../wire/text_only.ts";

/** How long a wrong password waits for its answer, in milliseconds. */
export const WRONG_WAIT_MS = 1000;

/**
 * The server's side: asks for the password until it is right. What the client
 * sent ahead is left to the conversation.
 *
 * @throws {Failure} when the client has no right password, or leaves.
 * @throws the reason of `signal` once that is aborted.
 */
export async function askPassword(
  connection: Connection,
  { password, signal, guesses, wrongWait = WRONG_WAIT_MS }: {
    password: string;
    signal: AbortSignal;
    /** Says when one may be told whether it was right. */
    guesses: Pick<Guesses, "judge">;
    /** How long a wrong one waits, in milliseconds. */
    wrongWait?: number;
  },
): Promise<void> {
  // Loaded here: a server without a password starts sooner without it.
  const { createHash, timingSafeEqual } = await import("node:crypto");
  // Digests have one length: comparing them tells nothing of the password's.
  const digest = (text: string): Uint8Array =>
    createHash("sha256").update(text.normalize()).digest();
  const right = digest(password);
  let guessed = false;
  try {
    for (let tries = 1;; tries++) {
      await say(connection, QUESTION, signal);
      const line = await hear(connection, signal);
      if (line === null) throw new Failure(sentence("left at the door"));
      if (line === "too long") throw new Failure(sentence("wrong password"));
      if (isTlsHello(line)) throw new Failure(sentence("client with TLS"));
      // Bytes that are no UTF-8 would all be read as the same character.
      const isRight = (): boolean =>
        lookAt(line).isUtf8 && timingSafeEqual(digest(textOf(line)), right);
      // A name is no guess: our client says one before it sees the question.
      const isGuess = nameIn(line) === null;
      guessed ||= isGuess;
      const passes = isGuess
        ? await guesses.judge(connection.host, isRight, signal)
        : isRight();
      if (passes) return await say(connection, ACCEPTED, signal);
      await pause(wrongWait, signal);
      await say(connection, WRONG, signal);
      if (tries === TRIES) throw new Failure(sentence("wrong password"));
    }
  } catch (cause) {
    // One that takes the question for data, in a pipe, has to learn it too.
    await connection.sayLast("wrong password");
    signal.throwIfAborted();
    // A client that leaves after a wrong password had no right one.
    if (guessed) throw new Failure(sentence("wrong password"), { cause });
    throw cause;
  }
}

/**
 * The client's side: gives the password when it is asked for, never before.
 *
 * @throws {Failure} when the server does not ask, or refuses the password.
 * @throws the reason of `signal` once that is aborted.
 */
export async function givePassword(
  connection: Connection,
  { password, signal }: { password: string; signal: AbortSignal },
): Promise<void> {
  const question = await hear(connection, signal);
  if (question === null) throw new Failure(sentence("closed unasked"));
  if (question === "too long" || textOf(question) !== QUESTION) {
    const isTls = question !== "too long" && isTlsAlert(question);
    throw new Failure(
      sentence(isTls ? "server with TLS" : "no password wanted"),
    );
  }
  await say(connection, password.normalize(), signal);
  const answer = await hear(connection, signal);
  if (answer === null || answer === "too long" || textOf(answer) !== ACCEPTED) {
    throw new Failure(sentence("password refused"));
  }
}

async function say(
  connection: Connection,
  line: string,
  signal: AbortSignal,
): Promise<void> {
  await orAborted(connection.send(lineOf(line)), signal);
}

/** The next line; null at end of stream, where a line needs no ending. */
async function hear(
  connection: Connection,
  signal: AbortSignal,
): Promise<Uint8Array | "too long" | null> {
  for (let seen = 0;;) {
    const bytes = await orAborted(connection.peek(seen), signal);
    // TLS never becomes a line, so its end must not be waited for.
    if (isTlsHello(bytes) || isTlsAlert(bytes)) return bytes;
    const begin = bytes.subarray(0, PASSWORD_BYTES + 1);
    const { line, length, isEnded } = firstTextLine(begin);
    if (length > PASSWORD_BYTES) return "too long";
    if (isEnded || bytes.length === seen) {
      connection.skip(length);
      return length > 0 ? line : null;
    }
    if (length === PASSWORD_BYTES) return "too long";
    seen = length;
  }
}
