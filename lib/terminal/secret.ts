/**
 * The password: from a file, or asked for at the terminal.
 *
 * It is asked for here and not with `@std/cli/prompt-secret`: that one keeps
 * the process from hearing signals, and leaves the terminal without echo when
 * Ctrl-C ends it.
 *
 * @module
 */
import { readAllowed } from "../text/allowed_file.ts";
import { escapeUnsafe } from "../text/safe_text.ts";
import { PASSWORD_BYTES } from "../wire/fixed_lines.ts";
import { Failure, Interruption, isTerminalGone } from "../text/failure.ts";
import { writeError } from "./output.ts";
import { type Say, sentence } from "../text/phrases.ts";
import { orAborted } from "../chat/waiting.ts";

/** The longest password, in bytes: a line ending, `\r\n` with some, is sent too. */
const MAX_PASSWORD_BYTES = PASSWORD_BYTES - "\r\n".length;
/** The bits of a mode that let others read a file. */
const OTHERS_READ = 0o044;

const CONTROL_C = "\x03";
const CONTROL_D = "\x04";
const CONTROL_U = "\x15";
/** What the key for erasing sends, on one system or another. */
const ERASE = ["\x7f", "\b"];

/** Where a password comes from, as the options say it. */
export interface SecretOptions {
  /** The file whose first line it is; where there is none it is asked for. */
  passwordFile: string | undefined;
}

/**
 * The password: from a file, or else asked for. A file that others can read
 * is worth a word to `warn`.
 *
 * @throws {Failure} when there is no good password to be had.
 * @throws {Interruption} when Ctrl-C or Ctrl-D is pressed instead of giving
 * one, the terminal goes away, or `signal` is aborted with one.
 */
export async function readPassword(
  { passwordFile }: SecretOptions,
  { say, warn, signal }: {
    say: Say;
    warn(text: string): void;
    signal: AbortSignal;
  },
): Promise<string> {
  if (passwordFile !== undefined) {
    const text = await orAborted(readAllowed(passwordFile), signal);
    if (isOpenToOthers(passwordFile)) {
      warn(say("password file readable", { path: escapeUnsafe(passwordFile) }));
    }
    const [line = ""] = /^[^\r\n]*/.exec(text) ?? [];
    return checked(line);
  }
  if (!Deno.stdin.isTerminal()) {
    throw new Failure(sentence("no terminal for password"));
  }
  return checked(await askHidden(say("password prompt"), signal));
}

/** Asks on standard error, and reads a line from the terminal unshown. */
async function askHidden(
  question: string,
  signal: AbortSignal,
): Promise<string> {
  // Raw, without signals from keys: this process has to restore the echo.
  Deno.stdin.setRaw(true);
  globalThis.addEventListener("unload", restoreEcho);
  writeError(question);
  try {
    return await orAborted(readHidden(), signal);
  } finally {
    restoreEcho();
    globalThis.removeEventListener("unload", restoreEcho);
    writeError("\n");
  }
}

function restoreEcho(): void {
  try {
    Deno.stdin.setRaw(false);
  } catch {
    // The terminal is gone.
  }
}

/** Reads byte by byte, so that what comes after the line is not taken. */
async function readHidden(): Promise<string> {
  const byte = new Uint8Array(1);
  const decoder = new TextDecoder();
  let typed: string[] = [];
  for (;;) {
    if (!await readTerminal(byte)) throw new Interruption("SIGHUP");
    for (const character of decoder.decode(byte, { stream: true })) {
      if (character === "\r" || character === "\n") return typed.join("");
      const isEnd = character === CONTROL_D && typed.length === 0;
      if (isEnd || character === CONTROL_C) throw new Interruption("SIGINT");
      if (character === CONTROL_U) typed = [];
      else if (ERASE.includes(character)) typed.pop();
      else typed.push(character);
    }
  }
}

/** Whether something could be read: a raw terminal ends when it is gone. */
async function readTerminal(buffer: Uint8Array): Promise<boolean> {
  try {
    return await Deno.stdin.read(buffer) !== null;
  } catch (fault) {
    if (isTerminalGone(fault)) return false;
    throw fault;
  }
}

/** @throws {Failure} for a password that can't be used. */
function checked(password: string): string {
  // All bytes that are not UTF-8 were read as the same character, and who gives
  // that one for each would get in.
  if (password.includes("\ufffd")) {
    throw new Failure(sentence("password not UTF-8"));
  }
  const { length } = new TextEncoder().encode(password);
  if (length > 0 && length <= MAX_PASSWORD_BYTES) return password;
  throw new Failure(
    sentence(length === 0 ? "empty password" : "password too long", {
      limit: MAX_PASSWORD_BYTES,
    }),
  );
}

function isOpenToOthers(path: string): boolean {
  const { mode } = Deno.statSync(path);
  return Deno.build.os !== "windows" && mode !== null &&
    (mode & OTHERS_READ) !== 0;
}
