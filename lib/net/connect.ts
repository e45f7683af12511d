/**
 * The client's side: connecting, and getting in.
 *
 * @module
 */
import {
  type Accepted,
  type Address,
  addressFailure,
  admit,
  failureIn,
  hostOf,
  type Lock,
  requirePermission,
  serverAddress,
  tune,
  watchBeginning,
} from "./admit.ts";
import { Connection } from "../chat/connection.ts";
import { ConnectionError } from "../chat/endpoint.ts";
import { orAborted, pause, within } from "../chat/waiting.ts";
import { Failure, type Sentence, sentence } from "../text/phrases.ts";
import { firstLine, QUESTION, TRIES } from "../wire/fixed_lines.ts";
import type { ClientLocks } from "./locks.ts";

/** How long after a failed try, under `--wait`, the client tries again. */
const RETRY_MS = 200;
/** The longest of pauses that grow. */
const MAX_RETRY_MS = 10_000;

/** How long a person waits to see whether the server asks for a password. */
const QUESTION_WAIT_MS = 300;
/** After how long a person is told that a server doesn't answer. */
const BUSY_MS = 2000;

/** Where a client's server is, and how to get in. Times are in milliseconds. */
export interface ConnectOptions extends Address {
  /** Whether to speak TLS, and the file of certificates to trust. */
  tls: boolean;
  tlsCa: string | undefined;
  /** How long to wait for a connection, and then for being let in. */
  connectTimeout: number;
  /** For how long to try again; 0 for one try. Pauses grow for ever, if so. */
  wait: number;
}

/** What else a client connects with. */
export interface ConnectContext {
  /** The password to give; undefined for none. */
  password: string | undefined;
  /** Asks a person for one, `isAgain` after a wrong one; absent without one. */
  ask?(isAgain: boolean): Promise<string | null>;
  /** Whether what comes is data, whatever it begins with. */
  passesBytes: boolean;
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
  context: ConnectContext,
): Promise<Connection> {
  const { password, passesBytes, signal, waiting, warn } = context;
  const load = (): Promise<ClientLocks> =>
    orAborted(
      import("./locks.ts").then((it) => it.clientLocks(options, { warn })),
      signal,
    );
  const isLocked = options.tls || password !== undefined;
  const { encrypt, locksFor } = isLocked ? await load() : NO_LOCKS;
  requirePermission(options);
  const connected = await tryConnecting(options, { signal, waiting });
  tune(connected);
  const stream: Accepted = encrypt && "setNoDelay" in connected
    ? await encrypt(connected)
    : connected;
  const connection = new Connection(stream, {
    address: serverAddress(options),
    host: hostOf(connected),
  });
  try {
    await getIn(
      connection,
      options,
      context,
      async (given) =>
        given === undefined || isLocked
          ? locksFor(given)
          : (await load()).locksFor(given),
    );
  } catch (cause) {
    connection.close();
    if (signal.aborted) throw cause;
    throw failureIn(cause) ?? ConnectionError.from(cause);
  }
  if (!passesBytes && password === undefined) {
    // One that asks later than a person waits for it.
    watchBeginning(connection, ["password wanted", "server with TLS"]);
  }
  return connection;
}

const NO_LOCKS: ClientLocks = { locksFor: () => [] };

/** Passes the locks; a person who mistypes the password may try again. */
async function getIn(
  connection: Connection,
  { tls, connectTimeout: limit }: ConnectOptions,
  { password, passesBytes, ask, signal, warn }: ConnectContext,
  locksFor: (password: string | undefined) => Promise<Lock[]>,
): Promise<void> {
  const tooSlow = sentence(tls ? "server silent" : "server silent, no TLS");
  let given = password;
  let fault: unknown = new Failure(sentence("password wanted"));
  for (let tries = 0; tries < TRIES;) {
    const busy = setTimeout(() => warn(sentence("server busy")), BUSY_MS);
    try {
      const locks = await locksFor(given);
      await admit(connection, locks, { signal, limit, tooSlow });
      if (given !== undefined || !ask || passesBytes) return;
      if (!await isAsked(connection, signal)) return;
    } catch (thrown) {
      fault = thrown;
      tries++;
      if (!isRefused(fault)) break;
    } finally {
      clearTimeout(busy);
    }
    if (tries === TRIES) break;
    const answer = await orAborted(
      ask?.(tries > 0) ?? Promise.resolve(null),
      signal,
    );
    if (answer === null) break;
    given = answer;
  }
  throw fault;
}

/**
 * Whether the server begins with asking for a password.
 *
 * @throws {Failure} when it closes without a word.
 */
async function isAsked(
  connection: Connection,
  signal: AbortSignal,
): Promise<boolean> {
  // A reset is such a closing too.
  const peeking = connection.peek().catch(() => new Uint8Array());
  const looking = within(QUESTION_WAIT_MS, peeking);
  const beginning = await orAborted(looking, signal);
  if (beginning?.length === 0) throw new Failure(sentence("closed at once"));
  return beginning !== undefined && firstLine(beginning) === QUESTION;
}

function isRefused(fault: unknown): boolean {
  return failureIn(fault)?.sentence.phrase === "password refused";
}

/** Whether it is a server's asking for a password that was not given. */
export function isPasswordWanted(fault: unknown): boolean {
  return failureIn(fault)?.sentence.phrase === "password wanted";
}

/** Tries until `wait` milliseconds have passed, after a word to `waiting`. */
async function tryConnecting(
  options: ConnectOptions,
  { signal, waiting }: Pick<ConnectContext, "signal" | "waiting">,
): Promise<Deno.TcpConn | Deno.UnixConn> {
  const { unix: path, wait } = options;
  const deadline = performance.now() + wait;
  for (let tries = 0;; tries++) {
    try {
      return path === undefined
        ? await connectTcp(options, signal)
        : await Deno.connect({ transport: "unix", path });
    } catch (error) {
      signal.throwIfAborted();
      if (performance.now() + RETRY_MS > deadline) {
        throw connectFailure(error, options);
      }
    }
    if (tries === 0) waiting();
    const growth = wait === Infinity ? 2 ** tries : 1;
    await pause(Math.min(RETRY_MS * growth, MAX_RETRY_MS), signal);
    signal.throwIfAborted();
  }
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

/** What to say of what connecting threw. */
export function connectFailure(
  error: unknown,
  options: Address & { connectTimeout: number },
): Failure {
  const { ConnectionRefused, NotFound, TimedOut } = Deno.errors;
  return options.unix === undefined
    ? addressFailure(error, options, [
      [ConnectionRefused, "connection refused"],
      [TimedOut, "connect timed out"],
    ], "unreachable")
    : addressFailure(error, options, [
      [ConnectionRefused, "unix not there"],
      [NotFound, "unix not there"],
    ], "unix failed");
}
