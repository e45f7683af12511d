/**
 * A room: what one member says goes to all others, in one order for all.
 *
 * It knows nothing of the network: a seat in it is an end of a conversation,
 * as a connection is.
 *
 * @module
 */
import { isUtf8 } from "node:buffer";
import { Audience } from "./audience.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import type { Block } from "./endpoint.ts";
import { History, HISTORY_BYTES } from "./history.ts";
import { linesOf } from "./line_codec.ts";
import { EndWord } from "./message.ts";
import { Pace } from "./pace.ts";
import type { Say } from "./phrases.ts";
import type { Rate } from "./rate.ts";
import { helpLines, historyLines, whoLines } from "./room_answers.ts";
import { commandIn, type RoomCommand } from "./room_command.ts";
import { type NameRefusal, Roster } from "./roster.ts";
import { Seat, type SeatRoom } from "./seat.ts";
import {
  contentOf,
  EARLIER_BYTES,
  noticeOf,
  utteranceOf,
} from "./utterance.ts";

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
  readonly #end: EndWord;
  readonly #history: History;
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
    this.#end = new EndWord(options.end);
    // Who asks for all of it must not be let go for not having read it yet.
    const historyBytes = Math.min(HISTORY_BYTES, queueBytes / 2);
    this.#history = new History(options.history, historyBytes);
    this.#audience = new Audience({
      clock,
      queueBytes,
      overflow: (seat) => this.#drop(seat),
    });
    this.#pace = new Pace(this.#audience, {
      clock,
      rate,
      queueBytes,
      tooFast: (seat) => this.#tell(seat, say("room too fast")),
    });
    this.#seatRoom = {
      hear: (seat, block) => this.#hear(seat, block),
      leave: (seat) => this.#leave(seat),
      taken: () => this.#pace.taken(),
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
    this.#tell(
      seat,
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
      return this.#tell(seat, say("room missed"));
    }
    this.#remove(seat);
    seat.cutShort(noticeOf(say("room you were dropped")));
    seat.dropped();
    this.#audience.notice(say("room dropped", { name }));
  }

  #remove(seat: Seat): void {
    this.#roster.release(seat);
    this.#audience.remove(seat);
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

  async #hear(seat: Seat, block: Block): Promise<void> {
    const end = seat.operator ? this.#end.find(block, "lines") : null;
    for (const line of linesOf(end ? block.subarray(0, end.start) : block)) {
      const turn = this.#pace.turn(seat);
      if (turn !== undefined) await turn;
      if (seat.isOver) return;
      this.#hearLine(seat, contentOf(line));
    }
    if (!seat.toldNotUtf8 && !isUtf8(block)) {
      seat.toldNotUtf8 = true;
      this.#tell(seat, this.#options.say("room not UTF-8"));
    }
    seat.saidEnd = end !== null;
    this.#audience.deliver();
  }

  #hearLine(seat: Seat, line: Uint8Array): void {
    const meaning = commandIn(line);
    const isText = meaning instanceof Uint8Array;
    if (!isText && !seat.isIn && meaning.command === "name") {
      // As its very first line a name is how the member comes.
      return this.#enterAs(seat, meaning.name);
    }
    this.#enter(seat);
    if (isText) this.#utter(seat, meaning);
    else this.#obey(seat, meaning);
  }

  #utter(seat: Seat, content: Uint8Array): void {
    const line = utteranceOf(seat.prefix, content);
    const { maxMessage: limit, say } = this.#options;
    this.#pace.spend(seat, line.length);
    // It must not be what ends the conversation of who receives it.
    if (line.length + EARLIER_BYTES > limit) {
      return this.#tell(seat, say("room too long", { limit }));
    }
    this.#audience.append(line, seat);
    this.#history.add({ time: this.#clock.now(), line });
  }

  #obey(seat: Seat, command: RoomCommand): void {
    const { say } = this.#options;
    this.#pace.spend(seat, 0);
    switch (command.command) {
      case "name":
        return this.#rename(seat, command.name);
      case "who": {
        const here = this.#audience.seats;
        return this.#answer(seat, whoLines(say, here, this.#clock.now()));
      }
      case "history": {
        const found = this.#history.last(command.count ?? Infinity);
        return this.#answer(seat, historyLines(say, found));
      }
      case "help":
        return this.#answer(seat, helpLines(say));
      case "misused":
        return this.#tell(seat, say(`room command ${command.name}`));
      case "unknown":
        return this.#tell(seat, say("room unknown command"));
    }
  }

  #rename(seat: Seat, name: string): void {
    const { say } = this.#options;
    const old = seat.name;
    const refusal = this.#roster.claim(seat, name);
    if (refusal !== null) return this.#refuse(seat, name, refusal);
    this.#tell(seat, say("room name", { name }));
    if (name === old) return;
    this.#audience.notice(say("room renamed", { old, name }), seat);
  }

  #refuse(seat: Seat, name: string, refusal: NameRefusal): void {
    const { say } = this.#options;
    const problem = refusal === "name taken"
      ? say(refusal, { name })
      : say(refusal);
    this.#tell(seat, say("room name kept", { problem, name: seat.name }));
  }

  #tell(seat: Seat, text: string): void {
    seat.tell(noticeOf(text));
    seat.deliver();
  }

  /** Lines for one member who asked for them, at its expense. */
  #answer(seat: Seat, lines: Uint8Array[]): void {
    let bytes = 0;
    for (const line of lines) {
      seat.tell(line);
      bytes += line.length;
    }
    seat.deliver();
    this.#pace.spend(seat, bytes);
  }
}
