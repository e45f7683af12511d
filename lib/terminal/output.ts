/**
 * Messages as the lines of a chat, and standard output and error, which show
 * them.
 *
 * @module
 */
import { cyan, dim, green } from "@std/fmt/colors";
import { type Block, OutputClosed } from "../chat/endpoint.ts";
import type { Role, Say } from "../text/phrases.ts";
import { escapeUnsafe } from "../text/safe_text.ts";
import { LINE_ENDING, LINE_FEED } from "../wire/framing.ts";
import { textsOf } from "../wire/message.ts";
import type { Output, Screen } from "./screen.ts";

/** Something to write to, without waiting; `Deno.stderr` and `Deno.FsFile` fit. */
export interface SyncWriter {
  /** Takes some of the bytes; returns how many. */
  writeSync(bytes: Uint8Array): number;
}

/**
 * Writes all of the text, without waiting.
 *
 * @throws what the writer throws, or when it takes nothing.
 */
export function writeAllSync(writer: SyncWriter, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) {
    const count = writer.writeSync(bytes.subarray(done));
    if (count === 0) throw new Error("Nothing could be written");
    done += count;
  }
}

/** Puts text on standard error as it is. Never throws: nobody could be told. */
export function writeError(
  text: string,
  stderr: SyncWriter = Deno.stderr,
): void {
  try {
    writeAllSync(stderr, text);
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
  /** What this side is called in the transcript, if not by its role. */
  name: string | undefined;
  /** Whether one message is asked for and given at a time. */
  lineByLine: boolean;
  /** The most bytes that a message of the input may have. */
  maxMessage: number;
  /** The end word, so that a block of the input is looked at once. */
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
  /** Whether the text goes to a terminal, where escapes take effect. */
  readonly #isTerminal: boolean;
  readonly #isColored: boolean;
  /** The name by which the peer goes, once it is known. */
  peerName: string | undefined;
  /** Set in a room, whose lines bring the names of those who said them. */
  inRoom = false;

  constructor(options: RenderOptions, isTerminal: boolean) {
    this.#options = options;
    this.#isTerminal = isTerminal;
    this.#isColored = options.color && isTerminal && !Deno.noColor;
  }

  /** A message of the peer. */
  received(text: string): string {
    return this.#clock() + this.#peerLabel() + this.#safe(text);
  }

  /** A message of this side. */
  own(text: string): string {
    return this.#clock() + this.ownLabel + this.#safe(text);
  }

  /** A sentence about the conversation. */
  notice(text: string): string {
    return this.#isColored ? dim(text) : text;
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
      : say(`named ${this.#peerRole} says`, { name });
    return this.#isColored ? cyan(label) : label;
  }

  #clock(): string {
    if (!this.#options.time) return "";
    const [time = ""] = new Date().toTimeString().split(" ");
    return this.notice(`[${time}] `);
  }

  #safe(text: string): string {
    return this.#isTerminal ? escapeUnsafe(text) : text;
  }
}

/** What a display is made with. */
export interface DisplayOptions {
  stdout: Output & { isTerminal(): boolean };
  stderr: Output & SyncWriter & { isTerminal(): boolean };
  /** The terminal, where a line on it gives way to what is shown. */
  screen: Screen | undefined;
}

/** Shows what is said on standard output, and warnings on standard error. */
export class Display {
  readonly #options: DisplayOptions;
  /** Whether standard output is a terminal, which must not act on text. */
  readonly #isTerminal: boolean;
  /** What was passed on last: ended lines, or one that is yet to be ended. */
  #last: "ended" | "open" | "to end" = "ended";

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#isTerminal = options.stdout.isTerminal();
  }

  /**
   * Shows whole lines, which are safe on a terminal; settles when they are
   * written.
   *
   * @throws {OutputClosed} when standard output can't be written.
   */
  async show(lines: string): Promise<void> {
    const { stdout, screen } = this.#options;
    if (!screen || !this.#isTerminal) {
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
   * way, what could act there is escaped; settles when it is written.
   *
   * @throws {OutputClosed} when standard output can't be written.
   */
  async pass(block: Block): Promise<void> {
    if (this.#last === "to end") await this.#write(LINE_ENDING);
    const isEnded = block.at(-1) === LINE_FEED;
    this.#last = isEnded ? "ended" : "open";
    if (!this.#isTerminal) return await this.#write(block);
    const texts = textsOf(block).map(escapeUnsafe).join("\n");
    await this.#write(new TextEncoder().encode(texts + (isEnded ? "\n" : "")));
  }

  /** What is passed on next is another peer's, and begins a line. */
  beginLine(): void {
    if (this.#last === "open") this.#last = "to end";
  }

  /** Puts lines on standard error, safe on a terminal. Never throws. */
  warn(text: string): void {
    const { stderr, screen } = this.#options;
    if (!stderr.isTerminal()) return writeError(`${text}\n`, stderr);
    // It may quote the peer, an argument or what was typed.
    const safe = text.split("\n").map((it) => `${escapeUnsafe(it)}\n`).join("");
    if (screen) screen.put(safe, stderr);
    else writeError(safe, stderr);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        done += await this.#options.stdout.write(bytes.subarray(done));
      }
    } catch (cause) {
      throw new OutputClosed(cause);
    }
  }
}
