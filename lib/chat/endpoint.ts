/**
 * The one idea that all is built of: an end of a conversation.
 *
 * @module
 */
import { lastWordIn, type Reason, type Verdict } from "../wire/fixed_lines.ts";
import type { Framing } from "../wire/framing.ts";

/** One or more whole messages, as bytes: see `wire/framing.ts`. */
export type Block = Uint8Array;

/**
 * Something to receive from, send to and close. What it throws is a fault of
 * what is behind it: a connection that broke, input or output that fails.
 */
export interface Endpoint {
  /** How its blocks are told apart into messages. */
  readonly framing: Framing;
  /**
   * The next block, or null at end of stream and after `close`. Its bytes are
   * valid until the next call. While one call is pending another gives the same
   * block.
   */
  receive(): Promise<Block | null>;
  /**
   * Passes a block on; settles when the next may follow, and the block's bytes
   * may change.
   */
  send(block: Block): Promise<void>;
  /**
   * Says that nothing more will be sent; what is there can still be received.
   * May be called twice. Throws where it shows that what was sent is lost.
   */
  closeWrite(): Promise<void>;
  /** Ends both directions, and settles what is pending; may be called twice. */
  close(): void;
}

/**
 * The end on this side of the conversation. After `closeWrite`, which says that
 * the peer has gone, `receive` gives what there still is for that peer and then
 * null, also where it was pending. What is for the next peer is kept.
 */
export interface LocalEndpoint extends Endpoint {
  /**
   * Whether someone is there. Then the end of input says the end word, and the
   * peer's leaving ends the conversation; otherwise there may be a rest of the
   * input to send.
   */
  readonly attended: boolean;
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

/** Whether an output threw this because its reader has gone: `server | head -1`. */
export function isBrokenPipe(fault: unknown): boolean {
  return fault instanceof Error && fault.name === "BrokenPipe";
}

/**
 * What is wrong with a connection. It `broke`: reset by the peer, or gone; it
 * was `idle` for too long; it closed before the peer's end word, where that has
 * to come; or the peer's last line said that it took not all, or broke off.
 */
type Problem = "broken" | "idle" | "not complete" | Verdict;

/** The connection can't go on, or ended otherwise than it should. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly kind: Problem;
  /** What the peer's last line gave as the reason. */
  readonly reason: Reason | undefined;

  constructor(kind: Problem, options?: ErrorOptions & { reason?: Reason }) {
    super(`Cannot go on with the ${kind} connection`, options);
    this.kind = kind;
    this.reason = options?.reason;
  }

  /** What the last line of a block says of its sender, if anything. */
  static in(block: Block, framing: Framing): ConnectionError | undefined {
    const word = lastWordIn(block, framing);
    return word && new ConnectionError(word.verdict, word);
  }

  /** What a stream threw, as the fault of its connection. */
  static from(cause: unknown): ConnectionError {
    return cause instanceof ConnectionError
      ? cause
      : new ConnectionError("broken", { cause });
  }
}

/** What a connection needs of a stream; its `close` ends a pending read. */
export type ByteStream = Pick<
  Deno.Conn,
  "read" | "write" | "closeWrite" | "close"
>;

/** Something about the peer that is worth a word, but no fault. */
export type Observation = "not UTF-8" | "no line ending" | "empty message";

/** What a conversation over a connection begins with. */
export interface ConnectionOptions {
  framing: Framing;
  /** The most bytes that a message may have. */
  maxMessage: number;
  /** The end word, where the conversation has one: a block is looked at once. */
  end?: string;
  /**
   * For how many milliseconds nothing may come or go, but for the time that this
   * side is busy with what it received; Infinity for ever.
   */
  idleTimeout: number;
  /** Is told each time that the peer took something. */
  sent?(): void;
  /** Is told that the peer can't be sent anything any more. */
  lost?(): void;
  /**
   * Whether what comes is text for people, not data. Then it is given without a
   * byte order mark at its start and without telnet commands, and bytes whose
   * line ending doesn't come soon are a line without one.
   */
  isText?: boolean;
  /** Is told each observation once. */
  observe(observation: Observation): void;
}
