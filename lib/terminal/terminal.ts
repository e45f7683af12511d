/**
 * Standard input and output as an end of a conversation: a person at a
 * terminal, a pipe, or one of each.
 *
 * @module
 */
import type { Block, LocalEndpoint } from "../chat/endpoint.ts";
import type { Sentence } from "../text/phrases.ts";
import { type Framing, LINE_FEED } from "../wire/framing.ts";
import { textsOf } from "../wire/message.ts";
import { Input, isTerminalGone, PendingInput } from "./input.ts";
import { Display, Renderer, type TerminalOptions } from "./output.ts";
import { inputSize, Progress } from "./progress.ts";
import type { Presence, Prompt } from "./prompt.ts";
import { Screen } from "./screen.ts";
import type { Transcript } from "./transcript.ts";

const BELL = "\x07";
/** How much of a block is shown at once, in bytes, unless a line has more. */
const PART_BYTES = 16 * 1024;

/**
 * The end of a conversation at this process's standard input and output.
 *
 * `receive` throws an `InputError` for a line that can't be sent, after all
 * lines before it were given, and a `Failure` when standard input can't be
 * read. `send` throws an `OutputClosed` when standard output can't be written.
 */
export class Terminal implements LocalEndpoint {
  readonly framing = "lines";
  /** Whether someone types. */
  readonly attended = Deno.stdin.isTerminal();
  readonly renderer: Renderer;
  /** Whether the peer's bytes pass: under `plain`, but not to a terminal. */
  readonly passesBytes: boolean;
  /** Whether there is a peer. */
  presence: Presence = "expected";
  /** Writes down all that is said, once it is set. */
  transcript: Transcript | undefined;
  readonly #options: TerminalOptions;
  readonly #isPlain: boolean;
  readonly #bell: TerminalOptions["bell"];
  /** The line editor, where someone types under `chat`. */
  readonly #prompt: Prompt | undefined;
  readonly #progress: Progress | undefined;
  /** The terminal, if there is one. */
  readonly #screen = new Screen();
  readonly #display: Display;
  readonly #source: Prompt | Input;
  readonly #pending: PendingInput;

  /** Opens this process's terminal. */
  static async open(options: TerminalOptions): Promise<Terminal> {
    const { stdin, stdout, stderr } = Deno;
    // Where what is received goes elsewhere, lines are edited on standard error.
    const isEdited = stdin.isTerminal() && options.canDraw &&
      (stdout.isTerminal() ? options.style === "chat" : stderr.isTerminal());
    // Everything else starts sooner without the line editor.
    const editor = isEdited ? await import("./prompt.ts") : undefined;
    return new Terminal(options, editor?.Prompt);
  }

  private constructor(
    options: TerminalOptions,
    EditingPrompt: typeof Prompt | undefined,
  ) {
    const { stdin, stdout, stderr } = Deno;
    const terminal = stdout.isTerminal();
    this.#options = options;
    this.#isPlain = options.style === "plain";
    this.passesBytes = this.#isPlain && !terminal;
    this.#bell = terminal && !this.#isPlain ? options.bell : undefined;
    this.renderer = new Renderer(options, terminal);
    // Bare bytes on the same terminal leave the cursor anywhere.
    const isTorn = this.#isPlain && terminal;
    const isWatched = !this.attended && stderr.isTerminal() && !isTorn;
    if (EditingPrompt) {
      this.#prompt = new EditingPrompt({
        ...options,
        screen: this.#screen,
        renderer: this.renderer,
        presence: () => this.presence,
        keeps: terminal || this.#isPlain,
        warn: (text) => this.warn(text),
        warnNotSent: (texts) => this.warnNotSent(texts),
      }, { stdin, stdout: terminal ? stdout : stderr });
    } else if (options.progress && options.canDraw && isWatched) {
      this.#progress = new Progress(options.say, inputSize(), this.#screen);
    }
    this.#source = this.#prompt ?? new Input(stdin, {
      ...options,
      refused: this.attended
        ? (fault): void => this.warn(fault.sentence)
        : undefined,
    });
    this.#pending = new PendingInput(() => this.#read(), options);
    const screen = options.canDraw ? this.#screen : undefined;
    const isEdited = this.#prompt !== undefined;
    this.#display = new Display({ stdout, stderr, screen, isEdited });
  }

  receive(): Promise<Block | null> {
    return this.#pending.receive();
  }

  async #read(): Promise<Block | null> {
    try {
      for (;;) {
        const block = await this.#source.read();
        if (block === null) this.#progress?.done();
        const isForGone = this.attended && this.presence === "gone";
        if (block === null || !isForGone) return block;
        this.warnNotSent(textsOf(block));
      }
    } catch (fault) {
      if (!(fault instanceof Error)) throw fault;
      if (this.attended && isTerminalGone(fault.cause)) {
        this.#options.interrupt("SIGHUP");
        return null;
      }
      throw fault;
    }
  }

  async send(block: Block): Promise<void> {
    const { transcript, renderer } = this;
    if (this.passesBytes && !transcript) return await this.#display.pass(block);
    let rings = this.#bell === "all";
    for (const part of partsOf(block)) {
      const texts = textsOf(part);
      transcript?.record("<", renderer.peer, texts);
      await (this.#isPlain
        ? this.#display.pass(part)
        : this.#display.show(renderer.received(texts)));
      rings ||= this.#bell !== undefined &&
        texts.some((it) => renderer.calls(it));
    }
    if (rings) await this.#display.show(BELL);
  }

  async echo(block: Block): Promise<void> {
    const { role, say } = this.#options;
    const { transcript, renderer } = this;
    this.#progress?.sent(block.length);
    const typed = this.#pending.said(block);
    // What was entered at the prompt is on the terminal already.
    const isSeen = typed && this.#prompt && Deno.stdout.isTerminal();
    const isShown = !this.#isPlain && !isSeen;
    if (!isShown && !transcript) return;
    for (const part of partsOf(block)) {
      const texts = textsOf(part);
      transcript?.record(">", renderer.ownName ?? say(role), texts);
      if (!isShown) continue;
      const text = renderer.own(texts);
      // Only the end is not typed: it is said whether or not anyone reads.
      if (this.#prompt) this.#screen.put(text, Deno.stdout);
      else await this.#display.show(text);
    }
  }

  closeWrite(): Promise<void> {
    this.#pending.close();
    return Promise.resolve();
  }

  /**
   * Leaves the terminal as it was found; a pipe's pending read stays pending.
   * May be called twice.
   */
  close(): void {
    this.#progress?.done();
    this.#prompt?.close();
  }

  /**
   * The program is to end: from now on a terminal that takes nothing is not
   * waited for long, and hardly at all when the wait is short. Settles when
   * what was to be shown is written, or was given up.
   */
  async hurry(wait: "normal" | "short" = "normal"): Promise<void> {
    this.#screen.hurry(wait);
    await this.#screen.flush();
  }

  /**
   * Shows a sentence about the conversation: within a chat, which is standard
   * output, else on standard error. Settles when it is written.
   *
   * @throws {OutputClosed} when standard output can't be written.
   */
  async tell(about: Sentence | string): Promise<void> {
    const text = this.#textOf(about);
    this.transcript?.record("*", "", text.split("\n"));
    if (this.#isPlain) return this.note(text);
    await this.#display.show(`${this.renderer.notice(text)}\n`);
  }

  /**
   * Asks the person at the line editor for something that is not shown; null
   * where there is none, or no answer.
   */
  async askSecret(question: string): Promise<string | null> {
    return await this.#prompt?.secret(question) ?? null;
  }

  /** Puts a sentence, or lines, on standard error. Never throws. */
  warn(about: Sentence | string): void {
    this.#display.warn(this.#textOf(about));
  }

  /** The same for what is no fault, which a quiet program leaves away. */
  note(about: Sentence | string): void {
    if (!this.#isPlain || !this.#options.quiet) this.warn(about);
  }

  #textOf(about: Sentence | string): string {
    return typeof about === "string" ? about : this.#options.say(about);
  }

  /** Lets lines be edited again after the end of the input. */
  resume(): void {
    this.#prompt?.resume();
  }

  /** A peer is here: what is read from now on, or was kept, is for it. */
  begin(): void {
    this.presence = "here";
    this.renderer.peerName = undefined;
    this.#pending.open();
  }

  /**
   * One peer has gone and another may come: what was entered for the one is
   * not said to the other. Under `lines` what that one says begins a line.
   */
  awaitNext(framing: Framing): void {
    if (framing === "lines") this.#display.beginLine();
    this.warnUnsent();
    this.#prompt?.resume();
    this.#pending.close();
    this.awaitFirst();
  }

  /** Nobody is here: what someone enters meanwhile is said to no one. */
  awaitFirst(): void {
    this.presence = "gone";
    // Otherwise what is typed meanwhile is read when someone is here.
    if (this.attended && !this.#prompt) this.#pending.readAhead();
  }

  /** Names what a person entered and never said as not sent, and forgets it. */
  warnUnsent(): void {
    if (!this.attended) return;
    const unsaid = this.#pending.take();
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
