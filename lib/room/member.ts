/**
 * One member of a room, as an end of a conversation, and how much it may say.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Block, LocalEndpoint } from "../chat/endpoint.ts";
import { lookAt } from "../wire/look.ts";
import { HELD_BACK, lastLine } from "../wire/fixed_lines.ts";
import type { Allowance } from "./allowance.ts";
import { type Feed, Reader } from "./feed.ts";
import { noticeOf, noticeTo, prefixOf } from "./lines.ts";

/** How often a member that has to wait is told so, in milliseconds. */
const REMINDER_MS = 5000;
/** Makes no difference to a member, but it is found out when it has gone. */
const PROBE: Block = new Uint8Array();

/** What a member needs of its room. */
export interface MemberRoom {
  /** Milliseconds since any moment. */
  now(): number;
  /**
   * Hears a block of the member's lines. Settles when the next may follow,
   * with whether the block held the operator's end word.
   */
  hear(member: Member, block: Block): Promise<boolean>;
  /** The member took something, so that less is kept for it. */
  taken(member: Member): void;
  /** The member has gone by itself. */
  leave(member: Member): void;
}

/**
 * What the room has for one member is received from it, what the member says
 * is sent to it. For a member it is the local end of a conversation, for the
 * operator the remote end.
 *
 * `receive` gives null at once after {@linkcode close}. When the room or
 * {@linkcode closeWrite} ends the member's part, it first gives what is still
 * there for the member. Nothing throws.
 */
export class Member implements LocalEndpoint {
  readonly framing = "lines";
  /** Whether its end says the end word: not that of one that was let go. */
  attended = true;
  /** Whether it only reads along: not one of those that `/who` lists. */
  isHidden = false;
  /** When something last came from it, in milliseconds. */
  heardAt: number;
  /** The last that told something to it alone; it may have gone. */
  whisperer: Member | undefined;
  /** Whether it is the one that runs the room. */
  readonly operator: boolean;
  /** When it came, in milliseconds, as its room's clock has it. */
  readonly since: number;
  /** How much it may say now. */
  readonly allowance: Allowance;
  /** Where it comes from, and the network that it shares with others there. */
  readonly address: string | undefined;
  readonly network: string | undefined;
  /** Is called once when the room lets the member go. */
  readonly dropped: () => void;
  readonly #room: MemberRoom;
  #name = "";
  #prefix = prefixOf("");
  /** Absent before the member is in the room, and after. */
  #reader: Reader | undefined;
  /** What it still gets when it is out of the room. */
  #last: Block[] = [];
  #over = false;
  #isLost = false;
  #isGivenUp = false;
  #mutedUntil = -Infinity;
  #unsaid = 0;
  #saidEnd = false;
  /** The notices that it gets once only, and has got. */
  readonly #told = new Set<string>();
  #remindedAt = -Infinity;
  /** What it has asked and has not taken the answer of. */
  readonly #asked = new Set<string>();
  #receiving: PromiseWithResolvers<Block | null> | undefined;
  #endPause: (() => void) | undefined;

  constructor(
    room: MemberRoom,
    { operator, since, allowance, dropped, address, network }: Pick<
      Member,
      "operator" | "since" | "allowance" | "dropped" | "address" | "network"
    >,
  ) {
    this.#room = room;
    this.operator = operator;
    this.since = this.heardAt = since;
    this.allowance = allowance;
    this.dropped = dropped;
    this.address = address;
    this.network = network;
  }

  receive(): Promise<Block | null> {
    const { promise } = this.#receiving ??= Promise.withResolvers();
    this.deliver();
    return promise;
  }

  async send(block: Block): Promise<void> {
    this.heardAt = this.#room.now();
    if (!this.#over) this.#saidEnd = await this.#room.hear(this, block);
  }

  /**
   * The member has gone. The operator may just have nothing more to say, and
   * goes on reading, unless it has said the end word.
   */
  closeWrite(): Promise<void> {
    if (!this.operator) this.dismiss();
    // The operator learns that its end word was sent before all is over.
    else if (this.#saidEnd) setImmediate(() => this.#leave());
    return Promise.resolve();
  }

  close(): void {
    this.#leave();
    this.end([]);
  }

  /**
   * Nothing reaches the member any more. Of what it has said only that is heard
   * for which it need not wait.
   */
  lose(): void {
    this.#isLost = true;
    this.#endPause?.();
  }

  /** The name that the member has. */
  get name(): string {
    return this.#name;
  }

  /** Gives the member another name. */
  rename(name: string): void {
    this.#name = name;
    this.#prefix = prefixOf(name);
  }

  /** What is before each line that the member says. */
  get prefix(): Uint8Array {
    return this.#prefix;
  }

  /** Gives it what one other tells it alone. */
  hearWhisper(from: Member, line: Uint8Array): void {
    this.whisperer = from;
    this.tell(line);
  }

  /** Whether the member's part has ended. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Whether the member is lost: see {@linkcode lose}. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether nothing that comes from it is heard any more. */
  get isUnheard(): boolean {
    return this.#isGivenUp || this.#over;
  }

  /** Whether it may not speak. */
  get isMuted(): boolean {
    return this.#room.now() < this.#mutedUntil;
  }

  /** It may not speak until then, in milliseconds. */
  mute(until: number): void {
    this.#mutedUntil = until;
    // What waits for its turn is not said any more.
    this.#endPause?.();
  }

  /** From now on it only reads along. */
  hide(): void {
    this.isHidden = true;
  }

  /** How many of its lines were not heard, because it was lost. */
  get unsaid(): number {
    return this.#unsaid;
  }

  /** From now on nothing that comes from it is heard. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  /** Counts lines that it said, but nobody hears. */
  leaveUnsaid(lines: Uint8Array): void {
    this.#unsaid += lookAt(lines).lineFeeds;
  }

  /** Whether the member is in the room: reads along. */
  get isIn(): boolean {
    return this.#reader !== undefined;
  }

  /** How many bytes are kept for the member. */
  get pending(): number {
    return this.#reader?.pending ?? 0;
  }

  /** The member reads along from here on; also one that did before. */
  enter(feed: Feed): void {
    this.#endPause?.();
    this.#reader = new Reader(feed);
  }

  /** The member doesn't get the last `length` bytes of the feed. */
  skip(length: number): void {
    this.#reader?.skip(length);
  }

  /**
   * Whether a question is to be answered: one of a member that is there, and
   * whose answer to the same it has taken.
   */
  asks(question: string): boolean {
    if (this.#isLost || this.#asked.has(question)) return false;
    this.#asked.add(question);
    return true;
  }

  /** Gives lines to the member alone, at once. */
  tell(lines: Uint8Array): void {
    this.#reader?.insert(lines);
    this.deliver();
  }

  /** Gives a line of the room to the member alone, at once. */
  notice(text: string): void {
    this.tell(noticeTo(this.#name, text));
  }

  /**
   * Tells the member that it has to wait, in other words when it has to for
   * long. Something is written each time: that fails where it has gone.
   */
  remind(now: number, first: string, again: string): void {
    if (Math.abs(now - this.#remindedAt) >= REMINDER_MS) {
      this.#remindedAt = now;
      this.notice(this.#told.has(first) ? again : first);
      this.#told.add(first);
    }
    this.#receiving?.resolve(PROBE);
    this.#receiving = undefined;
  }

  /** Tells its client, the first time, that it has to wait. */
  holdBack(): void {
    if (!this.#told.has(HELD_BACK)) this.tell(noticeOf(HELD_BACK));
    this.#told.add(HELD_BACK);
  }

  /** Gives such a line the first time only. */
  noticeOnce(text: string): void {
    if (!this.#told.has(text)) this.notice(text);
    this.#told.add(text);
  }

  /** Gives a waiting member what there is. Returns whether it was waiting. */
  deliver(): boolean {
    const receiving = this.#receiving;
    if (receiving === undefined) return false;
    const block = this.#take();
    if (block !== null || this.#over) {
      this.#receiving = undefined;
      receiving.resolve(block);
    }
    return true;
  }

  /** Ends the member's part, after what it has not read or `last` instead. */
  end(last?: Block[]): void {
    if (last !== undefined) {
      this.#reader = undefined;
      this.#last = last;
    }
    this.#over = true;
    this.#endPause?.();
    this.deliver();
  }

  /** Ends the part of a member that does not read, and tells it so. */
  drop(text: string): void {
    this.attended = false;
    this.end([noticeTo(this.#name, text), lastLine("not read")]);
    this.dropped();
  }

  /** Ends the member's part at once, and tells it why. */
  putOut(text: string): void {
    this.end([noticeTo(this.#name, text)]);
    this.dropped();
  }

  /** Takes the member out of the room, after what it has not read. */
  dismiss(): void {
    if (this.#over) return;
    const rest: Block[] = [];
    for (let block; (block = this.#reader?.take() ?? null) !== null;) {
      rest.push(block);
    }
    this.#leave();
    this.end(rest);
  }

  /**
   * Settles when `start` calls what it is given, or when the member enters or
   * its part ends: then what `start` returned is called.
   */
  pause(start: (settle: () => void) => () => void): Promise<void> {
    if (this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = start(resolve);
      this.#endPause = (): void => {
        cancel();
        resolve();
      };
    });
  }

  #leave(): void {
    if (!this.#over) this.#room.leave(this);
  }

  #take(): Block | null {
    const block = this.#reader?.take() ?? this.#last.shift() ?? null;
    // To clear an empty one costs as much.
    if (this.#asked.size > 0 && !this.#reader?.hasOwn) this.#asked.clear();
    if (block !== null) this.#room.taken(this);
    return block;
  }
}
