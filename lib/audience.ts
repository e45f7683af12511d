/**
 * Who is in a room, and how what is said gets to them.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import { Feed } from "./feed.ts";
import type { Seat } from "./seat.ts";
import { noticeOf } from "./utterance.ts";

/** How many are a crowd, whose comings and goings are told together. */
export const CROWD = 100;
/** For how many milliseconds a notice may wait for others in a crowd. */
export const CROWD_WAIT_MS = 100;

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
  #cancelCrowd: (() => void) | undefined;

  constructor(options: AudienceOptions) {
    this.#options = options;
  }

  /** Who is here, in the order of coming. */
  get seats(): ReadonlySet<Seat> {
    return this.#seats;
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
    if (this.#seats.size <= CROWD) return this.deliver();
    // A thousand who come one after the other would make a million writes.
    this.#cancelCrowd ??= this.#options.clock.after(
      CROWD_WAIT_MS,
      () => this.deliver(),
    );
  }

  /** Gives what there is to all who wait for it. */
  deliver(): void {
    this.#cancelCrowd?.();
    this.#cancelCrowd = undefined;
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
