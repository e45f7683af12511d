/**
 * The client's side: connecting, and getting in.
 *
 * @module
 */
import {
  admit,
  encryptionWarning,
  formatAddress,
  hostOf,
  isHostUnknown,
  type Lock,
  requirePermission,
  type Route,
  serverAddress,
  tune,
  watchBeginning,
} from "./admit.ts";
import { Connection } from "../chat/connection.ts";
import { ConnectionError } from "../chat/endpoint.ts";
import { orAborted, pause, within } from "../chat/waiting.ts";
import { Failure, reasonOf } from "../text/failure.ts";
import { type Sentence, sentence } from "../text/phrases.ts";
import { firstLine, FULL, isTlsAlert, QUESTION } from "../wire/fixed_lines.ts";

/** How long after a failed try, under `--wait`, the client tries again. */
const RETRY_MS = 200;

/** Where a client's server is, and how to get in. Times are in milliseconds. */
export interface ConnectOptions {
  host: string;
  port: number;
  /** The path of the Unix socket that stands for host and port. */
  unix: string | undefined;
  /** Whether to speak TLS, and the file of certificates to trust. */
  tls: boolean;
  tlsCa: string | undefined;
  /** How long to wait for a connection, and then for being let in. */
  connectTimeout: number;
  /** For how long to try again; 0 for one try. */
  wait: number;
}

/** What else a client connects with. */
export interface ConnectContext {
  /** The password to give; undefined for none. */
  password: string | undefined;
  signal: AbortSignal;
  /** Is called before it is tried again. */
  waiting(): void;
  /** Is given sentences for a person. */
  warn(sentence: Sentence): void;
}

/**
 * Connects to a server, shakes hands and gives the password, where that is
 * asked for.
 *
 * @throws {Failure} that says what to do.
 * @throws {ConnectionError} when the connection breaks meanwhile.
 * @throws the reason of `signal` once that is aborted.
 */
export async function connect(
  options: ConnectOptions,
  { password, signal, waiting, warn }: ConnectContext,
): Promise<Connection> {
  const { unix, tls, tlsCa, connectTimeout } = options;
  const doors = tls || unix !== undefined || password !== undefined
    ? await import("./locks.ts")
    : undefined;
  const authority = doors && tls && tlsCa !== undefined
    ? await orAborted(doors.readAuthority(tlsCa), signal)
    : undefined;
  const route = doors && unix !== undefined
    ? doors.unixRoute(unix)
    : tcpRoute(options);
  const connected = await tryRoute(route, options.wait, { signal, waiting });
  tune(connected);
  const secured = doors && tls && "setNoDelay" in connected
    ? await doors.startTls(connected, options, authority)
    : undefined;
  const connection = new Connection(
    doors && secured ? doors.tlsStream(secured) : connected,
    {
      address: serverAddress(options),
      host: hostOf(connected),
    },
  );
  const locks: Lock[] = [];
  if (doors && secured) {
    locks.push((_, signal) => doors.shakeHands(secured, "client", signal));
  }
  if (doors && password !== undefined) {
    const warning = tls ? undefined : encryptionWarning(connection);
    locks.push((connection, signal) => {
      if (warning) warn(warning);
      return doors.givePassword(connection, { password, signal });
    });
  }
  try {
    await admit(connection, locks, {
      signal,
      limit: connectTimeout,
      tooSlow: sentence(tls ? "server silent" : "server silent, no TLS"),
    });
  } catch (cause) {
    connection.close();
    if (cause instanceof Failure || signal.aborted) throw cause;
    throw new ConnectionError("broken", { cause });
  }
  const look = password === undefined ? lookAtServer : lookForPlace;
  watchBeginning(connection, look);
  return connection;
}

/** Whether it is a server's asking for a password that was not given. */
export function isPasswordWanted(fault: unknown): boolean {
  // A connection says that it broke, and why.
  const problem = fault instanceof ConnectionError ? fault.cause : fault;
  return problem instanceof Failure &&
    problem.sentence.phrase === "password wanted";
}

/** What a client without a password finds wrong with how a server begins. */
export function lookAtServer(beginning: Uint8Array): Failure | undefined {
  if (firstLine(beginning) === QUESTION) {
    return new Failure(sentence("password wanted"));
  }
  return isTlsAlert(beginning)
    ? new Failure(sentence("server with TLS"))
    : lookForPlace(beginning);
}

/** What a client finds wrong with how the conversation begins. */
export function lookForPlace(beginning: Uint8Array): Failure | undefined {
  return firstLine(beginning) === FULL
    ? new Failure(sentence("room full"))
    : undefined;
}

/** Tries until `wait` milliseconds have passed, after a word to `waiting`. */
async function tryRoute(
  route: Route,
  wait: number,
  { signal, waiting }: Pick<ConnectContext, "signal" | "waiting">,
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

function tcpRoute(options: ConnectOptions): Route {
  requirePermission(options.host, options.port);
  return {
    connect: (signal) => connectTcp(options, signal),
    failure: (error) => connectFailure(error, options),
  };
}

async function connectTcp(
  { host: hostname, port, connectTimeout }: ConnectOptions,
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
 * may choose just that port for the client that connects to it, as TCP allows.
 */
export function isToItself(
  { localAddr, remoteAddr }: Pick<Deno.TcpConn, "localAddr" | "remoteAddr">,
): boolean {
  return localAddr.hostname === remoteAddr.hostname &&
    localAddr.port === remoteAddr.port;
}

/** What to say of what connecting to a host and port threw. */
export function connectFailure(
  error: unknown,
  { host, port, connectTimeout }: {
    host: string;
    port: number;
    connectTimeout: number;
  },
): Failure {
  const address = formatAddress(host, port);
  const said = isHostUnknown(error)
    ? sentence("host not found", { host })
    : error instanceof Deno.errors.ConnectionRefused
    ? sentence("connection refused", { address })
    : error instanceof Deno.errors.TimedOut
    ? sentence("connect timed out", { address, seconds: connectTimeout / 1000 })
    : sentence("unreachable", { address, cause: reasonOf(error) });
  return new Failure(said, { cause: error });
}
