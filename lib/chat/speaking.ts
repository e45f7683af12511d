/**
 * One direction of a conversation: what the local end says goes to the remote
 * one.
 *
 * @module
 */
import {
  type Block,
  type Endpoint,
  type LocalEndpoint,
  OutputClosed,
} from "./endpoint.ts";
import type { Floor } from "./floor.ts";
import type { EndWord } from "../wire/message.ts";

/** How the speaking came to its end. */
export type Spoken =
  /** The end word was said. `leftOver`: the input goes on after it. */
  | { way: "said"; leftOver: boolean }
  /** The end of the input, or it was silenced. */
  | { way: "over" }
  /** What is said can't be shown; `cause` is why. */
  | { way: "output closed"; cause: unknown }
  /** An end threw. `unsent` is set when it was sending that failed. */
  | { way: "fault"; error: unknown; unsent?: Block };

/** What a speaking needs besides the two ends. */
export interface SpeakingOptions {
  end: EndWord;
  floor: Floor;
}

/** Passes on what the local end says, until it is over or silenced. */
export class Speaking {
  readonly #local: LocalEndpoint;
  readonly #remote: Endpoint;
  readonly #end: EndWord;
  readonly #floor: Floor;
  /** Set once it was silenced. */
  #silent = false;
  /** Set once the end word was said. */
  #said = false;
  /** Set once the end of the input was said, without it. */
  #isOver = false;
  #sayingEnd: Promise<void> | undefined;
  /** What is on its way: the last block that was received to be said. */
  #sending: Promise<void> = Promise.resolve();

  constructor(
    local: LocalEndpoint,
    remote: Endpoint,
    { end, floor }: SpeakingOptions,
  ) {
    this.#local = local;
    this.#remote = remote;
    this.#end = end;
    this.#floor = floor;
  }

  /**
   * Passes on block after block; settles with how that came to its end. To be
   * called once. Never throws.
   */
  async run(): Promise<Spoken> {
    for (;;) {
      if (!this.#floor.isOpen) await this.#floor.wait("local");
      if (this.#isMute) return { way: "over" };
      let block: Block | null;
      try {
        block = await this.#local.receive();
      } catch (error) {
        return { way: "fault", error };
      }
      if (this.#isMute) return { way: "over" };
      if (block === null) return await this.#runOut();
      const end = this.#local.canSayEnd ? this.#end.find(block, "lines") : null;
      const said = end ? block.subarray(0, end.next) : block;
      const takesTurn = this.#remote.takesTurn?.(said) ?? true;
      try {
        this.#sending = this.#say(said);
        await this.#sending;
      } catch (error) {
        if (error instanceof OutputClosed) {
          return { way: "output closed", cause: error.cause };
        }
        return { way: "fault", error, unsent: said };
      }
      this.#said = end !== null;
      if (takesTurn) this.#floor.pass();
      if (end) return { way: "said", leftOver: end.next < block.length };
    }
  }

  /**
   * From now on nothing more is said, but for the rest of a local end that
   * gives it; nobody waits for a turn.
   */
  silence(): void {
    this.#silent = true;
    this.#floor.open();
  }

  /**
   * Settles when what is on its way is shown and sent.
   *
   * @throws what the ends throw.
   */
  get sent(): Promise<void> {
    return this.#sending;
  }

  /** Whether the peer learns by the end word that it is over, or has already. */
  get tellsEnd(): boolean {
    return this.#end.line !== null && !this.#isOver;
  }

  /**
   * Says the end word, where there is one and it still can be said, after what
   * is on its way, and that nothing more will be said. May be called twice.
   *
   * @throws what the ends throw, but for output that is closed.
   */
  sayEnd(): Promise<void> {
    return this.#sayingEnd ??= this.#sayEnd();
  }

  async #sayEnd(): Promise<void> {
    const unlessOutputClosed = (error: unknown): void => {
      // Who can't see it any more says it all the same.
      if (!(error instanceof OutputClosed)) throw error;
    };
    await this.#sending.catch(unlessOutputClosed);
    const { line } = this.#end;
    if (line !== null && !this.#said && !this.#isOver) {
      await this.#local.echo?.(line).catch(unlessOutputClosed);
      await this.#remote.send(line);
    }
    await this.#remote.closeWrite();
  }

  /** Whether not even the rest is to be said. */
  get #isMute(): boolean {
    return this.#silent && !this.#local.givesRest;
  }

  /** The end of the input: who is there says the end word with it. */
  async #runOut(): Promise<Spoken> {
    if (this.#silent) return { way: "over" };
    this.#floor.open();
    try {
      if (!this.#local.attended) {
        this.#isOver = true;
        await this.#remote.closeWrite();
        return { way: "over" };
      }
      await this.sayEnd();
      return { way: "said", leftOver: false };
    } catch (error) {
      return { way: "fault", error };
    }
  }

  #say(block: Block): Promise<void> {
    const echoing = this.#local.echo?.(block);
    return echoing === undefined
      ? this.#remote.send(block)
      : echoing.then(() => this.#remote.send(block));
  }
}
