/**
 * The locks that not every server has: TLS, the password, the Unix socket.
 * This file is TLS, from the first byte to the last; it brings the others along,
 * so that a program without any of them starts sooner.
 *
 * @module
 */
import type { ByteStream } from "../chat/connection.ts";
import { orAborted } from "../chat/waiting.ts";
import { readAllowed } from "../text/allowed_file.ts";
import { Failure, reasonOf } from "../text/failure.ts";
import { type Sentence, sentence } from "../text/phrases.ts";

export { AllowList } from "./allow_list.ts";
export { askPassword, givePassword } from "./password.ts";
export { listenUnix, unixRoute } from "./unix_socket.ts";

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
 * @throws {Failure} for a host that no certificate can be for, as `127.1`.
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
      const said = sentence("certificate for another name", {
        cause: reasonOf(error),
      });
      throw new Failure(said, { cause: error });
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
 * @throws {Failure} for a peer that speaks no TLS, or isn't trusted.
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
    throw new Failure(handshakeProblem(reasonOf(cause), side), { cause });
  }
}

/**
 * An encrypted stream of bytes; a read throws a {@linkcode Failure} when the
 * peer closes without saying so, as who cuts the connection would.
 */
export function tlsStream(connection: Deno.TlsConn): ByteStream {
  return {
    async read(buffer): Promise<number | null> {
      try {
        return await connection.read(buffer);
      } catch (cause) {
        if (!(cause instanceof Deno.errors.UnexpectedEof)) throw cause;
        throw new Failure(sentence("cut off"), { cause });
      }
    },
    write: (bytes) => connection.write(bytes),
    closeWrite: () => connection.closeWrite(),
    close: () => connection.close(),
  };
}

/** What the words of Deno's TLS library (rustls) for a failed handshake mean. */
function handshakeProblem(cause: string, side: "client" | "server"): Sentence {
  const server = side === "server";
  if (/corrupt message/.test(cause)) {
    return sentence(server ? "client without TLS" : "server without TLS");
  }
  if (/not valid for name/i.test(cause)) {
    return sentence("certificate for another name", { cause });
  }
  if (/UnknownIssuer/.test(cause)) {
    return sentence("certificate of unknown authority", { cause });
  }
  if (/CaUsedAsEndEntity/.test(cause)) {
    return sentence("certificate of an authority", { cause });
  }
  if (/expired|not ?valid ?yet/i.test(cause)) {
    return sentence("certificate out of date", { cause });
  }
  if (!server) return sentence("server refused TLS", { cause });
  return /alert/.test(cause)
    ? sentence("client refused TLS", { cause })
    : sentence("left at the door");
}

function isAboutIdentity(error: unknown): boolean {
  return error instanceof Deno.errors.InvalidData ||
    error instanceof Error && /\b(key|certificate)/i.test(error.message);
}
