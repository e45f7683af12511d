/**
 * What options name, used without a question about permissions.
 *
 * @module
 */
import { Failure, reasonOf, sentence } from "./phrases.ts";
import { pathFlag } from "./safe_text.ts";

/**
 * Whether something is allowed; where it isn't, Deno would ask at a prompt.
 * What an older Deno knows no permission for is allowed to everyone.
 */
export function isAllowed(descriptor: Deno.PermissionDescriptor): boolean {
  try {
    return Deno.permissions.querySync(descriptor).state === "granted";
  } catch {
    return true;
  }
}

/**
 * The text of a file. A named pipe is waited for until someone has written it.
 *
 * @throws {Failure} when it can't be read.
 */
export async function readAllowed(path: string): Promise<string> {
  if (!isAllowed({ name: "read", path })) {
    const flag = pathFlag("read", path);
    throw new Failure(sentence("no read permission", { path, flag }));
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
