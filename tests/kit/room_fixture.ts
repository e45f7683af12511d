/**
 * A room with a clock that only the test moves, and what its members read.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Bans } from "../../lib/room/commands.ts";
import type { Clock } from "../../lib/room/allowance.ts";
import type { RoomOptions } from "../../lib/room/flow.ts";
import { speaker } from "../../lib/text/phrases.ts";
import { Room } from "../../lib/room/room.ts";
import type { Member as RoomMember } from "../../lib/room/member.ts";

/** A clock that goes on only when it is told to. */
export class FakeClock implements Clock {
  #now: number;
  #offset = 0;
  readonly #alarms = new Set<{ at: number; ring: () => void }>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  time(): number {
    return this.#now + this.#offset;
  }

  /** Someone sets the clock of the machine that much forward. */
  set(milliseconds: number): void {
    this.#offset += milliseconds;
  }

  after(milliseconds: number, ring: () => void): () => void {
    const alarm = { at: this.#now + milliseconds, ring };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** How many alarms are set. */
  get alarms(): number {
    return this.#alarms.size;
  }

  /** Lets so many milliseconds pass, with all that happens in them. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#alarms].sort((one, two) => one.at - two.at);
      if (next === undefined || next.at > until) break;
      this.#now = Math.max(this.#now, next.at);
      this.#alarms.delete(next);
      next.ring();
      await settled();
    }
    this.#now = until;
    await settled();
  }
}

/** Half past twelve, on this machine. */
const NOON = new Date(2026, 0, 2, 12, 30).getTime();

/** How often the queue of microtasks is let run to say that all has settled. */
const SETTLING_TURNS = 20;

/** Settles when all that can happen without time or input has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn++) await Promise.resolve();
}

/** Lets time pass, but no longer than it takes, until that has settled. */
export async function inTime(
  clock: FakeClock,
  work: Promise<void> | undefined,
): Promise<void> {
  let isDone = false;
  const done = (): void => void (isDone = true);
  work?.then(done, done);
  await settled();
  while (work && !isDone) {
    await nextTurn();
    await clock.pass(1);
  }
  await work;
}

/** Settles when whoever gave way has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Bans of texts that begin with `at-`, each an address. */
export class TextBans implements Bans {
  readonly all = new Map<string, number>();

  has(address: string): boolean {
    return this.all.has(address);
  }

  rangeOf(text: string): string | null {
    return text.startsWith("at-") ? text : null;
  }

  add(range: string, until: number): void {
    this.all.set(range, until);
  }

  remove(range: string): boolean {
    return this.all.delete(range);
  }
}

/** A room as most tests want it, with what they want otherwise. */
export function makeRoom(
  options: Partial<RoomOptions> = {},
): { room: Room; clock: FakeClock } {
  const clock = new FakeClock(NOON);
  const room = new Room({
    end: "n",
    history: 100,
    queueBytes: 1024 * 1024,
    maxMembers: 100,
    maxMessage: 1024 * 1024,
    rate: { perSecond: Infinity, burst: Infinity },
    addressRate: { perSecond: Infinity, burst: Infinity },
    say: speaker("en"),
    clock,
    historyOnJoin: 0,
    bans: new TextBans(),
    networkOf: (address) => address,
    ...options,
  });
  return { room, clock };
}

/** Someone who says and reads text. */
export class Member {
  readonly seat: RoomMember;
  /** Whether the room has nothing more for it. */
  over = false;
  #heard = "";
  #listening = false;
  #awaiting = false;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  constructor(seat: ReturnType<Room["join"]>) {
    if (typeof seat === "string") throw new Error(`The room is ${seat}`);
    this.seat = seat;
  }

  say(text: string): Promise<void> {
    return this.seat.send(new TextEncoder().encode(text));
  }

  /** Reads from now on, whatever comes. */
  async listen(): Promise<void> {
    this.#listening = true;
    if (this.#awaiting) return;
    this.#awaiting = true;
    while (this.#listening && !this.over) {
      const block = await this.seat.receive();
      if (block === null) this.over = true;
      // Valid until the next call only, and whole characters each.
      else this.#heard += this.#decoder.decode(block);
    }
    this.#awaiting = false;
  }

  /** Reads no more than the block for which it is waiting. */
  stall(): void {
    this.#listening = false;
  }

  /** What it has heard since it was asked, once all has settled. */
  async heard(): Promise<string> {
    await settled();
    const heard = this.#heard;
    this.#heard = "";
    return heard;
  }
}

/** Members who listen, have their names and have heard of each other. */
export async function makeMembers(
  room: Room,
  names: readonly string[],
): Promise<Member[]> {
  const members = names.map((name) => new Member(room.join(name)));
  for (const member of members) void member.listen();
  for (const member of members) await member.heard();
  return members;
}
