/**
 * Names in a pair: each side says its own, the client first.
 *
 * @module
 */
import type { Block, Endpoint } from "./endpoint.ts";
import { linesOf } from "../wire/framing.ts";
import { isNotice, nameIn, nameLine } from "../wire/message.ts";
import { nameProblem } from "../wire/names.ts";

/** What an introduction is made with. */
export interface IntroductionOptions {
  /** The name to give; none for a side without one. */
  name: string | undefined;
  /** Whether `begin` gives it unasked, as a client; else it is an answer. */
  first: boolean;
  /** Is told the peer's name; absent on a side that passes it on as data. */
  named?(name: string): void;
  /**
   * Shows the peer's name line on a side that passes it on as data, where it
   * must not be received as a message: it takes nobody's turn.
   */
  passOn?(line: Block): Promise<void>;
  /**
   * Is told when the first line is one that only a room says, and whether it
   * came before anything was said to the peer.
   */
  inRoom?(unasked: boolean): void;
}

/**
 * An end that exchanges names before anything else. A peer's name line is
 * taken off when it is the very first line and the name is a good one.
 *
 * The client gives its name unasked, a server only in answer to one. Either
 * does so as its very first line or not at all: a server that has spoken
 * already, or has nothing more to say, gives no name.
 */
export class Introduction implements Endpoint {
  readonly framing = "lines";
  readonly #remote: Endpoint;
  readonly #options: IntroductionOptions;
  /** The own name line, as long as it can still be the first line. */
  #own: Block | undefined;
  #begun = false;
  #given = false;
  #spoken = false;

  constructor(remote: Endpoint, options: IntroductionOptions) {
    this.#remote = remote;
    this.#options = options;
    if (options.name !== undefined) this.#own = nameLine(options.name);
  }

  get broken(): Promise<never> | undefined {
    return this.#remote.broken;
  }

  /** Gives the own name, where this side is the first. */
  async begin(): Promise<void> {
    if (this.#options.first) await this.#give();
  }

  async receive(): Promise<Block | null> {
    const block = await this.#remote.receive();
    const { named, passOn } = this.#options;
    if (this.#begun || block === null || !(named || passOn)) return block;
    this.#begun = true;
    const [line = block] = linesOf(block);
    if (isNotice(line)) this.#options.inRoom?.(!this.#spoken);
    const name = nameIn(line);
    if (name === null || nameProblem(name) !== null) return block;
    await passOn?.(line);
    if (named) {
      named(name);
      await this.#give();
    }
    return line.length < block.length
      ? block.subarray(line.length)
      : await this.receive();
  }

  send(block: Block): Promise<void> {
    this.#own = undefined;
    this.#spoken = true;
    return this.#remote.send(block);
  }

  /** A name line is no turn where it is the first: the peer takes it off. */
  takesTurn(block: Block): boolean {
    const name = this.#given || this.#spoken ? null : nameIn(block);
    return name === null || nameProblem(name) !== null;
  }

  closeWrite(): Promise<void> {
    this.#own = undefined;
    return this.#remote.closeWrite();
  }

  close(): void {
    this.#remote.close();
  }

  async #give(): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    if (own === undefined) return;
    this.#given = true;
    await this.#remote.send(own);
  }
}
