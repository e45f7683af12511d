/**
 * What a person types at the line editor: lines for the peer, and commands
 * for the own screen only.
 *
 * @module
 */
import type { Block } from "../chat/endpoint.ts";
import { lineOf } from "../wire/message.ts";
import type { Say } from "../text/phrases.ts";
import { Prompt } from "./prompt.ts";
import type { Renderer } from "./render.ts";

/** What a person can type for the own screen only, as the whole line. */
const COMMANDS = ["/clear", "/help", "/quit"] as const;

/**
 * Whether there is a peer. What is typed for one who is expected waits; what
 * is typed when one has gone is nobody else's.
 */
export type Presence = "expected" | "here" | "gone";

/** What a keyboard needs besides its prompt. */
export interface KeyboardOptions {
  renderer: Renderer;
  /** The most bytes that a line for the peer may have. */
  maxMessage: number;
  say: Say;
  /** Whether there is a peer at the moment. */
  presence(): Presence;
  warn(text: string): void;
  /** Names what was entered for nobody. */
  warnNotSent(texts: string[]): void;
  /** Called with SIGINT for an end that nobody is there to hear. */
  interrupt(signal: "SIGINT" | "SIGHUP"): void;
}

/**
 * Opens the line editor, and the keyboard whose lines are edited there.
 * `interrupt` is called for Ctrl-C too, with SIGHUP when the terminal is gone.
 */
export function openKeyboard(
  options: KeyboardOptions & { lineByLine: boolean },
): { keyboard: Keyboard; prompt: Prompt } {
  const { renderer, lineByLine, interrupt } = options;
  const prompt: Prompt = new Prompt({
    label: renderer.ownLabel,
    lineByLine,
    commands: COMMANDS,
    entered: (text) => renderer.own(text),
    take: (line) => keyboard.take(line),
    interrupt: () => interrupt("SIGINT"),
    hungUp: () => interrupt("SIGHUP"),
  });
  const keyboard = new Keyboard(prompt, options);
  return { keyboard, prompt };
}

/** Tells commands from lines, whether or not someone is there to hear those. */
export class Keyboard {
  readonly #prompt: Pick<Prompt, "next" | "put" | "clear">;
  readonly #options: KeyboardOptions;

  constructor(
    prompt: Pick<Prompt, "next" | "put" | "clear">,
    options: KeyboardOptions,
  ) {
    this.#prompt = prompt;
    this.#options = options;
  }

  /** The next line for the peer; null for `/quit` and Ctrl-D. */
  async read(): Promise<Block | null> {
    const { say, maxMessage, warn } = this.#options;
    for (;;) {
      const text = await this.#prompt.next();
      if (text === null || text === "/quit") return null;
      const line = lineOf(text);
      if (line.length - 1 <= maxMessage) return line;
      warn(say("line too long", { limit: maxMessage }));
    }
  }

  /**
   * Acts at once on what is entered, null for Ctrl-D, where it is for the own
   * screen, or nobody is there to hear it. False for what is to be read.
   */
  take(text: string | null): boolean {
    if (text !== null && this.#obey(text)) return true;
    const presence = this.#options.presence();
    if (presence === "here") return false;
    if (text === null || text === "/quit") {
      this.#options.interrupt("SIGINT");
    } else {
      if (presence === "expected") return false;
      this.#options.warnNotSent([text]);
    }
    return true;
  }

  #obey(text: string): boolean {
    if (text === "/clear") {
      this.#prompt.clear();
    } else if (text === "/help") {
      const { renderer, say } = this.#options;
      const help = renderer.notice(say("prompt help"));
      this.#prompt.put(`${help}\n`, "stdout");
    } else {
      return false;
    }
    return true;
  }
}
