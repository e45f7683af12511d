/**
 * Standard input and output as an end of a conversation: a person at a
 * terminal, a pipe, or one of each.
 *
 * @module
 */
import { Display } from "./display.ts";
import {
  type Block,
  InputError,
  type LocalEndpoint,
} from "../chat/endpoint.ts";
import type { Framing } from "../wire/framing.ts";
import { textsOf } from "../wire/message.ts";
import type { Role, Say } from "../text/phrases.ts";
import { PlainOutput } from "./plain_output.ts";
import type { Presence, Prompt } from "./prompt.ts";
import { Renderer } from "./render.ts";
import type { StandardInput } from "./standard_input.ts";
import type { Transcript } from "./transcript.ts";
import { Unsaid } from "./unsaid.ts";

const BELL = "\x07";

/** What a terminal is made with. */
export interface TerminalOptions {
  /** The side that this process is. */
  role: Role;
  /** `chat` shows labels, `plain` the messages alone, byte for byte. */
  style: "chat" | "plain";
  /** Whether to give one message at a time, each with its line ending. */
  lineByLine: boolean;
  /** The most bytes that a message of the input may have. */
  maxMessage: number;
  /** Whether there may be colours where standard output is a terminal. */
  color: boolean;
  /** Whether the clock stands before each message. */
  time: boolean;
  /** Whether a message rings the terminal's bell. */
  bell: boolean;
  /** What this side is called in the transcript. */
  name: string;
  say: Say;
  /**
   * Called with SIGINT when Ctrl-C is pressed while lines are edited, or what
   * does the same where nobody is there to hear an end; with SIGHUP when the
   * terminal is gone, which the signal may tell later or never.
   */
  interrupt(signal: "SIGINT" | "SIGHUP"): void;
}

/**
 * The end of a conversation at this process's standard input and output.
 *
 * `receive` throws an `InputError` for a line that can't be sent, after all
 * lines before it were given, and a `Failure` when standard input can't be
 * read. `send` throws an `OutputClosed` when standard output can't be written.
 */
export class Terminal implements LocalEndpoint {
  readonly framing = "lines";
  readonly canSayEnd = true;
  readonly givesRest = false;
  /** Whether someone types; no more once a line of it was refused. */
  attended: boolean;
  readonly renderer: Renderer;
  readonly display: Display;
  /** Whether there is a peer. */
  presence: Presence = "expected";
  /** Writes down all that is said, once it is set. */
  transcript: Transcript | undefined;
  readonly #options: TerminalOptions;
  readonly #bell: string;
  /** Where what the peer says is put out under `plain`. */
  readonly #plain: PlainOutput | undefined;
  /** The line editor, where someone types under `chat`. */
  readonly #prompt: Prompt | undefined;
  #source: Prompt | StandardInput | undefined;
  readonly #unsaid: Unsaid;

  /**
   * Opens this process's terminal. The line editor is loaded only where someone
   * types: all else starts sooner without it.
   */
  static async open(options: TerminalOptions): Promise<Terminal> {
    const isEdited = options.style === "chat" && Deno.stdin.isTerminal() &&
      Deno.stdout.isTerminal();
    const editor = isEdited ? await import("./prompt.ts") : undefined;
    return new Terminal(options, editor?.Prompt);
  }

  private constructor(
    options: TerminalOptions,
    EditingPrompt: typeof Prompt | undefined,
  ) {
    const terminal = Deno.stdout.isTerminal();
    this.#options = options;
    this.#unsaid = new Unsaid(() => this.#read(), options);
    this.attended = Deno.stdin.isTerminal();
    this.renderer = new Renderer({
      ...options,
      terminal,
      color: options.color && terminal,
      clock: options.time ? () => new Date() : undefined,
    });
    this.#bell = options.bell && terminal ? BELL : "";
    if (EditingPrompt) {
      this.#prompt = new EditingPrompt({
        ...options,
        renderer: this.renderer,
        presence: () => this.presence,
        warn: (text) => this.warn(text),
        warnNotSent: (texts) => this.warnNotSent(texts),
      });
      this.#source = this.#prompt;
    }
    const { stdout, stderr } = Deno;
    this.display = new Display({ stdout, stderr, prompt: this.#prompt });
    if (options.style === "plain") {
      const write = (bytes: Block): Promise<void> => this.display.write(bytes);
      this.#plain = new PlainOutput({ terminal, write });
    }
  }

  /**
   * Whether what the peer says is put out byte for byte: under `plain`, but at
   * a terminal, which it must not act on.
   */
  get passesBytes(): boolean {
    return this.#plain?.passesBytes ?? false;
  }

  receive(): Promise<Block | null> {
    return this.#unsaid.receive();
  }

  async #read(): Promise<Block | null> {
    // Loaded here: a server listens sooner without it.
    this.#source ??= await this.#openInput();
    try {
      const block = await this.#source.read();
      if (block === null) this.display.progress?.done();
      return block;
    } catch (fault) {
      // Nothing more is read, and nobody meant that end of the input.
      if (fault instanceof InputError) this.attended = false;
      throw fault;
    }
  }

  async #openInput(): Promise<StandardInput> {
    const { StandardInput } = await import("./standard_input.ts");
    return new StandardInput(Deno.stdin, {
      ...this.#options,
      terminal: this.attended,
      presence: () => this.presence,
      warnNotSent: (texts) => this.warnNotSent(texts),
      hungUp: () => this.#options.interrupt("SIGHUP"),
    });
  }

  async send(block: Block): Promise<void> {
    this.transcript?.record("<", this.renderer.peer, textsOf(block));
    if (this.#plain) return await this.#plain.put(block);
    const text = chatOf(block, (line) => this.renderer.received(line));
    await this.display.show(text + this.#bell);
  }

  async echo(block: Block): Promise<void> {
    this.transcript?.record(">", this.#options.name, textsOf(block));
    this.display.progress?.sent(block.length);
    const typed = this.#unsaid.say(block);
    // What was entered at the prompt stands on the terminal already.
    if (this.#plain || (typed && this.#prompt)) return;
    const text = chatOf(block, (line) => this.renderer.own(line));
    // Only the end is not typed: it is said whether or not the terminal reads.
    if (this.#prompt) this.#prompt.put(text, "stdout");
    else await this.display.show(text);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  /** Leaves the terminal as it was found; a pipe's pending read stays pending. */
  close(): void {
    this.display.close();
  }

  /**
   * Shows a sentence about the conversation: within a chat, which is standard
   * output, else on standard error. Settles when it is written.
   *
   * @throws {OutputClosed} when standard output can't be written.
   */
  async tell(text: string): Promise<void> {
    this.transcript?.record("*", "", text.split("\n"));
    if (this.#plain) return this.warn(text);
    await this.display.show(`${this.renderer.notice(text)}\n`);
  }

  /**
   * Asks the person at the line editor for something that is not shown; null
   * where there is none, or no answer.
   */
  async askSecret(question: string): Promise<string | null> {
    return await this.#prompt?.secret(question) ?? null;
  }

  /** Puts lines on standard error. Never throws. */
  warn(text: string): void {
    this.display.warn(text);
  }

  /**
   * One peer has gone and another may come: what was entered for the one is
   * not said to the other. Under `lines` what that one says begins a line.
   */
  awaitNext(framing: Framing): void {
    this.presence = "gone";
    if (framing === "lines") this.#plain?.beginLine();
    this.warnUnsent();
    this.#prompt?.resume();
    this.#unsaid.release();
    // Else what is typed meanwhile is read, and given, when the next is here.
    if (this.attended && !this.#prompt) this.#unsaid.readAhead();
  }

  /** Names what a person entered and never said as not sent, and forgets it. */
  warnUnsent(): void {
    if (!this.attended) return;
    const unsaid = this.#unsaid.take();
    this.warnNotSent([
      ...unsaid === null ? [] : textsOf(unsaid),
      ...this.#prompt?.takeEntered() ?? [],
    ]);
  }

  /** Names each of the texts as not sent. */
  warnNotSent(texts: string[]): void {
    if (texts.length === 0) return;
    const { say } = this.#options;
    // As one text: then none of it is left out, however much it is.
    this.warn(texts.map((text) => say("not sent", { text })).join("\n"));
  }
}

/** The lines of a chat that a block makes. */
function chatOf(block: Block, render: (text: string) => string): string {
  return textsOf(block).map((text) => `${render(text)}\n`).join("");
}
