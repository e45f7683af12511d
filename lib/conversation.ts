/**
 * A conversation: what one end says goes to the other, until one ends it.
 *
 * @module
 */
import { Closing } from "./closing.ts";
import {
  type Block,
  type Endpoint,
  type LocalEndpoint,
  OutputClosed,
  type Side,
} from "./endpoint.ts";
import { Floor } from "./floor.ts";
import { linesOf, withoutEnding } from "./line_codec.ts";
import { EndWord } from "./message.ts";

/** How a conversation ended. */
export type Ending =
  /** Someone said the end word. `leftOver`: the local input went on after it. */
  | { how: "said"; by: Side; leftOver: boolean }
  /** The peer closed. `unsent` is what someone said after it had gone. */
  | { how: "closed"; unsent?: Block }
  /** The signal was aborted, for this reason. */
  | { how: "interrupted"; reason: unknown }
  /** What the peer says can no longer be shown; `cause` is why. */
  | { how: "output closed"; cause: unknown };

/** What is the same for a whole conversation. */
export interface ConversationOptions {
  /** The message that ends the conversation; empty for none. */
  end: string;
  /**
   * Who begins when both speak in turn; then the local end gives one message
   * at a time. Absent when both speak at any time.
   */
  turns?: Side | undefined;
  /** Ends the conversation when it is aborted; the end word is said first. */
  signal?: AbortSignal;
}

/**
 * Lets two ends talk until one of them ends it, then closes `remote` in good
 * order: what either has sent arrives. `local` stays open.
 *
 * @throws what the ends throw: a connection that broke, input that is refused.
 */
export async function converse(
  local: LocalEndpoint,
  remote: Endpoint,
  options: ConversationOptions,
): Promise<Ending> {
  const conversation = new Conversation(local, remote, options);
  try {
    return await conversation.run();
  } finally {
    conversation.close();
  }
}

/** How one direction came to its end. */
type Outcome =
  /** The end word was said. */
  | { way: "said"; leftOver: boolean }
  /** The end of the stream. */
  | { way: "over" }
  | { way: "output closed"; cause: unknown }
  | { way: "interrupted" }
  /** `unsent` is set when it was sending that failed. */
  | { way: "fault"; error: unknown; unsent?: Block };

class Conversation {
  readonly #local: LocalEndpoint;
  readonly #remote: Endpoint;
  readonly #end: EndWord;
  readonly #signal: AbortSignal | undefined;
  readonly #floor: Floor;
  /** Set once nothing more of the local input is to be said. */
  #silent = false;
  /** What is on its way, shown and sent; the end word waits for it. */
  #sending: Promise<void> = Promise.resolve();
  /** Whether something is being shown: the time that takes is not the peer's. */
  #showing = false;
  /** Set once the closing has begun. */
  #closing: Closing | undefined;
  /** Ends one that was interrupted and can't wait any longer. */
  #giveUp: ((ending: Ending) => void) | undefined;
  #forgetSignal: (() => void) | undefined;

  constructor(
    local: LocalEndpoint,
    remote: Endpoint,
    options: ConversationOptions,
  ) {
    this.#local = local;
    this.#remote = remote;
    this.#end = new EndWord(options.end);
    this.#signal = options.signal;
    this.#floor = new Floor(options.turns);
  }

  close(): void {
    this.#silent = true;
    this.#floor.open();
    this.#forgetSignal?.();
    this.#closing?.stop();
    this.#closing = undefined;
    this.#remote.close();
  }

  run(): Promise<Ending> {
    const talking = this.#talk();
    if (this.#signal === undefined) return talking;
    const givenUp = new Promise<Ending>((resolve) => this.#giveUp = resolve);
    return Promise.race([talking, givenUp]);
  }

  async #talk(): Promise<Ending> {
    const interrupted = this.#interrupted();
    const speaking = this.#speak();
    const listening = this.#listen();
    const first = await Promise.race([
      interrupted,
      speaking.then((spoken) => ({ spoken })),
      listening.then((heard) => ({ heard })),
    ]);
    if ("way" in first) return this.#leave(listening);
    if ("spoken" in first) {
      return this.#afterSpeaking(first.spoken, listening, interrupted);
    }
    return this.#afterListening(first.heard, speaking, listening, interrupted);
  }

  /** From the local end to the remote one. */
  async #speak(): Promise<Outcome> {
    for (;;) {
      if (!this.#floor.isOpen) await this.#floor.wait("local");
      if (this.#silent) return { way: "over" };
      let block: Block | null;
      try {
        block = await this.#local.receive();
      } catch (error) {
        return { way: "fault", error };
      }
      if (this.#silent) return { way: "over" };
      if (block === null) return await this.#speakLast();
      const end = this.#local.canSayEnd ? this.#end.find(block, "lines") : null;
      const said = end ? block.subarray(0, end.next) : block;
      try {
        this.#sending = this.#say(said);
        await this.#sending;
      } catch (error) {
        if (error instanceof OutputClosed) {
          return { way: "output closed", cause: error.cause };
        }
        return { way: "fault", error, unsent: said };
      }
      this.#passFloor(said);
      if (end) return { way: "said", leftOver: end.next < block.length };
    }
  }

  /** The end of the local input. */
  async #speakLast(): Promise<Outcome> {
    this.#floor.open();
    try {
      if (!this.#local.attended) {
        await this.#remote.closeWrite();
        return { way: "over" };
      }
      await this.#sayEnd();
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

  #passFloor(said: Block): void {
    if (this.#floor.isOpen) return;
    // An empty message can't be sent under raw, so it takes no turn.
    const empty = this.#remote.framing === "raw" &&
      withoutEnding(said).length === 0;
    if (!empty) this.#floor.pass();
  }

  async #sayEnd(): Promise<void> {
    const unlessOutputClosed = (error: unknown): void => {
      // Who can't see it any more says it all the same.
      if (!(error instanceof OutputClosed)) throw error;
    };
    await this.#sending.catch(unlessOutputClosed);
    const { line } = this.#end;
    if (line !== null) {
      await this.#local.echo?.(line).catch(unlessOutputClosed);
      await this.#remote.send(line);
    }
    await this.#remote.closeWrite();
  }

  /** From the remote end to the local one. */
  async #listen(): Promise<Outcome> {
    const remote = this.#remote;
    try {
      for (;;) {
        const block = await remote.receive();
        if (block === null) {
          this.#floor.open();
          return { way: "over" };
        }
        const end = this.#end.find(block, remote.framing);
        if (end) this.#floor.open();
        this.#arrived(block);
        await this.#show(end ? block.subarray(0, end.start) : block);
        if (end) return { way: "said", leftOver: end.next < block.length };
      }
    } catch (error) {
      if (error instanceof OutputClosed) {
        return { way: "output closed", cause: error.cause };
      }
      return { way: "fault", error };
    }
  }

  async #show(block: Block): Promise<void> {
    this.#showing = true;
    try {
      await this.#showInTurn(block);
    } finally {
      this.#showing = false;
      this.#closing?.wait();
    }
  }

  async #showInTurn(block: Block): Promise<void> {
    if (block.length === 0) return;
    if (this.#floor.isOpen) {
      await this.#local.send(block);
      return;
    }
    const messages = this.#remote.framing === "raw" ? [block] : linesOf(block);
    for (const message of messages) {
      await this.#floor.wait("remote");
      await this.#local.send(message);
      this.#floor.pass();
    }
  }

  async #afterSpeaking(
    spoken: Outcome,
    listening: Promise<Outcome>,
    interrupted: Promise<Outcome>,
  ): Promise<Ending> {
    switch (spoken.way) {
      case "said": {
        let leftOver = spoken.leftOver;
        if (!this.#local.attended) {
          this.#local.receive().then((block) => leftOver ||= block !== null)
            .catch(() => leftOver = true);
        }
        await this.#remote.closeWrite();
        const heard = await this.#close(listening);
        if (heard.way !== "over" && heard.way !== "fault") await this.#drain();
        return { how: "said", by: "local", leftOver };
      }
      case "output closed":
        return this.#loseOutput(spoken.cause);
      case "fault": {
        // What the peer sent before it went is still to be shown.
        await this.#remote.closeWrite().catch(() => {});
        const heard = await this.#close(listening);
        if (spoken.unsent === undefined) throw spoken.error;
        if (heard.way === "said") return heardEnd(heard);
        if (heard.way === "output closed") {
          return { how: "output closed", cause: heard.cause };
        }
        if (!this.#local.attended) throw spoken.error;
        return { how: "closed", unsent: spoken.unsent };
      }
      default: {
        const heard = await Promise.race([listening, interrupted]);
        if (heard.way === "interrupted") return this.#leave(listening);
        if (heard.way === "over") return { how: "closed" };
        return this.#afterListening(
          heard,
          Promise.resolve(spoken),
          listening,
          interrupted,
        );
      }
    }
  }

  async #afterListening(
    heard: Outcome,
    speaking: Promise<Outcome>,
    listening: Promise<Outcome>,
    interrupted: Promise<Outcome>,
  ): Promise<Ending> {
    switch (heard.way) {
      case "said":
        await this.#hangUp();
        return heardEnd(heard);
      case "over": {
        if (this.#local.attended) {
          await this.#hangUp();
          return { how: "closed" };
        }
        const spoken = await Promise.race([speaking, interrupted]);
        if (spoken.way === "interrupted") return this.#leave(listening);
        if (spoken.way === "over") return { how: "closed" };
        return this.#afterSpeaking(spoken, listening, interrupted);
      }
      case "output closed":
        return this.#loseOutput(heard.cause);
      case "fault":
        throw heard.error;
      default:
        return this.#leave(listening);
    }
  }

  /** Interrupted: says the end word and waits for the peer, but not for long. */
  async #leave(listening: Promise<Outcome>): Promise<Ending> {
    this.#beginClosing();
    await this.#sayEnd().catch(() => {});
    await listening;
    return this.#interruption;
  }

  /** Nothing can be shown any more: says the end word, but does not listen. */
  async #loseOutput(cause: unknown): Promise<Ending> {
    this.#beginClosing();
    await this.#sayEnd().catch(() => {});
    await this.#drain();
    return { how: "output closed", cause };
  }

  /** Waits for the peer to close, as long as a closing may take. */
  #close(listening: Promise<Outcome>): Promise<Outcome> {
    this.#beginClosing();
    return listening;
  }

  #beginClosing(): void {
    this.#silent = true;
    this.#floor.open();
    this.#closing ??= new Closing(() => this.#expire());
    if (!this.#showing || this.#isInterrupted) this.#closing.wait();
  }

  /** The closing has taken too long, or brought too much. */
  #expire(): void {
    this.#remote.close();
    // Else what came is still shown, at the pace of who reads it.
    if (this.#isInterrupted) this.#giveUp?.(this.#interruption);
  }

  /** While it is shown the time is not the peer's, unless there is no time. */
  #arrived(block: Block): void {
    this.#closing?.arrived(block);
    if (this.#isInterrupted) this.#closing?.wait();
  }

  /** The peer has ended it: closes so that what was sent arrives. */
  async #hangUp(): Promise<void> {
    this.#beginClosing();
    await this.#local.closeWrite();
    // Where that fails the peer is gone, or the output: it is over all the same.
    await this.#sending.catch(() => {});
    await this.#remote.closeWrite().catch(() => {});
    await this.#drain();
  }

  /** Reads to the end of the stream: closing on unread bytes would reset it. */
  async #drain(): Promise<void> {
    try {
      for (;;) {
        const block = await this.#remote.receive();
        if (block === null) return;
        this.#arrived(block);
        this.#closing?.wait();
      }
    } catch {
      // What comes after the end is of no interest, a fault included.
    }
  }

  get #isInterrupted(): boolean {
    return this.#signal?.aborted ?? false;
  }

  get #interruption(): Ending {
    return { how: "interrupted", reason: this.#signal?.reason };
  }

  #interrupted(): Promise<Outcome> {
    const signal = this.#signal;
    return new Promise((resolve) => {
      if (signal === undefined) return;
      const abort = (): void => {
        resolve({ way: "interrupted" });
        this.#closing?.wait();
      };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      this.#forgetSignal = () => signal.removeEventListener("abort", abort);
    });
  }
}

function heardEnd(heard: { leftOver: boolean }): Ending {
  return { how: "said", by: "remote", leftOver: heard.leftOver };
}
