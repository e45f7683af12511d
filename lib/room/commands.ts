/**
 * The commands of a room. One entry of the table is all that a command is:
 * dispatch, `/help`, and the answers to a wrong argument and to one who may not
 * use it come from there.
 *
 * @module
 */
import { format } from "@std/fmt/duration";
import type { Phrase, Say } from "../text/phrases.ts";
import { textOf } from "../wire/message.ts";
import type { History } from "./feed.ts";
import { earlier, join, noticeOf } from "./lines.ts";
import type { Member } from "./member.ts";

/** What commands need of the room. */
export interface CommandRoom {
  readonly say: Say;
  /** All who are in the room, in the order of coming. */
  readonly here: ReadonlySet<Member>;
  readonly history: History;
  /** Milliseconds since any moment. */
  now(): number;
  /** Gives a member the name that it asks for, or tells it why not. */
  rename(member: Member, name: string): void;
}

/** A command of a room. */
export interface RoomCommand {
  /** What is typed after the slash. */
  readonly name: string;
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
  run(room: CommandRoom, member: Member, match: RegExpExecArray): void;
}

const SECOND_MS = 1000;
const SLASH = 0x2f;
/** More than any command has, in bytes; what comes after isn't looked at. */
const MAX_COMMAND_BYTES = 1024;

/** All commands, in the order of `/help`. */
const COMMANDS: readonly RoomCommand[] = [
  {
    name: "name",
    who: "all",
    takes: /^.+$/s,
    help: "room command name",
    asks: false,
    run: (room, member, [name]) => room.rename(member, name),
  },
  {
    name: "who",
    who: "all",
    takes: /^/,
    help: "room command who",
    asks: true,
    run(room, member): void {
      const { here, say } = room;
      const lines = [say("room who", { count: here.size })];
      for (const { name, since } of here) {
        const elapsed = Math.max(0, room.now() - since);
        const wholeSeconds = elapsed - elapsed % SECOND_MS;
        const time = format(wholeSeconds, { ignoreZero: true }) || "0s";
        lines.push(say("room who line", { name, time }));
      }
      answer(member, lines.map(noticeOf));
    },
  },
  {
    name: "history",
    who: "all",
    takes: /^([1-9][0-9]{0,8})?$/,
    help: "room command history",
    asks: true,
    run(room, member, [count]): void {
      const { history, say } = room;
      const found = history.last(count === "" ? Infinity : Number(count));
      const head = found.length === 0
        ? say("room no history")
        : say("room history", { count: found.length });
      const lines = found.map(({ line, time }) => earlier(line, time));
      answer(member, [noticeOf(head), ...lines]);
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
        .map((phrase) => noticeOf(room.say(phrase)));
      answer(member, lines);
    },
  },
];

/** The commands that a member may use, out of all or of those in the table. */
export function commandsFor(
  { operator }: Pick<Member, "operator">,
  table = COMMANDS,
): RoomCommand[] {
  return table.filter(({ who }) => operator || who === "all");
}

/** A line that is a command: `/word arguments`. */
export interface CommandLine {
  readonly word: string;
  /** Without blanks around. */
  readonly argument: string;
}

/**
 * The command that a line is, or what it says: a line that begins with `/` is
 * a command, and `//text` says `/text`. The line is without its ending.
 */
export function commandIn(line: Uint8Array): CommandLine | Uint8Array {
  if (line[0] !== SLASH) return line;
  if (line[1] === SLASH) return line.subarray(1);
  const text = textOf(line.subarray(1, MAX_COMMAND_BYTES));
  const [word = ""] = text.split(/\s/, 1);
  return { word, argument: text.slice(word.length).trim() };
}

/** Does what a member asks for, or tells the member alone why not. */
export function obey(
  room: CommandRoom,
  member: Member,
  { word, argument }: CommandLine,
): void {
  const command = commandsFor(member).find(({ name }) => name === word);
  const match = command?.takes.exec(argument);
  if (command === undefined || !match) {
    const phrase = command?.help ?? "room unknown command";
    if (member.asks(phrase)) member.notice(room.say(phrase));
  } else if (!command.asks || member.asks(`${word} ${match[0]}`)) {
    command.run(room, member, match);
  }
}

/** Gives lines to the member that asked for them, at its expense. */
function answer(member: Member, lines: readonly Uint8Array[]): void {
  const block = join(lines);
  member.tell(block);
  member.allowance.spend(block.length);
}
