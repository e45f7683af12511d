/**
 * The bytes that a terminal sends as keys.
 *
 * @module
 */
import { emitKeypressEvents, type Key as NodeKey } from "node:readline";
import { PassThrough } from "node:stream";

/** How soon after `\r` a `\n` is part of the same line ending. */
const LINE_ENDING_MS = 100;

/** A key that was pressed, or text that was typed or pasted. */
export interface Key {
  /** Such as `ctrl-a`, `meta-b` (Alt), `left`; empty for text. */
  readonly name: string;
  /** What it puts in a line, if nothing else is done for it. */
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

/** Makes keys of bytes, which may be cut anywhere. */
export class KeyDecoder {
  readonly #decoder = new TextDecoder();
  readonly #stream = new PassThrough();
  #keys: Key[] = [];
  #returnedAt = -Infinity;

  constructor() {
    emitKeypressEvents(this.#stream);
    this.#stream.on("keypress", (text, key) => this.#press(text, key));
  }

  /** The keys of what was read at once; more than one are a paste. */
  decode(bytes: Uint8Array): readonly Key[] {
    // It gets whole characters, and tells of their keys before this returns.
    this.#stream.emit("data", this.#decoder.decode(bytes, { stream: true }));
    const keys = this.#keys;
    this.#keys = [];
    return keys;
  }

  #press(typed: string | undefined, key: NodeKey): void {
    // That of a lone Escape comes late, and means nothing.
    if (key.name === "escape") return;
    const isBare = typed !== undefined && !key.ctrl && !key.meta;
    const text = isBare ? typed : "";
    const name = isBare ? NAMES.get(typed) ?? "" : modified(key);
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

function modified({ name = "", ctrl, meta, shift }: NodeKey): string {
  const prefix = ctrl ? shift ? "ctrl-shift-" : "ctrl-" : meta ? "meta-" : "";
  // Shift-Tab is no Tab.
  return shift && name === "tab" ? "shift-tab" : prefix + name;
}
