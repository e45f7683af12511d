/**
 * The commands that only the operator has.
 *
 * @module
 */
import type { Say } from "../text/phrases.ts";
import {
  answer,
  type CommandRoom,
  find,
  type RoomCommand,
} from "./commands.ts";
import { shown } from "./lines.ts";
import type { Member } from "./member.ts";

const MINUTE_MS = 60_000;
/** How much of a reason is told, in characters. */
const MAX_REASON = 300;

/**
 * A name or an address, for how many minutes, and why. What looks like another
 * number is no reason: it would hold for ever.
 */
const WHOM_MINUTES_WHY =
  /^(\S+)(?:\s+([1-9][0-9]{0,6})(?!\S)|(?!\s+[-+.]?[0-9]))(?:\s+(.+))?$/s;

/** What the operator may do, in the order of `/help`. */
export const MODERATION: readonly RoomCommand[] = [
  {
    name: "kick",
    who: "operator",
    takes: /^(\S+)(?:\s+(.+))?$/s,
    help: "operator command kick",
    asks: false,
    run(room, operator, [, whom = "", reason]): void {
      const one = findOther(room, operator, whom);
      if (one === undefined) return;
      const { name } = one;
      const why = whyOf(reason);
      room.putOut(one, room.say("room you were kicked", { why }));
      room.announce(room.say("room kicked", { name, why }));
    },
  },
  {
    name: "ban",
    who: "operator",
    takes: WHOM_MINUTES_WHY,
    help: "operator command ban",
    asks: false,
    run(room, operator, [, whom = "", minutes, reason]): void {
      const range = rangeOf(room, operator, whom);
      if (range === undefined) return;
      const { bans, here, say } = room;
      bans.add(range, durationOf(minutes));
      const time = timeOf(say, minutes);
      operator.notice(say("room ban", { range, time }));
      const gone = [...here].filter(({ address }) =>
        address !== undefined && bans.has(address)
      );
      if (gone.length === 0) return;
      const name = gone.map((one) => one.name).join(", ");
      const why = whyOf(reason);
      const told = say("room you were banned", { time, why });
      for (const one of gone) room.putOut(one, told);
      room.announce(say("room banned", { name, time, why }));
    },
  },
  {
    name: "unban",
    who: "operator",
    takes: /^\S+$/,
    help: "operator command unban",
    asks: false,
    run({ bans, say }, operator, [asked]): void {
      const range = bans.rangeOf(asked);
      const was = range !== null && bans.remove(range);
      const phrase = was ? "room unbanned" : "room was not banned";
      operator.notice(say(phrase, { range: range ?? shown(asked) }));
    },
  },
  {
    name: "bans",
    who: "operator",
    takes: /^$/,
    help: "operator command bans",
    asks: true,
    run(room, operator): void {
      const { say } = room;
      const lines = Array.from(room.bans.all, ([range, duration]) => {
        const left = Math.ceil(duration / MINUTE_MS);
        const time = timeOf(say, left === Infinity ? undefined : left);
        return say("room ban line", { range, time });
      });
      answer(operator, [say("room bans", { count: lines.length }), ...lines]);
    },
  },
  {
    name: "mute",
    who: "operator",
    takes: WHOM_MINUTES_WHY,
    help: "operator command mute",
    asks: false,
    run(room, operator, [, whom = "", minutes, reason]): void {
      const one = findOther(room, operator, whom);
      if (one === undefined) return;
      const { name } = one;
      const values = { time: timeOf(room.say, minutes), why: whyOf(reason) };
      one.mute(room.now() + durationOf(minutes));
      one.notice(room.say("room you were muted", values));
      room.announce(room.say("room muted", { name, ...values }), one);
    },
  },
  {
    name: "unmute",
    who: "operator",
    takes: /^\S+$/,
    help: "operator command unmute",
    asks: false,
    run(room, operator, [whom]): void {
      const one = findOther(room, operator, whom);
      if (one === undefined) return;
      const { name } = one;
      if (!one.isMuted) {
        return operator.notice(room.say("room was not muted", { name }));
      }
      one.mute(-Infinity);
      one.notice(room.say("room you were unmuted"));
      room.announce(room.say("room unmuted", { name }), one);
    },
  },
  {
    name: "rename",
    who: "operator",
    takes: /^(\S+)\s+(\S+)$/,
    help: "operator command rename",
    asks: false,
    run(room, operator, [, whom = "", name = ""]): void {
      const one = find(room, operator, whom);
      if (one !== undefined) room.rename(one, name, operator);
    },
  },
  {
    name: "lock",
    who: "operator",
    takes: /^$/,
    help: "operator command lock",
    asks: false,
    run(room): void {
      room.isLocked = true;
      room.announce(room.say("room is locked"));
    },
  },
  {
    name: "unlock",
    who: "operator",
    takes: /^$/,
    help: "operator command unlock",
    asks: false,
    run(room): void {
      room.isLocked = false;
      room.announce(room.say("room is unlocked"));
    },
  },
  {
    name: "slow",
    who: "operator",
    takes: /^[1-9][0-9]{0,6}$/,
    help: "operator command slow",
    asks: false,
    run(room, _, [count]): void {
      room.slow(Number(count));
      room.announce(room.say("room is slow", { count }));
    },
  },
];

/** One that is here and is not the operator; the operator is told why not. */
function findOther(
  room: CommandRoom,
  operator: Member,
  whom: string,
): Member | undefined {
  const one = find(room, operator, whom);
  if (one !== operator) return one;
  operator.notice(room.say("room is you"));
  return undefined;
}

/** What is banned: the address of one that is here, an address or a range. */
function rangeOf(
  room: CommandRoom,
  operator: Member,
  whom: string,
): string | undefined {
  const range = room.bans.rangeOf(whom);
  // A name can look like an address.
  const one = range === null || room.find(whom)
    ? findOther(room, operator, whom)
    : undefined;
  if (one === undefined) return range ?? undefined;
  if (one.network !== undefined) return one.network;
  operator.notice(room.say("room no address", { name: one.name }));
  return undefined;
}

/** In milliseconds. */
function durationOf(minutes: string | undefined): number {
  return minutes === undefined ? Infinity : Number(minutes) * MINUTE_MS;
}

function timeOf(say: Say, minutes: string | number | undefined): string {
  return minutes === undefined
    ? say("room for ever")
    : say("room for minutes", { minutes });
}

function whyOf(reason: string | undefined): string {
  return reason === undefined ? "" : `: ${shown(reason, MAX_REASON)}`;
}
