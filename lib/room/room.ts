/**
 * A room: who is in it, under which name, and how members come and go. What
 * one says goes to all others, in one order for all.
 *
 * It knows nothing of the network: a seat in it is an end of a conversation,
 * as a connection is.
 *
 * @module
 */
import { Audience } from "./audience.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { Discussion } from "./discussion.ts";
import { Pace } from "./pace.ts";
import type { Say } from "../text/phrases.ts";
import type { Rate } from "./rate.ts";
import { type NameRefusal, Roster } from "./roster.ts";
import { Seat, type SeatRoom } from "./seat.ts";
import { noticeOf } from "./utterance.ts";

/**
 * For how many milliseconds one who comes without a name may give it as its
 * first line.
 */
export const NAME_WAIT_MS = 200;

/** What a room is made with. */
export interface RoomOptions {
  /** The message with which the operator closes the room; empty for none. */
  end: string;
  /** How many messages `/history` can show. */
  history: number;
  /**
   * How many bytes may be kept for one who does not read. Whoever has more
   * unread when something new comes is let go.
   */
  queueBytes: number;
  /** How many members there may be, the operator not counted. */
  maxMembers: number;
  /** The most bytes that a line may have when it goes out. */
  maxMessage: number;
  /** How many messages each may say; each KiB of a long one counts as one. */
  rate: Rate;
  say: Say;
  clock?: Clock;
}

/** What a room may have to tell whoever lets a member join. */
export interface JoinOptions {
  /**
   * Is called once when the member is let go because it does not read: then
   * also who writes to it may be stuck, and must be freed.
   */
  dropped?(): void;
}

/**
 * A room. Every line that a member says is `NAME: text` for all others, what
 * the room says itself begins with `* `.
 *
 * A member's part ends with {@linkcode Seat.close}, the room with that of the
 * operator or with {@linkcode Room.close}.
 */
export class Room {
  readonly #options: RoomOptions;
  readonly #clock: Clock;
  readonly #audience: Audience;
  readonly #pace: Pace;
  readonly #roster = new Roster<Seat>();
  readonly #seatRoom: SeatRoom;
  #members = 0;
  #closed = false;

  constructor(options: RoomOptions) {
    const { clock = SYSTEM_CLOCK, queueBytes, rate, say } = options;
    this.#options = options;
    this.#clock = clock;
    this.#audience = new Audience({
      clock,
      queueBytes,
      overflow: (seat) => this.#drop(seat),
    });
    const pace = this.#pace = new Pace(this.#audience, {
      clock,
      rate,
      queueBytes,
      tooFast: (seat) => seat.notice(say("room too fast")),
    });
    const discussion = new Discussion({
      ...options,
      clock,
      audience: this.#audience,
      pace,
      enter: (seat) => this.#enter(seat),
      enterAs: (seat, name) => this.#enterAs(seat, name),
      rename: (seat, name) => this.#rename(seat, name),
    });
    this.#seatRoom = {
      hear: (seat, block) => discussion.hear(seat, block),
      leave: (seat) => this.#leave(seat),
      taken: () => pace.taken(),
    };
  }

  /** How many are in the room, the operator counted. */
  get size(): number {
    return this.#audience.seats.size;
  }

  /**
   * A seat for one who comes, or why there is none. With a name the others are
   * told of it at once; without, as soon as its first line is there, which may
   * be the name line, or {@linkcode NAME_WAIT_MS} have passed. A name that
   * can't be had is answered, and makes a guest of the member.
   */
  join(name?: string, options: JoinOptions = {}): Seat | "full" | "closed" {
    if (this.#closed) return "closed";
    if (this.#members >= this.#options.maxMembers) return "full";
    this.#members++;
    const seat = this.#makeSeat(false, options);
    if (name !== undefined) {
      this.#enterAs(seat, name);
    } else {
      seat.pause((settle) => this.#clock.after(NAME_WAIT_MS, settle))
        .then(() => this.#enter(seat));
    }
    return seat;
  }

  /**
   * The one seat of who runs the room: is not counted as a member, speaks as
   * fast as others read, and closes the room with its end.
   */
  joinOperator(name: string): Seat {
    const seat = this.#makeSeat(true, {});
    this.#enterAs(seat, name);
    return seat;
  }

  /** Tells all, and ends the part of each. May be called twice. */
  close(): void {
    this.#close(undefined);
  }

  #makeSeat(operator: boolean, { dropped = () => {} }: JoinOptions): Seat {
    const since = this.#clock.now();
    const seat = new Seat(this.#seatRoom, { operator, since, dropped });
    this.#roster.claimGuest(seat);
    return seat;
  }

  #enterAs(seat: Seat, name: string): void {
    const refusal = this.#roster.claim(seat, name);
    this.#enter(seat);
    if (refusal !== null) this.#refuse(seat, name, refusal);
  }

  #enter(seat: Seat): void {
    if (seat.isIn || seat.isOver) return;
    seat.endPause();
    const { say, end } = this.#options;
    const { name } = seat;
    this.#audience.notice(say("room joined", { name }));
    this.#audience.add(seat);
    const count = this.size;
    seat.notice(
      seat.operator
        ? say("room welcome, operator", { name, count })
        : end === ""
        ? say("room welcome, no end", { name, count })
        : say("room welcome", { name, count, end }),
    );
  }

  #leave(seat: Seat): void {
    if (seat.operator) return this.#close(seat);
    const { name, isIn } = seat;
    this.#remove(seat);
    if (isIn) this.#audience.notice(this.#options.say("room left", { name }));
  }

  /** One who does not read goes; the operator misses what it did not read. */
  #drop(seat: Seat): void {
    const { say } = this.#options;
    const { name } = seat;
    if (seat.operator) {
      this.#audience.add(seat);
      return seat.notice(say("room missed"));
    }
    this.#remove(seat);
    seat.cutShort(noticeOf(say("room you were dropped")));
    seat.dropped();
    this.#audience.notice(say("room dropped", { name }));
  }

  #remove(seat: Seat): void {
    this.#roster.release(seat);
    this.#audience.remove(seat);
    this.#pace.taken();
    if (!seat.operator) this.#members--;
  }

  #close(by: Seat | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    const line = noticeOf(this.#options.say("room closed"));
    this.#audience.append(line, by);
    this.#audience.deliver();
    for (const seat of [...this.#roster.holders]) {
      this.#remove(seat);
      if (seat.isIn) seat.end();
      else seat.cutShort(line);
    }
  }

  #rename(seat: Seat, name: string): void {
    const { say } = this.#options;
    const old = seat.name;
    const refusal = this.#roster.claim(seat, name);
    if (refusal !== null) return this.#refuse(seat, name, refusal);
    seat.notice(say("room name", { name }));
    if (name === old) return;
    this.#audience.notice(say("room renamed", { old, name }), seat);
  }

  #refuse(seat: Seat, name: string, refusal: NameRefusal): void {
    const { say } = this.#options;
    const problem = refusal === "name taken"
      ? say(refusal, { name })
      : say(refusal);
    seat.notice(say("room name kept", { problem, name: seat.name }));
  }
}
