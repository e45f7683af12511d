/**
 * Who is let in: what a connection has to pass before a conversation begins.
 *
 * @module
 */
import type { Connection } from "../chat/connection.ts";
import { Failure, reasonOf } from "../text/failure.ts";
import { type Sentence, sentence } from "../text/phrases.ts";

/** How long a client may take to be let in, in milliseconds. */
const ADMISSION_MS = 30_000;
/**
 * How many may wait to be let in, unless a server has place for more; one more,
 * and the one that came first has to go.
 */
export const MAX_WAITING = 100;
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

/** What connections come from; a `Deno.Listener` fits, with its own kind. */
export interface Accepting<Connection> {
  /** The next connection; throws once the listener is closed, and for faults. */
  accept(): Promise<Connection>;
  /** Accepts nobody any more; a pending `accept` throws. */
  close(): void;
}

/** What an admission is made with. */
export interface AdmissionOptions {
  locks: readonly Lock[];
  /** Is told which connection was refused and what was thrown. */
  refused(connection: Connection, fault: unknown): void;
  /** How long one may take, in milliseconds. */
  limit?: number;
  /** How many may wait at once, {@linkcode MAX_WAITING}. */
  places?: number;
}

/**
 * Accepts those of a listener who pass all locks. They try at the same time, so
 * a slow one keeps nobody out; a refused one is closed. While `accept` is not
 * called, nobody begins: connections wait in the backlog of the listener.
 */
export function admitting(
  listener: Accepting<Connection>,
  { locks, refused, limit = ADMISSION_MS, places = MAX_WAITING }:
    AdmissionOptions,
): Accepting<Connection> {
  /** Those who are trying, in the order of coming. */
  const waiting = new Set<AbortController>();
  const admitted: Connection[] = [];
  let fault: { error: unknown } | undefined;
  let isAccepting = false;
  let isClosed = false;
  let changed = Promise.withResolvers<void>();

  function change(): void {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  async function receive(connection: Connection): Promise<void> {
    const [first] = waiting;
    if (first !== undefined && waiting.size >= places) {
      waiting.delete(first);
      first.abort(new Failure(sentence("crowded out")));
    }
    const controller = new AbortController();
    if (isClosed) controller.abort();
    waiting.add(controller);
    const { signal } = controller;
    const tooSlow = sentence("too slow at the door");
    try {
      await admit(connection, locks, { signal, limit, tooSlow });
      admitted.push(connection);
    } catch (fault) {
      connection.close();
      if (!isClosed) refused(connection, fault);
    }
    waiting.delete(controller);
    change();
  }

  function approach(): void {
    if (isAccepting) return;
    isAccepting = true;
    listener.accept().then(
      (connection) => void receive(connection),
      (error) => fault = { error },
    ).finally(() => {
      isAccepting = false;
      change();
    });
  }

  return {
    async accept(): Promise<Connection> {
      for (;;) {
        const connection = admitted.shift();
        if (connection !== undefined) return connection;
        const thrown = fault;
        fault = undefined;
        if (thrown) throw thrown.error;
        approach();
        await changed.promise;
      }
    },
    close(): void {
      if (isClosed) return;
      isClosed = true;
      listener.close();
      for (const connection of admitted.splice(0)) connection.close();
      for (const controller of waiting) controller.abort();
    },
  };
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

/** Why a connection was refused; any fault of its own is a peer that left. */
export function reasonFor(fault: unknown): Sentence {
  return fault instanceof Failure
    ? fault.sentence
    : sentence("left at the door");
}

/** Looks at a beginning, which may be cut anywhere; returns what is wrong. */
export type LookAtBeginning = (beginning: Uint8Array) => Failure | undefined;

/** Shows `look` how the conversation begins, as far as it has come. */
export function watchBeginning(
  connection: Connection,
  look: LookAtBeginning,
): void {
  let beginning = new Uint8Array();
  connection.watch((bytes) => {
    const both = new Uint8Array(
      Math.min(beginning.length + bytes.length, BEGINNING_BYTES),
    );
    both.set(beginning);
    both.set(
      bytes.subarray(0, both.length - beginning.length),
      beginning.length,
    );
    beginning = both;
    if (both.length === BEGINNING_BYTES) connection.watch(undefined);
    return look(both);
  });
}

/** A way to a server. */
export interface Route {
  /** Tries once. */
  connect(signal: AbortSignal): Promise<Deno.TcpConn | Deno.UnixConn>;
  /** What to say of what that threw. */
  failure(error: unknown): Failure;
}

/** A host and a port as one text: `127.0.0.1:8000`, `[::1]:8000`. */
export function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Where a client finds its server, as a person is told. */
export function serverAddress(
  { host, port, unix }: {
    host: string;
    port: number;
    unix?: string | undefined;
  },
): string {
  return unix ?? formatAddress(host, port);
}

/** The IP address of the peer; undefined for a Unix socket. */
export function hostOf({ remoteAddr }: Deno.Conn): string | undefined {
  return "hostname" in remoteAddr ? remoteAddr.hostname : undefined;
}

/** Whether an address is this machine's own, for itself alone. */
export function isLoopback(host: string): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(host);
}

/** What warns that a password can be read on its way; undefined where it can't. */
export function encryptionWarning(
  { address, host }: Connection,
): Sentence | undefined {
  return host === undefined || isLoopback(host)
    ? undefined
    : sentence("not encrypted", { address });
}

/**
 * Lets small writes go out at once (TCP_NODELAY, no Nagle's algorithm), and
 * finds out when the other machine has vanished (SO_KEEPALIVE).
 */
export function tune(connection: Deno.Conn): void {
  if (!isTcp(connection)) return;
  try {
    connection.setNoDelay(true);
    connection.setKeepAlive(true);
  } catch {
    // It is broken already; the first read tells.
  }
}

function isTcp(connection: Deno.Conn): connection is Deno.TcpConn {
  return "setNoDelay" in connection;
}

/**
 * Makes sure that an address may be used: else Deno would ask at a prompt.
 *
 * @throws {Failure} where it may not.
 */
export function requirePermission(hostname: string, port: number): void {
  const address = formatAddress(hostname, port);
  const { state } = Deno.permissions.querySync({ name: "net", host: address });
  if (state !== "granted") {
    throw new Failure(sentence("no net permission", { address }));
  }
}

/** Whether that is the fault of the system's resolver, which has no class. */
export function isHostUnknown(error: unknown): boolean {
  return /lookup address|No such host/i.test(reasonOf(error));
}
