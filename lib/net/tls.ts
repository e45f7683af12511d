/**
 * Encryption: TLS from the first byte to the last.
 *
 * @module
 */
import { readAllowed } from "./allowed_file.ts";
import { DoorError, type DoorProblem } from "./door_error.ts";
import { Failure, reasonOf } from "../text/failure.ts";
import { sentence } from "../text/phrases.ts";
import type { ByteStream } from "../chat/connection.ts";
import { orAborted } from "../chat/waiting.ts";

/** What a server shows of itself: its certificate and the key to it, in PEM. */
export interface Identity {
  cert: string;
  key: string;
}

/**
 * Reads a certificate and its key from their files.
 *
 * @throws {Failure} when one can't be read.
 */
export async function readIdentity(
  files: { cert: string; key: string },
): Promise<Identity> {
  return {
    cert: await readAllowed(files.cert),
    key: await readAllowed(files.key),
  };
}

/**
 * Listens with TLS. Who speaks none is accepted too: the handshake is
 * {@linkcode shakeHands}.
 *
 * @throws {Failure} when the certificate or the key is of no use.
 * @throws what Deno throws when it can't listen.
 */
export function listenTls(
  address: { hostname: string; port: number },
  identity: Identity,
): Deno.TlsListener {
  try {
    return Deno.listenTls({ ...address, ...identity });
  } catch (error) {
    if (!isAboutIdentity(error)) throw error;
    const cause = reasonOf(error);
    throw new Failure(sentence("bad certificate", { cause }), { cause: error });
  }
}

/**
 * Reads certificates to trust from a file.
 *
 * @throws {Failure} when it can't be read, or holds none.
 */
export async function readAuthority(
  path: string,
): Promise<string> {
  const text = await readAllowed(path);
  // Deno looks for it at the beginning of a line only, and takes none for none.
  if (/^-----BEGIN CERTIFICATE-----/m.test(text)) return text;
  throw new Failure(sentence("bad authority", { path }));
}

/**
 * Encrypts a connection, which it takes over even when it fails. What the
 * server shows is looked at in {@linkcode shakeHands}.
 *
 * @throws {Failure} when the certificates to trust are of no use.
 * @throws {DoorError} for a host that no certificate can be for, as `127.1`.
 */
export async function startTls(
  connection: Deno.TcpConn,
  { host, tlsCa }: { host: string; tlsCa: string | undefined },
  authority: string | undefined,
): Promise<Deno.TlsConn> {
  const caCerts = authority === undefined ? [] : [authority];
  try {
    return await Deno.startTls(connection, { hostname: host, caCerts });
  } catch (error) {
    if (/invalid hostname/i.test(reasonOf(error))) {
      throw new DoorError("certificate for another name", { cause: error });
    }
    if (tlsCa === undefined || !isAboutIdentity(error)) throw error;
    throw new Failure(sentence("bad authority", { path: tlsCa }), {
      cause: error,
    });
  }
}

/**
 * Shakes hands at one side of a connection; `signal` ends the wait.
 *
 * @throws {DoorError} for a peer that speaks no TLS, or isn't trusted.
 * @throws the reason of `signal`.
 */
export async function shakeHands(
  connection: Deno.TlsConn,
  side: "client" | "server",
  signal: AbortSignal,
): Promise<void> {
  try {
    await orAborted(connection.handshake(), signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new DoorError(tlsProblem(reasonOf(cause), side), { cause });
  }
}

/**
 * An encrypted stream of bytes; a read throws a {@linkcode DoorError} when the
 * peer closes without saying so, as who cuts the connection would.
 */
export function tlsStream(connection: Deno.TlsConn): ByteStream {
  return {
    async read(buffer): Promise<number | null> {
      try {
        return await connection.read(buffer);
      } catch (cause) {
        if (!(cause instanceof Deno.errors.UnexpectedEof)) throw cause;
        throw new DoorError("cut off", { cause });
      }
    },
    write: (bytes) => connection.write(bytes),
    closeWrite: () => connection.closeWrite(),
    close: () => connection.close(),
  };
}

/** What the words of Deno's TLS library (rustls) for a failed handshake mean. */
function tlsProblem(
  reason: string,
  side: "client" | "server",
): DoorProblem {
  const server = side === "server";
  if (/corrupt message/.test(reason)) {
    return server ? "client without TLS" : "server without TLS";
  }
  if (/not valid for name/i.test(reason)) return "certificate for another name";
  if (/UnknownIssuer/.test(reason)) return "certificate of unknown authority";
  if (/CaUsedAsEndEntity/.test(reason)) return "certificate of an authority";
  if (/expired|not ?valid ?yet/i.test(reason)) return "certificate out of date";
  if (server) {
    return /alert/.test(reason) ? "client refused TLS" : "left at the door";
  }
  return "server refused TLS";
}

function isAboutIdentity(error: unknown): boolean {
  return error instanceof Deno.errors.InvalidData ||
    error instanceof Error && /\b(key|certificate)/i.test(error.message);
}
