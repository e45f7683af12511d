/**
 * What a member asks of the room.
 *
 * @module
 */
import { textOf } from "../wire/message.ts";

/** Something that a member asks of the room. */
export type RoomCommand =
  | { command: "name"; name: string }
  | { command: "who" }
  /** `count` is absent where all there is was asked for. */
  | { command: "history"; count?: number }
  | { command: "help" }
  /** A known command with an argument missing or wrong. */
  | { command: "misused"; name: "name" | "history" }
  | { command: "unknown" };

const SLASH = 0x2f;
/** More than any command has, in bytes; what comes after isn't looked at. */
const MAX_COMMAND_BYTES = 1024;

/**
 * The command that a line is, or what it says: a line that begins with `/` is
 * a command, and `//text` says `/text`. The line is without its ending.
 */
export function commandIn(line: Uint8Array): RoomCommand | Uint8Array {
  if (line[0] !== SLASH) return line;
  if (line[1] === SLASH) return line.subarray(1);
  const text = textOf(line.subarray(0, MAX_COMMAND_BYTES));
  const space = text.search(/\s/);
  const word = space < 0 ? text : text.slice(0, space);
  const argument = space < 0 ? "" : text.slice(space).trim();
  switch (word) {
    case "/name":
      return argument === ""
        ? { command: "misused", name: "name" }
        : { command: "name", name: argument };
    case "/who":
      return { command: "who" };
    case "/history":
      return historyCommand(argument);
    case "/help":
      return { command: "help" };
    default:
      return { command: "unknown" };
  }
}

function historyCommand(argument: string): RoomCommand {
  if (argument === "") return { command: "history" };
  return /^[1-9][0-9]{0,8}$/.test(argument)
    ? { command: "history", count: Number(argument) }
    : { command: "misused", name: "history" };
}
