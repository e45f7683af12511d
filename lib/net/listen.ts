/**
 * The server's side: where it listens, and what those who come have to pass.
 *
 * @module
 */
import {
  type Accepted,
  type Address,
  addressFailure,
  formatAddress,
  hostOf,
  isLinkLocal,
  type Lock,
  reasonFor,
  requirePermission,
  seldom,
  tune,
  watchBeginning,
} from "./admit.ts";
import { Limits } from "./limits.ts";
import type { Listener, ServerLocks } from "./locks.ts";
import { type Door, MAX_WAITING } from "./serve.ts";
import { Connection } from "../chat/connection.ts";
import { orAborted, pause, within } from "../chat/waiting.ts";
import { isAllowed } from "../text/allowed_file.ts";
import { Failure, type Sentence, sentence } from "../text/phrases.ts";
import type { Framing } from "../wire/framing.ts";

/** How long it takes to see that a client has left at once. */
const LEAVING_TURNS = 5;
/** The same at a Unix socket, which another server tries before it takes its path. */
const UNIX_LEAVING_TURNS = 50;
const LEAVING_TURN_MS = 2;
/**
 * How long a client that says no more waits for what there is for it: one that
 * only looked is often followed by one that stays.
 */
const LISTENING_WAIT_MS = 1000;
/** What refuses a client of which nobody is told. */
export const LEFT_SILENT: Failure = new Failure(sentence("left at the door"));
const NOT_ALLOWED = new Failure(sentence("not allowed"));
/** How many connections an address may have beside those that are served. */
const SPARE_CONNECTIONS = 50;

/** Where a server listens, and whom it lets in. */
export interface ListenOptions extends Address {
  /** Which addresses may come in; undefined for all. */
  allow: readonly string[] | undefined;
  /** The files of the certificate and its key: both or neither. */
  tlsCert: string | undefined;
  tlsKey: string | undefined;
  framing: Framing;
  /** Whether many clients are served together, and how many. */
  room: boolean;
  maxClients: number;
  /** See `LimitOptions`; what is undefined follows `maxClients`. */
  connections: number | undefined;
  perAddress: number | undefined;
  connectRate: number;
  /** How many wrong passwords of an address make no pause. */
  guesses: number;
}

/** What speaks between TLS and the conversation, as HTTP does. */
export interface Layer {
  wrap(stream: Accepted): Accepted;
  /** What a client has to pass there, before it gives the password. */
  readonly lock: Lock;
}

/** Where clients come in. */
export interface Listening extends Door {
  /** Where it is, as a person is told. */
  readonly address: string;
  /** The addresses under which other machines reach it, as far as is known. */
  readonly reachable: readonly string[];
  /** What a person may need to know of where it is. */
  readonly hints: readonly Sentence[];
}

/**
 * Listens for clients. Those it accepts come from an allowed address; what they
 * have to pass before they are served are TLS and the password. Others are
 * closed and told to `warn`, at most once a second for a reason, as is that a
 * password comes unencrypted. A client that has gone without sending a byte is
 * closed, and nobody is told.
 *
 * @throws {Failure} that says what to do.
 */
export async function listen(
  options: ListenOptions,
  { password, passesBytes, hasInput, layer, warn }: {
    /** The password that has to be given; undefined for none. */
    password: string | undefined;
    /** Whether what comes is data, whatever it begins with. */
    passesBytes: boolean;
    layer?: Layer;
    /** Settles with whether there is something for one that only listens. */
    hasInput?(): Promise<boolean>;
    /** Is given sentences for a person. */
    warn(sentence: Sentence): void;
  },
): Promise<Listening> {
  const { host: hostname, port, unix, room } = options;
  const hasTls = options.tlsCert !== undefined;
  const hasPassword = password !== undefined;
  const tellSeldom = seldom();
  const silent = [layer?.lock ?? keepOutSilent(hasInput)];
  const isLocked = hasTls || hasPassword || unix !== undefined ||
    options.allow !== undefined;
  const { open, allows, encrypt, locks }: ServerLocks = isLocked
    ? await (await import("./locks.ts")).serverLocks(options, silent, {
      password,
      warn: (about) => tellSeldom(about.phrase, () => warn(about)),
    })
    : { open: Deno.listen, locks: silent };
  requirePermission(options);
  let listener: Listener;
  try {
    listener = await open({ hostname, port });
  } catch (error) {
    throw listenFailure(error, options);
  }
  const { addr } = listener;
  const reachable = addr ? addressesToHandOut(addr) : [];
  const tellRefused: Door["tellRefused"] = ({ address }, fault) => {
    if (fault === LEFT_SILENT) return;
    const reason = reasonFor(fault);
    tellSeldom(reason.phrase, (count) =>
      warn(
        count === 0
          ? sentence("turned away", { address, reason })
          : sentence("turned away, more", { address, reason, count }),
      ));
  };
  const members = room ? options.maxClients : 1;
  // All whom a room has place for may come at once.
  const places = Math.max(MAX_WAITING, members);
  return {
    address: unix ?? (addr ? addressOf(addr, hostname) : ""),
    reachable,
    hints: addr ? hintsFor(addr, hostname, reachable) : [],
    limits: new Limits({
      connections: options.connections ?? members + places,
      perAddress: options.perAddress ?? members + SPARE_CONNECTIONS,
      connectRate: options.connectRate,
    }),
    locks,
    places,
    tellRefused,
    async accept(): Promise<Connection> {
      for (;;) {
        const accepted = await acceptPresent(listener);
        const host = hostOf(accepted);
        const { remoteAddr } = accepted;
        const place = {
          address: unix ?? addressOf(remoteAddr, hostname),
          host,
        };
        if (allows && !allows(host)) {
          accepted.close();
          tellRefused(place, NOT_ALLOWED);
          continue;
        }
        tune(accepted);
        const framing = hasPassword ? "lines" : options.framing;
        const stream = encrypt?.(accepted) ?? accepted;
        const layered = layer?.wrap(stream) ?? stream;
        const connection = new Connection(layered, place, framing);
        if (!hasTls && !hasPassword && !passesBytes) {
          watchBeginning(connection, ["client with TLS"]);
        }
        return connection;
      }
    },
    close: () => listener.close(),
  };
}

/**
 * Keeps out a client that has gone without sending a byte: it only looked whether
 * someone listens. One that says no more may still listen, which over TCP looks
 * the same: it is let in once there is something for it, unless another comes.
 */
function keepOutSilent(
  hasInput = (): Promise<boolean> => Promise.resolve(false),
): Lock {
  return async (connection, signal) => {
    try {
      const peeking = connection.peek();
      let first: Uint8Array | undefined;
      const turns = connection.host ? LEAVING_TURNS : UNIX_LEAVING_TURNS;
      // Turns, not only time: this process may not have run meanwhile.
      for (let turn = 0; turn < turns && !first; turn++) {
        first = await within(LEAVING_TURN_MS, peeking);
      }
      if (first?.length !== 0) return;
      // It finds a reset; with a Unix socket also that the peer has closed.
      await connection.probe();
      if (await orAborted(hasInput(), signal)) {
        return await pause(LISTENING_WAIT_MS, signal);
      }
    } catch {
      // Nobody is told of it.
    }
    throw LEFT_SILENT;
  };
}

/** The next connection, but for those that were reset before: `accept(2)`. */
async function acceptPresent(listener: Listener): Promise<Accepted> {
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

/** An address as it can be given to a client, with its zone where it has one. */
function addressOf(address: Deno.Addr, ownHost: string): string {
  if (!("hostname" in address)) return "";
  const { hostname, port } = address;
  return formatAddress(withZone(hostname, () => zoneOf(ownHost)), port);
}

/** The zone of this machine's host, or of its only link-local address. */
function zoneOf(host: string): string | undefined {
  const [, zone] = host.split("%");
  if (zone !== undefined) return zone;
  const zones = networkInterfaces()
    .filter(({ address }) => isLinkLocal(address));
  return zones.length === 1 ? zones[0]?.name : undefined;
}

/** A link-local address with its zone, without which it can't be used. */
function withZone(host: string, findZone: () => string | undefined): string {
  // Looking for it is slow, and other addresses have none.
  const zone = isLinkLocal(host) ? findZone() : undefined;
  return zone === undefined ? host : `${host}%${zone}`;
}

function mayAskInterfaces(): boolean {
  return isAllowed({ name: "sys", kind: "networkInterfaces" });
}

/** None where they may not be asked for. */
function networkInterfaces(): Deno.NetworkInterfaceInfo[] {
  return mayAskInterfaces() ? Deno.networkInterfaces() : [];
}

/**
 * What to say of where a server listens: the addresses under which other machines
 * reach it, where it listens on all of this machine's, or how to be told them;
 * and that a name of this machine stands for IPv6 alone.
 */
export function hintsFor(
  { hostname, port }: Deno.NetAddr,
  host: string,
  reachable = addressesToHandOut({ hostname, port }),
): Sentence[] {
  if (hostname === "::1" && host !== hostname) {
    return [sentence("only IPv6", { host, address: hostname })];
  }
  if (hostname !== "0.0.0.0" && hostname !== "::") return [];
  if (!mayAskInterfaces()) return [sentence("reachable with permission")];
  const addresses = reachable.join(" ");
  return addresses === "" ? [] : [sentence("reachable", { addresses })];
}

/**
 * The addresses under which other machines reach a listener, where it listens
 * on all of this machine's and the permission to ask for them is there.
 */
export function addressesToHandOut(
  { hostname, port }: Pick<Deno.NetAddr, "hostname" | "port">,
): string[] {
  if (hostname !== "0.0.0.0" && hostname !== "::") return [];
  return networkInterfaces()
    .filter(({ address, family }) =>
      !/^(127\.|::1$)/.test(address) &&
      (family === "IPv4" || hostname === "::")
    )
    .map(({ address, name }) =>
      formatAddress(withZone(address, () => name), port)
    );
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
