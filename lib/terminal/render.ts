/**
 * Messages as the lines of a chat.
 *
 * @module
 */
import { cyan, dim, green } from "@std/fmt/colors";
import { escapeUnsafe } from "../text/safe_text.ts";
import type { Role, Say } from "../text/phrases.ts";

/** How the lines of a chat are to look. */
export interface RenderOptions {
  /** The side that this process is. */
  role: Role;
  say: Say;
  /** Whether labels and notices are coloured where a terminal shows them. */
  color: boolean;
  /** Whether the clock is shown before each message. */
  time: boolean;
}

/** Makes the lines of a chat. The texts it gets and gives have no `\n`. */
export class Renderer {
  readonly #options: RenderOptions;
  /** Whether the text goes to a terminal, where escapes take effect. */
  readonly #isTerminal: boolean;
  /** The name by which the peer goes, once it is known. */
  peerName: string | undefined;
  /** Set in a room, whose lines bring the names of those who said them. */
  inRoom = false;

  constructor(options: RenderOptions, isTerminal: boolean) {
    const color = options.color && isTerminal && !Deno.noColor;
    this.#options = { ...options, color };
    this.#isTerminal = isTerminal;
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
    return this.#options.color ? dim(text) : text;
  }

  /** What is shown before this side's messages. */
  get ownLabel(): string {
    const { role, say, color } = this.#options;
    const label = say(`${role} label`);
    return color ? green(label) : label;
  }

  /** What the peer is called; nothing in a room, whose lines bring the names. */
  get peer(): string {
    const { role, say } = this.#options;
    if (this.inRoom) return "";
    return this.peerName ?? say(role === "client" ? "server" : "client");
  }

  #peerLabel(): string {
    const { role, say, color } = this.#options;
    const peer = role === "server" ? "client" : "server";
    const name = this.peerName;
    const label = this.inRoom
      ? say("room label")
      : name === undefined
      ? say(`${peer} says`)
      : say(`named ${peer} says`, { name });
    return color ? cyan(label) : label;
  }

  #clock(): string {
    if (!this.#options.time) return "";
    const now = new Date();
    const parts = [now.getHours(), now.getMinutes(), now.getSeconds()];
    const time = parts.map((part) => String(part).padStart(2, "0")).join(":");
    const text = `[${time}] `;
    return this.#options.color ? dim(text) : text;
  }

  #safe(text: string): string {
    return this.#isTerminal ? escapeUnsafe(text) : text;
  }
}
