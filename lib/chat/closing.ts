/**
 * The closing of a conversation.
 *
 * @module
 */
import { Alarm } from "./waiting.ts";
import type { Block } from "./endpoint.ts";

/** How long the one who ends waits for the other side to close. */
export const CLOSING_WAIT_MS = 2000;
/**
 * How much of what arrives after the end was said is still read: more than the
 * sockets' buffers hold, so nothing that was on its way is lost.
 */
export const CLOSING_BYTES = 16 * 1024 * 1024;

/**
 * The closing of a conversation: from its beginning on bounded in the time
 * that is waited for the peer and in the bytes that still come.
 */
export class Closing {
  readonly #expire: () => void;
  /** Present while the closing lasts. */
  #alarm: Alarm | undefined;
  #bytes = 0;
  /** Whether something is being shown: the time that takes is not the peer's. */
  #showing = false;
  #hurried = false;

  /** Calls `expire` when a limit is reached. */
  constructor(expire: () => void) {
    this.#expire = expire;
  }

  /** Begins, unless it has begun. */
  begin(): void {
    this.#alarm ??= new Alarm(CLOSING_WAIT_MS, this.#expire);
    if (!this.#showing || this.#hurried) this.#alarm.run();
  }

  /** From now on also the time that showing takes is counted. */
  hurry(): void {
    this.#hurried = true;
    this.#alarm?.run();
  }

  /** Something came, and is shown until {@linkcode shown} is called. */
  arrived(block: Block): void {
    this.#showing = true;
    if (this.#alarm === undefined) return;
    if (!this.#hurried) this.#alarm.hold();
    this.#bytes += block.length;
    if (this.#bytes > CLOSING_BYTES) this.#expire();
  }

  /** What came is shown, or can't be: the peer is waited for again. */
  shown(): void {
    this.#showing = false;
    this.#alarm?.run();
  }

  /** Nothing is bounded, nor runs, any more. */
  stop(): void {
    this.#alarm?.stop();
    this.#alarm = undefined;
  }
}
