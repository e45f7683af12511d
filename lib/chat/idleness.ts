/**
 * How long a connection may be idle.
 *
 * @module
 */
import { Alarm } from "./alarm.ts";
import { ConnectionError } from "./endpoint.ts";

/**
 * The time in which nothing comes or goes over a connection. It passes only
 * while the peer is waited for: not while this side is busy with a block that
 * it received, unless it waits for the peer to take one.
 */
export class Idleness {
  readonly #alarm: Alarm;
  readonly #exceeded = Promise.withResolvers<never>();
  #isBusy = false;
  #isSending = false;
  #isOver = false;

  /** Calls `ring` when that time reaches `limit` milliseconds. */
  constructor(limit: number, ring: (error: ConnectionError) => void) {
    this.#exceeded.promise.catch(() => {});
    this.#alarm = new Alarm(limit, () => {
      const error = new ConnectionError("idle");
      ring(error);
      this.#exceeded.reject(error);
    });
    this.#alarm.run();
  }

  /** Rejects when `ring` is called, with the same error. */
  get exceeded(): Promise<never> {
    return this.#exceeded.promise;
  }

  /** Something has come or gone. */
  reset(): void {
    this.#alarm.reset();
  }

  /** Whether this side is busy with what it received: it asks for no more yet. */
  set isBusy(isBusy: boolean) {
    this.#isBusy = isBusy;
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
    if (this.#isBusy && !this.#isSending) this.#alarm.hold();
    else this.#alarm.run();
  }
}
