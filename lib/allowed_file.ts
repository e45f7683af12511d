/**
 * Files that options name, read without a question about permissions.
 *
 * @module
 */
import { Failure, reasonOf } from "./outcome.ts";
import type { Say } from "./phrases.ts";

/**
 * The text of a file; where the permission to read it isn't there, Deno would
 * ask at a prompt.
 *
 * @throws {Failure} when it can't be read.
 */
export function readAllowed(path: string, say: Say): string {
  const { state } = Deno.permissions.querySync({ name: "read", path });
  if (state !== "granted") {
    throw new Failure(say("no read permission", { path }));
  }
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const cause = reasonOf(error);
    throw new Failure(say("file not read", { path, cause }), { cause: error });
  }
}
