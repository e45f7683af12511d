/**
 * The locks that not every server has: addresses, TLS, the password; and the
 * Unix socket. Programs without any of them start sooner without this file.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";
import type { Accepted, Accepting, Lock } from "./admit.ts";
import { askPassword, givePassword } from "./password.ts";
import { listenTls, readAuthority, readIdentity, startTls } from "./tls.ts";
import { listenUnix } from "./unix_socket.ts";
import { orAborted } from "../chat/waiting.ts";
import { Failure, type Sentence, sentence } from "../text/phrases.ts";

/** Where a server accepts connections; `addr` is that of a port. */
export type Listener = Accepting<Accepted> & { readonly addr?: Deno.NetAddr };

/** What passwords are exchanged with; `warn` is told when they can be read. */
interface Secret {
  password: string | undefined;
  warn(sentence: Sentence): void;
}

/**
 * How a server listens, and its locks in their order; `silent` are those
 * between TLS and the password.
 *
 * @throws {Failure} when a file can't be read.
 */
export async function serverLocks(
  { allow, unix, tlsCert: cert, tlsKey: key }: {
    allow: readonly string[] | undefined;
    unix?: string | undefined;
    tlsCert: string | undefined;
    tlsKey: string | undefined;
  },
  silent: readonly Lock[],
  secret: Secret,
): Promise<{
  open(
    address: { hostname: string; port: number },
  ): Promise<Listener> | Listener;
  locks: Lock[];
}> {
  const identity = cert !== undefined && key !== undefined
    ? await readIdentity({ cert, key })
    : undefined;
  return {
    open(address): Promise<Listener> | Listener {
      if (unix !== undefined) return listenUnix(unix);
      return identity ? listenTls(address, identity) : Deno.listen(address);
    },
    locks: [
      ...allow ? [onlyFrom(allow)] : [],
      ...identity ? [shakeHands] : [],
      ...silent,
      ...passwordLocks(askPassword, identity !== undefined, secret),
    ],
  };
}

/**
 * How a client encrypts a connection, if it does, and its locks in their order.
 *
 * @throws {Failure} when a file can't be read.
 */
export async function clientLocks(
  options: { host: string; tls: boolean; tlsCa: string | undefined },
  secret: Secret,
): Promise<{
  encrypt?(connection: Deno.TcpConn): Promise<Accepted>;
  locks: Lock[];
}> {
  const { tls, tlsCa } = options;
  const locks = passwordLocks(givePassword, tls, secret);
  if (!tls) return { locks };
  const authority = tlsCa === undefined
    ? undefined
    : await readAuthority(tlsCa);
  return {
    encrypt: (connection) => startTls(connection, options, authority),
    locks: [shakeHands, ...locks],
  };
}

/** Passes once the peers have shaken hands, as the first write does. */
const shakeHands: Lock = (connection, signal) =>
  orAborted(connection.probe(), signal);

function passwordLocks(
  exchange: typeof askPassword | typeof givePassword,
  isEncrypted: boolean,
  { password, warn }: Secret,
): Lock[] {
  if (password === undefined) return [];
  return [(connection, signal): Promise<void> => {
    const { address, host } = connection;
    if (!isEncrypted && host !== undefined && !isLoopback(host)) {
      warn(sentence("not encrypted", { address }));
    }
    return exchange(connection, { password, signal });
  }];
}

/** Whether an address is this machine's own, for itself alone. */
export function isLoopback(host: string): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(host);
}

/** Passes those whose address {@linkcode AllowList} has. */
function onlyFrom(entries: readonly string[]): Lock {
  const allowed = new AllowList(entries);
  return ({ host }) => {
    if (host !== undefined && allowed.has(host)) return;
    throw new Failure(sentence("not allowed"));
  };
}

/**
 * Addresses and ranges of them, of both families. An IPv4 address that comes
 * in through an IPv6 socket (`::ffff:192.0.2.1`) counts as itself.
 */
export class AllowList {
  readonly #ranges = new BlockList();

  /** Each entry is an address, or a range as in `192.168.0.0/16`. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const [address = "", prefix] = entry.split("/");
      const family = isIP(address) === 4 ? "ipv4" : "ipv6";
      if (prefix === undefined) this.#ranges.addAddress(address, family);
      else this.#ranges.addSubnet(address, Number(prefix), family);
    }
  }

  /** Whether the address was added, or is in a range that was. */
  has(address: string): boolean {
    const bare = address.replace(/%.*$/, "")
      .replace(/^::ffff:(?=[\d.]+$)/i, "");
    const version = isIP(bare);
    if (version === 0) return false;
    return this.#ranges.check(bare, version === 4 ? "ipv4" : "ipv6");
  }
}
