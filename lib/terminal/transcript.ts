/**
 * A conversation as lines of a file that is safe to show on a terminal.
 *
 * @module
 */
import { Failure, reasonOf, type Sentence, sentence } from "../text/phrases.ts";
import { escapeUnsafe, pathFlag, safeMessage } from "../text/safe_text.ts";
import { LINE_FEED } from "../wire/framing.ts";
import { writeAllSync } from "./output.ts";

/** A conversation is nobody else's business. */
const APPENDING = { append: true, create: true, mode: 0o600 };

/** Received, sent, or about the conversation. */
export type Direction = "<" | ">" | "*";

/** Where a transcript goes, which appends each piece; `Deno.FsFile` fits. */
export type TranscriptFile = Pick<Deno.FsFile, "writeSync" | "close">;

/** Writes down what is said as it is said: nothing is kept back. */
export class Transcript {
  readonly #failed: (error: unknown) => void;
  readonly #now: () => Date;
  #file: TranscriptFile | undefined;

  /**
   * `failed` is called once, with what the file threw, when it can't be written
   * any more; from then on nothing is recorded.
   */
  constructor(
    file: TranscriptFile,
    failed: (error: unknown) => void,
    now = (): Date => new Date(),
  ) {
    this.#file = file;
    this.#failed = failed;
    this.#now = now;
  }

  /**
   * Writes texts as a line each, all in one piece: the time (ISO 8601, UTC),
   * the direction, the name unless it is empty, the text. Never throws; does
   * nothing after `close`.
   */
  record(direction: Direction, name: string, texts: Iterable<string>): void {
    if (this.#file === undefined) return;
    const label = name === "" ? "" : `${safeMessage(name)}: `;
    const start = `${this.#now().toISOString()} ${direction} ${label}`;
    let lines = "";
    for (const text of texts) lines += `${start}${safeMessage(text)}\n`;
    try {
      writeAllSync(this.#file, lines);
    } catch (error) {
      this.close();
      this.#failed(error);
    }
  }

  /** Closes the file. May be called twice. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

/**
 * A file that is put away as `FILE.1`, in place of an older one, where a line
 * would take it over its limit, and begun anew.
 */
class RotatingFile implements TranscriptFile {
  readonly #path: string;
  readonly #limit: number;
  #file: Deno.FsFile;
  #size: number;

  /** The file is open, and has so many bytes. */
  constructor(path: string, file: Deno.FsFile, size: number, limit: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#limit = limit;
  }

  writeSync(bytes: Uint8Array): number {
    let end = this.#fitting(bytes);
    if (end === 0 && this.#size > 0) {
      this.#beginAnew();
      end = this.#fitting(bytes);
    }
    // A line that is longer than the limit has a file of its own.
    if (end === 0) end = bytes.indexOf(LINE_FEED) + 1;
    const count = this.#file.writeSync(bytes.subarray(0, end));
    this.#size += count;
    return count;
  }

  close(): void {
    this.#file.close();
  }

  /** How many bytes the whole lines have that the file can take. */
  #fitting(bytes: Uint8Array): number {
    const free = this.#limit - this.#size;
    if (bytes.length <= free) return bytes.length;
    return free <= 0 ? 0 : bytes.lastIndexOf(LINE_FEED, free - 1) + 1;
  }

  #beginAnew(): void {
    Deno.renameSync(this.#path, oldOf(this.#path));
    const file = Deno.openSync(this.#path, APPENDING);
    this.#file.close();
    this.#file = file;
    this.#size = 0;
  }
}

function oldOf(path: string): string {
  return `${path}.1`;
}

/**
 * Opens a file for a transcript to be appended to, and makes it where there is
 * none, for its owner alone. Before it has more bytes than the limit, it is put
 * away as `FILE.1`, in place of an older one, and begun anew; a device or pipe
 * has no limit. No permission is asked for. When the file can't be written
 * later, `warn` gets a sentence that says so, once. A named pipe is waited for
 * until someone reads it.
 *
 * @throws {Failure} when it can't be opened, with what to do.
 */
export async function openTranscript(
  path: string,
  warn: (about: Sentence) => void,
  limit = Infinity,
): Promise<Transcript> {
  let file: TranscriptFile;
  try {
    file = limit === Infinity
      ? await openLog(path)
      : await openRotating(path, limit);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure(describe(cause, path), { cause });
  }
  return new Transcript(file, (error) => {
    const cause = reasonOf(error);
    warn(sentence("log failed", { path: escapeUnsafe(path), cause }));
  });
}

async function openLog(path: string): Promise<Deno.FsFile> {
  if (!isGranted("write", path)) {
    const flag = pathFlag("write", path);
    throw new Failure(sentence("no log permission", { path, flag }));
  }
  return await Deno.open(path, APPENDING);
}

async function openRotating(
  path: string,
  limit: number,
): Promise<TranscriptFile> {
  const old = oldOf(path);
  // What is renamed is read too, for Deno.
  const isAllowed = isGranted("write", path) && isGranted("write", old) &&
    isGranted("read", path);
  if (!isAllowed) {
    const flags = `${pathFlag("write", path, old)} ${pathFlag("read", path)}`;
    throw new Failure(sentence("no log limit permission", { old, flags }));
  }
  const file = await Deno.open(path, APPENDING);
  const { isFile, size } = await file.stat();
  return isFile ? new RotatingFile(path, file, size, limit) : file;
}

function isGranted(name: "read" | "write", path: string): boolean {
  return Deno.permissions.querySync({ name, path }).state === "granted";
}

function describe(error: unknown, path: string): Sentence {
  const { NotFound, IsADirectory, PermissionDenied, NotCapable } = Deno.errors;
  const known = [
    [NotFound, "no log folder"],
    [IsADirectory, "log is a folder"],
    [PermissionDenied, "log not writable"],
    // Deno wants all permissions for a device, whatever the query said.
    [NotCapable, "log is a device"],
  ] as const;
  const [, key] = known.find(([type]) => error instanceof type) ?? [];
  return key === undefined
    ? sentence("log not opened", { path, cause: reasonOf(error) })
    : sentence(key, { path });
}
