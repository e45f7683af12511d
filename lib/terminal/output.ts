/**
 * Messages as the lines of a chat, and standard output and error, which show
 * them.
 *
 * @module
 */
import { cyan, dim, green } from "@std/fmt/colors";
import { type Block, OutputClosed } from "../chat/endpoint.ts";
import type { Role, Say } from "../text/phrases.ts";
import { escapeLines, escapeUnsafe, safeMessage } from "../text/safe_text.ts";
import { LINE_ENDING, LINE_FEED } from "../wire/framing.ts";
import { textsOf } from "../wire/message.ts";
import { isForTheMoment, RETRY_MS } from "./input.ts";
import type { Output, Screen } from "./screen.ts";

/** How much of a block is shown at once, in bytes, unless a line has more. */
const PART_BYTES = 16 * 1024;

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

/**
 * A block in parts of whole lines. What is made of a line can be much longer,
 * so that no more than a part of a block is worth having at once.
 */
export function* partsOf(block: Block): Generator<Block> {
  for (let start = 0; start < block.length;) {
    const last = block.lastIndexOf(LINE_FEED, start + PART_BYTES - 1);
    // A line that is longer is a part by itself.
    const next = last < start ? block.indexOf(LINE_FEED, start) : last;
    const end = next < 0 ? block.length : next + 1;
    yield block.subarray(start, end);
    start = end;
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
  /** Whether a message rings the terminal's bell. */
  bell: boolean;
  /** Whether someone who watches is shown how far the sending has come. */
  progress: boolean;
  /** Whether a terminal knows escape sequences: lines can be edited there. */
  canDraw: boolean;
  /** Whether `plain` tells nothing of the conversation but what goes wrong. */
  quiet: boolean;
  /** What this side is called in the transcript, if not by its role. */
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

/** How the lines of a chat are to look. */
export type RenderOptions = Pick<
  TerminalOptions,
  "role" | "say" | "color" | "time"
>;

/** Makes the lines of a chat. The texts it gets and gives have no `\n`. */
export class Renderer {
  readonly #options: RenderOptions;
  readonly #isColored: boolean;
  /** The name by which the peer goes, once it is known. */
  peerName: string | undefined;
  /** Set in a room, whose lines bring the names of those who said them. */
  inRoom = false;

  constructor(options: RenderOptions, isTerminal: boolean) {
    this.#options = options;
    this.#isColored = options.color && isTerminal && !Deno.noColor;
  }

  /** A message of the peer. */
  received(text: string): string {
    return this.#clock() + this.#peerLabel() + safeMessage(text);
  }

  /** A message of this side. */
  own(text: string): string {
    return this.#clock() + this.ownLabel + safeMessage(text);
  }

  /** A sentence about the conversation. */
  notice(text: string): string {
    const safe = escapeLines(text);
    return this.#isColored ? dim(safe) : safe;
  }

  /** What is shown before this side's messages. */
  get ownLabel(): string {
    const { role, say } = this.#options;
    const label = say(`${role} label`);
    return this.#isColored ? green(label) : label;
  }

  /** What the peer is called; nothing in a room, whose lines bring the names. */
  get peer(): string {
    return this.inRoom
      ? ""
      : this.peerName ?? this.#options.say(this.#peerRole);
  }

  get #peerRole(): Role {
    return this.#options.role === "client" ? "server" : "client";
  }

  #peerLabel(): string {
    const { say } = this.#options;
    const name = this.peerName;
    const label = this.inRoom
      ? say("room label")
      : name === undefined
      ? say(`${this.#peerRole} says`)
      : say(`named ${this.#peerRole} says`, { name: safeMessage(name) });
    return this.#isColored ? cyan(label) : label;
  }

  #clock(): string {
    if (!this.#options.time) return "";
    const [time = ""] = new Date().toTimeString().split(" ");
    return this.notice(`[${time}] `);
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
  /** Whether standard output is a terminal, which must not act on text. */
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
