/**
 * A Unix socket instead of a port: only its owner can connect.
 *
 * @module
 */
import type { Accepting } from "./admit.ts";
import { orAborted } from "../chat/waiting.ts";
import { isAllowed } from "../text/allowed_file.ts";
import { Failure, sentence } from "../text/phrases.ts";

/** Only the owner reads and writes. */
const OWNER_ONLY_MODE = 0o600;
const OWNER_ONLY_MASK = 0o177;
/** The bits of a mode that let others connect. */
const OTHERS_WRITE = 0o022;

/**
 * Listens at a path that only the owner may use. A socket that a server left
 * behind is replaced; no other file there is touched. The path is removed when
 * the listener is closed, and when the process exits, unless it is another
 * file's by then.
 *
 * @throws {Failure} that says what to do, where that is known.
 * @throws what Deno throws when it can't listen.
 */
export async function listenUnix(
  path: string,
): Promise<Accepting<Deno.UnixConn>> {
  try {
    return listenAt(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
  }
  if (!Deno.lstatSync(path).isSocket) {
    throw new Failure(sentence("unix path taken", { path }));
  }
  if (await isListening(path)) {
    throw new Failure(sentence("unix in use", { path }));
  }
  Deno.removeSync(path);
  return listenAt(path);
}

function listenAt(path: string): Accepting<Deno.UnixConn> {
  const listener = listenMasked(path);
  const { mode, ino } = Deno.lstatSync(path);
  const closed = new AbortController();
  const close = (): void => {
    globalThis.removeEventListener("unload", close);
    let found: number | null | undefined;
    try {
      found = Deno.lstatSync(path).ino;
      if (found === ino) Deno.removeSync(path);
    } catch {
      // Someone has removed it already.
    }
    // With a listener Deno removes what is at its path, whosever that is: then
    // it stays open until the process exits, where nobody can find it.
    if (found === undefined || found === ino) listener.close();
    closed.abort();
  };
  globalThis.addEventListener("unload", close);
  // A client that came before the mode was set is inside already.
  if (mode === null || (mode & OTHERS_WRITE) !== 0) {
    close();
    throw new Failure(sentence("unix open to others", { path }));
  }
  Deno.chmodSync(path, OWNER_ONLY_MODE);
  return { accept: () => orAborted(listener.accept(), closed.signal), close };
}

/** Listens under a mask for the owner alone, where setting one is allowed. */
function listenMasked(path: string): Deno.UnixListener {
  const mayMask: Deno.SysPermissionDescriptor = { name: "sys" };
  // The types of Deno 2.6 don't know of this kind.
  Reflect.set(mayMask, "kind", "umask");
  const mask = isAllowed(mayMask) ? Deno.umask(OWNER_ONLY_MASK) : undefined;
  try {
    return Deno.listen({ transport: "unix", path });
  } finally {
    if (mask !== undefined) Deno.umask(mask);
  }
}

async function isListening(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.ConnectionRefused);
  }
}
