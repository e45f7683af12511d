/**
 * The one idea that all is built of: an end of a conversation.
 *
 * @module
 */
import type { Framing } from "../wire/framing.ts";

/** One or more whole messages, as bytes: see `line_codec.ts`. */
export type Block = Uint8Array;

/**
 * Something one can receive from, send to and close. What may be thrown is a
 * fault of what stands behind it: a connection that broke, input that can't be
 * sent, output that can't be written.
 */
export interface Endpoint {
  /** How its blocks are told apart into messages. */
  readonly framing: Framing;
  /**
   * Rejects when it breaks while nobody receives or sends, and never resolves.
   * Absent where that can't be.
   */
  readonly broken?: Promise<never> | undefined;
  /**
   * The next block, or null at end of stream and after `close`. Its bytes are
   * valid until the next call. While one call is pending another gives the same
   * block.
   *
   * @throws for a fault.
   */
  receive(): Promise<Block | null>;
  /**
   * Passes a block on; settles when the next may follow, and the block's bytes
   * may change.
   *
   * @throws for a fault.
   */
  send(block: Block): Promise<void>;
  /**
   * Whether the peer will take a block that is to be sent next for a message,
   * and so for a turn. Absent where it takes any.
   */
  takesTurn?(block: Block): boolean;
  /**
   * Says that nothing more will be sent; what is there can still be received.
   * May be called twice. Throws where it shows that what was sent is lost.
   */
  closeWrite(): Promise<void>;
  /** Ends both directions, and settles what is pending; may be called twice. */
  close(): void;
}

/** The end on this side of the conversation. */
export interface LocalEndpoint extends Endpoint {
  /**
   * Whether someone is there: then the end of input says the end word, and
   * the peer's leaving ends the conversation. Else there may be a rest of the
   * input to send.
   */
  readonly attended: boolean;
  /**
   * Whether what it gives can be the end word. What a room passes on never is:
   * there a name stands before it.
   */
  readonly canSayEnd: boolean;
  /**
   * Whether what it has when the peer ends the conversation is still sent.
   * Then it comes to the end of that after `closeWrite`.
   */
  readonly givesRest: boolean;
  /**
   * Shows a block of its own as said, just before it is sent. A block that was
   * received and never echoed is received again. Absent where nothing is shown.
   */
  echo?(block: Block): Promise<void>;
}

/** This side, or the other. */
export type Side = "local" | "remote";

/** Thrown by the `send` of a local end whose output has gone away. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";

  constructor(cause: unknown) {
    super("Cannot write to standard output", { cause });
  }
}

/**
 * Whether that is what an output throws whose reader has gone, as in
 * `server | head -1`: it has all that it wants.
 */
export function isBrokenPipe(fault: unknown): boolean {
  return fault instanceof Error && fault.name === "BrokenPipe";
}

/** The connection broke: reset by the peer, gone, or idle for too long. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly kind: "broken" | "idle";

  constructor(kind: "broken" | "idle", options?: ErrorOptions) {
    super(
      kind === "idle"
        ? "Cannot wait any longer for the peer"
        : "Cannot go on with a broken connection",
      options,
    );
    this.kind = kind;
  }
}

/** What a stream threw, as the connection's fault. */
export function brokenBy(cause: unknown): ConnectionError {
  return cause instanceof ConnectionError
    ? cause
    : new ConnectionError("broken", { cause });
}
