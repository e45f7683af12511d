/**
 * The commands of a room. One entry of the table is all that a command is:
 * dispatch, `/help`, and the answers to a wrong argument and to one who may not
 * use it come from there.
 *
 * @module
 */
import { format } from "@std/fmt/duration";
import type { Phrase, Say } from "../text/phrases.ts";
import type { History } from "./feed.ts";
import type { Ignoring } from "./ignoring.ts";
import {
  actionOf,
  type CommandLine,
  earlier,
  join,
  noticeTo,
  shown,
  textAfter,
  whisperFrom,
  whisperTo,
} from "./lines.ts";
import { nearest } from "./look.ts";
import type { Member } from "./member.ts";

/** What takes its time: whenever it yields, something else may be done first. */
export type Work = Generator<undefined, void>;

/** What commands need of the room. */
export interface CommandRoom {
  readonly say: Say;
  /** All who are in the room, in the order of coming. */
  readonly here: ReadonlySet<Member>;
  readonly history: History;
  readonly ignoring: Ignoring;
  /** What the room is about; empty at first. */
  readonly topic: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** The one that is here by that name, or one that looks like it. */
  find(name: string): Member | undefined;
  /** Gives a member the name that it asks for, or tells it why not. */
  rename(member: Member, name: string): void;
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
  readonly help: Extract<Phrase, `room command ${string}`>;
  /**
   * Whether it only asks something: the same is not answered again before the
   * member has taken the answer.
   */
  readonly asks: boolean;
  /** Does it; `match` is what {@linkcode takes} found in the arguments. */
  run(
    room: CommandRoom,
    member: Member,
    match: RegExpExecArray,
    line: CommandLine,
  ): Work | void;
}

const SECOND_MS = 1000;

/** All commands, in the order of `/help`. */
const COMMANDS: readonly RoomCommand[] = [
  {
    name: "name",
    aliases: ["nick"],
    who: "all",
    takes: /^.+$/s,
    help: "room command name",
    asks: false,
    run: (room, member, [name]) => room.rename(member, name),
  },
  {
    name: "who",
    aliases: ["names"],
    who: "all",
    takes: /^/,
    help: "room command who",
    asks: true,
    run(room, member): void {
      const { here, say } = room;
      const lines = [say("room who", { count: here.size })];
      for (const { name, since, heardAt } of here) {
        const time = say("room who times", {
          time: timeSince(room, since),
          idle: timeSince(room, heardAt),
        });
        lines.push(say("room who line", { name, time }));
      }
      answer(member, lines);
    },
  },
  {
    name: "msg",
    who: "all",
    takes: /^(\S+)\s+\S/,
    help: "room command msg",
    asks: false,
    run(room, member, [, name = ""], line): Work | void {
      const to = find(room, member, name);
      return to && whisper(room, member, to, textAfter(line, 2));
    },
  },
  {
    name: "reply",
    who: "all",
    takes: /^\S/,
    help: "room command reply",
    asks: false,
    run(room, member, _, line): Work | void {
      const to = member.whisperer;
      if (to === undefined) return member.notice(room.say("room no whisper"));
      const { name } = to;
      if (to.isOver) return member.notice(room.say("room left", { name }));
      return whisper(room, member, to, textAfter(line, 1));
    },
  },
  {
    name: "me",
    who: "all",
    takes: /^\S/,
    help: "room command me",
    asks: false,
    run: (room, member, _, line) =>
      room.utter(member, actionOf(member.name), textAfter(line, 1)),
  },
  {
    name: "ignore",
    who: "all",
    takes: /^\S+$/,
    help: "room command ignore",
    asks: false,
    run(room, member, [asked]): void {
      const one = find(room, member, asked);
      if (one === undefined) return;
      const { name } = one;
      if (one === member || one.operator) {
        return member.notice(room.say("room not ignored", { name }));
      }
      const isNew = room.ignoring.add(member, one);
      member.notice(
        room.say(isNew ? "room ignored" : "room ignored too many", { name }),
      );
    },
  },
  {
    name: "unignore",
    who: "all",
    takes: /^\S+$/,
    help: "room command unignore",
    asks: false,
    run(room, member, [asked]): void {
      const wasIgnored = room.ignoring.take(member, asked);
      const phrase = wasIgnored ? "room unignored" : "room was not ignored";
      member.notice(room.say(phrase, { name: shown(asked) }));
    },
  },
  {
    name: "topic",
    who: "all",
    takes: /^/,
    help: "room command topic",
    asks: true,
    run(room, member): void {
      answer(member, [topicOf(room)]);
    },
  },
  {
    name: "history",
    who: "all",
    takes: /^([1-9][0-9]{0,8})?$/,
    help: "room command history",
    asks: true,
    run(room, member, [count]): void {
      const { say } = room;
      const found = earlierFor(room, member, Number(count) || Infinity);
      const head = found.length === 0
        ? say("room no history")
        : say("room history", { count: found.length });
      answer(member, [head], found);
    },
  },
  {
    name: "help",
    who: "all",
    takes: /^/,
    help: "room command help",
    asks: true,
    run(room, member): void {
      const phrases = commandsFor(member).map(({ help }) => help);
      const lines = [...phrases, "room command slash" as const]
        .map((phrase) => room.say(phrase));
      answer(member, lines);
    },
  },
  {
    name: "quit",
    aliases: ["exit"],
    who: "all",
    takes: /^$/,
    help: "room command quit",
    asks: false,
    run: (_, member) => member.dismiss(),
  },
];

/** The commands that a member may use, out of all or of those in the table. */
export function commandsFor(
  { operator }: Pick<Member, "operator">,
  table = COMMANDS,
): RoomCommand[] {
  return table.filter(({ who }) => operator || who === "all");
}

/** Does what a member asks for, or tells the member alone why not. */
export function obey(
  room: CommandRoom,
  member: Member,
  line: CommandLine,
): Work | void {
  const { word, argument } = line;
  const command = commandsFor(member).find(({ name, aliases }) =>
    name === word || aliases?.includes(word)
  );
  const match = command?.takes.exec(argument);
  if (command === undefined || !match) {
    const phrase = command?.help ?? "room unknown command";
    if (member.asks(phrase)) member.notice(room.say(phrase));
  } else if (!command.asks || member.asks(`${command.name} ${match[0]}`)) {
    return command.run(room, member, match, line);
  }
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

/** What the room says of its topic. */
export function topicOf({ say, topic }: CommandRoom): string {
  return topic === "" ? say("room no topic") : say("room topic", { topic });
}

/** The one that is here by that name; if nobody is, the member is told. */
function find(
  room: CommandRoom,
  member: Member,
  name: string,
): Member | undefined {
  const found = room.find(name);
  if (found !== undefined) return found;
  const near = nearest(name, Array.from(room.here, (one) => one.name));
  member.notice(
    near === undefined
      ? room.say("room nobody", { name: shown(name) })
      : room.say("room nobody, near", { name: shown(name), near }),
  );
  return undefined;
}

/** Tells the text to one member, and the sender that it was told. */
function* whisper(
  room: CommandRoom,
  from: Member,
  to: Member,
  text: Uint8Array,
): Work {
  const prefixes = [whisperFrom(from.name), whisperTo(to.name)] as const;
  const [longer] = prefixes.toSorted((one, two) => two.length - one.length);
  const line = yield* room.compose(from, longer ?? prefixes[0], text);
  if (line === null) return;
  const { name } = to;
  if (to.isOver) return from.notice(room.say("room left", { name }));
  if (!room.hasSpace(to, line.length)) {
    return from.notice(room.say("room not whispered", { name }));
  }
  const rest = line.subarray(longer?.length);
  from.tell(join([prefixes[1], rest]));
  // One that is ignored is not to know it.
  if (room.ignoring.of(from).has(to)) return;
  to.hearWhisper(from, join([prefixes[0], rest]));
}

/** How long ago that was, in whole seconds. */
function timeSince(room: CommandRoom, then: number): string {
  const elapsed = Math.max(0, room.now() - then);
  const wholeSeconds = elapsed - elapsed % SECOND_MS;
  return format(wholeSeconds, { ignoreZero: true }) || "0s";
}

/** Gives what it asked for to the member, at its expense. */
function answer(
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
