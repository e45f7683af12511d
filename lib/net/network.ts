/**
 * Listening and connecting, with errors that say what to do.
 *
 * @module
 */
import { Failure, reasonOf } from "../text/failure.ts";
import type { Options } from "../cli/options.ts";
import { type Sentence, sentence } from "../text/phrases.ts";
import type { Accepting } from "./serve.ts";
import type { Identity } from "./tls.ts";
import { orAborted, pause, within } from "../chat/waiting.ts";

/** How long after a failed try, under `--wait`, the client tries again. */
const RETRY_MS = 200;

/** A host and a port as one text: `127.0.0.1:8000`, `[::1]:8000`. */
function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The text for a socket's address. */
export function addressOf(address: Deno.Addr): string {
  return "hostname" in address
    ? formatAddress(address.hostname, address.port)
    : "path" in address
    ? address.path
    : "";
}

/**
 * Listens on the host and port of the options, with TLS for who has an
 * identity to show.
 *
 * @throws {Failure} that names the address and what to do.
 */
export async function listen(
  options: Options,
  identity?: Identity,
): Promise<Deno.TcpListener | Deno.TlsListener> {
  const { host: hostname, port } = options;
  requirePermission(hostname, port);
  try {
    if (identity === undefined) return Deno.listen({ hostname, port });
    const { listenTls } = await import("./tls.ts");
    return listenTls({ hostname, port }, identity);
  } catch (error) {
    throw listenFailure(error, options);
  }
}

/**
 * The next connection. One that was reset before it was accepted is no fault of
 * the listener's: whoever comes next must not wait for that.
 *
 * @throws what the listener throws but for that.
 */
export async function acceptPresent(
  listener: Accepting<Deno.Conn>,
): Promise<Deno.Conn> {
  for (;;) {
    try {
      return await listener.accept();
    } catch (error) {
      if (!isGoneAlready(error)) throw error;
    }
  }
}

/**
 * The addresses under which other machines reach a listener, where it listens
 * on all of this machine's and the permission to ask for them is there.
 */
export function addressesToHandOut(
  { hostname, port }: Deno.NetAddr,
): string[] {
  if (hostname !== "0.0.0.0" && hostname !== "::") return [];
  const permission = { name: "sys", kind: "networkInterfaces" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") return [];
  return Deno.networkInterfaces()
    .filter(({ address, family }) =>
      !isOnlyHere(address) && (family === "IPv4" || hostname === "::")
    )
    .map(({ address }) => formatAddress(address, port));
}

/** How a client gets to a server. */
export interface Route {
  /** Tries once. */
  connect(signal: AbortSignal): Promise<Deno.TcpConn | Deno.UnixConn>;
  /** The sentence for what that threw. */
  failure(error: unknown): Failure;
}

/**
 * The route to the host and port of the options.
 *
 * @throws {Failure} when they may not be used.
 */
export function tcpRoute(options: Options): Route {
  requirePermission(options.host, options.port);
  return {
    connect: (signal) => connectTcp(options, signal),
    failure: (error) => connectFailure(error, options),
  };
}

/**
 * Connects along a route; tries again until `wait` milliseconds have passed,
 * after a word to `waiting`.
 *
 * @throws {Failure} that names the address and what to do.
 * @throws the reason of `signal` once that is aborted.
 */
export async function connect(
  route: Route,
  wait: number,
  { signal, waiting }: { signal: AbortSignal; waiting(): void },
): Promise<Deno.TcpConn | Deno.UnixConn> {
  const deadline = performance.now() + wait;
  for (let tries = 0;; tries++) {
    try {
      return await route.connect(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isHostUnknown(error) || performance.now() + RETRY_MS > deadline) {
        throw route.failure(error);
      }
    }
    if (tries === 0) waiting();
    await pause(RETRY_MS, signal);
    signal.throwIfAborted();
  }
}

/**
 * Lets small writes go out at once (TCP_NODELAY, no Nagle's algorithm), and
 * finds out when the other machine has vanished (SO_KEEPALIVE).
 */
export function tune(connection: Deno.TcpConn): void {
  try {
    connection.setNoDelay(true);
    connection.setKeepAlive(true);
  } catch {
    // It is broken already; the first read tells.
  }
}

/** Where the client's server is, as a person is told. */
export function serverAddress({ host, port, unix }: Options): string {
  return unix ?? formatAddress(host, port);
}

/** Whether an address is this machine's own, for itself alone. */
export function isLoopback(host: string): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(host);
}

async function connectTcp(
  { host: hostname, port, connectTimeout }: Options,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  // Its own controller: one given to a connection ends its reads for ever.
  const attempt = new AbortController();
  const connecting = Deno.connect({ hostname, port, signal: attempt.signal });
  let connection: Deno.TcpConn | undefined;
  try {
    connection = await orAborted(within(connectTimeout, connecting), signal);
  } finally {
    if (connection === undefined) {
      attempt.abort();
      connecting.then((late) => late.close(), () => {});
    }
  }
  if (connection === undefined) throw new Deno.errors.TimedOut("Timed out");
  if (!isToItself(connection)) return connection;
  connection.close();
  throw new Deno.errors.ConnectionRefused("Connected to itself");
}

/**
 * Whether both ends of a connection are one: where nothing listens, the system
 * may choose just that port for who connects to it, which TCP allows.
 */
export function isToItself(
  { localAddr, remoteAddr }: Pick<Deno.TcpConn, "localAddr" | "remoteAddr">,
): boolean {
  return addressOf(localAddr) === addressOf(remoteAddr);
}

/**
 * Makes sure that an address may be used: else Deno would ask at a prompt.
 *
 * @throws {Failure} where it may not.
 */
function requirePermission(hostname: string, port: number): void {
  const address = formatAddress(hostname, port);
  const { state } = Deno.permissions.querySync({ name: "net", host: address });
  if (state !== "granted") {
    throw new Failure(sentence("no net permission", { address }));
  }
}

/** The sentence for what listening on a host and port threw. */
export function listenFailure(
  error: unknown,
  { host, port }: Options,
): Failure {
  if (error instanceof Failure) return error;
  const address = formatAddress(host, port);
  return new Failure(describe(), { cause: error });

  function describe(): Sentence {
    if (isHostUnknown(error)) return sentence("host not found", { host });
    if (error instanceof Deno.errors.AddrInUse) {
      return sentence("port in use", { address });
    }
    if (error instanceof Deno.errors.AddrNotAvailable) {
      return sentence("address not ours", { host });
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      return sentence("port forbidden", { address });
    }
    return sentence("not listening", { address, cause: reasonOf(error) });
  }
}

/** The sentence for what connecting to a host and port threw. */
export function connectFailure(
  error: unknown,
  { host, port, connectTimeout }: Options,
): Failure {
  const address = formatAddress(host, port);
  return new Failure(describe(), { cause: error });

  function describe(): Sentence {
    if (isHostUnknown(error)) return sentence("host not found", { host });
    if (error instanceof Deno.errors.ConnectionRefused) {
      return sentence("connection refused", { address });
    }
    if (error instanceof Deno.errors.TimedOut) {
      return sentence("connect timed out", {
        address,
        seconds: connectTimeout / 1000,
      });
    }
    return sentence("unreachable", { address, cause: reasonOf(error) });
  }
}

/** Whether a connection ended before it was accepted, `accept(2)`. */
function isGoneAlready(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted;
}

/** The system's resolver has no class of error of its own. */
function isHostUnknown(error: unknown): boolean {
  return error instanceof Error &&
    /lookup address|No such host/i.test(error.message);
}

/** Loopback, and IPv6 link-local addresses, which need a zone to be used. */
function isOnlyHere(address: string): boolean {
  return /^(127\.|::1$|fe80:)/.test(address);
}
