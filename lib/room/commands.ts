/**
 * The commands of a room. One entry of the table is all that a command is:
 * dispatch, `/help`, and the answers to a wrong argument and to one who may not
 * use it come from there.
 *
 * @module
 */
import type { Phrase, Say } from "../text/phrases.ts";
import type { History } from "./feed.ts";
import { type CommandLine, earlier, join, noticeTo, shown } from "./lines.ts";
import type { Member } from "./member.ts";
import { type Ignoring, nearest } from "./names.ts";

/** What takes its time: whenever it yields, something else may be done first. */
export type Work = Generator<undefined, void>;

/** Addresses that may not come in; what an address is, the room doesn't know. */
export interface Bans {
  /** Whether one may not. */
  has(address: string): boolean;
  /** What is kept for an address or a range; null for another text. */
  rangeOf(text: string): string | null;
  /** Bans a range for so many milliseconds, Infinity for ever. */
  add(range: string, milliseconds: number): void;
  /** Returns whether it was banned. */
  remove(range: string): boolean;
  /** All that are banned, and for how many milliseconds more. */
  readonly all: Iterable<readonly [range: string, milliseconds: number]>;
}

/** What commands need of the room. */
export interface CommandRoom {
  readonly say: Say;
  /** All commands, in the order of `/help`. */
  readonly commands: readonly RoomCommand[];
  /** All who are in the room, in the order of coming. */
  readonly here: ReadonlySet<Member>;
  /** The one of them that runs it, if any does. */
  readonly operator: Member | undefined;
  readonly history: History;
  readonly ignoring: Ignoring;
  /** The addresses that may not come in. */
  readonly bans: Bans;
  /** What the room is about; empty at first. */
  topic: string;
  /** Whether nobody more may come in. */
  isLocked: boolean;
  /** Milliseconds since any moment. */
  now(): number;
  /** The one that is here by that name, or one that looks like it. */
  find(name: string): Member | undefined;
  /** Tells all but one, in one line. */
  announce(text: string, but?: Member): void;
  /** Ends a member's part, and tells it why. */
  putOut(member: Member, why: string): void;
  /** How many messages a second each may say from now on. */
  slow(perSecond: number): void;
  /** Gives a member a name, or tells the one that asks for it why not. */
  rename(member: Member, name: string, by?: Member): void;
  /**
   * The line that says the content after a prefix, or null: then the member is
   * told why.
   */
  compose(
    member: Member,
    prefix: Uint8Array,
    content: Uint8Array,
  ): Generator<undefined, Uint8Array | null>;
  /** Says the content for all, the member too, after a prefix. */
  utter(member: Member, prefix: Uint8Array, content: Uint8Array): Work;
  /** Whether so many bytes more may be kept for a member. */
  hasSpace(member: Member, bytes: number): boolean;
}

/** A command of a room. */
export interface RoomCommand {
  /** What is typed after the slash. */
  readonly name: string;
  /** Other words for it. */
  readonly aliases?: readonly string[];
  /** Which members may use it; for others there is no such command. */
  readonly who: "all" | "operator";
  /** Matches the arguments: all after the name, without blanks around. */
  readonly takes: RegExp;
  /** Its line in `/help`, which also answers arguments that don't match. */
  readonly help: Extract<Phrase, `${"room" | "operator"} command ${string}`>;
  /**
   * Whether it only asks something: the same is not answered again before the
   * member has taken the answer.
   */
  readonly asks: boolean;
  /** Whether others hear what it says, so that a muted member may not use it. */
  readonly speaks?: boolean;
  /** Does it; `match` is what {@linkcode takes} found in the arguments. */
  run(
    room: CommandRoom,
    member: Member,
    match: RegExpExecArray,
    line: CommandLine,
  ): Work | void;
}

/** Those of the commands that a member may use. */
export function commandsFor(
  { operator }: Pick<Member, "operator">,
  table: readonly RoomCommand[],
): RoomCommand[] {
  return table.filter(({ who }) => operator || who === "all");
}

/** Does what a member asks for, or tells the member alone why not. */
export function obey(
  room: CommandRoom,
  member: Member,
  line: CommandLine,
): Work | void {
  member.allowance.spend(0);
  const { word, argument } = line;
  const command = commandOf(room, member, word);
  const match = command?.takes.exec(argument);
  if (command === undefined || !match) {
    const phrase = command?.help ?? "room unknown command";
    if (member.asks(phrase)) member.notice(room.say(phrase));
  } else if (!command.asks || member.asks(`${command.name} ${match[0]}`)) {
    return command.run(room, member, match, line);
  }
}

/** Whether others hear what a line says. */
export function isHeard(
  room: CommandRoom,
  member: Member,
  meaning: CommandLine | Uint8Array,
): boolean {
  return meaning instanceof Uint8Array ||
    commandOf(room, member, meaning.word)?.speaks === true;
}

function commandOf(
  room: CommandRoom,
  member: Member,
  word: string,
): RoomCommand | undefined {
  return commandsFor(member, room.commands).find(({ name, aliases }) =>
    name === word || aliases?.includes(word)
  );
}

/** The last `count` messages that a member has not chosen to miss. */
export function earlierFor(
  { history, ignoring }: Pick<CommandRoom, "history" | "ignoring">,
  member: Member,
  count: number,
): Uint8Array[] {
  return history.last(count, ({ by }) => !ignoring.of(by).has(member))
    .map(({ line, time }) => earlier(line, time));
}

/** The one that is here by that name; if nobody is, the member is told. */
export function find(
  room: CommandRoom,
  member: Member,
  name: string,
): Member | undefined {
  const found = room.find(name);
  if (found !== undefined) return found;
  const names = presentIn(room).map((one) => one.name);
  const near = nearest(name, names);
  member.notice(
    near === undefined
      ? room.say("room nobody", { name: shown(name) })
      : room.say("room nobody, near", { name: shown(name), near }),
  );
  return undefined;
}

/** Those who are here and do not only read along. */
export function presentIn({ here }: Pick<CommandRoom, "here">): Member[] {
  return [...here].filter(({ isHidden }) => !isHidden);
}

/** Gives what it asked for to the member, at its expense. */
export function answer(
  member: Member,
  texts: readonly string[],
  lines: readonly Uint8Array[] = [],
): void {
  const block = join([
    ...texts.map((text) => noticeTo(member.name, text)),
    ...lines,
  ]);
  member.tell(block);
  member.allowance.spend(block.length);
}
