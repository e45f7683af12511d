/**
 * A conversation: what one end says goes to the other, until one ends it.
 *
 * @module
 */
import { Closing, CLOSING_WAIT_MS } from "./closing.ts";
import {
  type Block,
  ConnectionError,
  type Endpoint,
  type LocalEndpoint,
  OutputClosed,
} from "./endpoint.ts";
import {
  type ConversationOptions,
  type Ending,
  type Fault,
  isOwn,
  type Outcome,
  outcomeOf,
  type Own,
  reasonIn,
  unlessOutputClosed,
} from "./conversation.ts";
import { isHeldBack, lastLine, type Reason } from "../wire/fixed_lines.ts";
import { linesOf, ProtocolError } from "../wire/framing.ts";
import { EndWord, isNotice } from "../wire/message.ts";
import { Alarm, Turns, within } from "./waiting.ts";

/** How long a look at what more there is in the input may take. */
const MORE_WAIT_MS = 200;

/**
 * Lets two ends talk until one of them ends it, then closes `remote` in good
 * order: what either has sent arrives. `local` stays open. A peer is told in a
 * last line when this side can't go on.
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
  let hasSpoken = false;
  /** Whether the input has ended, without the end word. */
  let isInputOver = false;
  /** Whether that was said, so that nothing more can be. */
  let isHalfClosed = false;
  /** Whether nothing more is said, not even what the local end still has. */
  let isMute = false;
  const interrupted = Promise.withResolvers<Ending>();
  const givenUp = Promise.withResolvers<Ending>();
  const closing = new Closing(() => {
    remote.close();
    // Without an interruption what came is still shown, however slowly.
    if (signal?.aborted) givenUp.resolve(interrupted.promise);
  });
  const mayLeaveOver = (): boolean => !local.attended && !options.goesOn;
  const quiet = Promise.withResolvers<void>();
  const silence = new Alarm(CLOSING_WAIT_MS, quiet.resolve);

  /** Passes on what the local end says. */
  async function speak(): Promise<Outcome> {
    let unsent: Block | undefined;
    try {
      for (;;) {
        if (!turns.areOpen) await turns.wait("local");
        if (isMute && !mayLeaveOver()) return { how: "over" };
        const read = await local.receive();
        if (isMute) return { how: "over", ...(read && { leftOver: true }) };
        if (read === null) return await runOut();
        const block = hasSpoken ? read : end.begin(read, "lines");
        hasSpoken = true;
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
    if (closing.hasBegun) return { how: "over" };
    turns.open();
    if (local.attended || options.complete) {
      await (sayingEnd ??= sayEnd());
      return { how: "said", by: "local", leftOver: false };
    }
    isInputOver = true;
    if (!hasSpoken) {
      // One that only listens may have to say that it can't take what comes.
      silence.run();
      const first = await Promise.race([heard, quiet.promise]);
      if (first && first.how !== "closed") return { how: "over" };
    }
    isHalfClosed = true;
    await remote.closeWrite();
    return { how: "over" };
  }

  /** Says the end word, where it still can, after what is on its way. */
  async function sayEnd(): Promise<void> {
    // What can't be shown any more is said all the same.
    await sending.catch(unlessOutputClosed);
    const { line } = end;
    if (line === null || hasSaidEnd || isInputOver) return;
    await local.echo?.(line).catch(unlessOutputClosed);
    await remote.send(line);
  }

  /** Shows what the remote end says. */
  async function listen(): Promise<Outcome> {
    let mayBeRoom: boolean | undefined;
    try {
      for (;;) {
        const read = await remote.receive();
        if (read === null) {
          if (options.complete) throw new ConnectionError("not complete");
          return { how: "closed" };
        }
        const isFirst = mayBeRoom === undefined;
        const block = isFirst ? end.begin(read, remote.framing) : read;
        mayBeRoom ??= isNotice(block);
        if (mayBeRoom && isHeldBack(block)) closing.hold();
        const found = end.find(block, remote.framing);
        closing.arrived(block.length);
        silence.reset();
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
        closing.shown();
        if (found) return { how: "said", by: "remote" };
      }
    } catch (error) {
      closing.shown();
      return outcomeOf(error, "remote");
    }
  }

  /** Reads to the end: closing on unread bytes would reset the connection. */
  async function drain(): Promise<void> {
    for (let block; (block = await remote.receive()) !== null;) {
      closing.arrived(block.length);
      closing.shown();
    }
  }

  /** From now on the peer has only so long to close; nobody waits for a turn. */
  function beginClosing(): void {
    turns.open();
    closing.begin();
  }

  /** Closes after `last`, for which a fault is of no interest. */
  async function leave(last: () => Promise<unknown>): Promise<void> {
    beginClosing();
    await last().catch(() => {});
    await remote.closeWrite().catch(() => {});
  }

  /** Says why this side can't go on, after what is on its way. */
  async function sayWhy(reason: Reason): Promise<void> {
    await sending.catch(() => {});
    if (!isHalfClosed) await remote.send(lastLine(reason));
  }

  /** Says it last of all, or resets the connection where nothing can be said. */
  async function breakOff(reason: Reason): Promise<void> {
    isMute = true;
    await leave(() => sayWhy(reason));
    if (!isHalfClosed) await drain().catch(() => {});
  }

  /**
   * The peer has ended it: closes so that what was sent arrives. Returns whether
   * a pipe has more to say, for which a moment is waited.
   */
  async function hangUp(): Promise<boolean> {
    const looks = isMute = mayLeaveOver();
    const looking = looks
      ? within(MORE_WAIT_MS, spoken)
      : local.closeWrite().then(() => spoken);
    // Where that fails the peer has gone: it is over all the same.
    await leave(() => looks ? sending : looking);
    await drain().catch(() => {});
    const own = await looking;
    await local.closeWrite();
    if (own?.how === "over") return own.leftOver === true;
    return own?.how === "fault" && looks;
  }

  /** Whether there is input after the end word. A silent pipe never tells. */
  async function hasMore(): Promise<boolean> {
    if (!mayLeaveOver()) return false;
    // A fault also means that there was more.
    const more = local.receive().then((block) => block !== null, () => true);
    return await within(MORE_WAIT_MS, more) === true;
  }

  /** Both have ended their input: each closes when it has taken the other's. */
  async function part(first: Ending, second: Ending): Promise<Ending> {
    await remote.closeWrite();
    await Promise.race([drain(), interrupted.promise]);
    if (signal?.aborted) return await interrupted.promise;
    const [own, theirs] = isOwn(first) ? [first, second] : [second, first];
    const leftOver = isOwn(own) && own.leftOver || await hasMore();
    return leftOver ? { how: "said", by: "local", leftOver } : theirs;
  }

  /** From what happens first to the end of it all. */
  async function conclude(): Promise<Ending> {
    const first = await Promise.race([interrupted.promise, spoken, heard]);
    if (!isHalf(first)) return await settle(first);
    // One direction is over, and the other goes on.
    turns.open();
    const isOwnOver = first.how === "over" || isOwn(first);
    if (!isOwnOver && local.attended) await local.closeWrite();
    const other = isOwnOver ? heard : spoken;
    const broken = options.broken ?? other;
    const second = await Promise.race([interrupted.promise, other, broken]);
    const areBoth = options.complete && first.how === "said" &&
      second.how === "said";
    return await (areBoth ? part(first, second) : settle(second, first));
  }

  /** Whether one direction is over, and the other may go on. */
  function isHalf({ how }: Outcome): boolean {
    return how === "over" || (how === "closed" && !local.attended) ||
      (how === "said" && options.complete === true);
  }

  /** Ends it all, for what happened last, and before. */
  async function settle(last: Outcome, before?: Outcome): Promise<Ending> {
    if (last.how === "interrupted" && !(last.reason instanceof OutputClosed)) {
      isMute = true;
      const isCut = options.complete && !local.attended && !hasSaidEnd;
      await leave(() =>
        isCut && !sayingEnd ? sayWhy("interrupted") : sayingEnd ??= sayEnd()
      );
      await heard;
      return last;
    }
    if (last.how === "interrupted" || last.how === "output closed") {
      await breakOff("output failed");
      return last;
    }
    if (last.how === "over" || (last.how === "closed" && before)) {
      return { how: "closed" };
    }
    if (last.how === "closed" || (last.how === "said" && !isOwn(last))) {
      const [leftOver, told] = await Promise.allSettled([
        hangUp(),
        last.how === "said" ? options.heardEnd?.(last) : undefined,
      ]);
      if (told.status === "rejected") throw told.reason;
      return leftOver.status === "fulfilled" && leftOver.value
        ? { how: "said", by: "remote", leftOver: true }
        : last;
    }
    if (last.how === "fault" && last.by === "remote") {
      const isTooLong = last.error instanceof ProtocolError;
      if (isTooLong) await breakOff("message too long");
      throw last.error;
    }
    return await finish(last);
  }

  /** This side has said the end word, or can say no more. */
  async function finish(own: Fault | Own): Promise<Ending> {
    let fault = own.how === "fault" ? own : undefined;
    if (fault && !fault.unsent) {
      const saying = sayWhy(reasonIn(fault.error) ?? "input failed")
        .catch(() => {});
      await Promise.race([saying, interrupted.promise]);
    }
    await remote.closeWrite().catch((error) =>
      fault ??= { how: "fault", by: "local", error }
    );
    beginClosing();
    const last = await heard;
    const error = last.how === "fault" ? last.error : undefined;
    const kind = error instanceof ConnectionError ? error.kind : undefined;
    if (fault) {
      if (!fault.unsent) throw fault.error;
      // The peer's own words tell more than that nothing could be sent.
      if (reasonIn(error)) throw error;
      if (last.how === "output closed") return last;
      if (last.how === "said") {
        return local.attended ? last : { ...last, leftOver: true };
      }
      if (!local.attended) throw fault.error;
      return { how: "closed", unsent: fault.unsent };
    }
    // A peer that only stays can't have lost what was said.
    if (error && (kind !== "idle" || closing.isHeld)) throw error;
    await drain().catch(() => {});
    if (last.how === "output closed") return last;
    const leftOver = own.how === "said" && own.leftOver || await hasMore();
    return { how: "said", by: "local", leftOver };
  }

  const abort = (): void => {
    interrupted.resolve({ how: "interrupted", reason: signal?.reason });
    // An interruption does not wait for a slow reader either.
    closing.hurry();
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
    closing.stop();
    silence.stop();
    remote.close();
  }
}
