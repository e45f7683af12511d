/**
 * The closing of a conversation.
 *
 * @module
 */
import { Alarm } from "./alarm.ts";
import type { Block } from "./endpoint.ts";

/** How long the one who ends waits for the other side to close. */
export const CLOSING_WAIT_MS = 2000;
/**
 * How much of what arrives after the end was said is still shown: more than
 * the sockets' buffers hold, so nothing that was on its way is lost.
 */
export const CLOSING_BYTES = 16 * 1024 * 1024;

/** The closing of a conversation: bounded in time waited and in bytes. */
export class Closing {
  readonly #alarm: Alarm;
  readonly #expire: () => void;
  #bytes = 0;

  /** Calls `expire` when a limit is reached. */
  constructor(expire: () => void) {
    this.#expire = expire;
    this.#alarm = new Alarm(CLOSING_WAIT_MS, expire);
  }

  /** Something came: until `wait` the time is ours, not the peer's. */
  arrived(block: Block): void {
    this.#alarm.hold();
    this.#bytes += block.length;
    if (this.#bytes > CLOSING_BYTES) this.#expire();
  }

  wait(): void {
    this.#alarm.run();
  }

  stop(): void {
    this.#alarm.stop();
  }
}
