/**
 * Files that options name: the flags that they need, and reading them without
 * a question about permissions.
 *
 * @module
 */
import { Failure, reasonOf } from "../cli/outcome.ts";
import type { Say } from "../text/phrases.ts";

/** What needs no quotes in a shell, nor in a list of paths. */
const PLAIN_PATH = /^[\p{L}\p{N}._/:+@%-]+$/u;

/**
 * The flag that allows to use a path, as it can be typed: for all paths where
 * this one would need quotes.
 */
export function pathFlag(access: "read" | "write", path: string): string {
  const flag = `--allow-${access}`;
  return PLAIN_PATH.test(path) ? `${flag}=${path}` : flag;
}

/**
 * The text of a file; where the permission to read it isn't there, Deno would
 * ask at a prompt. A named pipe is waited for until someone has written it.
 *
 * @throws {Failure} when it can't be read.
 */
export async function readAllowed(path: string, say: Say): Promise<string> {
  const { state } = Deno.permissions.querySync({ name: "read", path });
  if (state !== "granted") {
    throw new Failure(
      say("no read permission", { path, flag: pathFlag("read", path) }),
    );
  }
  try {
    // What some editors begin a file with is no part of its text.
    return (await Deno.readTextFile(path)).replace(/^\ufeff/, "");
  } catch (error) {
    const cause = reasonOf(error);
    throw new Failure(say("file not read", { path, cause }), { cause: error });
  }
}
