/**
 * Files that options name, read without a question about permissions.
 *
 * @module
 */
import { Failure, reasonOf } from "./failure.ts";
import { sentence } from "./phrases.ts";
import { pathFlag } from "./safe_text.ts";

/**
 * The text of a file; where the permission to read it isn't there, Deno would
 * ask at a prompt. A named pipe is waited for until someone has written it.
 *
 * @throws {Failure} when it can't be read.
 */
export async function readAllowed(path: string): Promise<string> {
  const { state } = Deno.permissions.querySync({ name: "read", path });
  if (state !== "granted") {
    throw new Failure(
      sentence("no read permission", { path, flag: pathFlag("read", path) }),
    );
  }
  try {
    // What some editors begin a file with is no part of its text.
    return (await Deno.readTextFile(path)).replace(/^\ufeff/, "");
  } catch (error) {
    const cause = reasonOf(error);
    throw new Failure(sentence("file not read", { path, cause }), {
      cause: error,
    });
  }
}
