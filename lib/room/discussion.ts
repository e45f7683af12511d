/**
 * What the members of a room say: messages for all others, and commands, which
 * the room answers.
 *
 * @module
 */
import type { Audience } from "./audience.ts";
import type { Clock } from "./clock.ts";
import type { Block } from "../chat/endpoint.ts";
import { History, HISTORY_BYTES } from "./history.ts";
import { linesOf } from "../wire/framing.ts";
import { EndWord } from "../wire/message.ts";
import type { Pace } from "./pace.ts";
import type { Say } from "../text/phrases.ts";
import { helpLines, historyLines, whoLines } from "./answers.ts";
import { commandIn, type RoomCommand } from "./command.ts";
import type { Seat } from "./seat.ts";
import { isUtf8 } from "../wire/bytes.ts";
import { contentOf, EARLIER_BYTES, utteranceOf } from "./utterance.ts";

/** What a discussion needs of its room. */
export interface DiscussionOptions {
  /** The message with which the operator closes the room; empty for none. */
  end: string;
  /** How many messages `/history` can show. */
  history: number;
  /** How many bytes may be kept for one who does not read. */
  queueBytes: number;
  /** The most bytes that a line may have when it goes out. */
  maxMessage: number;
  say: Say;
  clock: Clock;
  audience: Audience;
  pace: Pace;
  /** Lets in who speaks, unless it is in already. */
  enter(seat: Seat): void;
  /** Lets one in by the name that it gives as its very first line. */
  enterAs(seat: Seat, name: string): void;
  /** Gives a member the name that it asks for, or tells it why not. */
  rename(seat: Seat, name: string): void;
}

/** Hears all that is said in a room, and passes it on or answers it. */
export class Discussion {
  readonly #options: DiscussionOptions;
  readonly #end: EndWord;
  readonly #history: History;

  constructor(options: DiscussionOptions) {
    const { end, history, queueBytes } = options;
    this.#options = options;
    this.#end = new EndWord(end);
    // Who asks for all of it must not be let go for not having read it yet.
    const historyBytes = Math.min(HISTORY_BYTES, queueBytes / 2);
    this.#history = new History(history, historyBytes);
  }

  /**
   * Hears a block of one member's lines; settles when the next may follow.
   * What comes after the operator's end word is left out. Never throws.
   */
  async hear(seat: Seat, block: Block): Promise<void> {
    const { audience, enter, enterAs, pace, say } = this.#options;
    const end = seat.operator ? this.#end.find(block, "lines") : null;
    for (const line of linesOf(end ? block.subarray(0, end.start) : block)) {
      const meaning = commandIn(contentOf(line));
      // A name as the very first line is how the member comes, which waits for
      // nobody: it would come as a guest meanwhile.
      const comes = !seat.isIn && !seat.isOver && "command" in meaning &&
        meaning.command === "name";
      if (comes) {
        enterAs(seat, meaning.name);
        continue;
      }
      for (let turn; !seat.isOver && (turn = pace.turn(seat)) !== undefined;) {
        await turn;
      }
      if (seat.isOver) return;
      enter(seat);
      if (meaning instanceof Uint8Array) this.#utter(seat, meaning);
      else this.#obey(seat, meaning);
    }
    if (!seat.toldNotUtf8 && !isUtf8(block)) {
      seat.toldNotUtf8 = true;
      seat.notice(say("room not UTF-8"));
    }
    seat.saidEnd = end !== null;
    audience.deliver();
  }

  #utter(seat: Seat, content: Uint8Array): void {
    const { audience, clock, maxMessage: limit, pace, say } = this.#options;
    const line = utteranceOf(seat.prefix, content);
    pace.spend(seat, line.length);
    // It must not be what ends the conversation of who receives it.
    if (line.length + EARLIER_BYTES > limit) {
      return seat.notice(say("room too long", { limit }));
    }
    audience.append(line, seat);
    this.#history.add({ time: clock.now(), line });
  }

  #obey(seat: Seat, command: RoomCommand): void {
    const { audience, clock, pace, rename, say } = this.#options;
    pace.spend(seat, 0);
    switch (command.command) {
      case "name":
        return rename(seat, command.name);
      case "who": {
        const lines = whoLines(say, audience.seats, clock.now());
        return this.#answer(seat, lines);
      }
      case "history": {
        const found = this.#history.last(command.count ?? Infinity);
        return this.#answer(seat, historyLines(say, found));
      }
      case "help":
        return this.#answer(seat, helpLines(say));
      case "misused":
        return seat.notice(say(`room command ${command.name}`));
      case "unknown":
        return seat.notice(say("room unknown command"));
    }
  }

  /** Lines for one member who asked for them, at its expense. */
  #answer(seat: Seat, lines: Uint8Array[]): void {
    let bytes = 0;
    for (const line of lines) {
      seat.tell(line);
      bytes += line.length;
    }
    seat.deliver();
    this.#options.pace.spend(seat, bytes);
  }
}
