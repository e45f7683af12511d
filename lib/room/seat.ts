/**
 * One member's place in a room, as an end of a conversation.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Block, LocalEndpoint } from "../chat/endpoint.ts";
import { type Feed, Reader } from "./feed.ts";
import type { TokenBucket } from "./rate.ts";
import { noticeOf, prefixOf } from "./utterance.ts";

/** What {@linkcode Seat.endPause} does outside of a pause. */
function noPause(): void {}

/** What a seat needs of its room. */
export interface SeatRoom {
  /** A block of the member's lines; settles when the next may follow. */
  hear(seat: Seat, block: Block): Promise<void>;
  /** The member took something, so that its queue is shorter. */
  taken(): void;
  /** The member has gone by itself. */
  leave(seat: Seat): void;
}

/** What is known of a member when it comes. */
export interface SeatOptions {
  operator: boolean;
  /** When it came, in milliseconds since 1970. */
  since: number;
  /** Is called once when the room lets the member go. */
  dropped(): void;
}

/**
 * What the room has for one member is received from it, what the member says
 * is sent to it. It serves on both sides of a conversation: as the local end
 * for a member, as the remote one for the operator.
 *
 * `receive` gives null after {@linkcode close} at once, and when the room or
 * {@linkcode closeWrite} ends the member's part after what was left for it.
 * Nothing throws.
 */
export class Seat implements LocalEndpoint {
  readonly framing = "lines";
  readonly attended = true;
  readonly operator: boolean;
  readonly since: number;
  readonly dropped: () => void;
  /** How fast the member may speak; made when it first does. */
  bucket: TokenBucket | undefined;
  /** Set once it was told that it speaks too fast. */
  toldTooFast = false;
  /** Set once it was told that what it says is not UTF-8. */
  toldNotUtf8 = false;
  /** How many bytes it has said since others last got their turn. */
  saidBytes = 0;
  /** Set once the operator has said the end word. */
  saidEnd = false;
  /** Set when others wait for it to read, until it does: they wait but once. */
  suspect = false;
  /** Lets a {@linkcode pause} end before its time. */
  endPause = noPause;
  readonly #room: SeatRoom;
  #name = "";
  #prefix: Uint8Array | undefined;
  /** Absent before the member is in the room, and after. */
  #reader: Reader | undefined;
  /** What it still gets when it is out of the room. */
  #last: Block[] = [];
  #over = false;
  #receiving: PromiseWithResolvers<Block | null> | undefined;

  constructor(room: SeatRoom, options: SeatOptions) {
    this.#room = room;
    this.operator = options.operator;
    this.since = options.since;
    this.dropped = options.dropped;
  }

  receive(): Promise<Block | null> {
    if (this.#receiving !== undefined) return this.#receiving.promise;
    const block = this.#take();
    if (block !== null || this.#over) return Promise.resolve(block);
    this.#receiving = Promise.withResolvers();
    return this.#receiving.promise;
  }

  send(block: Block): Promise<void> {
    return this.#over ? Promise.resolve() : this.#room.hear(this, block);
  }

  /**
   * The member has gone. The operator may just have nothing more to say, and
   * goes on reading, unless it has said the end word.
   */
  closeWrite(): Promise<void> {
    if (!this.operator) this.#leaveWithRest([]);
    // Who said it is to know of that before it learns that all is over.
    else if (this.saidEnd) setImmediate(() => this.#leave());
    return Promise.resolve();
  }

  close(): void {
    this.#leave();
    this.#endWith([]);
  }

  /** The name by which the member goes. */
  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = name;
    this.#prefix = undefined;
  }

  /** What stands before each line that the member says. */
  get prefix(): Uint8Array {
    return this.#prefix ??= prefixOf(this.#name);
  }

  /** Whether the member's part has ended. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Whether the member is in the room: reads along. */
  get isIn(): boolean {
    return this.#reader !== undefined;
  }

  /** How many bytes are kept for the member. */
  get pending(): number {
    return this.#reader?.pending ?? 0;
  }

  /** The member reads along from here on. */
  enter(feed: Feed): void {
    this.#reader = new Reader(feed);
  }

  /** The member doesn't get the last `length` bytes of the feed. */
  skip(length: number): void {
    this.#reader?.skip(length);
  }

  /** A line for the member alone; {@linkcode deliver} it. */
  tell(line: Uint8Array): void {
    this.#reader?.insert(line);
  }

  /** A line of the room for the member alone, delivered at once. */
  notice(text: string): void {
    this.tell(noticeOf(text));
    this.deliver();
  }

  /** Gives a waiting member what there is. Returns whether it was waiting. */
  deliver(): boolean {
    const receiving = this.#receiving;
    if (receiving === undefined) return false;
    const block = this.#take();
    if (block === null && !this.#over) return true;
    this.#receiving = undefined;
    receiving.resolve(block);
    return true;
  }

  /** Ends the member's part, after what it has not read. */
  end(): void {
    this.#over = true;
    this.endPause();
    this.deliver();
  }

  /** Ends the member's part, after this line instead of what it has not read. */
  cutShort(last: Block): void {
    this.#endWith([last]);
  }

  /** Takes the member out of the room, after what it has not read and this line. */
  dismiss(last: Block): void {
    this.#leaveWithRest([last]);
  }

  /**
   * Settles when `start` calls what it is given, or when the part ends. What
   * `start` returns is called then.
   */
  pause(start: (settle: () => void) => () => void): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        this.endPause = noPause;
        cancel();
        resolve();
      };
      const cancel = start(settle);
      this.endPause = settle;
    });
  }

  #leave(): void {
    if (!this.#over) this.#room.leave(this);
  }

  /** What was there for it before it left can still be received, then this. */
  #leaveWithRest(last: Block[]): void {
    if (this.#over) return;
    const rest: Block[] = [];
    for (let block; (block = this.#reader?.take() ?? null) !== null;) {
      rest.push(block);
    }
    this.#leave();
    this.#endWith([...rest, ...last]);
  }

  /** Ends the member's part after this, instead of what it has not read. */
  #endWith(last: Block[]): void {
    this.#reader = undefined;
    this.#last = last;
    this.end();
  }

  #take(): Block | null {
    const block = this.#reader?.take() ?? this.#last.shift() ?? null;
    if (block === null) return null;
    this.suspect = false;
    this.#room.taken();
    return block;
  }
}
