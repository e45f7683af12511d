/**
 * Sockets of good members and of attackers, who have different addresses: a
 * server may limit what comes from one.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Where a server is on this machine, and whether it speaks TLS. */
export interface Target {
  readonly port: number;
  readonly tls: boolean;
}

/** What an attack did, by what is counted. */
export type Tally = Readonly<Record<string, number>>;

const SECOND_MS = 1000;
const TICK_MS = 20;
/**
 * The server's addresses, and so the addresses of those who connect to them:
 * that of good members, as behind one router, and that of attackers.
 */
export const GOOD = "::1";
const BAD = "127.0.0.1";

/**
 * Connects to that address of the server. The socket just closes when it
 * fails. Deno before 2.9 takes no notice of a `localAddress`.
 */
export function connectTo(
  host: string,
  { port, tls }: Target,
  localAddress?: string,
): Socket {
  const options = { host, port, ...localAddress ? { localAddress } : {} };
  const socket = tls
    ? connectTls({ ...options, rejectUnauthorized: false })
    : connect(options);
  socket.setNoDelay(true);
  return socket.on("error", () => {});
}

/** Attackers, until `signal` is aborted: then all of them go. */
export class Attackers {
  readonly #target: Target;
  readonly #signal: AbortSignal;
  readonly #here = new Set<Socket>();
  #connections = 0;

  constructor(target: Target, signal: AbortSignal) {
    this.#target = target;
    this.#signal = signal;
    signal.addEventListener("abort", () => {
      for (const socket of this.#here) socket.destroy();
    }, { once: true });
  }

  /** How many are connected, or try to be. */
  get here(): number {
    return this.#here.size;
  }

  /** How many have come so far. */
  get tally(): Tally {
    return { connections: this.#connections };
  }

  /** One more comes, maybe from an own address in 127.0.0.0/8. */
  come(address?: string): Socket {
    this.#connections++;
    const socket = connectTo(BAD, this.#target, address);
    this.#here.add(socket);
    return socket.once("close", () => this.#here.delete(socket));
  }

  /** Calls `act` at most so often a second, until the end. */
  async often(perSecond: number, act: () => void): Promise<void> {
    let due = 0;
    while (!this.#signal.aborted) {
      for (due += perSecond * TICK_MS / SECOND_MS; due >= 1; due--) act();
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  /**
   * Keeps so many connected: for one that is turned away another comes. At most
   * so many come at first, and then every second. Each does `act` at once.
   */
  stay(
    count: number,
    perSecond: number,
    act: (socket: Socket) => void,
    address?: () => string,
  ): Promise<void> {
    const one = (): void => {
      if (this.here < count) act(this.come(address?.()));
    };
    for (let first = 0; first < perSecond; first++) one();
    return this.often(perSecond, one);
  }
}

/** Sends that again and again, as fast as it is taken; reads all that comes. */
export function flood(socket: Socket, data: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(data));
  };
  socket.resume().on("drain", more).once("connect", more);
}

/** Sends that and vanishes, without reading an answer. */
export function sendAndVanish(socket: Socket, data: string): void {
  socket.end(data, () => socket.destroy());
}
