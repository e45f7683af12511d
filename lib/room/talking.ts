/**
 * The commands that all members have.
 *
 * @module
 */
import { format } from "@std/fmt/duration";
import {
  answer,
  type CommandRoom,
  commandsFor,
  earlierFor,
  find,
  presentIn,
  type RoomCommand,
  type Work,
} from "./commands.ts";
import {
  actionOf,
  join,
  shown,
  textAfter,
  whisperFrom,
  whisperTo,
} from "./lines.ts";
import type { Member } from "./member.ts";

const SECOND_MS = 1000;
/** How long a topic can be, in characters. */
const MAX_TOPIC = 300;

/** What all may do, in the order of `/help`. */
export const TALKING: readonly RoomCommand[] = [
  {
    name: "name",
    aliases: ["nick"],
    who: "all",
    takes: /^.+$/s,
    help: "room command name",
    asks: false,
    speaks: true,
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
      const { say } = room;
      const present = presentIn(room);
      const lines = [say("room who", { count: present.length })];
      for (const { name, since, heardAt, address } of present) {
        const time = say("room who times", {
          time: timeSince(room, since),
          idle: timeSince(room, heardAt),
        });
        const from = member.operator && address !== undefined
          ? say("room from", { name, address })
          : name;
        lines.push(say("room who line", { name: from, time }));
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
    speaks: true,
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
    speaks: true,
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
    speaks: true,
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
    takes: /^.*$/s,
    help: "room command topic",
    asks: true,
    run(room, member, [text]): void {
      if (text === "" || !member.operator) {
        return answer(member, [topicOf(room)]);
      }
      room.topic = shown(text, MAX_TOPIC);
      room.announce(topicOf(room));
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
      const phrases = commandsFor(member, room.commands).map(({ help }) =>
        help
      );
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

/** Tells one that comes how things are. */
export function welcome(
  room: CommandRoom,
  member: Member,
  { end, historyOnJoin }: { end: string; historyOnJoin: number },
): void {
  const { say } = room;
  const values = { count: room.here.size - (room.operator?.isHidden ? 1 : 0) };
  if (member.operator) member.notice(say("room welcome, operator", values));
  else if (end === "") member.notice(say("room welcome, no end", values));
  else member.notice(say("room welcome", { ...values, end }));
  if (room.topic !== "") member.notice(topicOf(room));
  const earlier = historyOnJoin > 0
    ? earlierFor(room, member, historyOnJoin)
    : [];
  if (earlier.length === 0) return;
  member.notice(say("room history", { count: earlier.length }));
  member.tell(join(earlier));
}

/** What the room says of its topic. */
function topicOf({ say, topic }: CommandRoom): string {
  return topic === "" ? say("room no topic") : say("room topic", { topic });
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
