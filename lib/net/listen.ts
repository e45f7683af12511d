/**
 * The server's side: listening, and serving those who come in.
 *
 * @module
 */
import {
  type Accepted,
  type Accepting,
  type Address,
  addressFailure,
  admitting,
  formatAddress,
  hostOf,
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
import { isAllowed } from "../text/allowed_file.ts";
import { Failure, type Sentence, sentence } from "../text/phrases.ts";
import type { Framing } from "../wire/framing.ts";

/** How long after a failure to accept it is tried again, in milliseconds. */
const RETRY_MS = 500;
/** How long it takes to see that a client has left at once. */
const LEAVING_TURNS = 5;
const LEAVING_TURN_MS = 2;
/** What refuses a client of which nobody is told. */
export const LEFT_SILENT: Failure = new Failure(sentence("left at the door"));

/** Where a server listens, and whom it lets in. */
export interface ListenOptions extends Address {
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

/** What speaks between TLS and the conversation, as HTTP does. */
export interface Layer {
  wrap(stream: Accepted): Accepted;
  /** What a client has to pass there, before it gives the password. */
  readonly lock: Lock;
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
 * closed and told to `warn`, as is that a password comes unencrypted. A client
 * that has gone without sending a byte is closed, and nobody is told.
 *
 * @throws {Failure} that says what to do.
 */
export async function listen(
  options: ListenOptions,
  { password, layer, warn }: {
    /** The password that has to be given; undefined for none. */
    password: string | undefined;
    layer?: Layer;
    /** Is given sentences for a person. */
    warn(sentence: Sentence): void;
  },
): Promise<Listening> {
  const { host: hostname, port, unix, room, keepOpen } = options;
  const hasTls = options.tlsCert !== undefined;
  const hasPassword = password !== undefined;
  const tellSeldom = seldom();
  const silent = layer
    ? [layer.lock]
    : unix !== undefined || !(hasPassword || keepOpen || room)
    ? [keepOutSilent]
    : [];
  const isLocked = hasTls || hasPassword || unix !== undefined ||
    options.allow !== undefined;
  const { open, locks } = isLocked
    ? await (await import("./locks.ts")).serverLocks(options, silent, {
      password,
      warn: (about) => tellSeldom(about.phrase, () => warn(about)),
    })
    : { open: Deno.listen, locks: silent };
  requirePermission(options);
  let listener: Accepting<Accepted> & { readonly addr?: Deno.NetAddr };
  try {
    listener = await open({ hostname, port });
  } catch (error) {
    throw listenFailure(error, options);
  }
  const { addr } = listener;
  const tellRefused = ({ address }: Connection, fault: unknown): void => {
    if (fault === LEFT_SILENT) return;
    const reason = reasonFor(fault);
    tellSeldom(reason.phrase, (count) =>
      warn(
        count === 0
          ? sentence("turned away", { address, reason })
          : sentence("turned away, more", { address, reason, count }),
      ));
  };
  const { accept, close } = admitting({
    async accept(): Promise<Connection> {
      const accepted = await acceptPresent(listener);
      tune(accepted);
      const place = {
        address: unix ?? addressOf(accepted.remoteAddr),
        host: hostOf(accepted),
      };
      const framing = hasPassword ? "lines" : options.framing;
      const stream = layer?.wrap(accepted) ?? accepted;
      const connection = new Connection(stream, place, framing);
      if (!hasTls && !hasPassword && !layer) {
        watchBeginning(connection, ["client with TLS"]);
      }
      return connection;
    },
    close: () => listener.close(),
  }, {
    locks,
    // All whom a room has place for may come at once.
    places: room ? Math.max(MAX_WAITING, options.maxClients) : MAX_WAITING,
    refused: tellRefused,
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
 * Keeps out a client that has certainly gone without sending a byte: it only
 * looked whether someone listens. One that sends no more may still listen.
 */
const keepOutSilent: Lock = async (connection) => {
  try {
    const peeking = connection.peek();
    let first: Uint8Array | undefined;
    // Turns, not only time: this process may not have run meanwhile.
    for (let turn = 0; turn < LEAVING_TURNS && !first; turn++) {
      first = await within(LEAVING_TURN_MS, peeking);
    }
    // It finds a reset; and with a Unix socket also that the peer has closed.
    if (first?.length === 0) await connection.probe();
  } catch {
    throw LEFT_SILENT;
  }
};

/** The next connection, but for those that were reset before: `accept(2)`. */
async function acceptPresent(
  listener: Accepting<Accepted>,
): Promise<Accepted> {
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
  if (!isAllowed(permission)) return [];
  return Deno.networkInterfaces()
    .filter(({ address, family }) =>
      // Not loopback, nor IPv6 link-local ones, which need a zone to be used.
      !/^(127\.|::1$|fe80:)/.test(address) &&
      (family === "IPv4" || hostname === "::")
    )
    .map(({ address }) => formatAddress(address, port));
}

/** What to say of what listening threw. */
export function listenFailure(error: unknown, address: Address): Failure {
  const { AddrInUse, AddrNotAvailable, PermissionDenied } = Deno.errors;
  return address.unix === undefined
    ? addressFailure(error, address, [
      [AddrInUse, "port in use"],
      [AddrNotAvailable, "address not ours"],
      [PermissionDenied, "port forbidden"],
    ], "not listening")
    : addressFailure(error, address, [], "unix failed");
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
