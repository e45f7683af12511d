/**
 * Flow control: when what was said goes out, how long those who speak wait for
 * those who read, and who is let go.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Say } from "../text/phrases.ts";
import type { Clock, Rate } from "./allowance.ts";
import type { Bans } from "./commands.ts";
import { type Feed, SEGMENT_BYTES } from "./feed.ts";
import type { Member } from "./member.ts";

/** More members than this are a crowd, which is told things together. */
export const CROWD = 100;
/** For how many milliseconds a notice may wait for others in a crowd. */
export const CROWD_WAIT_MS = 100;
/**
 * The time between two rounds of delivery to a crowd, for each member of it:
 * about twice what it takes on a slow machine to write to one.
 */
export const ROUND_MS_PER_MEMBER = 0.02;
/** For how many milliseconds the operator waits for members to read on. */
export const PATIENCE_MS = 1000;
/**
 * How many bytes a millisecond members are expected to read: they are waited
 * for as long as that takes when members say much together.
 */
const READING_BYTES_PER_MS = 512;
/**
 * After how many bytes one that may not speak waits, and for how long, in
 * milliseconds; and as how many even the shortest line counts.
 */
const REFUSED_BYTES = 64 * 1024;
const REFUSED_WAIT_MS = 16;
const REFUSED_LINE_BYTES = 32;
/** After how many milliseconds at most a member that waits is looked at. */
const LOOK_MS = 1000;
/** The part of its queue with which a member is behind in reading. */
const BEHIND_PART = 1 / 2;
/** The part of a queue that one may fill before others get their turn. */
const TURN_PART = 1 / 4;

/** What the flow is made with. */
export interface FlowOptions {
  clock: Clock;
  /**
   * How many bytes may be kept for one that does not read. A member that has
   * more unread when something new comes is let go.
   */
  queueBytes: number;
  say: Say;
}

/** What a room is made with. */
export interface RoomOptions extends FlowOptions {
  /** The message with which the operator closes the room; empty for none. */
  end: string;
  /** How many messages each may say; each KiB of a long one counts as one. */
  rate: Rate;
  /** The same for all members of one address together. */
  addressRate: Rate;
  /** How many messages `/history` can show. */
  history: number;
  /** How many of them a newcomer is shown. */
  historyOnJoin: number;
  /** The addresses that may not come in. */
  bans: Bans;
  /** What an address shares with others that one machine may have. */
  networkOf(address: string): string;
  /** How many members there may be, the operator not counted. */
  maxMembers: number;
  /** The most bytes that a line may have when it goes out. */
  maxMessage: number;
}

/**
 * The flow of what is said in a room. Members that speak faster than their rate
 * wait, and all wait that speak faster than members read: a member that reads
 * must not be let go for that. A crowd gets what is said in rounds.
 */
export class Flow {
  readonly #feed: Feed;
  readonly #here: ReadonlySet<Member>;
  readonly #options: FlowOptions;
  readonly #overflow: (member: Member) => void;
  /** How much may be said before others get their turn, in bytes. */
  readonly #turnBytes: number;
  /** When the last round was, and up to where in the feed it went. */
  #roundAt = -Infinity;
  #roundEnd = 0;
  /** When the next one is due; it can be canceled. */
  #dueAt = Infinity;
  #cancelDue = (): void => {};
  /** Up to where in the feed members were waited for, and when. */
  #waitedFor = 0;
  #waitedAt = -Infinity;
  /** Settles when the members that speak may go on. */
  #catchingUp: Promise<void> | undefined;
  /** Those who were waited for and have read nothing since. */
  readonly #stalled = new WeakSet<Member>();
  /** Each looks whether those who are waited for have read on. */
  readonly #looks = new Set<() => void>();

  /**
   * For those who are here, who read that feed. `overflow` is told of one for
   * which more than `queueBytes` is kept.
   */
  constructor(
    feed: Feed,
    here: ReadonlySet<Member>,
    options: FlowOptions,
    overflow: (member: Member) => void,
  ) {
    this.#feed = feed;
    this.#here = here;
    this.#options = options;
    this.#overflow = overflow;
    this.#turnBytes = Math.min(SEGMENT_BYTES, options.queueBytes * TURN_PART);
  }

  /** Gives a notice to all that wait for something, to a crowd a bit later. */
  deliverNotice(): void {
    // A thousand who come one after the other would make a million writes.
    this.#deliverIn(this.#isCrowd ? CROWD_WAIT_MS : 0);
  }

  /**
   * Gives what there is to all that wait for it: at once, but to a crowd in
   * rounds, so that what is said meanwhile makes one write for each.
   */
  deliver(): void {
    const isMuch = this.#feed.end - this.#roundEnd >= SEGMENT_BYTES;
    const pause = this.#isCrowd && !isMuch
      ? this.#here.size * ROUND_MS_PER_MEMBER
      : 0;
    // A clock that was set back must not make it longer.
    const since = Math.max(0, this.#options.clock.now() - this.#roundAt);
    this.#deliverIn(Math.ceil(pause - since));
  }

  /** The member has taken what was kept for it, or has gone. */
  taken(member: Member): void {
    this.#stalled.delete(member);
    for (const look of this.#looks) look();
  }

  /**
   * Settles when it may be the member's turn, which is to be asked again;
   * undefined when it is, or when the member is given up: a lost one does not wait.
   */
  turn(member: Member): Promise<void> | undefined {
    const { saidBytes } = member.allowance;
    if (saidBytes > this.#turnBytes || this.#isTooMuchFor(member)) {
      return this.#giveWay(member);
    }
    const { clock, say } = this.#options;
    const now = clock.now();
    const pause = member.allowance.wait(now);
    if (pause === 0) return undefined;
    if (member.isLost) {
      member.giveUp();
      return undefined;
    }
    member.holdBack();
    this.deliver();
    member.remind(now, say("room too fast"), say("room still too fast"));
    const look = Math.min(pause, LOOK_MS);
    return member.pause((settle) => clock.after(look, settle));
  }

  /**
   * Tells a member that may not speak so. When it is to wait, settles when it
   * need not any more: what comes of it is dropped soon, but others go on.
   */
  refuse(member: Member, bytes: number): Promise<void> | undefined {
    const { clock, say } = this.#options;
    const told = say("room not said");
    member.remind(clock.now(), told, told);
    member.allowance.pass(Math.max(REFUSED_LINE_BYTES, bytes));
    if (member.allowance.saidBytes < REFUSED_BYTES) return undefined;
    member.allowance.giveWay();
    return member.pause((settle) => clock.after(REFUSED_WAIT_MS, settle));
  }

  get #isCrowd(): boolean {
    return this.#here.size > CROWD;
  }

  #deliverIn(wait: number): void {
    if (wait <= 0) return this.#deliverNow();
    const { clock } = this.#options;
    const at = clock.now() + wait;
    if (at >= this.#dueAt) return;
    this.#cancelDue();
    this.#dueAt = at;
    this.#cancelDue = clock.after(wait, () => this.#deliverNow());
  }

  #deliverNow(): void {
    const { clock, queueBytes } = this.#options;
    this.#cancelDue();
    this.#dueAt = Infinity;
    this.#roundAt = clock.now();
    this.#roundEnd = this.#feed.end;
    const slow: Member[] = [];
    for (const member of this.#here) {
      if (!member.deliver() && member.pending > queueBytes) slow.push(member);
    }
    // To let one go is to deliver again, which may let others go.
    for (const member of slow) if (!member.isOver) this.#overflow(member);
  }

  /** Whether so much was said by all together that members are to read first. */
  #isTooMuchFor(speaker: Member): boolean {
    return !speaker.operator &&
      this.#feed.end - this.#waitedFor > this.#turnBytes;
  }

  async #giveWay(member: Member): Promise<void> {
    if (member.allowance.saidBytes > 0) {
      member.allowance.giveWay();
      this.deliver();
      // A member that has not spoken is the first to wait for the next turn.
      await nextTurn();
    }
    if (member.operator) await this.#awaitReaders(PATIENCE_MS);
    else if (this.#isTooMuchFor(member) && !member.isOver) {
      await (this.#catchingUp ??= this.#letCatchUp());
    }
  }

  /** Lets the members read what was said, but waits for none that does not. */
  async #letCatchUp(): Promise<void> {
    this.deliver();
    await nextTurn();
    const bytes = this.#feed.end - this.#waitedFor;
    // A clock that was set back must not make it longer, nor silence shorter.
    const passed = Math.min(
      Math.max(0, this.#options.clock.now() - this.#waitedAt),
      this.#turnBytes / READING_BYTES_PER_MS,
    );
    const patience = Math.min(PATIENCE_MS, bytes / READING_BYTES_PER_MS);
    if (patience > passed) await this.#awaitReaders(patience - passed);
    this.#waitedFor = this.#feed.end;
    this.#waitedAt = this.#options.clock.now();
    this.#catchingUp = undefined;
  }

  /**
   * Settles when none of those who are behind now is so any more, or after so
   * many milliseconds. One that then reads nothing is not waited for again.
   */
  async #awaitReaders(milliseconds: number): Promise<void> {
    const behind = [...this.#here]
      .filter((member) => !this.#stalled.has(member) && this.#isBehind(member));
    if (behind.length === 0) return;
    for (const member of behind) this.#stalled.add(member);
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(milliseconds, resolve);
    const look = (): void => {
      if (!behind.some((member) => this.#isBehind(member))) resolve();
    };
    this.#looks.add(look);
    await promise;
    this.#looks.delete(look);
    cancel();
  }

  #isBehind(member: Member): boolean {
    return !member.operator && this.#here.has(member) &&
      member.pending > this.#options.queueBytes * BEHIND_PART;
  }
}

/** Settles when others have had a chance to read and to speak. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
