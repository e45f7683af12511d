/**
 * A conversation as lines of a file that is safe to show on a terminal.
 *
 * @module
 */
import { Failure, reasonOf, type Sentence, sentence } from "../text/phrases.ts";
import { escapeUnsafe, pathFlag, safeMessage } from "../text/safe_text.ts";
import { writeAllSync } from "./output.ts";

/** A conversation is nobody else's business. */
const NEW_FILE_MODE = 0o600;

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
 * Opens a file for a transcript to be appended to, and makes it where there is
 * none, for its owner alone. No permission is asked for. When the file can't be
 * written later, `warn` gets a sentence that says so, once. A named pipe is
 * waited for until someone reads it.
 *
 * @throws {Failure} when it can't be opened, with what to do.
 */
export async function openTranscript(
  path: string,
  warn: (about: Sentence) => void,
): Promise<Transcript> {
  let file: Deno.FsFile;
  try {
    const { state } = Deno.permissions.querySync({ name: "write", path });
    if (state !== "granted") {
      const flag = pathFlag("write", path);
      throw new Failure(sentence("no log permission", { path, flag }));
    }
    const how = { append: true, create: true, mode: NEW_FILE_MODE };
    file = await Deno.open(path, how);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure(describe(cause, path), { cause });
  }
  return new Transcript(file, (error) => {
    const cause = reasonOf(error);
    warn(sentence("log failed", { path: escapeUnsafe(path), cause }));
  });
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
