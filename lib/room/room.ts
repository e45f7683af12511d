/**
 * A room: who is in it, under which name, and what all in it hear. What one
 * says goes to all others, in one order for all.
 *
 * It knows nothing of the network: a member of it is an end of a conversation,
 * as a connection is.
 *
 * @module
 */
import type { Block } from "../chat/endpoint.ts";
import { type Say, type Sentence, sentence } from "../text/phrases.ts";
import { linesOf } from "../wire/framing.ts";
import { EndWord } from "../wire/message.ts";
import { nameProblem } from "../wire/names.ts";
import { isUtf8 } from "../wire/bytes.ts";
import { Allowance, type Rate, SharedAllowances } from "./allowance.ts";
import { type CommandRoom, obey, type Work } from "./commands.ts";
import { Feed, History, HISTORY_BYTES } from "./feed.ts";
import { Flow, type FlowOptions, nextTurn } from "./flow.ts";
import { Ignoring } from "./ignoring.ts";
import {
  commandIn,
  type CommandLine,
  contentOf,
  EARLIER_BYTES,
  noticeOf,
  utteranceOf,
} from "./lines.ts";
import { folded, looksOf } from "./look.ts";
import { Member, type MemberRoom } from "./member.ts";

/**
 * For how many milliseconds one that comes without a name may give it as its
 * first line.
 */
export const NAME_WAIT_MS = 200;
const GUEST = /^guest-([1-9][0-9]*)$/;

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
  /** How many members there may be, the operator not counted. */
  maxMembers: number;
  /** The most bytes that a line may have when it goes out. */
  maxMessage: number;
}

/**
 * A room. Every line that a member says is `NAME: text` for all others, what
 * the room says itself begins with `* `.
 *
 * A member's part ends with {@linkcode Member.close}, the room with that of the
 * operator or with {@linkcode Room.close}.
 */
export class Room implements MemberRoom, CommandRoom {
  readonly say: Say;
  readonly history: History;
  readonly ignoring = new Ignoring();
  readonly #options: RoomOptions;
  readonly #end: EndWord;
  readonly #feed = new Feed();
  readonly #flow: Flow;
  readonly #shared: SharedAllowances;
  readonly #here = new Set<Member>();
  readonly here: ReadonlySet<Member> = this.#here;
  /** All that have a name, in the room or not yet, by their {@linkcode looksOf}. */
  readonly #named = new Map<string, Member>();
  /** No guest has a lower number than this that is free. */
  #lowestFree = 1;
  #members = 0;
  #closed = false;
  #topic = "";

  constructor(options: RoomOptions) {
    this.#options = options;
    this.say = options.say;
    this.#end = new EndWord(options.end);
    // One that asks for all of it must not be let go for not having read it.
    const historyBytes = Math.min(HISTORY_BYTES, options.queueBytes / 2);
    this.history = new History(options.history, historyBytes);
    this.#shared = new SharedAllowances(options.addressRate);
    const drop = (member: Member): void => this.#drop(member);
    this.#flow = new Flow(this.#feed, this.#here, options, drop);
  }

  get topic(): string {
    return this.#topic;
  }

  now(): number {
    return this.#options.clock.now();
  }

  /**
   * A member that comes, or why it can't. If a name is given, the others are
   * told of it at once. If not, they are told as soon as its first line is
   * there, which may be the name line, or {@linkcode NAME_WAIT_MS} have passed.
   * A name that can't be had is answered, and makes a guest of the member.
   *
   * `dropped` is called once when the member is let go because it does not
   * read: then a write to it may be stuck too, and must be freed. All members of
   * one `address`, which may be any text, share an allowance.
   */
  join(
    name?: string,
    dropped?: () => void,
    address?: string,
  ): Member | "full" | "closed" {
    if (this.#closed) return "closed";
    if (this.#members >= this.#options.maxMembers) return "full";
    this.#members++;
    const now = this.now();
    const shared = address === undefined
      ? undefined
      : this.#shared.of(address, now);
    const allowance = new Allowance(this.#options.rate, now, shared);
    const member = this.#makeMember(false, allowance, dropped);
    if (name !== undefined) this.#enterAs(member, name);
    else {
      member.pause((settle) => this.#options.clock.after(NAME_WAIT_MS, settle))
        .then(() => this.#enter(member));
    }
    return member;
  }

  /**
   * The one member that runs the room: it is not counted, speaks as fast as
   * others read, and closes the room with its end.
   */
  joinOperator(name: string): Member {
    const rate = { perSecond: Infinity, burst: Infinity };
    const member = this.#makeMember(true, new Allowance(rate, this.now()));
    this.#enterAs(member, name);
    return member;
  }

  /** Tells all but the one by whom, and ends the part of each. May be called twice. */
  close(by?: Member): void {
    if (this.#closed) return;
    this.#closed = true;
    const line = noticeOf(this.say("room closed"));
    this.#append(line, by);
    this.#flow.deliver();
    for (const member of new Set(this.#named.values())) {
      this.#remove(member);
      member.end(member.isIn ? undefined : [line]);
    }
  }

  /** What comes after the operator's end word is left out. Never throws. */
  async hear(member: Member, block: Block): Promise<boolean> {
    const end = member.operator ? this.#end.find(block, "lines") : null;
    const said = end ? block.subarray(0, end.start) : block;
    let heardBytes = 0;
    for (const line of linesOf(said)) {
      const meaning = commandIn(contentOf(line));
      // A name as the very first line is how the member comes, which waits for
      // nobody: it would come as a guest meanwhile.
      if (
        !member.isIn && !member.isOver && "word" in meaning &&
        meaning.word === "name" && meaning.argument !== ""
      ) {
        this.#enterAs(member, meaning.argument);
        heardBytes += line.length;
        continue;
      }
      let turn: Promise<void> | undefined;
      while (!member.isMute && (turn = this.#flow.turn(member))) await turn;
      if (member.isMute) {
        member.leaveUnsaid(said.subarray(heardBytes));
        return false;
      }
      heardBytes += line.length;
      this.#enter(member);
      const work = this.#take(member, meaning);
      while (work && !work.next().done) await nextTurn();
    }
    if (!isUtf8(block)) member.noticeOnce(this.say("room not UTF-8"));
    this.#flow.deliver();
    return end !== null;
  }

  taken(member: Member): void {
    this.#flow.taken(member);
  }

  leave(member: Member): void {
    if (member.operator) return this.close(member);
    const { name, isIn, unsaid: count } = member;
    this.#remove(member);
    if (!isIn) return;
    this.#announce(
      count > 0
        ? this.say("room left, unsaid", { name, count })
        : this.say("room left", { name }),
    );
  }

  find(name: string): Member | undefined {
    for (const look of looksOf(name)) {
      const member = this.#named.get(look);
      if (member?.isIn) return member;
    }
    return undefined;
  }

  rename(member: Member, name: string): void {
    const old = member.name;
    const refusal = this.#claim(member, name);
    if (refusal !== null) return this.#refuse(member, refusal);
    member.notice(this.say("room name", { name }));
    if (name === old) return;
    this.#announce(this.say("room renamed", { old, name }), member);
  }

  *compose(
    member: Member,
    prefix: Uint8Array,
    content: Uint8Array,
  ): Generator<undefined, Uint8Array | null> {
    const { maxMessage: limit } = this.#options;
    // It must not be what ends the conversation of one that receives it.
    const most = limit - EARLIER_BYTES;
    const line = yield* utteranceOf(prefix, content, most);
    member.allowance.spend(line?.length ?? content.length);
    if (member.isMute) return null;
    if (!line) member.notice(this.say("room too long", { limit }));
    return line;
  }

  *utter(
    member: Member,
    prefix: Uint8Array,
    content: Uint8Array,
    but?: Member,
  ): Work {
    const line = yield* this.compose(member, prefix, content);
    if (line === null) return;
    this.#append(line, but);
    for (const reader of this.ignoring.of(member)) reader.skip(line.length);
    this.history.add({ time: this.now(), line, by: member });
  }

  hasSpace(member: Member, bytes: number): boolean {
    return member.pending + bytes < this.#options.queueBytes / 2;
  }

  #take(member: Member, meaning: CommandLine | Uint8Array): Work | void {
    if (meaning instanceof Uint8Array) {
      return this.utter(member, member.prefix, meaning, member);
    }
    member.allowance.spend(0);
    return obey(this, member, meaning);
  }

  #makeMember(
    operator: boolean,
    allowance: Allowance,
    dropped = (): void => {},
  ): Member {
    const since = this.now();
    const member = new Member(this, { operator, since, allowance, dropped });
    while (this.#claim(member, `guest-${this.#lowestFree++}`) !== null);
    return member;
  }

  #enterAs(member: Member, name: string): void {
    const refusal = this.#claim(member, name);
    this.#enter(member);
    if (refusal !== null) this.#refuse(member, refusal);
  }

  #enter(member: Member): void {
    if (member.isIn || member.isOver) return;
    const { say, end } = this.#options;
    const { name, operator } = member;
    this.#announce(say("room joined", { name }));
    member.enter(this.#feed);
    this.ignoring.came(member);
    const values = { count: this.#here.add(member).size };
    if (operator) member.notice(say("room welcome, operator", values));
    else if (end === "") member.notice(say("room welcome, no end", values));
    else member.notice(say("room welcome", { ...values, end }));
  }

  /** One that does not read goes; the operator misses what it did not read. */
  #drop(member: Member): void {
    const { name } = member;
    if (member.operator) {
      member.enter(this.#feed);
      return member.notice(this.say("room missed"));
    }
    this.#remove(member);
    member.drop(this.say("room you were dropped"));
    this.#announce(this.say("room dropped", { name }));
  }

  #remove(member: Member): void {
    this.#release(member);
    this.#here.delete(member);
    this.ignoring.gone(member);
    this.#flow.taken(member);
    if (!member.operator) this.#members--;
  }

  /** A line of the room for all but one. */
  #announce(text: string, but?: Member): void {
    this.#append(noticeOf(text), but);
    this.#flow.deliverNotice();
  }

  #append(line: Uint8Array, but: Member | undefined): void {
    this.#feed.append(line);
    but?.skip(line.length);
  }

  /** Gives a member a name instead of its own; null, or why it can't have it. */
  #claim(member: Member, name: string): Sentence | null {
    const problem = nameProblem(name);
    if (problem !== null) return sentence(problem);
    const looks = looksOf(name);
    for (const look of looks) {
      // It would end where the room says that a name ends.
      if (look.includes(":")) return sentence("name characters");
      if ((this.#named.get(look) ?? member) !== member) {
        return sentence("name taken", { name });
      }
    }
    this.#release(member);
    for (const look of looks) this.#named.set(look, member);
    member.rename(name);
    return null;
  }

  /** Makes the member's name free. */
  #release({ name }: Member): void {
    for (const look of looksOf(name)) this.#named.delete(look);
    const number = GUEST.exec(folded(name))?.[1];
    if (number === undefined) return;
    this.#lowestFree = Math.min(this.#lowestFree, Number(number));
  }

  #refuse(member: Member, problem: Sentence): void {
    member.notice(this.say("room name kept", { problem, name: member.name }));
  }
}
