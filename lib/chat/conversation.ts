/**
 * What a conversation is made with, and how it ends.
 *
 * @module
 */
import {
  type Block,
  ConnectionError,
  OutputClosed,
  type Side,
} from "./endpoint.ts";
import type { Reason } from "../wire/fixed_lines.ts";
import type { Turns } from "./waiting.ts";

/** What is the same for a whole conversation. */
export interface ConversationOptions {
  /** The message that ends the conversation; empty for none. */
  end: string;
  /**
   * Whether each side ends its input with the end word, and closes when it has
   * taken all of the other's; the end of the stream without that word is a fault.
   */
  complete?: boolean;
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

/** How a conversation ended. */
export type Ending =
  /** This side said the end word. `leftOver`: its input went on after it. */
  | { how: "said"; by: "local"; leftOver: boolean }
  /** The peer said the end word. `leftOver`: a pipe here had more to say. */
  | { how: "said"; by: "remote"; leftOver?: true }
  /** The peer closed. `unsent` is what someone said after it had gone. */
  | { how: "closed"; unsent?: Block }
  /** The signal was aborted, for this reason. */
  | { how: "interrupted"; reason: unknown }
  /** What the peer says can no longer be shown; `cause` is why. */
  | { how: "output closed"; cause: unknown };

/** An end threw; `unsent` is the block that could not be said. */
export type Fault = { how: "fault"; by: Side; error: unknown; unsent?: Block };

/** How one direction came to its end; "over": the input is, without a word. */
export type Outcome = Ending | Fault | { how: "over"; leftOver?: true };

/** This side said the end word. */
export type Own = Extract<Ending, { by: "local" }>;

/** Whether this side said the end word. */
export function isOwn(outcome: Outcome): outcome is Own {
  return outcome.how === "said" && outcome.by === "local";
}

/** What an end threw, as an outcome; a closed output is one of its own. */
export function outcomeOf(error: unknown, by: Side, unsent?: Block): Outcome {
  return error instanceof OutputClosed
    ? { how: "output closed", cause: error.cause }
    : { how: "fault", by, error, ...(unsent && { unsent }) };
}

/** Why the peer says that it can't go on, where that is what was thrown. */
export function reasonIn(error: unknown): Reason | undefined {
  return error instanceof ConnectionError ? error.reason : undefined;
}

/** @throws what it is given, but for an output that is closed. */
export function unlessOutputClosed(error: unknown): void {
  if (!(error instanceof OutputClosed)) throw error;
}
