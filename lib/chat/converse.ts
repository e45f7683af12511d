/**
 * A conversation: what one end says goes to the other, until one ends it.
 *
 * @module
 */
import {
  type Block,
  ConnectionError,
  type Endpoint,
  isBrokenPipe,
  type LocalEndpoint,
  OutputClosed,
  type Side,
} from "./endpoint.ts";
import { linesOf } from "../wire/framing.ts";
import { EndWord } from "../wire/message.ts";
import { Alarm, Turns, within } from "./waiting.ts";

/** How long the side that ends waits for the other to close. */
export const CLOSING_WAIT_MS = 2000;
/**
 * How much is still read after the end was said: more than the sockets' buffers
 * hold, so nothing that was on its way is lost.
 */
export const CLOSING_BYTES = 16 * 1024 * 1024;
/** How long a look at what comes after the end word may take. */
const MORE_WAIT_MS = 200;

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
  /** Set where no block of the local end is the end word, as in a room. */
  endBy?: "remote";
  /** Without it both speak at any time; with it a local block is one message. */
  turns?: Turns;
  /** Whether the peer takes a block for a message; all, where this is absent. */
  takesTurn?(block: Block): boolean;
  /** Rejects when the remote end breaks while nobody receives or sends. */
  broken?: Promise<never> | undefined;
  /** Ends the conversation when it is aborted; the end word is said first. */
  signal?: AbortSignal;
  /** Whether what the local end has not given is for another peer. */
  goesOn?: boolean;
  /**
   * Is told at once that the peer has said the end word. `converse` settles only
   * when the peer has closed too, which may take a while.
   */
  heardEnd?(ending: Ending): Promise<void>;
}

/** An end threw; `unsent` is the block that could not be said. */
type Fault = { how: "fault"; by: Side; error: unknown; unsent?: Block };

/** How one direction came to its end; "over": the input is, without a word. */
type Outcome = Ending | Fault | { how: "over" };

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
  const { signal, turns = new Turns() } = options;
  const end = new EndWord(options.end);
  /** What is on its way to the peer: the last block that is said. */
  let sending: Promise<void> = Promise.resolve();
  let sayingEnd: Promise<void> | undefined;
  let hasSaidEnd = false;
  /** Whether the end of the input was said, without the end word. */
  let isInputOver = false;
  /** Whether nothing more is said, not even what the local end still has. */
  let isMute = false;
  /** Whether something is being shown: the time that takes is not the peer's. */
  let isShowing = false;
  /** Bounds the closing: in the time that is waited, and the bytes that come. */
  let closing: Alarm | undefined;
  let closingBytes = 0;
  const interrupted = Promise.withResolvers<Ending>();
  const givenUp = Promise.withResolvers<Ending>();

  /** Passes on what the local end says. */
  async function speak(): Promise<Outcome> {
    let unsent: Block | undefined;
    try {
      for (;;) {
        if (!turns.areOpen) await turns.wait("local");
        if (isMute) return { how: "over" };
        const block = await local.receive();
        if (isMute) return { how: "over" };
        if (block === null) return await runOut();
        const found = options.endBy ? null : end.find(block, "lines");
        const said = unsent = found ? block.subarray(0, found.next) : block;
        const takesTurn = options.takesTurn?.(said) ?? true;
        const echoing = local.echo?.(said);
        sending = echoing?.then(() => remote.send(said)) ?? remote.send(said);
        await sending;
        unsent = undefined;
        hasSaidEnd = found !== null;
        if (takesTurn) turns.pass();
        if (found) {
          const leftOver = said.length < block.length;
          return { how: "said", by: "local", leftOver };
        }
      }
    } catch (error) {
      return outcomeOf(error, "local", unsent);
    }
  }

  /** The end of the input: a person says the end word with it. */
  async function runOut(): Promise<Outcome> {
    if (closing) return { how: "over" };
    turns.open();
    if (local.attended) {
      await (sayingEnd ??= sayEnd());
      return { how: "said", by: "local", leftOver: false };
    }
    isInputOver = true;
    await remote.closeWrite();
    return { how: "over" };
  }

  /** Says the end word, where it still can, after what is on its way. */
  async function sayEnd(): Promise<void> {
    // What can't be shown any more is said all the same.
    await sending.catch(unlessOutputClosed);
    const { line } = end;
    if (line !== null && !hasSaidEnd && !isInputOver) {
      await local.echo?.(line).catch(unlessOutputClosed);
      await remote.send(line);
    }
    await remote.closeWrite();
  }

  /** Shows what the remote end says. */
  async function listen(): Promise<Outcome> {
    try {
      for (;;) {
        const block = await remote.receive();
        if (block === null) return { how: "closed" };
        const found = end.find(block, remote.framing);
        arrived(block);
        // What comes with the end is shown at once, whose turn it may be.
        if (found || turns.areOpen) {
          const said = found ? block.subarray(0, found.start) : block;
          if (said.length > 0) await local.send(said);
        } else {
          const messages = remote.framing === "raw" ? [block] : linesOf(block);
          for (const message of messages) {
            await turns.wait("remote");
            await local.send(message);
            turns.pass();
          }
        }
        shown();
        if (found) return { how: "said", by: "remote" };
      }
    } catch (error) {
      shown();
      return outcomeOf(error, "remote");
    }
  }

  /** Reads to the end: closing on unread bytes would reset the connection. */
  async function drain(): Promise<void> {
    try {
      for (let block; (block = await remote.receive()) !== null; shown()) {
        arrived(block);
      }
    } catch {
      // A fault after the end is of no interest.
    }
  }

  function arrived(block: Block): void {
    isShowing = true;
    if (!closing) return;
    if (!signal?.aborted) closing.hold();
    closingBytes += block.length;
    if (closingBytes > CLOSING_BYTES) expire();
  }

  function shown(): void {
    isShowing = false;
    closing?.run();
  }

  /** From now on the peer has only so long to close; nobody waits for a turn. */
  function beginClosing(): void {
    turns.open();
    closing ??= new Alarm(CLOSING_WAIT_MS, expire);
    if (!isShowing || signal?.aborted) closing.run();
  }

  /** The closing has taken too long, or brought too much. */
  function expire(): void {
    remote.close();
    // Without an interruption what came is still shown, however slowly.
    if (signal?.aborted) givenUp.resolve(interrupted.promise);
  }

  /** Says the end word, and nothing after it. */
  async function leave(): Promise<void> {
    isMute = true;
    beginClosing();
    await (sayingEnd ??= sayEnd()).catch(() => {});
  }

  /** The peer has ended it: closes so that what was sent arrives. */
  async function hangUp(): Promise<void> {
    beginClosing();
    await local.closeWrite();
    // Where that fails the peer has gone: it is over all the same.
    await spoken;
    await remote.closeWrite().catch(() => {});
    await drain();
  }

  /** From what happens first to the end of it all. */
  async function conclude(): Promise<Ending> {
    let first = await Promise.race([interrupted.promise, spoken, heard]);
    if (first.how === "over" || (first.how === "closed" && !local.attended)) {
      // One direction is over, and the other goes on.
      turns.open();
      const other = first.how === "over" ? heard : spoken;
      const broken = options.broken ?? other;
      first = await Promise.race([interrupted.promise, other, broken]);
      if (first.how === "over" || first.how === "closed") {
        return { how: "closed" };
      }
    }
    if (first.how === "interrupted") {
      await leave();
      await heard;
      return first;
    }
    if (first.how === "output closed") {
      // Where no end word can be said, only a broken connection tells the peer
      // that its words were lost. A reader that has seen enough lost nothing.
      const canTell = end.line !== null && !isInputOver;
      if (canTell || isBrokenPipe(first.cause)) {
        await leave();
        await drain();
      }
      return first;
    }
    if (
      first.how === "closed" || (first.how === "said" && first.by === "remote")
    ) {
      const [, told] = await Promise.allSettled([
        hangUp(),
        first.how === "said" ? options.heardEnd?.(first) : undefined,
      ]);
      if (told.status === "rejected") throw told.reason;
      return first;
    }
    if (first.how === "fault" && first.by === "remote") throw first.error;
    return await finish(first);
  }

  /** This side has said the end word, or can say no more. */
  async function finish(
    own: Fault | Extract<Ending, { by: "local" }>,
  ): Promise<Ending> {
    let fault = own.how === "fault" ? own : undefined;
    let more = Promise.resolve(own.how === "said" && own.leftOver);
    const mayGoOn = own.how === "said" && !own.leftOver && !options.goesOn;
    if (mayGoOn && !local.attended) {
      // A silent pipe never tells. A fault also means that there was more.
      more = local.receive().then((block) => block !== null, () => true);
    }
    await remote.closeWrite().catch((error) =>
      fault ??= { how: "fault", by: "local", error }
    );
    beginClosing();
    const last = await heard;
    if (fault) {
      if (!fault.unsent) throw fault.error;
      if (last.how === "said" || last.how === "output closed") return last;
      if (!local.attended) throw fault.error;
      return { how: "closed", unsent: fault.unsent };
    }
    // A peer that only stays can't have lost what was said.
    const isIdle = last.how === "fault" &&
      last.error instanceof ConnectionError && last.error.kind === "idle";
    if (last.how === "fault" && !isIdle) throw last.error;
    await drain();
    if (last.how === "output closed") return last;
    // A moment is waited for it, however fast the peer has closed.
    const leftOver = await within(MORE_WAIT_MS, more) === true;
    return { how: "said", by: "local", leftOver };
  }

  const abort = (): void => {
    interrupted.resolve({ how: "interrupted", reason: signal?.reason });
    // An interruption does not wait for a slow reader either.
    closing?.run();
  };
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort);
  const spoken = speak();
  const heard = listen();
  try {
    return await Promise.race([conclude(), givenUp.promise]);
  } finally {
    signal?.removeEventListener("abort", abort);
    isMute = true;
    turns.open();
    closing?.stop();
    closing = undefined;
    remote.close();
  }
}

function outcomeOf(error: unknown, by: Side, unsent?: Block): Outcome {
  return error instanceof OutputClosed
    ? { how: "output closed", cause: error.cause }
    : { how: "fault", by, error, ...(unsent && { unsent }) };
}

function unlessOutputClosed(error: unknown): void {
  if (!(error instanceof OutputClosed)) throw error;
}
