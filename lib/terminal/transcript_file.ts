/**
 * The file that a transcript is appended to.
 *
 * @module
 */
import { escapeUnsafe, pathFlag } from "../text/safe_text.ts";
import { Failure, reasonOf } from "../text/failure.ts";
import { type Sentence, sentence } from "../text/phrases.ts";
import { Transcript } from "./transcript.ts";

/** A conversation is nobody else's business. */
const NEW_FILE_MODE = 0o600;

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
  const file = await openFile(path);
  const sink = {
    write: (bytes: Uint8Array): number => file.writeSync(bytes),
    close: (): void => file.close(),
  };
  return new Transcript(sink, () => new Date(), (error) => {
    const cause = reasonOf(error);
    warn(sentence("log failed", { path: escapeUnsafe(path), cause }));
  });
}

async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    const { state } = Deno.permissions.querySync({ name: "write", path });
    if (state !== "granted") {
      const flag = pathFlag("write", path);
      throw new Failure(sentence("no log permission", { path, flag }));
    }
    return await Deno.open(path, {
      append: true,
      create: true,
      mode: NEW_FILE_MODE,
    });
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(describe(error, path), { cause: error });
  }
}

function describe(error: unknown, path: string): Sentence {
  if (error instanceof Deno.errors.NotFound) {
    return sentence("no log folder", { path });
  }
  if (error instanceof Deno.errors.IsADirectory) {
    return sentence("log is a folder", { path });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return sentence("log not writable", { path });
  }
  // Deno wants all permissions for a device, whatever the query said.
  if (error instanceof Deno.errors.NotCapable) {
    return sentence("log is a device", { path });
  }
  return sentence("log not opened", { path, cause: reasonOf(error) });
}
