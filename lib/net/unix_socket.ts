/**
 * A Unix socket instead of a port: only its owner can connect.
 *
 * @module
 */
import type { Route } from "./admit.ts";
import { orAborted } from "../chat/waiting.ts";
import { Failure, reasonOf } from "../text/failure.ts";
import { sentence } from "../text/phrases.ts";
import { pathFlag } from "../text/safe_text.ts";

/** Only the owner reads and writes. */
const OWNER_ONLY_MODE = 0o600;
const OWNER_ONLY_MASK = 0o177;
/** The bits of a mode that let others connect. */
const OTHERS_WRITE = 0o022;

/** A listener at a path, which close() removes, if it is still its own. */
export interface UnixListener {
  accept(): Promise<Deno.UnixConn>;
  close(): void;
}

/**
 * Listens at a path that only the owner may use. A socket that a server left
 * behind is replaced; nothing else that stands there is touched. The path is
 * removed when the listener is closed, and when the process exits, unless
 * another file stands there by then.
 *
 * @throws {Failure} that says what to do.
 */
export async function listenUnix(
  path: string,
): Promise<UnixListener> {
  requireUnix(path);
  try {
    return listenAt(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) {
      throw unixFailure(error, path);
    }
  }
  if (!Deno.lstatSync(path).isSocket) {
    throw new Failure(sentence("unix path taken", { path }));
  }
  if (await isListening(path)) {
    throw new Failure(sentence("unix in use", { path }));
  }
  try {
    Deno.removeSync(path);
    return listenAt(path);
  } catch (error) {
    throw unixFailure(error, path);
  }
}

function listenAt(path: string): UnixListener {
  const listener = withOwnerMask(() =>
    Deno.listen({ transport: "unix", path })
  );
  const { mode, ino } = Deno.lstatSync(path);
  const remove = (): void => {
    globalThis.removeEventListener("unload", remove);
    try {
      if (Deno.lstatSync(path).ino === ino) Deno.removeSync(path);
    } catch {
      // Someone has removed it already.
    }
  };
  globalThis.addEventListener("unload", remove);
  const closed = new AbortController();
  const close = (): void => {
    remove();
    // With a listener Deno removes what stands at its path, whosever that is:
    // then it stays open until the process exits, where nobody can find it.
    const left = inodeAt(path);
    if (left === undefined || left === ino) listener.close();
    closed.abort();
  };
  // Who came before the mode was set is inside already.
  if (mode === null || (mode & OTHERS_WRITE) !== 0) {
    close();
    throw new Failure(sentence("unix open to others", { path }));
  }
  Deno.chmodSync(path, OWNER_ONLY_MODE);
  return { accept: () => orAborted(listener.accept(), closed.signal), close };
}

/** What tells a file from all others; undefined where there is none. */
function inodeAt(path: string): number | null | undefined {
  try {
    return Deno.lstatSync(path).ino;
  } catch {
    return undefined;
  }
}

/** Sets the mask for new files meanwhile, where that is allowed. */
function withOwnerMask<T>(work: () => T): T {
  if (!mayMask()) return work();
  const mask = Deno.umask(OWNER_ONLY_MASK);
  try {
    return work();
  } finally {
    Deno.umask(mask);
  }
}

function mayMask(): boolean {
  try {
    const descriptor: Deno.SysPermissionDescriptor = { name: "sys" };
    // The types of Deno 2.6 don't know of this kind.
    Reflect.set(descriptor, "kind", "umask");
    const { state } = Deno.permissions.querySync(descriptor);
    return state === "granted";
  } catch {
    // Before it became a permission, everyone was allowed to.
    return true;
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

/**
 * Makes sure that a path may be used, without a question to the person.
 *
 * @throws {Failure} that says what to do.
 */
function requireUnix(path: string): void {
  if (Deno.build.os === "windows") {
    throw new Failure(sentence("no unix sockets"));
  }
  for (const name of ["read", "write"] as const) {
    const { state } = Deno.permissions.querySync({ name, path });
    if (state !== "granted") refuse();
  }
  if (netState(path) !== "granted") refuse();

  function refuse(): never {
    const flags = `${pathFlag("read", path)} ${pathFlag("write", path)}`;
    throw new Failure(sentence("no unix permission", { path, flags }));
  }
}

function netState(path: string): Deno.PermissionState {
  try {
    const host = `unix:${path}`;
    return Deno.permissions.querySync({ name: "net", host }).state;
  } catch {
    // Before that was a host, a path needed no permission for the network.
    return "granted";
  }
}

/**
 * The route to who listens at a path.
 *
 * @throws {Failure} when the path may not be used.
 */
export function unixRoute(path: string): Route {
  requireUnix(path);
  return {
    connect: () => Deno.connect({ transport: "unix", path }),
    failure: (error) =>
      isNobodyThere(error)
        ? new Failure(sentence("unix not there", { path }), { cause: error })
        : unixFailure(error, path),
  };
}

function isNobodyThere(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionRefused ||
    error instanceof Deno.errors.NotFound;
}

function unixFailure(error: unknown, path: string): Failure {
  if (error instanceof Failure) return error;
  const cause = reasonOf(error);
  return new Failure(sentence("unix failed", { path, cause }), {
    cause: error,
  });
}
