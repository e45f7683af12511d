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
import type { Say, Sentence } from "../text/phrases.ts";
import { linesOf } from "../wire/framing.ts";
import { EndWord } from "../wire/message.ts";
import { lookAt } from "../wire/look.ts";
import {
  Allowance,
  Arrivals,
  type Rate,
  rateOf,
  SharedAllowances,
} from "./allowance.ts";
import {
  type Bans,
  type CommandRoom,
  isHeard,
  obey,
  type Work,
} from "./commands.ts";
import { Feed, History, HISTORY_BYTES } from "./feed.ts";
import { Flow, nextTurn, type RoomOptions } from "./flow.ts";
import {
  commandIn,
  contentOf,
  EARLIER_BYTES,
  noticeOf,
  utteranceOf,
} from "./lines.ts";
import { Member, type MemberRoom } from "./member.ts";
import { MODERATION } from "./moderation.ts";
import { Ignoring, Names } from "./names.ts";
import { TALKING, welcome } from "./talking.ts";

/**
 * For how many milliseconds one that comes without a name may give it as its
 * first line.
 */
export const NAME_WAIT_MS = 200;
const NO_PLACE = { address: undefined, network: undefined };

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
  readonly bans: Bans;
  readonly commands = [...TALKING, ...MODERATION];
  topic = "";
  isLocked = false;
  readonly #options: RoomOptions;
  readonly #end: EndWord;
  readonly #feed = new Feed();
  readonly #flow: Flow;
  readonly #shared: SharedAllowances;
  readonly #here = new Set<Member>();
  readonly here: ReadonlySet<Member> = this.#here;
  readonly #names = new Names(() => this.now(), {
    ask: (holder): void => {
      const { name } = holder;
      holder.notice(this.say("room name wanted", { name }));
    },
    give: (member, name) => this.rename(member, name),
  });
  readonly #arrivals: Arrivals;
  readonly #rate: Rate;
  #members = 0;
  operator: Member | undefined;
  #closed = false;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.say = options.say;
    this.bans = options.bans;
    this.#rate = { ...options.rate };
    this.#end = new EndWord(options.end);
    // One that asks for all of it must not be let go for not having read it.
    const historyBytes = Math.min(HISTORY_BYTES, options.queueBytes / 2);
    this.history = new History(options.history, historyBytes);
    this.#shared = new SharedAllowances(options.addressRate);
    const drop = (member: Member): void => this.#drop(member);
    this.#flow = new Flow(this.#feed, this.#here, options, drop);
    this.#arrivals = new Arrivals(options, (text, address) => {
      const operator = this.operator;
      this.announce(text, address === undefined ? undefined : operator);
      if (address === undefined || this.#closed) return;
      const values = { name: text, address };
      operator?.tell(noticeOf(this.say("room from", values)));
    });
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
   * read, or is put out: then a write to it may be stuck too, and must be freed.
   * All members of one network share an allowance; only the operator sees
   * `address`, which may be any text.
   */
  join(
    name?: string,
    dropped?: () => void,
    address?: string,
  ): Member | "full" | "closed" | "locked" | "banned" {
    if (this.#closed) return "closed";
    if (address !== undefined && this.bans.has(address)) return "banned";
    if (this.isLocked) return "locked";
    if (this.#members >= this.#options.maxMembers) return "full";
    this.#members++;
    const now = this.now();
    const network = address && this.#options.networkOf(address);
    const shared = network ? this.#shared.of(network, now) : undefined;
    const allowance = new Allowance(this.#rate, now, shared);
    const place = { address, network };
    const member = this.#makeMember(false, allowance, dropped, place);
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
    this.operator = member;
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
    for (const member of this.#names.members) {
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
      const isRefused = (): boolean =>
        member.isMuted && isHeard(this, member, meaning);
      while (
        !member.isUnheard && !isRefused() && (turn = this.#flow.turn(member))
      ) await turn;
      if (member.isUnheard) {
        member.leaveUnsaid(said.subarray(heardBytes));
        return false;
      }
      heardBytes += line.length;
      if (isRefused()) {
        const pause = this.#flow.refuse(member, line.length);
        if (pause) await pause;
        continue;
      }
      this.#enter(member);
      const work = meaning instanceof Uint8Array
        ? this.utter(member, member.prefix, meaning, member)
        : obey(this, member, meaning);
      while (work && !work.next().done) await nextTurn();
    }
    if (!lookAt(block).isUtf8) member.noticeOnce(this.say("room not UTF-8"));
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
    if (count === 0) return this.#arrivals.went(member);
    this.#arrivals.hurry(member);
    this.announce(this.say("room left, unsaid", { name, count }));
  }

  find(name: string): Member | undefined {
    const found = this.#names.find(name);
    return found?.isIn && !found.isHidden ? found : undefined;
  }

  rename(member: Member, name: string, by = member): void {
    const old = member.name;
    const refusal = this.#names.claim(member, name, by === member);
    if (refusal !== null && by !== member) return by.notice(this.say(refusal));
    if (refusal !== null) return this.#refuse(member, refusal);
    member.notice(this.say("room name", { name }));
    if (name === old || this.#arrivals.isUntold(member)) return;
    this.announce(this.say("room renamed", { old, name }), member);
  }

  putOut(member: Member, why: string): void {
    this.#arrivals.hurry(member);
    this.#remove(member);
    member.putOut(why);
  }

  slow(perSecond: number): void {
    Object.assign(this.#rate, rateOf(perSecond));
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
    if (member.isUnheard || member.isMuted) return null;
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
    this.#arrivals.hurry(member);
    this.#append(line, but);
    for (const reader of this.ignoring.of(member)) reader.skip(line.length);
    this.history.add({ time: this.#options.clock.time(), line, by: member });
  }

  hasSpace(member: Member, bytes: number): boolean {
    return member.pending + bytes < this.#options.queueBytes / 2;
  }

  #makeMember(
    operator: boolean,
    allowance: Allowance,
    dropped = (): void => {},
    place: Pick<Member, "address" | "network"> = NO_PLACE,
  ): Member {
    const options = { operator, since: this.now(), allowance, dropped };
    const member = new Member(this, { ...options, ...place });
    this.#names.claimGuest(member);
    return member;
  }

  #enterAs(member: Member, name: string): void {
    const refusal = this.#names.claim(member, name);
    this.#enter(member);
    if (refusal !== null) this.#refuse(member, refusal);
  }

  #enter(member: Member): void {
    if (member.isIn || member.isOver) return;
    this.#arrivals.came(member);
    member.enter(this.#feed);
    this.ignoring.came(member);
    this.#here.add(member);
    welcome(this, member, this.#options);
  }

  /** One that does not read goes; the operator misses what it did not read. */
  #drop(member: Member): void {
    if (member.operator) {
      member.enter(this.#feed);
      return member.notice(this.say("room missed"));
    }
    const { name } = member;
    this.#arrivals.hurry(member);
    this.#remove(member);
    member.drop(this.say("room you were dropped"));
    this.announce(this.say("room dropped", { name }));
  }

  #remove(member: Member): void {
    this.#names.free(member);
    this.#here.delete(member);
    this.ignoring.gone(member);
    this.#flow.taken(member);
    if (!member.operator) this.#members--;
  }

  announce(text: string, but?: Member): void {
    if (!this.#closed) this.#append(noticeOf(text), but);
    this.#flow.deliverNotice();
  }

  #append(line: Uint8Array, but: Member | undefined): void {
    this.#feed.append(line);
    but?.skip(line.length);
  }

  #refuse(member: Member, problem: Sentence): void {
    member.notice(this.say("room name kept", { problem, name: member.name }));
  }
}
