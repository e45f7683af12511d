/**
 * The locks that not every server has: addresses, TLS, the password; and the
 * Unix socket. Programs without any of them start sooner without this file.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";
import type { Accepted, Accepting, Lock } from "./admit.ts";
import { bareAddress, Guesses } from "./limits.ts";
import { askPassword, givePassword } from "./password.ts";
import { readAuthority, readIdentity, startTls, tlsServer } from "./tls.ts";
import { listenUnix } from "./unix_socket.ts";
import { orAborted } from "../chat/waiting.ts";
import { type Sentence, sentence } from "../text/phrases.ts";

/** Where a server accepts connections; `addr` is that of a port. */
export type Listener = Accepting<Accepted> & { readonly addr?: Deno.NetAddr };

/** What passwords are exchanged with; `warn` is told when they can be read. */
interface Secret {
  password: string | undefined;
  warn(sentence: Sentence): void;
}

/** How a server listens, and its locks in their order. */
export interface ServerLocks {
  open(
    address: { hostname: string; port: number },
  ): Promise<Listener> | Listener;
  /** Whether an address may come in, before anything is spent on it. */
  allows?: ((host: string | undefined) => boolean) | undefined;
  encrypt?: ((connection: Accepted) => Accepted) | undefined;
  locks: Lock[];
}

/**
 * What the options ask for; `silent` are the locks between TLS and the password.
 *
 * @throws {Failure} when a file can't be read, or is of no use.
 */
export async function serverLocks(
  { allow, unix, tlsCert: cert, tlsKey: key, guesses }: {
    allow: readonly string[] | undefined;
    unix?: string | undefined;
    tlsCert: string | undefined;
    tlsKey: string | undefined;
    guesses: number;
  },
  silent: readonly Lock[],
  secret: Secret,
): Promise<ServerLocks> {
  const encrypt = cert !== undefined && key !== undefined
    ? tlsServer(await readIdentity({ cert, key }))
    : undefined;
  const allowed = allow && new AllowList(allow);
  const judge = new Guesses(guesses);
  return {
    open: (address) =>
      unix === undefined ? Deno.listen(address) : listenUnix(unix),
    allows: allowed && ((host = "") => allowed.has(host)),
    encrypt,
    locks: [
      ...encrypt ? [shakeHands] : [],
      ...silent,
      ...passwordLocks(
        (connection, given) =>
          askPassword(connection, { ...given, guesses: judge }),
        encrypt !== undefined,
        secret,
      ),
    ],
  };
}

/** How a client encrypts, and what it has to pass with one password or none. */
export interface ClientLocks {
  encrypt?(connection: Deno.TcpConn): Promise<Accepted>;
  locksFor(password: string | undefined): Lock[];
}

/**
 * How a client encrypts a connection, if it does, and its locks in their order.
 *
 * @throws {Failure} when a file can't be read.
 */
export async function clientLocks(
  options: { host: string; tls: boolean; tlsCa: string | undefined },
  { warn }: Pick<Secret, "warn">,
): Promise<ClientLocks> {
  const { tls, tlsCa } = options;
  const locksFor = (password: string | undefined): Lock[] =>
    passwordLocks(givePassword, tls, { password, warn });
  if (!tls) return { locksFor };
  const authority = tlsCa === undefined
    ? undefined
    : await readAuthority(tlsCa);
  return {
    encrypt: (connection) => startTls(connection, options, authority),
    locksFor: (password) => [shakeHands, ...locksFor(password)],
  };
}

/** Passes once the peers have shaken hands, as the first write does. */
const shakeHands: Lock = (connection, signal) =>
  orAborted(connection.probe(), signal);

function passwordLocks(
  exchange: typeof givePassword,
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
  return /^127\.|^::1$/.test(bareAddress(host));
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
    const bare = bareAddress(address);
    const version = isIP(bare);
    if (version === 0) return false;
    return this.#ranges.check(bare, version === 4 ? "ipv4" : "ipv6");
  }
}
