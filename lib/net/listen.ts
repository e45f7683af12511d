/**
 * The server's side: listening, and serving those who come in.
 *
 * @module
 */
import {
  type Accepting,
  admitting,
  encryptionWarning,
  formatAddress,
  hostOf,
  isHostUnknown,
  type Lock,
  MAX_WAITING,
  reasonFor,
  requirePermission,
  seldom,
  tune,
  watchBeginning,
} from "./admit.ts";
import { Connection } from "../chat/connection.ts";
import { pause, within } from "../chat/waiting.ts";
import { Failure, reasonOf } from "../text/failure.ts";
import { type Sentence, sentence } from "../text/phrases.ts";
import { isTlsHello } from "../wire/fixed_lines.ts";
import type { Framing } from "../wire/framing.ts";

/** How long after a failure to accept it is tried again, in milliseconds. */
const RETRY_MS = 500;
/** How long it takes to see that a client has left at once. */
const LEAVING_TURNS = 5;
const LEAVING_TURN_MS = 2;
/** How long one that says no more, and may listen, waits for another to come. */
const OTHERS_MS = 2000;

/** Where a server listens, and whom it lets in. */
export interface ListenOptions {
  host: string;
  port: number;
  /** The path of the Unix socket that stands for host and port. */
  unix: string | undefined;
  /** Which addresses may come in; undefined for all. */
  allow: readonly string[] | undefined;
  /** The files of the certificate and its key: both or neither. */
  tlsCert: string | undefined;
  tlsKey: string | undefined;
  framing: Framing;
  /** Whether others come after the first. */
  keepOpen: boolean;
  /** Whether many clients are served together, and how many. */
  room: boolean;
  maxClients: number;
}

/** What else a server listens with. */
export interface ListenContext {
  /** The password that has to be given; undefined for none. */
  password: string | undefined;
  /** Whether a person talks with the client, and leaves when it does. */
  attended: boolean;
  /** Is given sentences for a person. */
  warn(sentence: Sentence): void;
}

/** Where clients come in. */
export interface Listening extends Accepting<Connection> {
  /** Where it is, as a person is told. */
  readonly address: string;
  /** The addresses under which other machines reach it. */
  readonly reachable: readonly string[];
  /** Tells which was refused and why, at most once a second for a reason. */
  tellRefused(connection: Connection, fault: unknown): void;
}

/**
 * Listens for clients. Those it accepts come from an allowed address, have
 * shaken hands and given the password, where that is asked for. Others are
 * closed and told of, as is that a password comes unencrypted. A client that
 * has left before it sent a byte is closed, and nobody is told.
 *
 * @throws {Failure} that says what to do.
 */
export async function listen(
  options: ListenOptions,
  { password, attended, warn }: ListenContext,
): Promise<Listening> {
  const { unix, room, keepOpen, tlsCert: cert, tlsKey: key } = options;
  const hasIdentity = cert !== undefined && key !== undefined;
  const isLocked = hasIdentity || unix !== undefined ||
    password !== undefined || options.allow !== undefined;
  const doors = isLocked ? await import("./locks.ts") : undefined;
  const identity = hasIdentity
    ? await doors?.readIdentity({ cert, key })
    : undefined;
  const handshakes = new WeakMap<Connection, Deno.TlsConn>();
  const tellSeldom = seldom();
  const leftSilent = new Failure(sentence("left at the door"));
  const locks: Lock[] = [];
  if (doors && options.allow) {
    const allow = new doors.AllowList(options.allow);
    locks.push(({ host }) => {
      if (host !== undefined && allow.has(host)) return;
      throw new Failure(sentence("not allowed"));
    });
  }
  if (doors && identity) {
    locks.push(async (connection, signal) => {
      const secured = handshakes.get(connection);
      if (secured) await doors.shakeHands(secured, "server", signal);
    });
  }
  if (unix !== undefined || (password === undefined && !keepOpen && !room)) {
    locks.push((connection, signal) =>
      keepOutSilent(connection, { attended, signal }).catch(() => {
        throw leftSilent;
      })
    );
  }
  if (doors && password !== undefined) {
    locks.push(async (connection, signal) => {
      const warning = identity ? undefined : encryptionWarning(connection);
      if (warning) tellSeldom(warning.phrase, () => warn(warning));
      await doors.askPassword(connection, { password, signal });
    });
  }
  const listener = doors && unix !== undefined
    ? await doors.listenUnix(unix)
    : listenTcp(options, (address) =>
      doors && identity
        ? doors.listenTls(address, identity)
        : Deno.listen(address));
  const addr = "addr" in listener ? listener.addr : undefined;
  const tellRefused = ({ address }: Connection, fault: unknown): void => {
    const reason = reasonFor(fault);
    tellSeldom(reason.phrase, (count) =>
      warn(
        count === 0
          ? sentence("turned away", { address, reason })
          : sentence("turned away, more", { address, reason, count }),
      ));
  };
  const framing = password === undefined ? options.framing : "lines";
  const { accept, close } = admitting({
    async accept(): Promise<Connection> {
      const accepted = await acceptPresent(listener);

      tune(accepted);
      const secured = isTls(accepted) ? accepted : undefined;
      const connection = new Connection(
        doors && secured ? doors.tlsStream(secured) : accepted,
        {
          address: unix ?? addressOf(accepted.remoteAddr),
          host: hostOf(accepted),
        },
        framing,
      );
      if (secured) handshakes.set(connection, secured);
      else if (password === undefined) watchBeginning(connection, lookAtClient);
      return connection;
    },
    close: () => listener.close(),
  }, {
    locks,
    // All whom a room has place for may come at once.
    places: room ? Math.max(MAX_WAITING, options.maxClients) : MAX_WAITING,
    refused(connection, fault): void {
      if (fault !== leftSilent) tellRefused(connection, fault);
    },
  });
  return {
    address: unix ?? (addr ? addressOf(addr) : ""),
    reachable: addr ? addressesToHandOut(addr) : [],
    tellRefused,
    accept,
    close,
  };
}

/**
 * Keeps out a client that has left before it sent a byte: it only looked
 * whether someone listens. Over TCP such a client may also have nothing to say
 * but listen; where that makes sense, it is let in unless another comes soon.
 *
 * @throws when it has left.
 */
async function keepOutSilent(
  connection: Connection,
  { attended, signal }: { attended: boolean; signal: AbortSignal },
): Promise<void> {
  const peeking = connection.peek();
  let first: Uint8Array | undefined;
  // Turns, not only time: this process may not have run meanwhile.
  for (let turn = 0; turn < LEAVING_TURNS && !first; turn++) {
    first = await within(LEAVING_TURN_MS, peeking);
  }
  if (first === undefined || first.length > 0) return;
  // A Unix socket tells one that has closed from one that says no more.
  if (connection.host === undefined) return await connection.probe();
  if (attended) throw new Failure(sentence("left at the door"));
  await pause(OTHERS_MS, signal);
}

/** What a server without TLS finds wrong with how a client begins. */
export function lookAtClient(beginning: Uint8Array): Failure | undefined {
  return isTlsHello(beginning)
    ? new Failure(sentence("client with TLS"))
    : undefined;
}

/** Listens as `open` does at the address of the options. */
function listenTcp<Listener>(
  { host: hostname, port }: ListenOptions,
  open: (address: { hostname: string; port: number }) => Listener,
): Listener {
  requirePermission(hostname, port);
  try {
    return open({ hostname, port });
  } catch (error) {
    throw listenFailure(error, { host: hostname, port });
  }
}

/** The next connection, but for those that were reset before: `accept(2)`. */
async function acceptPresent(
  listener: Accepting<Deno.Conn>,
): Promise<Deno.Conn> {
  for (;;) {
    try {
      return await listener.accept();
    } catch (error) {
      const isGone = error instanceof Deno.errors.NotConnected ||
        error instanceof Deno.errors.ConnectionAborted;
      if (!isGone) throw error;
    }
  }
}

function isTls(connection: Deno.Conn): connection is Deno.TlsConn {
  return "handshake" in connection;
}

function addressOf(address: Deno.Addr): string {
  return "hostname" in address
    ? formatAddress(address.hostname, address.port)
    : "";
}

/**
 * The addresses under which other machines reach a listener, where it listens
 * on all of this machine's and the permission to ask for them is there.
 */
export function addressesToHandOut({ hostname, port }: Deno.NetAddr): string[] {
  if (hostname !== "0.0.0.0" && hostname !== "::") return [];
  const permission = { name: "sys", kind: "networkInterfaces" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") return [];
  return Deno.networkInterfaces()
    .filter(({ address, family }) =>
      // Not loopback, nor IPv6 link-local ones, which need a zone to be used.
      !/^(127\.|::1$|fe80:)/.test(address) &&
      (family === "IPv4" || hostname === "::")
    )
    .map(({ address }) => formatAddress(address, port));
}

/** What to say of what listening on a host and port threw. */
export function listenFailure(
  error: unknown,
  { host, port }: { host: string; port: number },
): Failure {
  if (error instanceof Failure) return error;
  const address = formatAddress(host, port);
  const cause = reasonOf(error);
  const { AddrInUse, AddrNotAvailable, PermissionDenied } = Deno.errors;
  const said = isHostUnknown(error)
    ? sentence("host not found", { host })
    : error instanceof AddrInUse
    ? sentence("port in use", { address })
    : error instanceof AddrNotAvailable
    ? sentence("address not ours", { host })
    : error instanceof PermissionDenied
    ? sentence("port forbidden", { address })
    : sentence("not listening", { address, cause });
  return new Failure(said, { cause: error });
}

/** How a listener is served. */
export interface ServeOptions {
  /**
   * Which are served: `one`, after which the listener is closed at once;
   * `next`, one after the other, while others wait in the backlog; or `all`
   * together.
   */
  whom: "one" | "next" | "all";
  /** Closes the listener and ends the loop. */
  signal: AbortSignal;
  /**
   * Is told what `accept` threw, such as that there are too many open files,
   * when it hasn't thrown the time before. It is tried again.
   */
  failed(fault: unknown): void;
}

/**
 * Gives accepted connections to `handle`, until `signal` is aborted or, with
 * `one`, the first is handled. Settles when every `handle` has; the listener is
 * closed then.
 *
 * @throws what `handle` throws, unless `whom` is `all`.
 */
export async function serve<Connection>(
  listener: Accepting<Connection>,
  handle: (connection: Connection) => Promise<void>,
  { whom, signal, failed }: ServeOptions,
): Promise<void> {
  const handling = new Set<Promise<void>>();
  let failing = false;
  let open = true;
  const close = (): void => {
    if (open) listener.close();
    open = false;
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    while (!signal.aborted) {
      let connection: Connection;
      try {
        connection = await listener.accept();
        failing = false;
      } catch (fault) {
        if (signal.aborted) return;
        if (!failing) failed(fault);
        failing = true;
        await pause(RETRY_MS, signal);
        continue;
      }
      if (whom === "one") close();
      const work = handle(connection);
      if (whom === "all") {
        // A fault with one must not end the others, nor the process.
        const done = (): void => void handling.delete(over);
        const over = work.then(done, done);
        handling.add(over);
      } else {
        await work;
      }
      if (whom === "one") return;
    }
  } finally {
    signal.removeEventListener("abort", close);
    close();
    await Promise.all(handling);
  }
}
