/**
 * Messages as the lines of a chat, and standard output and error, which show
 * them.
 *
 * @module
 */
import { bold, cyan, dim, green, inverse, rgb8 } from "@std/fmt/colors";
import { type Block, OutputClosed } from "../chat/endpoint.ts";
import type { Role, Say } from "../text/phrases.ts";
import { colorOfName, wordPattern } from "../text/name_look.ts";
import { escapeLines, escapeUnsafe, safeMessage } from "../text/safe_text.ts";
import { SeenNames } from "../text/seen_names.ts";
import { LINE_ENDING, LINE_FEED } from "../wire/framing.ts";
import { textsOf } from "../wire/message.ts";
import { type RoomLine, roomLine } from "../wire/room_line.ts";
import { isForTheMoment, RETRY_MS } from "./input.ts";
import type { Output, Screen } from "./screen.ts";

/** A pipe takes so much whole or not at all: `PIPE_BUF`, pipe(7). */
const ATOMIC_BYTES = 4096;
/** More than a pipe holds: one that was filled would have been full by then. */
const TRIAL_BYTES = 256 * 1024;
/** How often a full output is tried again at once: for a second. */
const MAX_TRIES = 100;

/** Something to write to, without waiting; `Deno.stderr` and `Deno.FsFile` fit. */
export interface SyncWriter {
  /** Takes some of the bytes; returns how many. */
  writeSync(bytes: Uint8Array): number;
}

/**
 * Writes all of the text at once, in parts of so many bytes. An output that
 * takes nothing for the moment is waited for, but not long: the whole program
 * waits.
 *
 * @throws what the writer throws, or when it takes nothing.
 */
export function writeAllSync(
  writer: SyncWriter,
  text: string,
  partBytes = Infinity,
): void {
  const bytes = new TextEncoder().encode(text);
  let tries = 0;
  for (let done = 0; done < bytes.length;) {
    try {
      const part = bytes.subarray(done, done + partBytes);
      const count = writer.writeSync(part);
      if (count === 0) throw new Error("Nothing could be written");
      done += count;
    } catch (fault) {
      const isWhole = partBytes <= ATOMIC_BYTES;
      if (!isWhole || !isForTheMoment(fault) || ++tries > MAX_TRIES) {
        throw fault;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

/** Puts text on standard error as it is. Never throws: nobody could be told. */
export function writeError(
  text: string,
  stderr: SyncWriter = Deno.stderr,
): void {
  try {
    writeAllSync(stderr, text, ATOMIC_BYTES);
  } catch {
    // Closed, or full.
  }
}

/** What a terminal is made with. */
export interface TerminalOptions {
  /** The side that this process is. */
  role: Role;
  say: Say;
  /** `chat` shows labels, `plain` the messages alone, byte for byte. */
  style: "chat" | "plain";
  /** Whether labels and notices are coloured where a terminal shows them. */
  color: boolean;
  /** Whether the clock is shown before each message. */
  time: boolean;
  /** Which messages ring the terminal's bell: those that call this side, or all. */
  bell: "mention" | "all" | undefined;
  /** Whether someone who watches is shown how far the sending has come. */
  progress: boolean;
  /** Whether a terminal knows escape sequences: lines can be edited there. */
  canDraw: boolean;
  /** Whether `plain` tells nothing of the conversation but what goes wrong. */
  quiet: boolean;
  /** What this side is called, if not by its role, until a room says otherwise. */
  name: string | undefined;
  /** Whether one message is asked for and given at a time. */
  lineByLine: boolean;
  /** The most bytes that a message of the input may have. */
  maxMessage: number;
  /** The message that ends the conversation; empty for none. */
  end: string;
  /**
   * Called with SIGINT for Ctrl-C on an empty line, and for an end that nobody
   * is there to hear; with SIGHUP when the terminal is gone, which the signal
   * may tell later or never.
   */
  interrupt(signal: "SIGINT" | "SIGHUP"): void;
}

/** Makes the lines of a chat of texts without a `\n`. */
export class Renderer {
  readonly #options: Pick<TerminalOptions, "role" | "say" | "time">;
  readonly #isColored: boolean;
  readonly #peerRole: Role;
  /** The name by which the peer goes, once it is known. */
  peerName: string | undefined;
  /** Set in a room, whose lines bring the names of those who said them. */
  inRoom = false;
  readonly #seen = new SeenNames();
  #ownName: string | undefined;
  #ownPattern: RegExp | undefined;

  constructor(
    options: Pick<TerminalOptions, "role" | "say" | "color" | "time" | "name">,
    isTerminal: boolean,
  ) {
    this.#options = options;
    this.#isColored = options.color && isTerminal && !Deno.noColor;
    this.#peerRole = options.role === "client" ? "server" : "client";
    this.#setOwnName(options.name);
  }

  /** What this side is called, as far as that is known. */
  get ownName(): string | undefined {
    return this.#ownName;
  }

  /** The names of others that were seen, the last speaker's first. */
  get names(): readonly string[] {
    return this.inRoom ? this.#seen.latest : [this.peerName ?? []].flat();
  }

  /** Messages of the peer. In a room they may tell names, which are kept. */
  received(texts: readonly string[]): string {
    const start = this.#clock() + this.#peerLabel();
    return texts.map((text) => {
      const line = this.#lineOf(text);
      if (line?.kind === "told") this.#setOwnName(line.name);
      const name = line && this.#seen.learn(line) ? line.name : "";
      return `${start}${this.#shown(text, line, name)}
`;
    }).join("");
  }

  /** Whether a message is private, or holds the own name as a word. */
  calls(text: string, line = this.#lineOf(text)): boolean {
    if (this.inRoom && line?.kind !== "said") return line?.kind === "whispered";
    const word = this.#ownPattern;
    return word !== undefined && (line?.text ?? text).search(word) >= 0;
  }

  /** Messages of this side; in a room as the others see them. */
  own(texts: readonly string[]): string {
    const mark = this.inRoom && this.#ownName ? this.#peerLabel() : "";
    const [clock, label] = [this.#clock(), this.ownLabel];
    return texts.map((text) =>
      clock + (text.startsWith("/") ? "" : mark) + label + safeMessage(text)
    ).join("\n") + "\n";
  }

  /** A sentence about the conversation. */
  notice(text: string): string {
    const safe = escapeLines(text);
    return this.#isColored ? dim(safe) : safe;
  }

  /** What is shown before this side's messages. */
  get ownLabel(): string {
    const { role, say } = this.#options;
    const name = this.#ownName;
    if (name !== undefined) return this.#paint(`${safeMessage(name)}: `, name);
    const label = say(`${role} label`);
    return this.#isColored ? green(label) : label;
  }

  /** What the peer is called; nothing in a room, whose lines bring the names. */
  get peer(): string {
    if (this.inRoom) return "";
    return this.peerName ?? this.#options.say(this.#peerRole);
  }

  #setOwnName(name: string | undefined): void {
    this.#ownName = name;
    this.#ownPattern = name === undefined ? undefined : wordPattern(name);
  }

  #lineOf(text: string): RoomLine | undefined {
    return this.inRoom ? roomLine(text) : undefined;
  }

  /** The text with its name in colour; what calls this side stands out. */
  #shown(text: string, line: RoomLine | undefined, name: string): string {
    const safe = safeMessage(text);
    if (!this.#isColored) return safe;
    const start = safe.indexOf(name);
    const rest = safe.slice(start + name.length);
    const head = safe.slice(0, start) + this.#paint(name, name);
    if (!this.calls(text, line)) return head + rest;
    const word = this.#ownPattern;
    return head +
      bold(word ? rest.replaceAll(word, (it) => inverse(it)) : rest);
  }

  /** Text in the colour of a name. */
  #paint(text: string, name: string): string {
    return this.#isColored && name ? rgb8(text, colorOfName(name)) : text;
  }

  #peerLabel(): string {
    const { say } = this.#options;
    const name = this.peerName;
    if (name !== undefined && !this.inRoom) {
      const values = { name: safeMessage(name) };
      return this.#paint(say(`named ${this.#peerRole} says`, values), name);
    }
    const label = say(this.inRoom ? "room label" : `${this.#peerRole} says`);
    return this.#isColored ? cyan(label) : label;
  }

  #clock(): string {
    const time = new Date().toTimeString().slice(0, "00:00:00".length);
    return this.#options.time ? this.notice(`[${time}] `) : "";
  }
}

/** What a display is made with. */
export interface DisplayOptions {
  stdout: Output & { isTerminal(): boolean };
  stderr: Output & SyncWriter & { isTerminal(): boolean };
  /** The terminal; none where lines go out as they are. */
  screen: Screen | undefined;
  /** Whether a line is edited there; what is written elsewhere may come to it. */
  isEdited: boolean;
}

/** Shows what is said on standard output, and warnings on standard error. */
export class Display {
  readonly #options: DisplayOptions;
  readonly #isTerminal: boolean;
  /** What was passed on last: ended lines, or one that is yet to be ended. */
  #last: "ended" | "open" | "to end" = "ended";
  #written = 0;
  /** Whether it took nothing for a moment: it is then non-blocking. */
  #wasFull = false;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#isTerminal = options.stdout.isTerminal();
  }

  /**
   * Shows lines, which are safe on a terminal; settles when they are written.
   *
   * @throws {OutputClosed} when standard output can't be written.
   */
  async show(lines: string): Promise<void> {
    const { stdout, screen } = this.#options;
    if (!this.#isTerminal || !screen) {
      return await this.#write(new TextEncoder().encode(lines));
    }
    try {
      await screen.print(lines, stdout);
    } catch (cause) {
      throw new OutputClosed(cause);
    }
  }

  /**
   * Passes a block on byte for byte, but at a terminal, where no line gives
   * way, it is made safe; settles when it is written.
   *
   * @throws {OutputClosed} when standard output can't be written.
   */
  async pass(block: Block): Promise<void> {
    if (this.#last === "to end") await this.#write(LINE_ENDING);
    const isEnded = block.at(-1) === LINE_FEED;
    this.#last = isEnded ? "ended" : "open";
    if (!this.#isTerminal) return await this.#write(block);
    const texts = textsOf(block).map(escapeUnsafe).join("\n");
    await this.show(texts + (isEnded ? "\n" : ""));
  }

  /** What is passed on next is another peer's, and begins a line. */
  beginLine(): void {
    if (this.#last === "open") this.#last = "to end";
  }

  /** Puts lines on standard error, safe to show. Never throws. */
  warn(text: string): void {
    const { stderr, screen } = this.#options;
    // It may quote the peer, an argument or what was typed.
    const safe = `${escapeLines(text)}\n`;
    if (screen && stderr.isTerminal()) screen.put(safe, stderr);
    else writeError(safe, stderr);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { stdout, screen, isEdited } = this.#options;
    try {
      if (isEdited) await screen?.giveWay();
      for (let done = 0; done < bytes.length;) {
        const part = bytes.subarray(done, done + this.#partBytes);
        const count = await this.#writePart(stdout, part);
        done += count;
        this.#written += count;
      }
    } catch (cause) {
      throw new OutputClosed(cause);
    }
  }

  /**
   * How much is written at once. Of a larger part that another program's pipe
   * takes only in part, Deno does not tell how much it took.
   */
  get #partBytes(): number {
    const isOnTrial = this.#written < TRIAL_BYTES;
    return isOnTrial || this.#wasFull ? ATOMIC_BYTES : Infinity;
  }

  async #writePart(stdout: Output, part: Uint8Array): Promise<number> {
    for (;;) {
      try {
        return await stdout.write(part);
      } catch (fault) {
        const isWhole = part.length <= ATOMIC_BYTES;
        if (!isForTheMoment(fault) || !isWhole) throw fault;
        this.#wasFull = true;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
