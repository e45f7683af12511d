/**
 * What a person types at a terminal: lines for the peer, which other output
 * does not disturb, and commands for the own screen.
 *
 * @module
 */
import process from "node:process";
import type { Block } from "../chat/endpoint.ts";
import { roomCommands } from "../text/phrases.ts";
import { lineOf } from "../wire/message.ts";
import { complete, edit, type Editor, EMPTY_EDITOR } from "./editor.ts";
import { type Key, KeyDecoder } from "./keys.ts";
import type { Readable } from "./input.ts";
import type { Renderer, TerminalOptions } from "./output.ts";
import { Rows } from "./rows.ts";
import type { Output, Screen } from "./screen.ts";

/** What a person can type for the own screen, as the whole line. */
const COMMANDS = ["/clear", "/exit", "/help", "/quit"];
/** More than a terminal gives at once. */
const READ_BYTES = 16 * 1024;
/** What lets a terminal mark what is pasted (xterm, mode 2004), and no more. */
const MARK_PASTES = "\x1b[?2004h";
const MARK_NO_PASTES = "\x1b[?2004l";
const RETURN: Key = { name: "return", text: "" };

/**
 * Whether there is a peer. What is typed for the one that is expected waits;
 * what is typed when one has gone, and anyone may come, is for nobody else.
 */
export type Presence = "expected" | "here" | "gone";

/** What a prompt needs to know and to tell. */
export interface PromptOptions extends
  Pick<
    TerminalOptions,
    "say" | "role" | "end" | "lineByLine" | "maxMessage" | "interrupt"
  > {
  screen: Screen;
  renderer: Renderer;
  presence(): Presence;
  /** Whether what is entered stays on the screen, where nothing else shows it. */
  keeps: boolean;
  warn(text: string): void;
  /** Names what was entered for nobody. */
  warnNotSent(texts: string[]): void;
}

/**
 * Edits lines at a terminal, both ends of which are one. What is entered is
 * kept until it is asked for.
 */
export class Prompt {
  readonly #options: PromptOptions;
  readonly #terminal: { readonly stdin: Readable; readonly stdout: Output };
  readonly #screen: Screen;
  readonly #keys = new KeyDecoder();
  readonly #rows = new Rows();
  /** null is Ctrl-D, and the end. */
  readonly #entered: (string | null)[] = [];
  #editor = EMPTY_EDITOR;
  /** Whether a line is asked for, so that the prompt says whose it is. */
  #isAsked = false;
  /** Asked for in place of the line, and not shown. */
  #secret: {
    editor: Editor;
    readonly question: string;
    readonly answer: (line: string | null) => void;
  } | undefined;
  /** Whether a line is edited. */
  #isOpen = false;
  #isClosed = false;
  #wake = (): void => {};
  #opened = (): void => {};
  readonly #resized = (): void => this.#screen.draw();
  readonly #continued = (): void => {
    // The shell that stopped it took the terminal back to its own mode.
    if (this.#isOpen) this.#takeTerminal();
    this.#screen.draw();
  };

  /** Lines can be edited from now on. */
  constructor(
    options: PromptOptions,
    terminal: { stdin: Readable; stdout: Output } = Deno,
  ) {
    this.#options = options;
    this.#terminal = terminal;
    this.#screen = options.screen;
    process.on("SIGWINCH", this.#resized);
    process.on("SIGCONT", this.#continued);
    this.resume();
    this.#readKeys();
  }

  /**
   * The next line for the peer. Null for `/quit`, `/exit` and Ctrl-D, after which
   * one can ask again, and once the terminal is gone or the prompt is closed.
   */
  async read(): Promise<Block | null> {
    const { say, maxMessage, warn } = this.#options;
    for (;;) {
      const text = await this.#next();
      if (text === null || isLeaving(text)) return null;
      const line = lineOf(text);
      const isTooLong = line.length - 1 > maxMessage;
      if (text.isWellFormed() && !isTooLong) return line;
      warn(
        isTooLong
          ? say("line too long", { limit: maxMessage })
          : say("line not UTF-8"),
      );
    }
  }

  async #next(): Promise<string | null> {
    if (this.#entered.length === 0 && !this.#isClosed) {
      this.resume();
      this.#isAsked = true;
      this.#screen.draw();
    }
    while (this.#entered.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#entered.shift() ?? null;
  }

  /** Lets lines be edited again after Ctrl-D, before one is asked for. */
  resume(): void {
    if (this.#isOpen || this.#isClosed) return;
    this.#isOpen = true;
    this.#takeTerminal();
    this.#screen.show({
      output: this.#terminal.stdout,
      draw: (size) => {
        const own = this.#isAsked ? this.#options.renderer.ownLabel : "";
        const label = this.#secret?.question ?? own;
        const { text, cursor } = this.#secret ? EMPTY_EDITOR : this.#editor;
        if (label + text === "") return undefined;
        return this.#rows.draw({ label, text, cursor }, size);
      },
    });
    this.#opened();
  }

  /**
   * Asks for a line that is not shown, before any that is asked for already.
   * Null when Ctrl-D was pressed, or the prompt is closed.
   */
  secret(question: string): Promise<string | null> {
    if (!this.#isOpen) return Promise.resolve(null);
    const { promise, resolve } = Promise.withResolvers<string | null>();
    this.#secret = { editor: EMPTY_EDITOR, question, answer: resolve };
    this.#screen.draw();
    return promise;
  }

  /**
   * All that was entered and not taken yet, which is taken with it; with it
   * what was only typed, once the prompt is closed.
   */
  takeEntered(): string[] {
    const lines = this.#entered.splice(0).filter((line) => line !== null);
    if (this.#isClosed && this.#editor.text !== "") {
      lines.push(...this.#editor.text.split("\n"));
      this.#editor = EMPTY_EDITOR;
    }
    return lines;
  }

  /**
   * Takes the edited line away and leaves the terminal as it was found, once
   * what is pending is written: the screen's `flush` waits for that. Deno does
   * it for one that is given up, on exit. May be called twice.
   */
  close(): void {
    process.off("SIGWINCH", this.#resized);
    process.off("SIGCONT", this.#continued);
    this.#isClosed = true;
    this.#end();
  }

  async #readKeys(): Promise<void> {
    const bytes = new Uint8Array(READ_BYTES);
    for (;;) {
      // A terminal that is gone is an error (EIO) or ends.
      const count = await this.#terminal.stdin.read(bytes).catch(() => null);
      if (this.#isClosed) return;
      if (count === null) break;
      // What is typed after Ctrl-D is for when lines are edited again.
      while (!this.#isOpen && !this.#isClosed) {
        await new Promise<void>((resolve) => this.#opened = resolve);
      }
      this.#press(this.#keys.decode(bytes.subarray(0, count)));
    }
    this.#isClosed = true;
    this.#options.interrupt("SIGHUP");
    this.#end();
  }

  #takeTerminal(): void {
    this.#screen.setRaw(true);
    this.#screen.control(MARK_PASTES, this.#terminal.stdout);
  }

  /** Acts on keys that were pressed at once: more than one may be a paste. */
  #press(keys: readonly Key[]): void {
    for (const [index, key] of keys.entries()) {
      if (!this.#isOpen) return;
      const isLast = index === keys.length - 1;
      if (key.name === "paste") {
        this.#paste(key.text);
        // A Tab within a paste is text, and so it is in what isn't shown.
      } else if (key.name === "tab" && isLast && !this.#secret) {
        this.#complete(key, keys.length > 1);
      } else {
        this.#edit(key);
      }
    }
    this.#screen.draw();
  }

  /** Enters all lines of a paste but the last, if none of them ends all. */
  #paste(text: string): void {
    const { say, end, warn } = this.#options;
    const lines = text.split(/\r\n|[\r\n]/);
    while (lines.length > 1 && this.#isOpen) {
      this.#edit({ name: "", text: lines.shift() ?? "" });
      const line = this.#editor.text;
      if (!this.#secret && (isLeaving(line) || line === end && end !== "")) {
        lines.unshift("");
        warn(say("paste kept", { line }));
        break;
      }
      this.#edit(RETURN);
    }
    this.#edit({ name: "", text: lines.join("\n") });
  }

  #edit(key: Key): void {
    const secret = this.#secret;
    const editor = edit(secret?.editor ?? this.#editor, key);
    if (secret) secret.editor = editor;
    else this.#editor = editor;
    const { request } = editor;
    if (request?.kind === "clear screen") this.#screen.clear();
    if (request?.kind === "interrupt") this.#options.interrupt("SIGINT");
    if (request?.kind === "leave") {
      if (!secret) this.#take(null);
      this.#end();
    }
    if (request?.kind === "enter") {
      if (secret) this.#answer(request.line);
      else for (const line of request.line.split("\n")) this.#enter(line);
    }
  }

  #complete(key: Key, isPaste: boolean): void {
    const { renderer: { inRoom, names }, role } = this.#options;
    const ofRoom = inRoom ? roomCommands(role) : [];
    const commands = [...new Set([...COMMANDS, ...ofRoom])].toSorted();
    const { editor, hits } = complete(this.#editor, commands, names);
    // A paste can end with a Tab, and what is read of a longer one as well.
    if (hits.length === 0 && isPaste) return this.#edit(key);
    this.#editor = editor;
    if (hits.length > 1) this.#put(`${hits.join("  ")}\n`);
  }

  #enter(line: string): void {
    const { renderer, lineByLine, keeps } = this.#options;
    // An empty line would be one to all.
    if (line === "" && renderer.inRoom) return;
    if (keeps) this.#put(renderer.own([line]));
    if (this.#take(line)) return;
    this.#entered.push(line);
    if (lineByLine) this.#isAsked = false;
    this.#wake();
  }

  /**
   * Acts at once on what is entered, null for Ctrl-D, where it is for the own
   * screen, or nobody is there to hear it. False for what is to be read.
   */
  #take(line: string | null): boolean {
    const { renderer, say, presence, interrupt, warnNotSent } = this.#options;
    if (line === "/clear") {
      this.#screen.clear();
    } else if (line === "/help") {
      this.#put(`${renderer.notice(say("prompt help"))}\n`);
      // A room has commands of its own, which it tells itself.
      return !renderer.inRoom || presence() !== "here";
    } else if (presence() === "here") {
      return false;
    } else if (line === null || isLeaving(line)) {
      interrupt("SIGINT");
    } else if (presence() === "expected") {
      return false;
    } else {
      warnNotSent([line]);
    }
    return true;
  }

  /** At once, not when it is read: the next line may be in the same paste. */
  #answer(line: string | null): void {
    this.#secret?.answer(line);
    this.#secret = undefined;
  }

  #put(lines: string): void {
    this.#screen.put(lines, this.#terminal.stdout);
  }

  /** Nothing is edited until `resume`, if ever. */
  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#answer(null);
    this.#screen.show(undefined);
    this.#screen.control(MARK_NO_PASTES, this.#terminal.stdout);
    this.#screen.setRaw(false);
    this.#entered.push(null);
    this.#wake();
    this.#opened();
  }
}

function isLeaving(line: string): boolean {
  return line === "/quit" || line === "/exit";
}
