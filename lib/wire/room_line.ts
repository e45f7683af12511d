/**
 * What a line of a room says by its form. No member can say a line that looks
 * like another's or like the room's: a name holds neither a space nor a colon.
 *
 * @module
 */
import { nameProblem } from "./names.ts";

/**
 * What kind of line it is: a member to all; one to this side alone, or this side to
 * that one; the room to this side alone, whose name it gives; or the room to all.
 */
export type RoomLineKind = "said" | "whispered" | "sent" | "told" | "notice";

/** A line of a room. */
export interface RoomLine {
  readonly kind: RoomLineKind;
  /** Its first name: the speaker's, or that of the one it is told to. */
  readonly name: string;
  /** What comes after the name's part. */
  readonly text: string;
}

/** What is before a private message, after its sender's name. */
const WHISPERS = " whispers: ";

/** How lines begin, those of a notice last. */
const FORMS: readonly (readonly [RoomLineKind, RegExp])[] = [
  ["said", /^([^\s:]+): /],
  ["told", /^\* ([^\s:]+): /],
  ["whispered", new RegExp(`^\\* ([^\\s:]+)${WHISPERS}`)],
  ["sent", /^\* to ([^\s:]+): /],
  ["said", /^\*\* ([^\s:]+) /],
  ["notice", /^\* ([^\s:]+) /],
];

/** What a line is, without its ending; undefined where it begins as none does. */
export function roomLine(line: string): RoomLine | undefined {
  for (const [kind, form] of FORMS) {
    const [head, name = ""] = form.exec(line) ?? [];
    if (head !== undefined && nameProblem(name) === null) {
      return { kind, name, text: line.slice(head.length) };
    }
  }
  return undefined;
}
