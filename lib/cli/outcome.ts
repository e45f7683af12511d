/**
 * What a person is told of an ending or a fault, and the exit status.
 *
 * @module
 */
import type { Ending } from "../chat/conversation.ts";
import { ConnectionError, OutputClosed } from "../chat/endpoint.ts";
import {
  Failure,
  reasonOf,
  type Role,
  type Say,
  type Sentence,
  sentence,
} from "../text/phrases.ts";
import { escapeUnsafe } from "../text/safe_text.ts";
import { ProtocolError } from "../wire/framing.ts";

/** The exit statuses; a signal's is 128 and its number, as shells have it. */
export const STATUS = { ok: 0, failed: 1, usage: 2 } as const;
const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A signal that ends the conversation: why the program was aborted. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  /** The exit status that it leads to. */
  readonly status: number;

  constructor(signal: keyof typeof SIGNAL_STATUS) {
    super(`Interrupted by ${signal}`);
    this.status = SIGNAL_STATUS[signal];
  }
}

/** What tells how the peer ended the conversation, where it did. */
export function describeEnding(
  ending: Ending,
  peer: Role,
  name: string | undefined,
): Sentence | undefined {
  const hasSaid = ending.how === "said" && ending.by === "remote";
  if (!hasSaid && ending.how !== "closed") return undefined;
  const how = hasSaid ? "ended" : "closed";
  return name === undefined
    ? sentence(`${peer} ${how}`)
    : sentence(`named ${how}`, { name });
}

/** Tells what was thrown in one line; `address` is the peer's. */
export function describeFault(
  fault: unknown,
  address: string,
  say: Say,
): string {
  // A connection says that it broke, and why.
  const failure = fault instanceof ConnectionError ? fault.cause : fault;
  // A path in it may have line endings; it stays one line.
  if (failure instanceof Failure) return escapeUnsafe(say(failure.sentence));
  if (fault instanceof ProtocolError) {
    return say("message too long", { limit: fault.limit });
  }
  if (fault instanceof ConnectionError) {
    const { kind, reason } = fault;
    if (kind === "idle") return say("idle", { address });
    if (kind === "not complete") return say(kind);
    if (kind !== "broken" && reason !== undefined) {
      return say(kind, { reason: sentence(`peer: ${reason}`) });
    }
    return say("connection broken", { address, cause: reasonOf(fault.cause) });
  }
  if (fault instanceof OutputClosed) {
    return say("output failed", { cause: reasonOf(fault.cause) });
  }
  return say("unexpected", { cause: reasonOf(fault) });
}
