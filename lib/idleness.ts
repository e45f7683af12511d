/**
 * How long a connection may be idle.
 *
 * @module
 */
import { Alarm } from "./alarm.ts";
import { ConnectionError } from "./endpoint.ts";

/**
 * The time in which nothing comes or goes over a connection. It passes only
 * while the peer is waited for: not while a block that was received keeps the
 * next waiting, unless one is being sent meanwhile.
 */
export class Idleness {
  readonly #alarm: Alarm;
  readonly #exceeded = Promise.withResolvers<never>();
  #isReceived = false;
  #isSending = false;
  #isOver = false;

  /** Calls `ring` when that is `limit` milliseconds. */
  constructor(limit: number, ring: (error: ConnectionError) => void) {
    this.#exceeded.promise.catch(() => {});
    this.#alarm = new Alarm(limit, () => {
      const error = new ConnectionError("idle");
      ring(error);
      this.#exceeded.reject(error);
    });
    this.#alarm.run();
  }

  /** Rejects when `ring` is called. */
  get exceeded(): Promise<never> {
    return this.#exceeded.promise;
  }

  /** Something has come or gone. */
  reset(): void {
    this.#alarm.reset();
  }

  /** Whether a block was received, and the next is not asked for yet. */
  set isReceived(isReceived: boolean) {
    this.#isReceived = isReceived;
    this.#watch();
  }

  /** Whether something is being sent. */
  set isSending(isSending: boolean) {
    this.#isSending = isSending;
    this.#watch();
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.#isOver = true;
    this.#alarm.stop();
  }

  #watch(): void {
    if (this.#isOver) return;
    if (this.#isReceived && !this.#isSending) this.#alarm.hold();
    else this.#alarm.run();
  }
}
