/**
 * Text that is safe to show, whoever it comes from and wherever it goes.
 *
 * @module
 */
import { TAB_COLUMNS, textWidth } from "./wrap.ts";

/**
 * What could act on a terminal, or show text in another order than it is
 * in: C0 but tab, DEL, C1, all that sets a direction, line and paragraph
 * separators. The members of a class in a regular expression.
 */
const CONTROLS = String
  .raw`\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029`;
/** Finds each of them. */
export const UNSAFE = new RegExp(String.raw`(?!\t)[${CONTROLS}]`, "gu");
/** What is written from right to left, by the blocks that are kept for it. */
const TURNED = String
  .raw`\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}`;
const RIGHT_TO_LEFT = new RegExp(`[${TURNED}]`, "u");
/** Few texts hold any of it: one look is faster than all that would be done. */
const SPECIAL = new RegExp(`[${CONTROLS}${TURNED}]`, "u");
/** The first strong character in between sets the direction (UAX #9). */
const ISOLATE = "\u2068";
const END_ISOLATE = "\u2069";
/** What a room puts before a member's line. */
const NAMED = /^([^\s:]+): (.*)$/su;

/**
 * The text on one line that a terminal shows as it is: everything unsafe is a
 * visible escape, and each tab is the spaces up to the next stop.
 */
export function escapeUnsafe(text: string): string {
  const [start = "", ...parts] = text.replaceAll(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code <= 0xff
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  }).split("\t");
  let line = start;
  let column = parts.length > 0 ? textWidth(start) : 0;
  for (const part of parts) {
    const spaces = TAB_COLUMNS - column % TAB_COLUMNS;
    line += " ".repeat(spaces) + part;
    column += spaces + textWidth(part);
  }
  return line;
}

/** The same for each of several lines, which stay lines. */
export function escapeLines(text: string): string {
  return text.split("\n").map(escapeUnsafe).join("\n");
}

/**
 * A message, or a name, as it is shown beside other text: made safe, and where
 * it is written from right to left, isolated so that it reorders nothing but
 * itself. A name that a room has put before it is isolated by itself.
 */
export function safeMessage(text: string): string {
  if (!SPECIAL.test(text)) return text;
  const safe = escapeUnsafe(text);
  if (!RIGHT_TO_LEFT.test(safe)) return safe;
  const [, name, rest = ""] = NAMED.exec(safe) ?? [];
  return name === undefined
    ? isolated(safe)
    : `${isolated(name)}: ${isolated(rest)}`;
}

function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? ISOLATE + text + END_ISOLATE : text;
}

/** What needs no quotes in a shell, nor in a list of paths. */
const PLAIN_PATH = /^[\p{L}\p{N}._/:+@%-]+$/u;

/**
 * The flag that allows to use paths, as it can be typed: for all paths where
 * these would need quotes.
 */
export function pathFlag(
  access: "read" | "write",
  ...paths: readonly string[]
): string {
  const flag = `--allow-${access}`;
  const isPlain = paths.every((path) => PLAIN_PATH.test(path));
  return isPlain ? `${flag}=${paths.join(",")}` : flag;
}
