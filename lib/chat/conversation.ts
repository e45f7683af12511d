/**
 * A conversation: what one end says goes to the other, until one ends it.
 *
 * @module
 */
import { Closing } from "./closing.ts";
import {
  type Block,
  ConnectionError,
  type Endpoint,
  isBrokenPipe,
  type LocalEndpoint,
} from "./endpoint.ts";
import { Floor } from "./floor.ts";
import { type Heard, Listening } from "./listening.ts";
import { EndWord } from "../wire/message.ts";
import { Speaking, type Spoken } from "./speaking.ts";
import { within } from "./waiting.ts";

/** How a conversation ended. */
export type Ending =
  /** This side said the end word. `leftOver`: its input went on after it. */
  | { how: "said"; by: "local"; leftOver: boolean }
  /** The peer said the end word. */
  | { how: "said"; by: "remote" }
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
   * Whose turn it is; absent when both speak at any time. The local end has to
   * give one message at a time as long as there are turns.
   */
  floor?: Floor;
  /** Ends the conversation when it is aborted; the end word is said first. */
  signal?: AbortSignal;
  /**
   * Whether the local end talks with the next one afterwards: what it has not
   * given by then is for that one, and not left over.
   */
  goesOn?: boolean;
  /**
   * Is told at once that the peer has said the end word; `converse` settles
   * only when the peer has closed too, which may take a while.
   */
  heardEnd?(ending: Ending): Promise<void>;
}

/**
 * Lets two ends talk until one of them ends it, then closes `remote` in good
 * order: what either has sent arrives. `local` stays open.
 *
 * @throws what the ends throw: a connection that broke, input that is refused.
 */
export function converse(
  local: LocalEndpoint,
  remote: Endpoint,
  options: ConversationOptions,
): Promise<Ending> {
  return new Conversation(local, remote, options).run();
}

/** How long a look at what comes after the end word may take. */
const MORE_WAIT_MS = 200;
/** What it comes to when the peer says the end word. */
const HEARD_END: Ending = { how: "said", by: "remote" };
/** What wins a race when the signal is aborted. */
const INTERRUPTED = Symbol("interrupted");
/** What a conversation has to react to first. */
type First = { spoken: Spoken } | { heard: Heard } | typeof INTERRUPTED;

/** The two directions, and what becomes of one when the other is over. */
class Conversation {
  readonly #local: LocalEndpoint;
  readonly #remote: Endpoint;
  readonly #signal: AbortSignal | undefined;
  readonly #goesOn: boolean;
  readonly #heardEnd: ConversationOptions["heardEnd"];
  readonly #closing: Closing;
  readonly #floor: Floor;
  readonly #speaking: Speaking;
  readonly #listening: Listening;
  /** Settles when the signal is aborted. */
  readonly #interrupted: Promise<typeof INTERRUPTED>;
  readonly #spoken: Promise<Spoken>;
  readonly #heard: Promise<Heard>;
  /** Settles `run` when the closing after an interruption takes too long. */
  #giveUp: ((ending: Ending) => void) | undefined;
  #forgetSignal: (() => void) | undefined;

  /** Lets both ends begin to talk. */
  constructor(
    local: LocalEndpoint,
    remote: Endpoint,
    options: ConversationOptions,
  ) {
    this.#local = local;
    this.#remote = remote;
    this.#signal = options.signal;
    this.#goesOn = options.goesOn ?? false;
    this.#heardEnd = options.heardEnd;
    this.#closing = new Closing(() => this.#expire());
    const end = new EndWord(options.end);
    const floor = this.#floor = options.floor ?? new Floor(undefined);
    const closing = this.#closing;
    this.#speaking = new Speaking(local, remote, { end, floor });
    this.#listening = new Listening(local, remote, { end, floor, closing });
    this.#interrupted = this.#awaitInterruption();
    this.#spoken = this.#speaking.run();
    this.#heard = this.#listening.run();
  }

  /** Settles when it is over and closed. */
  async run(): Promise<Ending> {
    try {
      const first = await this.#first();
      const givenUp = new Promise<Ending>((resolve) => this.#giveUp = resolve);
      return await Promise.race([this.#goOn(first), givenUp]);
    } finally {
      this.#speaking.silence();
      this.#forgetSignal?.();
      this.#closing.stop();
      this.#remote.close();
    }
  }

  /** Settles when one direction is over, or the signal is aborted. */
  #first(): Promise<First> {
    return new Promise((resolve) => {
      this.#interrupted.then(resolve);
      this.#spoken.then((spoken) => resolve({ spoken }));
      this.#heard.then((heard) => resolve({ heard }));
    });
  }

  /** From what happened first to the end of it all. */
  async #goOn(first: First): Promise<Ending> {
    if (first === INTERRUPTED) return await this.#leave();
    return await ("spoken" in first
      ? this.#afterSpeaking(first.spoken)
      : this.#afterListening(first.heard));
  }

  async #afterSpeaking(spoken: Spoken): Promise<Ending> {
    switch (spoken.way) {
      case "said": {
        const more = this.#hasMore();
        try {
          await this.#remote.closeWrite();
        } catch (error) {
          return this.#afterSpeaking({ way: "fault", error });
        }
        const heard = await this.#close();
        // What was said before may be lost; a peer that only stays can't lose it.
        if (heard.way === "fault" && !isIdle(heard.error)) throw heard.error;
        await this.#listening.drain();
        if (heard.way === "output closed") {
          return { how: "output closed", cause: heard.cause };
        }
        // A moment is waited for it, however fast the peer has closed.
        const leftOver = spoken.leftOver ||
          await within(MORE_WAIT_MS, more) === true;
        return { how: "said", by: "local", leftOver };
      }
      case "output closed":
        return this.#loseOutput(spoken.cause);
      case "fault": {
        // What the peer sent before it went is still to be shown.
        await this.#remote.closeWrite().catch(() => {});
        const heard = await this.#close();
        if (spoken.unsent === undefined) throw spoken.error;
        if (heard.way === "said") return HEARD_END;
        if (heard.way === "output closed") {
          return { how: "output closed", cause: heard.cause };
        }
        if (!this.#local.attended) throw spoken.error;
        return { how: "closed", unsent: spoken.unsent };
      }
      case "over": {
        const heard = await Promise.race([this.#heard, this.#interrupted]);
        if (heard === INTERRUPTED) return this.#leave();
        if (heard.way === "over") return { how: "closed" };
        return this.#afterListening(heard);
      }
    }
  }

  async #afterListening(heard: Heard): Promise<Ending> {
    switch (heard.way) {
      case "said": {
        const hangingUp = this.#hangUp();
        // It closes in good order also where nobody can be told.
        const [telling] = await Promise.allSettled([
          this.#heardEnd?.(HEARD_END),
          hangingUp,
        ]);
        if (telling.status === "rejected") throw telling.reason;
        return HEARD_END;
      }
      case "over": {
        if (this.#local.attended) {
          await this.#hangUp();
          return { how: "closed" };
        }
        this.#floor.open();
        const { broken } = this.#remote;
        const spoken = await Promise.race([
          this.#spoken,
          this.#interrupted,
          ...(broken ? [broken] : []),
        ]);
        if (spoken === INTERRUPTED) return this.#leave();
        if (spoken.way === "over") return { how: "closed" };
        return this.#afterSpeaking(spoken);
      }
      case "output closed":
        return this.#loseOutput(heard.cause);
      case "fault":
        throw heard.error;
    }
  }

  /** Whether the input goes on after the end word; a silent pipe never tells. */
  async #hasMore(): Promise<boolean> {
    if (this.#local.attended || this.#goesOn) return false;
    try {
      return await this.#local.receive() !== null;
    } catch {
      // A fault also means that there was more.
      return true;
    }
  }

  /** Interrupted: says the end word and waits for the peer, but not for long. */
  async #leave(): Promise<Ending> {
    this.#beginClosing();
    await this.#speaking.sayEnd().catch(() => {});
    await this.#heard;
    return this.#interruption;
  }

  /**
   * Nothing can be shown any more: says the end word, but does not listen. Who
   * can't say it breaks the connection off, or it would look like a good end;
   * it is one where nobody wants to see more.
   */
  async #loseOutput(cause: unknown): Promise<Ending> {
    this.#beginClosing();
    if (this.#speaking.tellsEnd || isBrokenPipe(cause)) {
      await this.#speaking.sayEnd().catch(() => {});
      await this.#listening.drain();
    }
    return { how: "output closed", cause };
  }

  /** The peer has ended it: closes so that what was sent arrives. */
  async #hangUp(): Promise<void> {
    this.#beginClosing();
    await this.#local.closeWrite();
    // Where that fails the peer is gone, or the output: it is over all the same.
    await (this.#local.givesRest
      ? this.#spoken
      : this.#speaking.sent.catch(() => {}));
    await this.#remote.closeWrite().catch(() => {});
    await this.#listening.drain();
  }

  /** Waits for the peer to close, but no longer than a closing may take. */
  #close(): Promise<Heard> {
    this.#beginClosing();
    return this.#heard;
  }

  #beginClosing(): void {
    this.#speaking.silence();
    this.#closing.begin();
  }

  /** The closing has taken too long, or brought too much. */
  #expire(): void {
    this.#remote.close();
    // Else what came is still shown, at the pace of who reads it.
    if (this.#signal?.aborted) this.#giveUp?.(this.#interruption);
  }

  get #interruption(): Ending {
    return { how: "interrupted", reason: this.#signal?.reason };
  }

  #awaitInterruption(): Promise<typeof INTERRUPTED> {
    const signal = this.#signal;
    return new Promise((resolve) => {
      if (signal === undefined) return;
      const abort = (): void => {
        resolve(INTERRUPTED);
        // Who interrupts does not wait for a slow reader either.
        this.#closing.hurry();
      };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      this.#forgetSignal = () => signal.removeEventListener("abort", abort);
    });
  }
}

function isIdle(error: unknown): boolean {
  return error instanceof ConnectionError && error.kind === "idle";
}
