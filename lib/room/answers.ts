/**
 * What the room answers to those who ask.
 *
 * @module
 */
import { format } from "@std/fmt/duration";
import type { HistoryEntry } from "./history.ts";
import type { Say } from "../text/phrases.ts";
import { earlier, noticeOf } from "./utterance.ts";

const SECOND_MS = 1000;

/** Answers `/help`: lists the commands. */
export function helpLines(say: Say): Uint8Array[] {
  return [
    say("room command name"),
    say("room command who"),
    say("room command history"),
    say("room command help"),
    say("room command slash"),
  ].map(noticeOf);
}

/**
 * Answers `/who`: lists who is here, and for how long. `now` and `since` are in
 * milliseconds since 1970.
 */
export function whoLines(
  say: Say,
  here: ReadonlySet<{ name: string; since: number }>,
  now: number,
): Uint8Array[] {
  const lines = [say("room who", { count: here.size })];
  for (const { name, since } of here) {
    const elapsed = Math.max(0, now - since);
    const wholeSeconds = elapsed - elapsed % SECOND_MS;
    const time = format(wholeSeconds, { ignoreZero: true });
    lines.push(say("room who line", { name, time: time || "0s" }));
  }
  return lines.map(noticeOf);
}

/** Answers `/history`: the messages again, marked as earlier ones. */
export function historyLines(say: Say, entries: HistoryEntry[]): Uint8Array[] {
  if (entries.length === 0) return [noticeOf(say("room no history"))];
  return [
    noticeOf(say("room history", { count: entries.length })),
    ...entries.map(({ line, time }) => earlier(line, time)),
  ];
}
