/**
 * TLS, from the first byte to the last.
 *
 * @module
 */
import type { Accepted } from "./admit.ts";
import { type Identity, INSIDE_HOST, relay, type Secured } from "./relay.ts";
import { ReadAhead } from "../chat/read_ahead.ts";
import { isAllowed, readAllowed } from "../text/allowed_file.ts";
import { Failure, reasonOf, type Sentence, sentence } from "../text/phrases.ts";

/**
 * Reads a certificate and its key from their files.
 *
 * @throws {Failure} when one can't be read, or the key has a passphrase.
 */
export async function readIdentity(files: Identity): Promise<Identity> {
  const cert = await readAllowed(files.cert);
  const key = await readAllowed(files.key);
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(key)) {
    throw new Failure(sentence("key with passphrase", { path: files.key }));
  }
  return { cert, key };
}

/**
 * Makes TLS streams of accepted connections, see {@linkcode relay}. A client
 * that speaks none is found out by the first write.
 *
 * @throws {Failure} when the certificate or the key is of no use, or the
 * permission for connections within this machine is missing.
 */
export function tlsServer(
  identity: Identity,
): (connection: Accepted) => Accepted {
  if (!isAllowed({ name: "net", host: INSIDE_HOST })) {
    throw new Failure(sentence("no net permission", { address: INSIDE_HOST }));
  }
  try {
    Deno.listenTls({ hostname: INSIDE_HOST, port: 0, ...identity }).close();
  } catch (error) {
    if (!isAboutIdentity(error)) throw error;
    const cause = reasonOf(error);
    throw new Failure(sentence("bad certificate", { cause }), { cause: error });
  }
  return (connection) =>
    tlsStream(relay(connection, identity), connection, "server");
}

/**
 * Reads certificates to trust from a file.
 *
 * @throws {Failure} when it can't be read, or holds none.
 */
export async function readAuthority(path: string): Promise<string> {
  const text = await readAllowed(path);
  // Deno looks for it at the beginning of a line only, and takes none for none.
  if (/^-----BEGIN CERTIFICATE-----/m.test(text)) return text;
  throw new Failure(sentence("bad authority", { path }));
}

/**
 * Encrypts a connection, which it takes over even when it fails. What the
 * server shows is looked at with the first write.
 *
 * @throws {Failure} when the certificates to trust are of no use.
 * @throws {Failure} for a host that no certificate can be for, as `127.1`.
 */
export async function startTls(
  connection: Deno.TcpConn,
  { host, tlsCa }: { host: string; tlsCa: string | undefined },
  authority: string | undefined,
): Promise<Accepted> {
  const caCerts = authority === undefined ? [] : [authority];
  try {
    const secured = await Deno.startTls(connection, {
      hostname: host,
      caCerts,
    });
    return tlsStream(secured, secured, "client");
  } catch (error) {
    const cause = reasonOf(error);
    if (/invalid hostname/i.test(cause)) {
      const said = sentence("certificate for another name", { cause });
      throw new Failure(said, { cause: error });
    }
    if (tlsCa === undefined || !isAboutIdentity(error)) throw error;
    const said = sentence("bad authority", { path: tlsCa });
    throw new Failure(said, { cause: error });
  }
}

/**
 * An encrypted stream of bytes. A write shakes hands first, and throws a
 * {@linkcode Failure} for a peer that speaks no TLS or isn't trusted; a read
 * throws one when the peer closes without saying so, as a cut would.
 */
function tlsStream(
  connection: Secured,
  { remoteAddr }: Pick<Accepted, "remoteAddr">,
  side: "client" | "server",
): Accepted {
  let handshake: Promise<unknown> | undefined;
  const incoming = new ReadAhead(connection);
  return {
    remoteAddr,
    async read(buffer): Promise<number | null> {
      try {
        return await incoming.read(buffer);
      } catch (cause) {
        if (!(cause instanceof Deno.errors.UnexpectedEof)) throw cause;
        throw new Failure(sentence("cut off"), { cause });
      }
    },
    async write(bytes): Promise<number> {
      await (handshake ??= connection.handshake().catch((cause) => {
        throw new Failure(handshakeProblem(reasonOf(cause), side), { cause });
      }));
      return await connection.write(bytes);
    },
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
