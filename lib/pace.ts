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
 * Lets members wait who speak faster than their rate, and the operator, who
 * has none, when it speaks faster than the members read.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #audience: Audience;
  /** How much may be said before others get their turn, in bytes. */
  readonly #turnBytes: number;
  #readOn: (() => void) | undefined;

  constructor(audience: Audience, options: PaceOptions) {
    this.#audience = audience;
    this.#options = options;
    this.#turnBytes = Math.min(SEGMENT_BYTES, options.queueBytes * TURN_PART);
  }

  /** One message of the member's, or one answer to it, has this many bytes. */
  spend(seat: Seat, bytes: number): void {
    seat.saidBytes += bytes;
    seat.bucket?.spend(Math.max(1, bytes / MESSAGE_BYTES));
  }

  /** Someone has taken what was kept for it. */
  taken(): void {
    this.#readOn?.();
  }

  /** Settles when it is the member's turn; undefined when that is at once. */
  turn(seat: Seat): Promise<void> | undefined {
    if (seat.saidBytes > this.#turnBytes) return this.#giveWay(seat);
    return this.#pauseOf(seat) > 0 ? this.#hold(seat) : undefined;
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
    seat.saidBytes = 0;
    this.#audience.deliver();
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (seat.operator) await this.#awaitReaders(seat);
    else await this.turn(seat);
  }

  async #awaitReaders(operator: Seat): Promise<void> {
    const isBehind = (seat: Seat): boolean =>
      !seat.operator && !seat.isOver &&
      seat.pending > this.#options.queueBytes * BEHIND_PART;
    // Who read nothing while it was waited for is not waited for again.
    const behind = [...this.#audience.seats]
      .filter((seat) => !seat.suspect && isBehind(seat));
    if (behind.length === 0 || operator.isOver) return;
    for (const seat of behind) seat.suspect = true;
    await operator.pause((settle) => {
      this.#readOn = () => {
        if (!behind.some(isBehind)) settle();
      };
      return this.#options.clock.after(PATIENCE_MS, settle);
    });
    this.#readOn = undefined;
  }
}
