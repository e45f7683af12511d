/**
 * Standard input and output as an end of a conversation: a person at a
 * terminal, a pipe, or one of each.
 *
 * @module
 */
import { isUtf8 } from "node:buffer";
import {
  type Block,
  type LocalEndpoint,
  OutputClosed,
} from "./conversation.ts";
import {
  BlockDecoder,
  firstNotUtf8,
  LINE_FEED,
  linesOf,
  ProtocolError,
} from "./line_codec.ts";
import { lineOf, textOf } from "./message.ts";
import type { Role, Say } from "./phrases.ts";
import { Prompt } from "./prompt.ts";
import { escapeUnsafe } from "./render.ts";

/** What a terminal is made with. */
export interface TerminalOptions {
  /** The side that this process is. */
  role: Role;
  /** `chat` shows labels, `plain` the messages alone, byte for byte. */
  style: "chat" | "plain";
  /** Whether to give one message at a time. */
  lineByLine: boolean;
  /** The most bytes that a message of the input may have. */
  maxMessage: number;
  say: Say;
  /** Called when Ctrl-C is pressed while a line is edited. */
  interrupt(): void;
}

/** A line of the input that is not sent: the reason, and where it stands. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly reason: "not UTF-8" | "too long";
  /** The number of the line, from 1. */
  readonly line: number;
  /** The number of the first bad byte in that line, from 1. */
  readonly offset: number;
  /** The limit for a message, in bytes. */
  readonly limit: number;

  constructor(
    reason: InputError["reason"],
    place: { line: number; offset: number; limit: number },
  ) {
    super(`Cannot send line ${place.line} of the input`);
    this.reason = reason;
    this.line = place.line;
    this.offset = place.offset;
    this.limit = place.limit;
  }
}

/**
 * The end of a conversation at this process's standard input and output.
 *
 * `receive` throws an {@linkcode InputError} for a line that can't be sent,
 * after all lines before it were given. `send` throws an `OutputClosed` when
 * standard output can't be written.
 */
export class Terminal implements LocalEndpoint {
  readonly framing = "lines";
  readonly attended: boolean;
  readonly #options: TerminalOptions;
  readonly #decoder: BlockDecoder;
  readonly #prompt: Prompt | undefined;
  readonly #encoder = new TextEncoder();
  #receiving: Promise<Block | null> | undefined;
  /** What was read of the input and not echoed yet. */
  #unsaid: Block | null = null;
  #atEnd = false;
  #fault: InputError | undefined;
  #lines = 0;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#decoder = new BlockDecoder({
      framing: "lines",
      maxMessage: options.maxMessage,
    });
    this.attended = Deno.stdin.isTerminal();
    if (this.attended && options.style === "chat" && Deno.stdout.isTerminal()) {
      this.#prompt = new Prompt({ ...options, label: this.#ownLabel });
    }
  }

  receive(): Promise<Block | null> {
    this.#receiving ??= this.#receive().finally(() => {
      this.#receiving = undefined;
    });
    return this.#receiving;
  }

  async #receive(): Promise<Block | null> {
    this.#unsaid ??= await (this.#prompt ? this.#ask() : this.#read());
    if (this.#unsaid === null || !this.#options.lineByLine) return this.#unsaid;
    const newline = this.#unsaid.indexOf(LINE_FEED);
    return newline < 0 ? this.#unsaid : this.#unsaid.subarray(0, newline + 1);
  }

  async #ask(): Promise<Block | null> {
    const line = await this.#prompt?.next() ?? null;
    return line === null ? null : lineOf(line);
  }

  async #read(): Promise<Block | null> {
    let block: Block | null = null;
    try {
      while (block === null && !this.#atEnd) {
        const count = await Deno.stdin.read(this.#decoder.space());
        this.#atEnd = count === null;
        block = count === null
          ? this.#decoder.finish()
          : this.#decoder.take(count);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw this.#refusal("too long", 0);
    }
    return block === null ? null : this.#checked(block);
  }

  /** The lines of the block before the first that is not UTF-8. */
  #checked(block: Block): Block {
    if (this.#fault) throw this.#fault;
    if (isUtf8(block)) {
      for (const byte of block) if (byte === LINE_FEED) this.#lines++;
      return block;
    }
    let good = 0;
    for (const line of linesOf(block)) {
      if (!isUtf8(line)) {
        this.#fault = this.#refusal("not UTF-8", firstNotUtf8(line) + 1);
        break;
      }
      this.#lines++;
      good += line.length;
    }
    if (good === 0 && this.#fault) throw this.#fault;
    return block.subarray(0, good);
  }

  #refusal(reason: InputError["reason"], offset: number): InputError {
    const limit = this.#options.maxMessage;
    return new InputError(reason, { line: this.#lines + 1, offset, limit });
  }

  async send(block: Block): Promise<void> {
    if (this.#options.style === "plain") return await writeOutput(block);
    const label = this.#options.say(
      this.#options.role === "client" ? "server says" : "client says",
    );
    await this.#print(label, block);
  }

  async echo(block: Block): Promise<void> {
    const rest = this.#unsaid?.subarray(block.length);
    this.#unsaid = rest && rest.length > 0 && this.#options.lineByLine
      ? rest
      : null;
    // What a person typed stands on the terminal already.
    if (this.#options.style === "chat" && !this.attended) {
      await this.#print(this.#ownLabel, block);
    }
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.#prompt?.close();
  }

  /** A sentence about the conversation: part of the chat, else a message. */
  async tell(text: string): Promise<void> {
    if (this.#options.style === "plain") return this.warn(text);
    await this.#write(`${text}\n`);
  }

  /** A line on standard error. */
  warn(text: string): void {
    const bytes = this.#encoder.encode(`${text}\n`);
    this.#above(() => {
      try {
        for (let done = 0; done < bytes.length;) {
          done += Deno.stderr.writeSync(bytes.subarray(done));
        }
      } catch {
        // Without a standard error there is nobody to tell.
      }
    });
  }

  /** Names each line of a block as not sent. */
  warnNotSent(block: Block): void {
    for (const line of linesOf(block)) this.#warnNotSent(textOf(line));
  }

  /** Names what a person entered and never said as not sent, and forgets it. */
  warnUnsent(): void {
    if (!this.attended) return;
    if (this.#unsaid !== null) this.warnNotSent(this.#unsaid);
    this.#unsaid = null;
    for (const text of this.#prompt?.takeEntered() ?? []) {
      this.#warnNotSent(text);
    }
  }

  #warnNotSent(line: string): void {
    const text = Deno.stderr.isTerminal() ? escapeUnsafe(line) : line;
    this.warn(this.#options.say("not sent", { text }));
  }

  get #ownLabel(): string {
    const { role, say } = this.#options;
    return say(role === "client" ? "client label" : "server label");
  }

  async #print(label: string, block: Block): Promise<void> {
    const safe = Deno.stdout.isTerminal() ? escapeUnsafe : String;
    let text = "";
    for (const line of linesOf(block)) {
      text += `${label}${safe(textOf(line))}\n`;
    }
    await this.#write(text);
  }

  async #write(text: string): Promise<void> {
    const bytes = this.#encoder.encode(text);
    if (!this.#prompt) return await writeOutput(bytes);
    this.#above(() => {
      for (let done = 0; done < bytes.length;) {
        done += Deno.stdout.writeSync(bytes.subarray(done));
      }
    });
  }

  #above(write: () => void): void {
    if (this.#prompt) this.#prompt.above(write);
    else write();
  }
}

/** @throws {OutputClosed} when standard output can't be written. */
async function writeOutput(bytes: Uint8Array): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;) {
      done += await Deno.stdout.write(
        done === 0 ? bytes : bytes.subarray(done),
      );
    }
  } catch (cause) {
    throw new OutputClosed("Cannot write to standard output", { cause });
  }
}
