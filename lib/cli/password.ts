/**
 * The password: from a file, or asked for at the terminal. That is done here, as
 * `@std/cli/prompt-secret` keeps the process from hearing signals, and leaves
 * the terminal without echo when Ctrl-C ends it.
 *
 * @module
 */
import { orAborted } from "../chat/waiting.ts";
import { readAllowed } from "../text/allowed_file.ts";
import { PASSWORD_BYTES } from "../wire/fixed_lines.ts";
import { isTerminalGone } from "../terminal/input.ts";
import { writeError } from "../terminal/output.ts";
import { Failure, type Say, sentence } from "../text/phrases.ts";
import { escapeUnsafe } from "../text/safe_text.ts";
import type { Options } from "./options.ts";
import { Interruption } from "./outcome.ts";

/** The longest password, in bytes: a line ending, `\r\n` with some, is sent too. */
const MAX_BYTES = PASSWORD_BYTES - "\r\n".length;
/** The bits of a mode that let others read a file. */
const OTHERS_READ = 0o044;

const CONTROL_C = "\x03";
const CONTROL_D = "\x04";
const CONTROL_U = "\x15";
/** What the key for erasing sends, on one system or another. */
const ERASE = ["\x7f", "\b"];

/**
 * The password that the options ask for, if any: from the first line of a file,
 * or from the terminal. Standard error tells when others can read the file.
 *
 * @throws {Failure} when there is no good password to be had.
 * @throws {Interruption} when Ctrl-C or Ctrl-D is pressed instead of giving
 * one, the terminal goes away, or `signal` is aborted with one.
 */
export async function readPassword(
  { password, passwordFile: file }: Pick<Options, "password" | "passwordFile">,
  say: Say,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (file !== undefined) {
    const text = await orAborted(readAllowed(file), signal);
    const mode = Deno.statSync(file).mode ?? 0;
    if (Deno.build.os !== "windows" && (mode & OTHERS_READ) !== 0) {
      const path = escapeUnsafe(file);
      writeError(`${say("password file readable", { path })}\n`);
    }
    return checked(text.replace(/[\r\n].*$/s, ""));
  }
  if (!password) return undefined;
  if (!Deno.stdin.isTerminal()) {
    throw new Failure(sentence("no terminal for password"));
  }
  return checked(await askHidden(say("password prompt"), signal));
}

/** Asks on standard error, and reads a line from the terminal unshown. */
async function askHidden(prompt: string, signal: AbortSignal): Promise<string> {
  // Raw, without signals from keys: this process has to restore the echo.
  Deno.stdin.setRaw(true);
  globalThis.addEventListener("unload", restoreEcho);
  writeError(prompt);
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
    const count = await Deno.stdin.read(byte).catch((fault) => {
      if (isTerminalGone(fault)) return null;
      throw fault;
    });
    // A raw terminal ends when it is gone.
    if (count === null) throw new Interruption("SIGHUP");
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

/** @throws {Failure} for a password that can't be used. */
function checked(password: string): string {
  // All bytes that are not UTF-8 were read as the same character: a peer that
  // gives that one for each of them would get in.
  if (password.includes("\ufffd")) {
    throw new Failure(sentence("password not UTF-8"));
  }
  // It is sent in this form.
  const { length } = new TextEncoder().encode(password.normalize());
  if (length > 0 && length <= MAX_BYTES) return password;
  const problem = length === 0 ? "empty password" : "password too long";
  throw new Failure(sentence(problem, { limit: MAX_BYTES }));
}
