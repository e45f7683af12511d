/**
 * Standard input and output as an end of a conversation: a person at a
 * terminal, a pipe, or one of each.
 *
 * @module
 */
import {
  type Block,
  InputError,
  type LocalEndpoint,
  OutputClosed,
} from "./endpoint.ts";
import type { Input } from "./input.ts";
import { type Framing, LINE_ENDING, LINE_FEED } from "./line_codec.ts";
import { lineOf, textsOf } from "./message.ts";
import { Failure, isTerminalGone, reasonOf } from "./outcome.ts";
import { writeError, writeOutput } from "./output.ts";
import type { Progress } from "./progress.ts";
import type { Role, Say } from "./phrases.ts";
import type { Prompt } from "./prompt.ts";
import { escapeUnsafe, Renderer } from "./render.ts";
import type { Transcript } from "./transcript.ts";
import { Unsaid } from "./unsaid.ts";

const BELL = "\x07";
/** What a person can type for the own screen only. */
const COMMANDS = ["/clear", "/help", "/quit"] as const;

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
  readonly #isTerminal = Deno.stdout.isTerminal();
  readonly #options: TerminalOptions;
  #input: Input | undefined;
  readonly #prompt: Prompt | undefined;
  readonly #bell: string;
  /**
   * Whether there is a peer. What is typed for one who is expected waits; what
   * is typed when one has gone is nobody else's.
   */
  peer: "expected" | "here" | "gone" = "expected";
  /** Writes down all that is said, once it is set. */
  transcript: Transcript | undefined;
  /** Shows how far the sending of the input has come, once it is set. */
  progress: Progress | undefined;
  #receiving: Promise<Block | null> | undefined;
  /** Whether what was put out last, byte for byte, is a line not ended. */
  #isUnended = false;
  /** Whether that line was another peer's, who has gone. */
  #isOfGone = false;
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
    Editor: typeof Prompt | undefined,
  ) {
    const terminal = this.#isTerminal;
    this.#options = options;
    this.#unsaid = new Unsaid(options);
    this.attended = Deno.stdin.isTerminal();
    this.renderer = new Renderer({
      ...options,
      terminal,
      color: options.color && terminal,
      clock: options.time ? () => new Date() : undefined,
    });
    this.#bell = options.bell && terminal ? BELL : "";
    if (Editor) {
      this.#prompt = new Editor({
        label: this.renderer.ownLabel,
        lineByLine: options.lineByLine,
        commands: COMMANDS,
        entered: (text) => this.renderer.own(text),
        take: (line) => this.#take(line),
        interrupt: () => options.interrupt("SIGINT"),
        hungUp: () => options.interrupt("SIGHUP"),
      });
    }
  }

  /**
   * Whether what the peer says is put out byte for byte: under `plain`, but at
   * a terminal, which it must not act on.
   */
  get passesBytes(): boolean {
    return this.#options.style === "plain" && !this.#isTerminal;
  }

  receive(): Promise<Block | null> {
    this.#receiving ??= this.#receive().finally(() => {
      this.#receiving = undefined;
    });
    return this.#receiving;
  }

  async #receive(): Promise<Block | null> {
    if (this.#unsaid.next === null) {
      const block =
        await (this.#prompt ? this.#ask(this.#prompt) : this.#read());
      if (block === null) this.progress?.done();
      else this.#unsaid.hold(block);
    }
    return this.#unsaid.next;
  }

  /** The next block of what is no line editor. */
  async #read(): Promise<Block | null> {
    if (this.#input === undefined) {
      // Loaded here: a server listens sooner without it.
      const { Input } = await import("./input.ts");
      this.#input = new Input(Deno.stdin, this.#options);
    }
    try {
      for (;;) {
        const block = await this.#input.read();
        const isForGone = this.attended && this.peer === "gone";
        if (block === null || !isForGone) return block;
        this.warnNotSent(block);
      }
    } catch (fault) {
      if (fault instanceof InputError) {
        // Nothing more is read, and nobody meant that end of the input.
        this.attended = false;
        throw fault;
      }
      if (this.attended && isTerminalGone(fault)) {
        this.#options.interrupt("SIGHUP");
        return null;
      }
      const cause = reasonOf(fault);
      throw new Failure(this.#options.say("input failed", { cause }));
    }
  }

  /** Acts on what is entered where nobody is there to hear it. */
  #take(text: string | null): boolean {
    if (this.peer === "here") return false;
    if (text === null || text === "/quit") {
      this.#options.interrupt("SIGINT");
    } else if (!this.#obey(text)) {
      if (this.peer === "expected") return false;
      this.#warnNotSent([text]);
    }
    return true;
  }

  /** Acts on a command that concerns the own screen only, if it is one. */
  #obey(text: string): boolean {
    if (text === "/clear") {
      this.#prompt?.clear();
    } else if (text === "/help") {
      const help = this.renderer.notice(this.#options.say("prompt help"));
      this.#prompt?.put(`${help}\n`, "stdout");
    } else {
      return false;
    }
    return true;
  }

  /** The next line that is for the peer; commands are acted on here. */
  async #ask(prompt: Prompt): Promise<Block | null> {
    const { say, maxMessage } = this.#options;
    for (;;) {
      const text = await prompt.next();
      if (text === null || text === "/quit") return null;
      if (this.#obey(text)) continue;
      const line = lineOf(text);
      if (line.length - 1 <= maxMessage) return line;
      this.warn(say("line too long", { limit: maxMessage }));
    }
  }

  async send(block: Block): Promise<void> {
    this.transcript?.record("<", this.renderer.peer, textsOf(block));
    if (this.#options.style === "plain") {
      if (this.#isOfGone) await this.#output(LINE_ENDING);
      this.#isOfGone = false;
      this.#isUnended = block.at(-1) !== LINE_FEED;
      return await this.#output(
        this.passesBytes ? block : new TextEncoder().encode(safeText(block)),
      );
    }
    let text = "";
    for (const line of textsOf(block)) {
      text += `${this.renderer.received(line)}\n`;
    }
    await this.#write(text + this.#bell);
  }

  async echo(block: Block): Promise<void> {
    this.transcript?.record(">", this.#options.name, textsOf(block));
    this.progress?.sent(block.length);
    const typed = this.#unsaid.say(block);
    // What was entered at the prompt stands on the terminal already.
    if (this.#options.style === "plain" || (typed && this.#prompt)) return;
    let text = "";
    for (const line of textsOf(block)) {
      text += `${this.renderer.own(line)}\n`;
    }
    // Only the end is not typed: it is said whether or not the terminal reads.
    if (this.#prompt) this.#prompt.put(text, "stdout");
    else await this.#write(text);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.progress?.done();
    this.#prompt?.close();
  }

  /**
   * The program is to end: from now on a terminal that takes nothing is not
   * waited for long, and hardly at all where that is asked for again.
   */
  hurry(wait: "normal" | "short" = "normal"): void {
    this.#prompt?.hurry(wait);
  }

  /** Settles when what was to be shown is written, or was given up. */
  async flush(): Promise<void> {
    await this.#prompt?.flush();
  }

  /** A sentence about the conversation: part of the chat, else a message. */
  async tell(text: string): Promise<void> {
    this.transcript?.record("*", "", text.split("\n"));
    if (this.#options.style === "plain") return this.warn(text);
    await this.#write(`${this.renderer.notice(text)}\n`);
  }

  /**
   * Asks the person at the line editor for something that is not shown; null
   * where there is none, or no answer.
   */
  async askSecret(question: string): Promise<string | null> {
    return await this.#prompt?.secret(question) ?? null;
  }

  /** A line on standard error. */
  warn(text: string): void {
    // It may quote the peer, an argument or what was typed.
    const isShown = Deno.stderr.isTerminal();
    const shown = isShown
      ? text.split("\n").map(escapeUnsafe).join("\n")
      : text;
    const lines = `${shown}\n`;
    if (this.#prompt && isShown) this.#prompt.put(lines, "stderr");
    else if (this.progress) this.progress.around(() => writeError(lines));
    else writeError(lines);
  }

  /** Names each line of a block as not sent. */
  warnNotSent(block: Block): void {
    this.#warnNotSent(textsOf(block));
  }

  /**
   * One peer has gone and another may come, who is told nothing of before.
   * Under `lines` what the next says begins a line.
   */
  awaitNext(framing: Framing): void {
    this.peer = "gone";
    this.#isOfGone = framing === "lines" && this.#isUnended;
    this.warnUnsent();
    this.#prompt?.resume();
    // Else what is typed meanwhile is read, and given, when the next is here.
    if (this.attended && !this.#prompt) this.receive().catch(() => {});
  }

  /** Names what a person entered and never said as not sent, and forgets it. */
  warnUnsent(): void {
    if (!this.attended) return;
    const unsaid = this.#unsaid.take();
    this.#warnNotSent([
      ...unsaid === null ? [] : textsOf(unsaid),
      ...this.#prompt?.takeEntered() ?? [],
    ]);
  }

  #warnNotSent(texts: string[]): void {
    if (texts.length === 0) return;
    const { say } = this.#options;
    // As one text: then none of it is left out, however much it is.
    this.warn(texts.map((text) => say("not sent", { text })).join("\n"));
  }

  async #write(text: string): Promise<void> {
    if (!this.#prompt) {
      return await this.#output(new TextEncoder().encode(text));
    }
    try {
      await this.#prompt.show(text);
    } catch (cause) {
      throw new OutputClosed(cause);
    }
  }

  async #output(bytes: Uint8Array): Promise<void> {
    // Where both stand on one terminal they must not tear each other.
    const progress = this.#isTerminal ? this.progress : undefined;
    progress?.hide();
    await writeOutput(Deno.stdout, bytes);
    progress?.show();
  }
}

/** Messages as they came, with or without a line ending, but for what acts. */
function safeText(block: Block): string {
  const texts = textsOf(block).map(escapeUnsafe).join("\n");
  return block.at(-1) === LINE_FEED ? `${texts}\n` : texts;
}
