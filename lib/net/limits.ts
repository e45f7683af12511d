/**
 * What an address may do, and all together: connections at once, connections a
 * second, wrong passwords. Connecting anew doesn't help against these limits.
 * A Unix socket has no address; they don't hold for it.
 *
 * @module
 */
import { orAborted, pause } from "../chat/waiting.ts";
import { Failure, sentence } from "../text/phrases.ts";

/** How many networks are remembered; with one more the first is forgotten. */
export const MAX_NETWORKS = 4096;
/** All addresses together may do so many times as much as one. */
const ALL_TIMES = 10;

/** How long the first pause after wrong passwords is, and the longest. */
export const FIRST_PAUSE_MS = 1000;
export const LONGEST_PAUSE_MS = 20_000;
/** The same where it is for all: many addresses must not keep out the others. */
const PAUSE_FOR_ALL_MS = 100;
/** How long it takes until one wrong password is forgotten. */
export const FORGETTING_MS = 60_000;

/** An IP address as text, without a zone; IPv4 in IPv6 as IPv4. */
export function bareAddress(host: string): string {
  return host.replace(/%.*$/, "").replace(/^::ffff:(?=[\d.]+$)/i, "");
}

/**
 * What an IP address counts as where there is a limit for each: IPv4 as itself,
 * IPv6 as its /64, of which one machine has all addresses.
 */
export function networkOf(host: string): string {
  const bare = bareAddress(host);
  if (!bare.includes(":")) return bare;
  const [head = [], tail = []] = bare.split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array(Math.max(0, 8 - head.length - tail.length)).fill("0");
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(":")}::/64`;
}

/** One thing for each network, made when it is first asked for. */
class Networks<T> {
  readonly #make: () => T;
  readonly #known = new Map<string, T>();

  constructor(make: () => T) {
    this.#make = make;
  }

  /** That of the network of an address. */
  at(host: string): T {
    const network = networkOf(host);
    const known = this.#known.get(network) ?? this.#make();
    // Those asked for last come last.
    this.#known.delete(network);
    this.#known.set(network, known);
    const [first = network] = this.#known.keys();
    if (this.#known.size > MAX_NETWORKS) this.#known.delete(first);
    return known;
  }
}

/** How many connections there may be. */
export interface LimitOptions {
  /** At once, of all addresses. */
  connections: number;
  /** At once, of one address. */
  perAddress: number;
  /** New ones a second, of one address. */
  connectRate: number;
}

/** Connections, counted: those there are, and those that came lately. */
class Count {
  open = 0;
  readonly #most: number;
  readonly #rate: number;
  #left = 0;
  #at = -Infinity;

  /** All there may be at once may come at once, and `rate` more a second. */
  constructor(most: number, rate: number) {
    this.#most = most;
    this.#rate = rate;
  }

  get isFull(): boolean {
    return this.open >= this.#most;
  }

  /** Whether another may come so soon. */
  mayCome(now: number): boolean {
    const more = this.#rate * (now - this.#at) / 1000;
    this.#left = Math.min(this.#most, this.#left + more);
    this.#at = now;
    return this.#left >= 1;
  }

  come(): void {
    this.open++;
    this.#left--;
  }
}

/** Counts the connections of each address, and all. */
export class Limits {
  readonly #now: () => number;
  readonly #all: Count;
  readonly #networks: Networks<Count>;

  /** `now` is a clock in milliseconds. */
  constructor(
    { connections, perAddress, connectRate }: LimitOptions,
    now = (): number => performance.now(),
  ) {
    this.#now = now;
    this.#all = new Count(connections, connectRate * ALL_TIMES);
    this.#networks = new Networks(() => new Count(perAddress, connectRate));
  }

  /**
   * Counts a connection, until the function that this returns is called.
   *
   * @throws {Failure} for one too many.
   */
  enter(host: string | undefined): () => void {
    if (host === undefined) return () => {};
    const now = this.#now();
    const all = this.#all;
    const own = this.#networks.at(host);
    if (own.isFull) throw new Failure(sentence("too many from it"));
    if (!own.mayCome(now)) throw new Failure(sentence("connects too often"));
    if (all.isFull || !all.mayCome(now)) {
      throw new Failure(sentence("too many connections"));
    }
    const counts = [own, all];
    for (const count of counts) count.come();
    return () => {
      for (const count of counts.splice(0)) count.open--;
    };
  }
}

/** Answers, given one after the other, with pauses after many wrong ones. */
class Line {
  readonly #free: number;
  readonly #first: number;
  readonly #longest: number;
  readonly #now: () => number;
  readonly #pause: typeof pause;
  #last: Promise<void> = Promise.resolve();
  #wrong = 0;
  #wrongAt = 0;
  #pauseEnd = 0;

  /** The first `free` wrong ones make no pause. Times are in milliseconds. */
  constructor(
    { free, first, longest, now, wait }: {
      free: number;
      first: number;
      longest: number;
      now(): number;
      wait: typeof pause;
    },
  ) {
    this.#free = free;
    this.#first = first;
    this.#longest = longest;
    this.#now = now;
    this.#pause = wait;
  }

  async judge(
    isRight: () => Promise<boolean> | boolean,
    signal: AbortSignal,
  ): Promise<boolean> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = before.then(() => promise);
    try {
      await orAborted(before, signal);
      await this.#pause(Math.max(0, this.#pauseEnd - this.#now()), signal);
      signal.throwIfAborted();
      const right = await isRight();
      if (!right) this.#add();
      return right;
    } finally {
      resolve();
    }
  }

  #add(): void {
    const now = this.#now();
    const forgotten = (now - this.#wrongAt) / FORGETTING_MS;
    const steps = Math.ceil(Math.log2(this.#longest / this.#first)) + 1;
    this.#wrong = Math.min(
      Math.max(0, this.#wrong - forgotten) + 1,
      this.#free + steps,
    );
    this.#wrongAt = now;
    const doublings = Math.ceil(this.#wrong - this.#free) - 1;
    if (doublings < 0) return;
    this.#pauseEnd = now +
      Math.min(this.#longest, this.#first * 2 ** doublings);
  }
}

/**
 * Judges passwords: those of an address one after the other. After `free` wrong
 * ones comes a pause, and a longer one after each more, in which no answer is
 * given, a right one neither. So it is of no use to try many at once. Each
 * minute one wrong password is forgotten. The same holds for all addresses
 * together, with more that are free and short pauses.
 */
export class Guesses {
  readonly #all: Line;
  readonly #networks: Networks<Line>;

  /** `now` is a clock in milliseconds; `wait` waits, but not beyond an abort. */
  constructor(
    free: number,
    now = (): number => performance.now(),
    wait: typeof pause = pause,
  ) {
    this.#all = new Line({
      free: free * ALL_TIMES,
      first: PAUSE_FOR_ALL_MS,
      longest: PAUSE_FOR_ALL_MS,
      now,
      wait,
    });
    this.#networks = new Networks(() =>
      new Line({
        free,
        first: FIRST_PAUSE_MS,
        longest: LONGEST_PAUSE_MS,
        now,
        wait,
      })
    );
  }

  /**
   * What `isRight` says, once it may be said.
   *
   * @throws the reason of `signal` once that is aborted.
   */
  async judge(
    host: string | undefined,
    isRight: () => Promise<boolean> | boolean,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (host === undefined) return await isRight();
    return await this.#networks.at(host).judge(
      () => this.#all.judge(isRight, signal),
      signal,
    );
  }
}
