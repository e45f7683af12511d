/**
 * What both sides need before a conversation begins: addresses, permissions,
 * and the locks that a connection has to pass.
 *
 * @module
 */
import type { Connection } from "../chat/connection.ts";
import type { ByteStream } from "../chat/endpoint.ts";
import { ConnectionError } from "../chat/endpoint.ts";
import { isAllowed } from "../text/allowed_file.ts";
import {
  Failure,
  type Phrase,
  reasonOf,
  type Sentence,
  sentence,
} from "../text/phrases.ts";
import { pathFlag } from "../text/safe_text.ts";
import {
  firstLine,
  isTlsAlert,
  isTlsHello,
  QUESTION,
} from "../wire/fixed_lines.ts";

/** How often at most the same reason is told, in milliseconds. */
export const TELLING_PAUSE_MS = 1000;
/** How many bytes of a beginning are looked at, at the most. */
const BEGINNING_BYTES = 64;

/**
 * One thing that has to be passed; throws to refuse the connection. `signal` is
 * aborted when its time is over.
 */
export type Lock = (
  connection: Connection,
  signal: AbortSignal,
) => Promise<void> | void;

/**
 * Lets a connection pass the locks, one after the other.
 *
 * @throws what a lock throws.
 * @throws {Failure} that says `tooSlow` when it takes more than `limit`
 * milliseconds.
 * @throws the reason of `signal` once that is aborted.
 */
export async function admit(
  connection: Connection,
  locks: readonly Lock[],
  { signal, limit, tooSlow }: {
    signal: AbortSignal;
    limit: number;
    tooSlow: Sentence;
  },
): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Failure(tooSlow)), limit);
  const either = AbortSignal.any([signal, late.signal]);
  try {
    for (const lock of locks) {
      either.throwIfAborted();
      await lock(connection, either);
    }
    either.throwIfAborted();
  } finally {
    clearTimeout(timer);
  }
}

/** What a connection is made of; a `Deno.Conn` fits. */
export type Accepted = ByteStream & Pick<Deno.Conn, "remoteAddr">;

/** What connections come from; a `Deno.Listener` fits, with its own kind. */
export interface Accepting<Connection> {
  /** The next connection; throws once the listener is closed, and for faults. */
  accept(): Promise<Connection>;
  /** Accepts nobody any more; a pending `accept` throws. */
  close(): void;
}

/**
 * Tells the same reason at most once in a while, so that a flood of it does not
 * fill a screen. Calls `tell` with how many times it was left out before.
 * `now` is a clock in milliseconds.
 */
export function seldom(
  now: () => number = () => performance.now(),
): (reason: string, tell: (leftOut: number) => void) => void {
  const told = new Map<string, { at: number; leftOut: number }>();
  return (reason, tell) => {
    const last = told.get(reason);
    if (last !== undefined && now() - last.at < TELLING_PAUSE_MS) {
      last.leftOut++;
      return;
    }
    told.set(reason, { at: now(), leftOut: 0 });
    tell(last?.leftOut ?? 0);
  };
}

/** The known problem in what was thrown: a connection says what broke it. */
export function failureIn(fault: unknown): Failure | undefined {
  const cause = fault instanceof ConnectionError ? fault.cause : fault;
  return cause instanceof Failure ? cause : undefined;
}

/** Why a connection was refused; any fault of its own is a peer that left. */
export function reasonFor(fault: unknown): Sentence {
  return failureIn(fault)?.sentence ?? sentence("left at the door");
}

/** What tells from its beginning that there can be no conversation. */
const SIGNS = {
  "password wanted": (bytes) => firstLine(bytes) === QUESTION,
  "server with TLS": isTlsAlert,
  "client with TLS": isTlsHello,
} satisfies Partial<Record<Phrase, (beginning: Uint8Array) => boolean>>;

/**
 * Looks for some problems in how the conversation begins; the connection throws
 * a {@linkcode Failure} then. A client that speaks TLS is told in plain text,
 * which tells its TLS library that this is no TLS.
 */
export function watchBeginning(
  connection: Connection,
  problems: readonly (keyof typeof SIGNS)[],
): void {
  let beginning = new Uint8Array();
  connection.watch(async (bytes) => {
    const room = BEGINNING_BYTES - beginning.length;
    beginning = Uint8Array.of(...beginning, ...bytes.subarray(0, room));
    if (beginning.length === BEGINNING_BYTES) connection.watch(undefined);
    const problem = problems.find((name) => SIGNS[name](beginning));
    if (problem === undefined) return undefined;
    if (problem === "client with TLS") {
      await connection.sayLast("no TLS here");
    }
    return new Failure(sentence(problem));
  });
}

/** Where a server is: at the path of a Unix socket, or else host and port. */
export interface Address {
  host: string;
  port: number;
  unix?: string | undefined;
}

/** A host and a port as one text: `127.0.0.1:8000`, `[::1]:8000`. */
export function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether an address is good for one link only (RFC 4291, 2.5.6). */
export function isLinkLocal(host: string): boolean {
  return /^fe[89ab][\da-f]:/i.test(host);
}

/** An address, as a person is told. */
export function serverAddress({ host, port, unix }: Address): string {
  return unix ?? formatAddress(host, port);
}

/** The IP address of the peer; undefined for a Unix socket. */
export function hostOf({ remoteAddr }: Accepted): string | undefined {
  return "hostname" in remoteAddr ? remoteAddr.hostname : undefined;
}

/**
 * Lets small writes go out at once (TCP_NODELAY, no Nagle's algorithm), and
 * finds out when the other machine has vanished (SO_KEEPALIVE).
 */
export function tune(connection: Accepted | Deno.TcpConn): void {
  if (!("setNoDelay" in connection)) return;
  try {
    connection.setNoDelay(true);
    connection.setKeepAlive(true);
  } catch {
    // It is broken already; the first read tells.
  }
}

/**
 * Makes sure that an address may be used: else Deno would ask at a prompt.
 *
 * @throws {Failure} where it may not.
 */
export function requirePermission(address: Address): void {
  const { unix: path } = address;
  if (path === undefined) {
    const host = serverAddress(address);
    if (isAllowed({ name: "net", host })) return;
    throw new Failure(sentence("no net permission", { address: host }));
  }
  if (Deno.build.os === "windows") {
    throw new Failure(sentence("no unix sockets"));
  }
  const isUsable = isAllowed({ name: "read", path }) &&
    isAllowed({ name: "write", path }) &&
    isAllowed({ name: "net", host: `unix:${path}` });
  if (isUsable) return;
  const flags = `${pathFlag("read", path)} ${pathFlag("write", path)}`;
  throw new Failure(sentence("no unix permission", { path, flags }));
}

/** What it means that the system's resolver failed, whose fault has no class. */
function resolverProblem(error: unknown): AddressProblem | undefined {
  const reason = reasonOf(error);
  if (!/lookup address|No such host/i.test(reason)) return undefined;
  // `EAI_AGAIN`, getaddrinfo(3).
  return /temporary/i.test(reason) ? "host not resolved" : "host not found";
}

/** What can be said of an address that can't be used. */
type AddressProblem =
  | "zone missing"
  | "host not found"
  | "host not resolved"
  | "connection refused"
  | "connect timed out"
  | "unreachable"
  | "port in use"
  | "address not ours"
  | "port forbidden"
  | "not listening"
  | "unix not there"
  | "unix failed";

/**
 * What to say of what an address threw: the problem of the first class of
 * errors that fits, or else `other`.
 */
export function addressFailure(
  error: unknown,
  address: Address & { connectTimeout?: number },
  problems: readonly [typeof Deno.errors.NotFound, AddressProblem][],
  other: AddressProblem,
): Failure {
  if (error instanceof Failure) return error;
  const { host } = address;
  const lacksZone = isLinkLocal(host) && !host.includes("%");
  const problem = (lacksZone ? "zone missing" : resolverProblem(error)) ??
    problems.find(([kind]) => error instanceof kind)?.[1] ?? other;
  const values = {
    host,
    path: serverAddress(address),
    address: serverAddress(address),
    seconds: (address.connectTimeout ?? 0) / 1000,
    cause: reasonOf(error),
  };
  return new Failure(sentence(problem, values), { cause: error });
}
