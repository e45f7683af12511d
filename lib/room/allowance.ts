/**
 * How much may be said: by one member, and by all of one address together; and
 * how often it is told that they come and go.
 *
 * @module
 */
import type { Say } from "../text/phrases.ts";

/** How many bytes cost as much as one message. */
const MESSAGE_BYTES = 1024;
const SECOND_MS = 1000;
/** How many messages more may be said at once than in a second. */
const BURST_SECONDS = 4;
/** How many addresses are remembered at the most. */
const MAX_ADDRESSES = 4096;

/** Time, which tests can bring along. */
export interface Clock {
  /** Milliseconds since any moment; nobody sets it. */
  now(): number;
  /** Milliseconds since 1970, as the clock of the machine is set. */
  time(): number;
  /** Calls `ring` after so many milliseconds; what it returns cancels that. */
  after(milliseconds: number, ring: () => void): () => void;
}

/** The clock of this machine. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  time: Date.now,
  after(milliseconds: number, ring: () => void): () => void {
    const timer = setTimeout(ring, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** A limit on how fast someone may speak, in messages. */
export interface Rate {
  /** How many a second over a long time; Infinity for no limit. */
  perSecond: number;
  /** How many at once. */
  burst: number;
}

/** So many a second, and at once what may be said in some seconds. */
export function rateOf(perSecond: number): Rate {
  return { perSecond, burst: perSecond * BURST_SECONDS };
}

/**
 * How much may be said: a token bucket that may be overdrawn. One that has
 * anything left may spend more than that, and then waits for as long as it
 * takes to earn it. So what costs more than a burst can also be said.
 */
export class Allowance {
  readonly #rate: Rate;
  /** What is spent here is spent there too, and both are waited for. */
  readonly #shared: Allowance | undefined;
  #tokens: number;
  #filledAt: number;
  #saidBytes = 0;

  /** It is full at first. `now` is in milliseconds, here and below. */
  constructor(rate: Rate, now: number, shared?: Allowance) {
    this.#rate = rate;
    this.#shared = shared;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /** How many bytes were said since others last got their turn. */
  get saidBytes(): number {
    return this.#saidBytes;
  }

  /** For how many milliseconds nothing may be said; 0 when something may. */
  wait(now: number): number {
    const { perSecond } = this.#rate;
    const shared = this.#shared?.wait(now) ?? 0;
    this.#fill(now);
    if (this.#tokens > 0 || perSecond === Infinity) {
      // Not all that wait for the same need to look each time that one may go on.
      return shared && Math.max(shared, Math.ceil(SECOND_MS / perSecond));
    }
    const own = Math.ceil(-this.#tokens / perSecond * SECOND_MS);
    return Math.max(1, own, shared);
  }

  /** Whether nothing is owed, nor will be earned. */
  isFull(now: number): boolean {
    this.#fill(now);
    return this.#tokens >= this.#rate.burst;
  }

  /** A message of so many bytes is said; each KiB of a long one is paid for. */
  spend(bytes: number): void {
    this.#saidBytes += Math.max(1, bytes);
    this.#tokens -= Math.max(1, bytes / MESSAGE_BYTES);
    this.#shared?.spend(bytes);
  }

  /** So many bytes are dropped, which costs others time, and the member nothing. */
  pass(bytes: number): void {
    this.#saidBytes += bytes;
  }

  /** Others get their turn. */
  giveWay(): void {
    this.#saidBytes = 0;
  }

  #fill(now: number): void {
    const { perSecond, burst } = this.#rate;
    // A clock that was set back must not take anything away.
    const elapsed = Math.max(0, now - this.#filledAt) / SECOND_MS;
    const earned = elapsed > 0 ? elapsed * perSecond : 0;
    this.#tokens = Math.min(burst, this.#tokens + earned);
    this.#filledAt = now;
  }
}

/**
 * The allowances that all of an address share, so that coming again brings
 * nothing back. One that is full again is forgotten, and where too many are not,
 * the one that was used first.
 */
export class SharedAllowances {
  readonly #rate: Rate;
  readonly #byAddress = new Map<string, Allowance>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** That of an address, which is any text. */
  of(address: string, now: number): Allowance {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    if (this.#byAddress.size >= MAX_ADDRESSES) this.#forget(now);
    const allowance = new Allowance(this.#rate, now);
    this.#byAddress.set(address, allowance);
    return allowance;
  }

  #forget(now: number): void {
    const [first = ""] = this.#byAddress.keys();
    for (const [address, allowance] of this.#byAddress) {
      if (allowance.isFull(now)) this.#byAddress.delete(address);
    }
    if (this.#byAddress.size >= MAX_ADDRESSES) this.#byAddress.delete(first);
  }
}

/** How often it is told who of one address comes and goes. */
const ARRIVALS: Rate = { perSecond: 1, burst: 10 };
/** How many names are told together. */
const MAX_TOLD = 10;

/** One that comes or goes. */
interface Arriving {
  readonly name: string;
  readonly address: string | undefined;
  readonly network: string | undefined;
}

/** Members of one address that have come and gone, and were not told of. */
interface Untold {
  readonly came: Set<Arriving>;
  readonly went: Set<Arriving>;
}

/**
 * Tells who comes and goes: at once, but when many of one address do, then
 * together, about once a second. One that comes and goes meanwhile isn't told.
 */
export class Arrivals {
  readonly #clock: Clock;
  readonly #say: Say;
  readonly #announce: (text: string, address?: string) => void;
  readonly #allowances = new SharedAllowances(ARRIVALS);
  readonly #untold = new Map<string, Untold>();

  /** `announce` gets a line for all, and where those come from that come. */
  constructor(
    { clock, say }: { clock: Clock; say: Say },
    announce: (text: string, address?: string) => void,
  ) {
    this.#clock = clock;
    this.#say = say;
    this.#announce = announce;
  }

  /** A member has come. */
  came(member: Arriving): void {
    this.#note(member, { came: new Set([member]), went: new Set() });
  }

  /** A member has gone. */
  went(member: Arriving): void {
    if (this.#forget(member)) return;
    this.#note(member, { came: new Set(), went: new Set([member]) });
  }

  /** Whether it is yet to be told that the member came. */
  isUntold(member: Arriving): boolean {
    const { network = "" } = member;
    return this.#untold.get(network)?.came.has(member) === true;
  }

  /** Tells now that the member came: others are to hear it. */
  hurry(member: Arriving): void {
    if (this.#forget(member)) this.#tell([member], []);
  }

  #forget(member: Arriving): boolean {
    const { network = "" } = member;
    return this.#untold.get(network)?.came.delete(member) === true;
  }

  #note({ network }: Arriving, { came, went }: Untold): void {
    if (network === undefined) return this.#tell([...came], [...went]);
    const untold = this.#untold.get(network);
    if (untold !== undefined) {
      for (const one of came) untold.came.add(one);
      for (const one of went) untold.went.add(one);
      return;
    }
    const now = this.#clock.now();
    const allowance = this.#allowances.of(network, now);
    const tell = (): void => {
      this.#untold.delete(network);
      if (came.size + went.size === 0) return;
      allowance.spend(0);
      this.#tell([...came], [...went]);
    };
    const pause = allowance.wait(now);
    if (pause === 0) return tell();
    this.#untold.set(network, { came, went });
    this.#clock.after(pause, tell);
  }

  #tell(came: Arriving[], went: Arriving[]): void {
    const say = this.#say;
    const isOne = came.length + went.length === 1;
    const cameAlone = isOne ? "room joined" : "room came";
    const wentAlone = isOne ? "room left" : "room went";
    const several = went.length > 0 ? "room came and went" : cameAlone;
    const text = say(came.length > 0 ? several : wentAlone, {
      name: namesOf([...came, ...went], say),
      came: namesOf(came, say),
      went: namesOf(went, say),
    });
    this.#announce(text, came[0]?.address);
  }
}

/** The first of the names, and how many more there are. */
function namesOf(members: readonly Arriving[], say: Say): string {
  const told = members.slice(0, MAX_TOLD).map(({ name }) => name);
  const names = told.join(", ");
  const count = members.length - told.length;
  return count === 0 ? names : say("room and more", { names, count });
}
