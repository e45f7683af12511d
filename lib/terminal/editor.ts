/**
 * The editing of a line as a pure value: a state and a key make the next state.
 *
 * The keys mean what they mean to `node:readline`, but the unit of movement and
 * deletion is the grapheme: what a reader takes for one character.
 *
 * @module
 */
import { folded } from "../text/name_look.ts";
import type { Key } from "./keys.ts";

/** How many lines the arrow keys bring back. */
const HISTORY_LINES = 500;
/** How many deleted texts can be put in again. */
const KILLS = 32;
/** How far around an index its grapheme is looked for, in UTF-16 units. */
const GRAPHEME_WINDOW = 1024;

const SPACE = /\s/;
const WORD = /\w/;
/** A word, what is between words, or spaces; and the spaces after it. */
const NEXT_WORD = /(?:\s+|[^\w\s]+|\w+)\s*/y;
const KILLED_WORD = /(?:\s+|\W+|\w+)\s*/y;

/** What a key asks for that is not done in the line. */
export type Request =
  | { readonly kind: "enter"; readonly line: string }
  | { readonly kind: "leave" | "interrupt" | "clear screen" };

/** A text and the index in it of the character that the cursor is on. */
interface Draft {
  readonly text: string;
  readonly cursor: number;
}

/** A draft as it was, and the one before it. */
interface Past extends Draft {
  readonly next: Past | undefined;
}

/** What a word may become, from where on, and which of these it is. */
interface Completion {
  readonly start: number;
  readonly choices: readonly string[];
  readonly chosen: number;
}

/** A line that is edited, and what its keys remember. */
export interface Editor extends Draft {
  /** The entered lines, the latest first. */
  readonly history: readonly string[];
  /** The index in the history of the line that is shown, -1 before the first. */
  readonly place: number;
  /** How lines must begin that the arrow keys bring, while those are pressed. */
  readonly prefix: string | undefined;
  /** The deleted words and ends of lines, the latest first. */
  readonly kills: readonly string[];
  /** Which of them was put in last. */
  readonly yanked: number;
  /** The drafts that undo brings back. */
  readonly undo: Past | undefined;
  /** The drafts that redo brings back. */
  readonly redo: Past | undefined;
  /** The word that was completed last, while it can become another. */
  readonly completion: Completion | undefined;
  /** What the last key asks for. */
  readonly request: Request | undefined;
}

/** An empty line without a history. */
export const EMPTY_EDITOR: Editor = {
  text: "",
  cursor: 0,
  history: [],
  place: -1,
  prefix: undefined,
  kills: [],
  yanked: 0,
  undo: undefined,
  redo: undefined,
  completion: undefined,
  request: undefined,
};

type Change = Partial<Editor>;

/** What keys do, which are those of each row. */
const TABLE: readonly (readonly [string, (it: Editor) => Change])[] = [
  ["return enter", enter],
  ["backspace ctrl-h", (it) => remove(it, before(it), it.cursor)],
  ["delete", (it) => remove(it, it.cursor, after(it))],
  ["left ctrl-b", (it) => ({ cursor: before(it) })],
  ["right ctrl-f", (it) => ({ cursor: after(it) })],
  ["home ctrl-a", () => ({ cursor: 0 })],
  ["end ctrl-e", (it) => ({ cursor: it.text.length })],
  ["ctrl-left meta-b", (it) => ({ cursor: wordStart(it) })],
  ["ctrl-right meta-f", (it) => ({ cursor: endOf(NEXT_WORD, it) })],
  [
    "ctrl-w ctrl-backspace meta-backspace",
    (it) => kill(it, wordStart(it), it.cursor),
  ],
  [
    "ctrl-delete meta-delete meta-d",
    (it) => kill(it, it.cursor, endOf(KILLED_WORD, it)),
  ],
  ["ctrl-u ctrl-shift-backspace", (it) => kill(it, 0, it.cursor)],
  ["ctrl-k ctrl-shift-delete", (it) => kill(it, it.cursor, it.text.length)],
  ["ctrl-y", yank],
  ["meta-y", yankOther],
  ["up ctrl-p", (it) => comeTo(it, 1)],
  ["down ctrl-n", (it) => comeTo(it, -1)],
  ["undo", (it) => goBack(it, "undo", "redo")],
  ["redo", (it) => goBack(it, "redo", "undo")],
  ["ctrl-l", () => ({ request: { kind: "clear screen" } })],
  [
    "ctrl-c",
    (it) =>
      it.text === ""
        ? { request: { kind: "interrupt" } }
        : kill(it, 0, it.text.length),
  ],
  [
    "ctrl-d",
    (it) =>
      it.text === ""
        ? { request: { kind: "leave" } }
        : remove(it, it.cursor, after(it)),
  ],
];

const COMMANDS = new Map(
  TABLE.flatMap(([keys, command]) =>
    keys.split(" ").map((key) => [key, command])
  ),
);

/** The state after a key. */
export function edit(editor: Editor, key: Key): Editor {
  const { text, cursor, history, place } = editor;
  const goes = key.name === "up" || key.name === "down";
  const before: Editor = {
    ...editor,
    request: undefined,
    completion: undefined,
    prefix: goes ? editor.prefix ?? text.slice(0, cursor) : undefined,
    // A search that found nothing begins anew.
    place: !goes && place === history.length ? -1 : place,
  };
  const command = COMMANDS.get(key.name);
  const change = command ? command(before) : insertion(before, key.text);
  return { ...before, ...change };
}

/**
 * Completes what is before the cursor to one of the commands. Those that it
 * could become are `hits`; with more than one nothing is changed. Where there is
 * none, the word before the cursor becomes the first of the names that begins as
 * it does, in either case, and each further time the next one.
 */
export function complete(
  editor: Editor,
  commands: readonly string[],
  names: readonly string[] = [],
): { editor: Editor; hits: readonly string[] } {
  const head = editor.text.slice(0, editor.cursor);
  const hits = head === "" ? [] : commands.filter((it) => it.startsWith(head));
  if (hits.length > 0) {
    const rest = hits.length === 1 ? hits[0]?.slice(head.length) ?? "" : "";
    return { editor: { ...editor, ...insertion(editor, rest) }, hits };
  }
  const { start, choices, chosen } = editor.completion ?? begun(head, names);
  const choice = choices[(chosen + 1) % choices.length];
  if (choice === undefined) return { editor, hits: [] };
  const text = head.slice(0, start) + editor.text.slice(editor.cursor);
  const completed = {
    ...{ ...editor, ...insertion({ text, cursor: start }, choice) },
    completion: { start, choices, chosen: chosen + 1 },
  };
  return { editor: completed, hits: [choice] };
}

/** What the last word of a text may become. */
function begun(head: string, names: readonly string[]): Completion {
  const start = head.search(/\S*$/);
  const word = folded(head.slice(start));
  const choices = head === ""
    ? []
    : names.filter((name) => folded(name).startsWith(word));
  return { start, choices, chosen: -1 };
}

/** Where the grapheme begins and ends that has the character at an index. */
export function graphemeAt(
  text: string,
  index: number,
): { start: number; end: number } {
  const lowest = Math.max(0, index - GRAPHEME_WINDOW);
  let from = index;
  // From a character on that surely begins one.
  while (from > lowest && !isPlain(text.charCodeAt(from))) from--;
  const next = index + 1;
  if (
    from === index && (next >= text.length || isPlain(text.charCodeAt(next)))
  ) {
    return { start: index, end: Math.min(next, text.length) };
  }
  const part = text.slice(from, index + GRAPHEME_WINDOW);
  const found = new Intl.Segmenter().segment(part).containing(index - from);
  const start = from + (found?.index ?? 0);
  return { start, end: start + (found?.segment.length ?? 1) };
}

/** Whether it is ASCII that is seen, or a Chinese character. */
function isPlain(code: number): boolean {
  return (code >= 0x20 && code <= 0x7e) || (code >= 0x4e00 && code <= 0x9fff);
}

function before({ text, cursor }: Draft): number {
  return cursor === 0 ? 0 : graphemeAt(text, cursor - 1).start;
}

function after({ text, cursor }: Draft): number {
  return cursor === text.length ? cursor : graphemeAt(text, cursor).end;
}

/** Where the word begins that is before the cursor, past spaces after it. */
function wordStart({ text, cursor }: Draft): number {
  let at = cursor;
  while (at > 0 && SPACE.test(text.charAt(at - 1))) at--;
  const isWord = WORD.test(text.charAt(at - 1));
  while (at > 0 && isOf(isWord, text.charAt(at - 1))) at--;
  return at === text.length ? at : graphemeAt(text, at).start;
}

/** Where what begins at the cursor ends. */
function endOf(pattern: RegExp, { text, cursor }: Draft): number {
  pattern.lastIndex = cursor;
  const at = cursor + (pattern.exec(text)?.[0].length ?? 0);
  return at === cursor ? at : graphemeAt(text, at - 1).end;
}

/** Whether it is a character of a word, or of what is between words. */
function isOf(isWord: boolean, character: string): boolean {
  return isWord === WORD.test(character) && !SPACE.test(character);
}

function insertion({ text, cursor }: Draft, added: string): Change {
  return {
    text: text.slice(0, cursor) + added + text.slice(cursor),
    cursor: cursor + added.length,
  };
}

function remove(it: Editor, from: number, to: number): Change {
  const { text, cursor, undo } = it;
  if (from === to) return {};
  return {
    text: text.slice(0, from) + text.slice(to),
    cursor: from,
    undo: { text, cursor, next: undo },
    redo: undefined,
  };
}

/** Removes what can be put in again. */
function kill(it: Editor, from: number, to: number): Change {
  if (from === to) return {};
  const kills = [it.text.slice(from, to), ...it.kills].slice(0, KILLS);
  return { ...remove(it, from, to), kills };
}

function yank(it: Editor): Change {
  return { ...insertion(it, it.kills[0] ?? ""), yanked: 0 };
}

/** Puts in the kill before the one that was put in last, in its place. */
function yankOther(it: Editor): Change {
  const { text, cursor, kills, yanked } = it;
  const last = kills[yanked] ?? "";
  if (last === "" || !text.slice(0, cursor).endsWith(last)) return {};
  const start = cursor - last.length;
  const draft = {
    text: text.slice(0, start) + text.slice(cursor),
    cursor: start,
  };
  const next = (yanked + 1) % kills.length;
  return { ...insertion(draft, kills[next] ?? ""), yanked: next };
}

function enter({ text, history }: Editor): Change {
  const isNew = text.trim() !== "" && text !== history[0];
  return {
    ...{ text: "", cursor: 0, place: -1, undo: undefined, redo: undefined },
    history: isNew ? [text, ...history].slice(0, HISTORY_LINES) : history,
    request: { kind: "enter", line: text },
  };
}

/** Goes to the next line of the history that begins right and differs. */
function comeTo(it: Editor, step: 1 | -1): Change {
  const { text, history, place, prefix = "" } = it;
  if (step > 0 ? place >= history.length : place < 0) return {};
  if (history.length === 0) return {};
  const fits = (line: string): boolean =>
    line.startsWith(prefix) && line !== text;
  let next = place + step;
  while (history[next] !== undefined && !fits(history[next] ?? "")) {
    next += step;
  }
  const shown = history[next] ?? prefix;
  return { text: shown, cursor: shown.length, place: next };
}

function goBack(
  it: Editor,
  from: "undo" | "redo",
  to: "undo" | "redo",
): Change {
  const past = it[from];
  if (past === undefined) return {};
  const { text, cursor } = it;
  return {
    ...{ text: past.text, cursor: past.cursor },
    [from]: past.next,
    [to]: { text, cursor, next: it[to] },
  };
}
