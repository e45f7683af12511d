/**
 * Who is in a room, and how what is said gets to them.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import { Feed, SEGMENT_BYTES } from "./feed.ts";
import type { Seat } from "./seat.ts";
import { noticeOf } from "./utterance.ts";

/** How many are a crowd, which is told things together. */
export const CROWD = 100;
/** For how many milliseconds a notice may wait for others in a crowd. */
export const CROWD_WAIT_MS = 100;
/**
 * The time between two rounds of delivering to a crowd, for each who is in it:
 * about twice what it takes on a slow machine to write to one.
 */
export const ROUND_MS_PER_SEAT = 0.02;

/** What an audience is made with. */
export interface AudienceOptions {
  clock: Clock;
  /** How many bytes may be kept for one who does not read. */
  queueBytes: number;
  /** Is told of one for whom more is kept. */
  overflow(seat: Seat): void;
}

/** All who are in a room: they read the same feed, each at its own pace. */
export class Audience {
  readonly #options: AudienceOptions;
  readonly #feed = new Feed();
  readonly #seats = new Set<Seat>();
  /** When the last round was, and up to where it went. */
  #roundAt = -Infinity;
  #roundEnd = 0;
  /** When the next is, where it waits. */
  #dueAt = Infinity;
  #cancelDue = (): void => {};

  constructor(options: AudienceOptions) {
    this.#options = options;
  }

  /** Who is here, in the order of coming. */
  get seats(): ReadonlySet<Seat> {
    return this.#seats;
  }

  /** How many bytes were ever said to all. */
  get saidBytes(): number {
    return this.#feed.end;
  }

  /** From here on the seat reads along; also one that did before. */
  add(seat: Seat): void {
    seat.enter(this.#feed);
    this.#seats.add(seat);
  }

  /** The seat gets nothing more than what there is. */
  remove(seat: Seat): void {
    this.#seats.delete(seat);
  }

  /** A line for all but one; {@linkcode deliver} it. */
  append(line: Uint8Array, but: Seat | undefined): void {
    this.#feed.append(line);
    but?.skip(line.length);
  }

  /** A line of the room for all but one. */
  notice(text: string, but?: Seat): void {
    this.append(noticeOf(text), but);
    // A thousand who come one after the other would make a million writes.
    this.#deliverIn(this.#isCrowd ? CROWD_WAIT_MS : 0);
  }

  /**
   * Gives what there is to all who wait for it: at once, but to a crowd in
   * rounds, so that what is said meanwhile makes one write for each.
   */
  deliver(): void {
    const { clock } = this.#options;
    const isMuch = this.#feed.end - this.#roundEnd >= SEGMENT_BYTES;
    const pause = this.#isCrowd && !isMuch
      ? this.#seats.size * ROUND_MS_PER_SEAT
      : 0;
    // A clock that was set back must not make it longer.
    const since = Math.max(0, clock.now() - this.#roundAt);
    this.#deliverIn(Math.ceil(pause - since));
  }

  get #isCrowd(): boolean {
    return this.#seats.size > CROWD;
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
    this.#cancelDue();
    this.#dueAt = Infinity;
    this.#roundAt = this.#options.clock.now();
    this.#roundEnd = this.#feed.end;
    const slow: Seat[] = [];
    for (const seat of this.#seats) {
      if (seat.deliver()) continue;
      if (seat.pending > this.#options.queueBytes) slow.push(seat);
    }
    for (const seat of slow) {
      if (!seat.isOver) this.#options.overflow(seat);
    }
  }
}
