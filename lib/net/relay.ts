/**
 * The way of a TLS server's bytes through this machine.
 *
 * Deno closes no TLS connection before its peer has shaken hands and taken all
 * that was sent, so one that does neither would stay open for ever. A plain
 * connection is closed at once. So the bytes of a plain one are passed on to a
 * TLS connection that begins and ends in this process, and can be trusted.
 *
 * @module
 */
import type { Accepted } from "./admit.ts";
import { within } from "../chat/waiting.ts";

/** What a server shows of itself: its certificate and the key to it, in PEM. */
export interface Identity {
  cert: string;
  key: string;
}

/** Where the TLS connections within this process are. */
export const INSIDE_HOST = "127.0.0.1";
/** How much is read at once: at rest, and where much comes. */
const READ_BYTES = 4 * 1024;
const BUSY_READ_BYTES = 128 * 1024;
/** How much may be on its way out before a write waits. */
const WINDOW_BYTES = 64 * 1024;
/** How long after a close the peer may still take what was sent before. */
const LINGER_MS = 500;

/** What is used of a TLS connection. */
export type Secured = Pick<
  Deno.TlsConn,
  "handshake" | "read" | "write" | "closeWrite" | "close"
>;

/**
 * The TLS server's end of a plain connection, which it takes over: no more is
 * done until the peer has sent something. A `write` settles when little is left
 * in this process, `closeWrite` when nothing is. A `close` sends what is left,
 * for half a second; then all is closed, whatever the peer does.
 *
 * @throws by each method what the plain connection threw.
 */
export function relay(outside: Accepted, identity: Identity): Secured {
  let opening: Promise<Deno.TlsConn> | undefined;
  /** Set once the peer has shaken hands, or failed to. */
  let settled: Deno.TlsConn | undefined;
  /** What a close has to close; Deno closes nothing twice. */
  const open = new Set<Pick<Deno.Conn, "close">>([outside]);
  /** Settles when all has gone out, or nothing more can. */
  let goingOut = Promise.resolve();
  let isOut = false;
  let isClosed = false;
  let hasFailed = false;
  let fault: unknown;
  let written = 0;
  let gone = 0;
  let progress = Promise.withResolvers<void>();

  function advance(count: number): void {
    // What TLS adds is counted too, but never as more than there was.
    gone = Math.min(gone + count, written);
    progress.resolve();
    progress = Promise.withResolvers();
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!hasFailed && !isSo()) await progress.promise;
    if (hasFailed) throw fault;
  }

  function shut(...connections: Pick<Deno.Conn, "close">[]): void {
    for (const one of connections) if (open.delete(one)) one.close();
  }

  async function begin(): Promise<Deno.TlsConn> {
    const first = new Uint8Array(READ_BYTES);
    const count = await outside.read(first);
    if (count === null) throw new Deno.errors.UnexpectedEof("Nothing was sent");
    const { inside, plain } = await connectInside(identity);
    const fail = (cause: unknown): void => {
      if (!hasFailed) fault = cause;
      hasFailed = true;
      shut(plain);
      advance(0);
    };
    for (const one of [inside, plain]) open.add(one);
    if (isClosed) shut(...open);
    pass(outside, plain, { first: first.subarray(0, count) }).catch(fail);
    goingOut = pass(plain, outside, { advance }).then(() => {
      isOut = true;
      advance(0);
    }).catch(fail);
    return inside;
  }

  /** Does it with the TLS connection; a fault of the plain one says why not. */
  async function use<T>(
    work: (inside: Deno.TlsConn) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(await (opening ??= begin()));
    } catch (cause) {
      throw fault ?? cause;
    }
  }

  return {
    handshake: () =>
      use((inside) => inside.handshake().finally(() => settled = inside)),
    read: (buffer) => use((inside) => inside.read(buffer)),
    write: (bytes) =>
      use(async (inside) => {
        const count = await inside.write(bytes);
        written += count;
        await until(() => written - gone <= WINDOW_BYTES);
        return count;
      }),
    closeWrite: () =>
      use(async (inside) => {
        await inside.closeWrite();
        await until(() => isOut);
      }),
    close(): void {
      if (isClosed) return;
      isClosed = true;
      if (settled === undefined) return shut(...open);
      shut(settled);
      void within(LINGER_MS, goingOut).then(() => shut(...open));
    },
  };
}

/** Both ends of a connection within this process; one is a TLS server's. */
async function connectInside(
  identity: Identity,
): Promise<{ inside: Deno.TlsConn; plain: Deno.TcpConn }> {
  using listener = Deno.listenTls({
    hostname: INSIDE_HOST,
    port: 0,
    ...identity,
  });
  const { hostname, port } = listener.addr;
  const plain = await Deno.connect({ hostname, port });
  try {
    plain.setNoDelay();
    for (;;) {
      const inside = await listener.accept();
      if (inside.remoteAddr.port === plain.localAddr.port) {
        return { inside, plain };
      }
      // Another program of this machine was quicker.
      inside.close();
    }
  } catch (fault) {
    plain.close();
    throw fault;
  }
}

/** Passes on all that comes, and then the end of the stream. */
async function pass(
  from: Accepted,
  to: Accepted,
  { first = new Uint8Array(), advance = () => {} }: {
    first?: Uint8Array;
    advance?(count: number): void;
  },
): Promise<void> {
  let buffer = new Uint8Array(READ_BYTES);
  let rest = first;
  for (let read: number | null = first.length; read !== null;) {
    while (rest.length > 0) {
      const count = await to.write(rest);
      rest = rest.subarray(count);
      advance(count);
    }
    const size = read < READ_BYTES ? READ_BYTES : BUSY_READ_BYTES;
    if (buffer.length !== size) buffer = new Uint8Array(size);
    read = await from.read(buffer);
    rest = buffer.subarray(0, read ?? 0);
  }
  await to.closeWrite();
}
