/**
 * How fast the members of a room may speak.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Audience } from "./audience.ts";
import type { Clock } from "./clock.ts";
import { SEGMENT_BYTES } from "./feed.ts";
import { type Rate, TokenBucket } from "./rate.ts";
import type { Seat } from "./seat.ts";

/** For how many milliseconds the operator waits for members to read on. */
export const PATIENCE_MS = 1000;
/**
 * How many bytes a millisecond members are expected to read: they are waited
 * for as long as that takes when members say much together.
 */
const READING_BYTES_PER_MS = 512;
/** How many bytes are paid for as one message. */
const MESSAGE_BYTES = 1024;
/** The part of its queue with which a member is behind in reading. */
const BEHIND_PART = 1 / 2;
/** The part of a queue that one may fill before others get their turn. */
const TURN_PART = 1 / 4;

/** What a pace is made with. */
export interface PaceOptions {
  clock: Clock;
  rate: Rate;
  /** How many bytes may be kept for one who does not read. */
  queueBytes: number;
  /** Is called once for each who speaks too fast. */
  tooFast(seat: Seat): void;
}

/**
 * Lets members wait who speak faster than their rate, and all when they speak
 * faster than the members read: who reads must not be let go for that.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #audience: Audience;
  /** How much may be said before others get their turn, in bytes. */
  readonly #turnBytes: number;
  /** What looks whether those who are waited for have read on. */
  readonly #looks = new Set<() => void>();
  /** Up to where in the feed members were waited for, and when. */
  #waitedFor = 0;
  #waitedAt = -Infinity;
  /** Settles when the members who speak may go on. */
  #catchingUp: Promise<void> | undefined;

  constructor(audience: Audience, options: PaceOptions) {
    this.#audience = audience;
    this.#options = options;
    this.#turnBytes = Math.min(SEGMENT_BYTES, options.queueBytes * TURN_PART);
  }

  /** One message of the member's, or one answer to it, has this many bytes. */
  spend(seat: Seat, bytes: number): void {
    seat.saidBytes += Math.max(1, bytes);
    seat.bucket?.spend(Math.max(1, bytes / MESSAGE_BYTES));
  }

  /** Someone has taken what was kept for it, or has gone. */
  taken(): void {
    for (const look of this.#looks) look();
  }

  /**
   * Settles when it may be the member's turn, which is to be asked again;
   * undefined when it is.
   */
  turn(seat: Seat): Promise<void> | undefined {
    if (seat.saidBytes > this.#turnBytes || this.#isTooMuchFor(seat)) {
      return this.#giveWay(seat);
    }
    return this.#pauseOf(seat) > 0 ? this.#hold(seat) : undefined;
  }

  /** Whether so much was said by all together that members are to read first. */
  #isTooMuchFor(speaker: Seat): boolean {
    return !speaker.operator &&
      this.#audience.saidBytes - this.#waitedFor > this.#turnBytes;
  }

  /** For how many milliseconds the member must not speak. */
  #pauseOf(seat: Seat): number {
    if (seat.operator) return 0;
    const now = this.#options.clock.now();
    seat.bucket ??= new TokenBucket(this.#options.rate, now);
    return seat.bucket.wait(now);
  }

  async #hold(seat: Seat): Promise<void> {
    if (!seat.toldTooFast) this.#options.tooFast(seat);
    seat.toldTooFast = true;
    this.#audience.deliver();
    for (;;) {
      const pause = this.#pauseOf(seat);
      if (pause === 0 || seat.isOver) return;
      await seat.pause((settle) => this.#options.clock.after(pause, settle));
    }
  }

  async #giveWay(seat: Seat): Promise<void> {
    if (seat.saidBytes > 0) {
      seat.saidBytes = 0;
      this.#audience.deliver();
      // Who has not spoken is the first to wait for the next turn.
      await nextTurn();
    }
    if (seat.operator) return await this.#awaitReaders(seat);
    if (this.#isTooMuchFor(seat) && !seat.isOver) {
      await (this.#catchingUp ??= this.#letCatchUp());
    }
  }

  /** Lets the members read what was said, but waits for nobody who does not. */
  async #letCatchUp(): Promise<void> {
    this.#audience.deliver();
    await nextTurn();
    const behind = this.#patience > 0 ? this.#takeBehind() : [];
    if (behind.length > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#watch(behind, this.#patience, () => {
          cancel();
          resolve();
        });
      });
    }
    this.#waitedFor = this.#audience.saidBytes;
    this.#waitedAt = this.#options.clock.now();
    this.#catchingUp = undefined;
  }

  /** For how many milliseconds members are waited for. */
  get #patience(): number {
    const bytes = this.#audience.saidBytes - this.#waitedFor;
    // A clock that was set back must not make it longer, nor silence shorter.
    const passed = Math.min(
      Math.max(0, this.#options.clock.now() - this.#waitedAt),
      this.#turnBytes / READING_BYTES_PER_MS,
    );
    return Math.min(PATIENCE_MS, bytes / READING_BYTES_PER_MS) - passed;
  }

  async #awaitReaders(operator: Seat): Promise<void> {
    const behind = this.#takeBehind();
    if (behind.length === 0 || operator.isOver) return;
    await operator.pause((settle) => this.#watch(behind, PATIENCE_MS, settle));
  }

  /** Those who are behind; who then reads nothing is not among them again. */
  #takeBehind(): Seat[] {
    const behind = [...this.#audience.seats]
      .filter((seat) => !seat.suspect && this.#isBehind(seat));
    for (const seat of behind) seat.suspect = true;
    return behind;
  }

  #isBehind(seat: Seat): boolean {
    return !seat.operator && this.#audience.seats.has(seat) &&
      seat.pending > this.#options.queueBytes * BEHIND_PART;
  }

  /** Calls `settle` when none of them is behind, or so much time has passed. */
  #watch(
    behind: Seat[],
    milliseconds: number,
    settle: () => void,
  ): () => void {
    const look = (): void => {
      if (!behind.some((seat) => this.#isBehind(seat))) settle();
    };
    const cancel = this.#options.clock.after(milliseconds, settle);
    this.#looks.add(look);
    return () => {
      this.#looks.delete(look);
      cancel();
    };
  }
}

/** Settles when others have had a chance to read and to speak. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
