/**
 * Messages as the lines of a chat.
 *
 * @module
 */
import { cyan, dim, green } from "@std/fmt/colors";
import { escapeUnsafe } from "../text/safe_text.ts";
import type { Role, Say } from "../text/phrases.ts";

/** What a renderer is made with. */
export interface RenderOptions {
  /** The side that this process is. */
  role: Role;
  say: Say;
  /** Whether labels and notices are coloured. */
  color: boolean;
  /** Whether the text goes to a terminal, where escapes take effect. */
  terminal: boolean;
  /** The clock to put before each message, where there is to be one. */
  clock?: (() => Date) | undefined;
}

/** Makes the lines of a chat. The texts it gets and gives have no `\n`. */
export class Renderer {
  readonly #options: RenderOptions;
  /** The name by which the peer goes, once it is known. */
  peerName: string | undefined;
  /** Set in a room, whose lines bring the names of who said them. */
  inRoom = false;

  constructor(options: RenderOptions) {
    this.#options = options;
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

  /** What stands before this side's messages. */
  get ownLabel(): string {
    const { role, say, color } = this.#options;
    const label = say(role === "client" ? "client label" : "server label");
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
    const name = this.peerName;
    const label = this.inRoom
      ? say("room label")
      : role === "server"
      ? name ? say("named client says", { name }) : say("client says")
      : name
      ? say("named server says", { name })
      : say("server says");
    return color ? cyan(label) : label;
  }

  #clock(): string {
    const now = this.#options.clock?.();
    if (now === undefined) return "";
    const parts = [now.getHours(), now.getMinutes(), now.getSeconds()];
    const text = `[${
      parts.map((part) => String(part).padStart(2, "0")).join(":")
    }] `;
    return this.#options.color ? dim(text) : text;
  }

  #safe(text: string): string {
    return this.#options.terminal ? escapeUnsafe(text) : text;
  }
}
