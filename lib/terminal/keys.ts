/**
 * The bytes that a terminal sends as keys.
 *
 * @module
 */
import { emitKeypressEvents, type Key as NodeKey } from "node:readline";
import { PassThrough } from "node:stream";

/** How soon after `\r` a `\n` is part of the same line ending. */
const LINE_ENDING_MS = 100;
/** How soon after the first part of an escape sequence the rest comes. */
const SEQUENCE_MS = 100;
/** The most of a paste that is kept, in UTF-16 units; more is given in parts. */
const PASTE_LENGTH = 16 * 1024 * 1024;
const ESCAPE = "\x1b";
/** What comes before what is pasted, and after it (xterm, mode 2004). */
const PASTE_START = `${ESCAPE}[200~`;
const PASTE_END = `${ESCAPE}[201~`;
/**
 * What a terminal says itself: mouse reports, focus, answers to what it was
 * asked. None of it was typed.
 */
const REPORT = new RegExp(
  [
    `${ESCAPE}\\[[<=>?][0-?]*[ -/]*[@-~]`,
    `${ESCAPE}\\[M[^]{3}`,
    `${ESCAPE}\\[[IO]`,
    `${ESCAPE}\\[\\d+(?:;\\d+R|(?:;\\d+){2,}[@-~])`,
    `${ESCAPE}[\\]P_^X][^\x07${ESCAPE}]*(?:\x07|${ESCAPE}\\\\)`,
  ].join("|"),
  "g",
);
/** The beginning of a paste or a report, whose rest is yet to come. */
const UNFINISHED = new RegExp(
  [
    `${ESCAPE}(?:\\[[\\d;]*)?$`,
    `${ESCAPE}\\[[<=>?][0-?]*[ -/]*$`,
    `${ESCAPE}\\[M[^]{0,2}$`,
    `${ESCAPE}[\\]P_^X][^\x07${ESCAPE}]*${ESCAPE}?$`,
  ].join("|"),
);
/** A byte sequence that is not UTF-8, in a text: no text has such a half. */
const NOT_UTF8 = "\udcff";
const REPLACEMENT = "\ufffd";

/** A key that was pressed, or text that was typed or pasted. */
export interface Key {
  /**
   * Such as `ctrl-a`, `meta-b` (Alt), `left`; empty for text, and `paste` for
   * what the terminal says was pasted, which may have line endings.
   */
  readonly name: string;
  /**
   * What it puts in a line, if nothing else is done for it. It is not well
   * formed (`isWellFormed()`) where the terminal sent what is not UTF-8.
   */
  readonly text: string;
}

/** What is more than text, though it comes as a character. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["\t", "tab"],
  ["\r", "return"],
  ["\n", "enter"],
  ["\u2028", "return"],
  ["\u2029", "return"],
  ["\b", "backspace"],
  ["\x7f", "backspace"],
  ["\x1f", "undo"],
  ["\x1e", "redo"],
]);

const CONTROL = /^\p{Cc}$/u;

/** Makes keys of bytes, which may be cut anywhere. */
export class KeyDecoder {
  readonly #decoder = new TextDecoder();
  readonly #stream = new PassThrough();
  #keys: Key[] = [];
  #returnedAt = -Infinity;
  /** What is yet to be made keys of, and since when. */
  #held = "";
  #heldAt = -Infinity;
  /** Whether that is a paste. */
  #isPasting = false;

  constructor() {
    emitKeypressEvents(this.#stream);
    this.#stream.on("keypress", (text, key) => this.#press(text, key));
  }

  /** The keys of what was read at once. */
  decode(bytes: Uint8Array): readonly Key[] {
    const isLate = Date.now() - this.#heldAt > SEQUENCE_MS;
    // What comes too late is no part of a sequence: Alt-] was pressed.
    if (!this.#isPasting && isLate) this.#feed(this.#take());
    this.#held += this.#textOf(bytes);
    this.#heldAt = Date.now();
    while (this.#isPasting ? this.#endPaste() : this.#startPaste());
    const keys = this.#keys;
    this.#keys = [];
    return keys;
  }

  /** Makes keys of what is before a paste. Returns whether one begins there. */
  #startPaste(): boolean {
    const text = this.#take().replaceAll(REPORT, "");
    const start = text.indexOf(PASTE_START);
    this.#isPasting = start >= 0;
    const end = this.#isPasting ? start : text.search(UNFINISHED);
    this.#feed(end < 0 ? text : text.slice(0, end));
    if (end >= 0) {
      this.#held = text.slice(this.#isPasting ? end + PASTE_START.length : end);
    }
    return this.#isPasting;
  }

  /** Makes a key of the paste, once it is whole. Returns whether it was. */
  #endPaste(): boolean {
    const end = this.#held.indexOf(PASTE_END);
    if (end < 0 && this.#held.length < PASTE_LENGTH) return false;
    const held = this.#take();
    const text = end < 0 ? held : held.slice(0, end);
    this.#keys.push({ name: "paste", text });
    if (end < 0) return false;
    this.#held = held.slice(end + PASTE_END.length);
    this.#isPasting = false;
    return true;
  }

  #take(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  #textOf(bytes: Uint8Array): string {
    const text = this.#decoder.decode(bytes, { stream: true });
    if (!text.includes(REPLACEMENT) || holdsReplacement(bytes)) return text;
    return text.replaceAll(REPLACEMENT, NOT_UTF8);
  }

  /** The stream gets whole characters, and tells of keys before this returns. */
  #feed(text: string): void {
    if (text !== "") this.#stream.emit("data", text);
  }

  #press(typed: string | undefined, key: NodeKey): void {
    // That of a lone Escape comes late, and means nothing.
    if (key.name === "escape") return;
    const isBare = typed !== undefined && !key.ctrl && !key.meta;
    const text = isBare ? typed : "";
    const name = isBare ? NAMES.get(typed) ?? "" : modified(key);
    // Such as Ctrl-\\, which means nothing.
    if (name === "" && CONTROL.test(text)) return;
    const returnedAt = this.#returnedAt;
    this.#returnedAt = name === "return" ? Date.now() : -Infinity;
    if (name === "enter" && Date.now() - returnedAt <= LINE_ENDING_MS) return;
    const last = this.#keys.at(-1);
    if (name === "" && last?.name === "") {
      // A long paste is put in at once.
      this.#keys[this.#keys.length - 1] = { name, text: last.text + text };
    } else {
      this.#keys.push({ name, text });
    }
  }
}

/** Whether that character was sent as itself, in UTF-8. */
function holdsReplacement(bytes: Uint8Array): boolean {
  return bytes.some((byte, index) =>
    byte === 0xef && bytes[index + 1] === 0xbf && bytes[index + 2] === 0xbd
  );
}

function modified({ name = "", ctrl, meta, shift }: NodeKey): string {
  const prefix = ctrl ? shift ? "ctrl-shift-" : "ctrl-" : meta ? "meta-" : "";
  // Shift-Tab is no Tab.
  return shift && name === "tab" ? "shift-tab" : prefix + name;
}
