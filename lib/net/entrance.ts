/**
 * Coming together: how a server lets clients in, and how a client gets in.
 *
 * @module
 */
import {
  type Check,
  Door,
  MAX_AT_DOOR,
  Teller,
  type Visitor,
  VisitorStream,
} from "./door.ts";
import { DoorError, OnlyALook } from "./door_error.ts";
import { ConnectionError } from "../chat/endpoint.ts";
import {
  askPassword,
  givePassword,
  lookAtClient,
  lookAtServer,
  lookForPlace,
} from "./gate.ts";
import {
  acceptPresent,
  addressesToHandOut,
  addressOf,
  connect,
  isLoopback,
  listen,
  serverAddress,
  tcpRoute,
  tune,
} from "./network.ts";
import type { Options } from "../cli/options.ts";
import { describeDoor } from "../cli/outcome.ts";
import type { Say } from "../text/phrases.ts";
import type { Accepting } from "./serve.ts";
import { WatchedStream } from "../chat/streams.ts";
import { orAborted } from "../chat/waiting.ts";

// Loaded where they are used: all else starts sooner without them.
function loadTls(): Promise<typeof import("./tls.ts")> {
  return import("./tls.ts");
}
function loadUnix(): Promise<typeof import("./unix_socket.ts")> {
  return import("./unix_socket.ts");
}

/** What both sides need to come together. */
export interface EntranceOptions {
  options: Options;
  /** The password that has to be given; undefined for none. */
  password: string | undefined;
  say: Say;
  /** Is given lines for a person. */
  warn(text: string): void;
}

/** Where clients come in. */
export interface Entrance extends Accepting<Visitor> {
  /** Where it is, as a person is told. */
  readonly address: string;
  /** The addresses under which other machines reach it. */
  readonly reachable: readonly string[];
  /** Tells who was turned away and why, at most once a second for a reason. */
  tellTurnedAway(visitor: Visitor, fault: unknown): void;
}

/**
 * Opens the server's side. Who is accepted has passed the door: comes from an
 * allowed address, has shaken hands and given the password, where that is
 * asked for. Who has not is closed, and told of at most once a second, as is
 * that a password comes unencrypted.
 *
 * @throws {Failure} that says what to do.
 */
export async function openEntrance(
  { options, password, say, warn }: EntranceOptions,
): Promise<Entrance> {
  const { unix, allow, tlsCert: cert, tlsKey: key } = options;
  const identity = cert !== undefined && key !== undefined
    ? await (await loadTls()).readIdentity({ cert, key })
    : undefined;
  const handshakes = new WeakMap<Visitor, Deno.TlsConn>();
  const teller = new Teller();
  const checks: Check[] = [];

  if (allow) {
    checks.push((visitor) => {
      if (visitor.host !== undefined && allow.has(visitor.host)) return visitor;
      throw new DoorError("not allowed");
    });
  }
  if (unix !== undefined) checks.push((await loadUnix()).keepOutLooks);
  if (identity) {
    const { shakeHands } = await loadTls();
    checks.push(async (visitor, signal) => {
      const connection = handshakes.get(visitor);
      if (connection) await shakeHands(connection, "server", signal);
      return visitor;
    });
  }
  checks.push(async (visitor, signal) => {
    if (password === undefined) {
      return identity
        ? visitor
        : new VisitorStream(visitor, new WatchedStream(visitor, lookAtClient));
    }
    if (!identity) {
      warnUnlessEncrypted(visitor, say, (text) => {
        teller.tell("not encrypted", () => warn(text));
      });
    }
    const inside = await askPassword(visitor, { password, signal, wait });
    return new VisitorStream(visitor, inside);
  });

  const listener = unix !== undefined
    ? await (await loadUnix()).listenUnix(unix)
    : await listen(options, identity);
  const addr = "addr" in listener ? listener.addr : undefined;
  const tellTurnedAway = ({ address }: Visitor, fault: unknown): void => {
    // Any other fault is a connection that broke.
    const error = fault instanceof DoorError
      ? fault
      : new DoorError("left at the door", { cause: fault });
    const reason = describeDoor(error, say);
    teller.tell(error.problem, (count) =>
      warn(
        count === 0
          ? say("turned away", { address, reason })
          : say("turned away, more", { address, reason, count }),
      ));
  };
  const door = new Door({
    async accept(): Promise<Visitor> {
      const connection = await acceptPresent(listener);
      const visitor = await visitorOf(connection, unix);
      if (isTls(connection)) handshakes.set(visitor, connection);
      return visitor;
    },
    close: () => listener.close(),
  }, {
    checks,
    // All whom a room has place for may come at once.
    places: Math.max(MAX_AT_DOOR, options.maxClients),
    refused(visitor, fault): void {
      if (!(fault instanceof OnlyALook)) tellTurnedAway(visitor, fault);
    },
  });
  return {
    address: unix ?? (addr ? addressOf(addr) : ""),
    reachable: addr ? addressesToHandOut(addr) : [],
    tellTurnedAway,
    accept: () => door.accept(),
    close: () => door.close(),
  };
}

/**
 * Gets in at the client's side: connects, shakes hands and gives the password,
 * where that is asked for.
 *
 * @throws {Failure} {DoorError} {ConnectionError} when it can't get in.
 * @throws the reason of `signal` once that is aborted.
 */
export async function enter(
  { options, password, say, warn }: EntranceOptions,
  { signal, waiting }: { signal: AbortSignal; waiting(): void },
): Promise<Visitor> {
  const tls = options.tls ? await loadTls() : undefined;
  const authority = tls && options.tlsCa !== undefined
    ? await orAborted(tls.readAuthority(options.tlsCa), signal)
    : undefined;
  const { unix } = options;
  const route = unix !== undefined
    ? (await loadUnix()).unixRoute(unix)
    : tcpRoute(options);
  const connection = await connect(route, options.wait, { signal, waiting });
  if (isTcp(connection)) tune(connection);
  const place = {
    address: serverAddress(options),
    host: hostOf(connection.remoteAddr),
  };
  const secured = tls && isTcp(connection)
    ? await tls.startTls(connection, options, authority)
    : undefined;
  const stream = tls && secured ? tls.tlsStream(secured) : connection;
  const limit = new AbortController();
  const timer = setTimeout(
    () =>
      limit.abort(
        new DoorError(tls ? "server silent" : "server silent, no TLS"),
      ),
    options.connectTimeout,
  );
  const either = AbortSignal.any([signal, limit.signal]);
  try {
    if (tls && secured) await tls.shakeHands(secured, "client", either);
    if (password === undefined) {
      return new VisitorStream(place, new WatchedStream(stream, lookAtServer));
    }
    if (!tls) warnUnlessEncrypted(place, say, warn);
    const inside = await givePassword(stream, {
      password,
      signal: either,
    });
    return new VisitorStream(place, new WatchedStream(inside, lookForPlace));
  } catch (cause) {
    stream.close();
    if (cause instanceof DoorError || either.aborted) throw cause;
    throw new ConnectionError("broken", { cause });
  } finally {
    clearTimeout(timer);
  }
}

function warnUnlessEncrypted(
  { address, host }: Pick<Visitor, "address" | "host">,
  say: Say,
  warn: (text: string) => void,
): void {
  if (host === undefined || isLoopback(host)) return;
  warn(say("not encrypted", { address }));
}

async function visitorOf(
  connection: Deno.Conn,
  path: string | undefined,
): Promise<Visitor> {
  const { remoteAddr } = connection;
  if (isTcp(connection)) tune(connection);
  const stream = isTls(connection)
    ? (await loadTls()).tlsStream(connection)
    : connection;
  return new VisitorStream({
    address: path ?? addressOf(remoteAddr),
    host: hostOf(remoteAddr),
  }, stream);
}

function hostOf(address: Deno.Addr): string | undefined {
  return "hostname" in address ? address.hostname : undefined;
}

function isTcp(connection: Deno.Conn): connection is Deno.TcpConn {
  return "setNoDelay" in connection;
}

function isTls(connection: Deno.Conn): connection is Deno.TlsConn {
  return "handshake" in connection;
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
