/**
 * One direction of a conversation: what the remote end says is shown by the
 * local one.
 *
 * @module
 */
import type { Closing } from "./closing.ts";
import {
  type Block,
  type Endpoint,
  type LocalEndpoint,
  OutputClosed,
} from "./endpoint.ts";
import type { Floor } from "./floor.ts";
import { linesOf } from "../wire/framing.ts";
import type { EndWord } from "../wire/message.ts";

/** How the listening came to its end. */
export type Heard =
  /** The end word was said. */
  | { way: "said" }
  /** The end of the stream. */
  | { way: "over" }
  /** What is heard can't be shown; `cause` is why. */
  | { way: "output closed"; cause: unknown }
  /** An end threw. */
  | { way: "fault"; error: unknown };

/** What a listening needs besides the two ends. */
export interface ListeningOptions {
  end: EndWord;
  floor: Floor;
  /** Is told when something comes, and when it is shown. */
  closing: Closing;
}

/** Shows what the remote end says, until it is over. */
export class Listening {
  readonly #local: LocalEndpoint;
  readonly #remote: Endpoint;
  readonly #end: EndWord;
  readonly #floor: Floor;
  readonly #closing: Closing;

  constructor(
    local: LocalEndpoint,
    remote: Endpoint,
    { end, floor, closing }: ListeningOptions,
  ) {
    this.#local = local;
    this.#remote = remote;
    this.#end = end;
    this.#floor = floor;
    this.#closing = closing;
  }

  /**
   * Shows block after block; settles with how that came to its end. To be
   * called once. Never throws.
   */
  async run(): Promise<Heard> {
    const remote = this.#remote;
    try {
      for (;;) {
        const block = await remote.receive();
        if (block === null) return { way: "over" };
        const end = this.#end.find(block, remote.framing);
        this.#closing.arrived(block);
        try {
          // What comes with the end is shown at once, whose turn it may be.
          if (end) await this.#showAll(block.subarray(0, end.start));
          else await this.#show(block);
        } finally {
          this.#closing.shown();
        }
        if (end) return { way: "said" };
      }
    } catch (error) {
      if (error instanceof OutputClosed) {
        return { way: "output closed", cause: error.cause };
      }
      return { way: "fault", error };
    }
  }

  /**
   * Reads to the end of the stream, and shows nothing of it: closing on unread
   * bytes would reset it. Never throws.
   */
  async drain(): Promise<void> {
    try {
      for (;;) {
        const block = await this.#remote.receive();
        if (block === null) return;
        this.#closing.arrived(block);
        this.#closing.shown();
      }
    } catch {
      // What comes after the end is of no interest, a fault included.
    }
  }

  async #show(block: Block): Promise<void> {
    if (this.#floor.isOpen) return await this.#showAll(block);
    const messages = this.#remote.framing === "raw" ? [block] : linesOf(block);
    for (const message of messages) {
      await this.#floor.wait("remote");
      await this.#local.send(message);
      this.#floor.pass();
    }
  }

  async #showAll(block: Block): Promise<void> {
    if (block.length > 0) await this.#local.send(block);
  }
}
