/**
 * The end of a conversation takes its time, but not for ever.
 *
 * @module
 */
import type { ByteStream } from "./endpoint.ts";
import { Alarm } from "./waiting.ts";

/** How long the side that ends waits for the other to close. */
export const CLOSING_WAIT_MS = 2000;
/**
 * How much is still read after the end was said: more than the sockets' buffers
 * hold, so nothing that was on its way is lost.
 */
export const CLOSING_BYTES = 16 * 1024 * 1024;
/** How much is read at once of what is dropped. */
const DROPPED_READ_BYTES = 64 * 1024;

/**
 * Bounds the closing, in the time that the peer is waited for and in the bytes
 * that still come. The time that showing them takes is not the peer's.
 */
export class Closing {
  readonly #expire: () => void;
  #alarm: Alarm | undefined;
  #bytes = 0;
  #isShowing = false;
  #isHurried = false;
  #isHeld = false;

  /** `expire` is called when it takes too long, or brings too much. */
  constructor(expire: () => void) {
    this.#expire = expire;
  }

  get hasBegun(): boolean {
    return this.#alarm !== undefined;
  }

  /** Whether the peer says that it has yet to hear what it was sent. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** From now on the peer has only so long to close. */
  begin(): void {
    this.#alarm ??= new Alarm(CLOSING_WAIT_MS, this.#expire);
    this.#run();
  }

  /** The peer needs longer than that, and is waited for without a bound. */
  hold(): void {
    this.#isHeld = true;
    this.#alarm?.hold();
  }

  /** An interruption does not wait for a slow reader, nor for the peer. */
  hurry(): void {
    this.#isHurried = true;
    this.#run();
  }

  /** Something came, which is being shown from now on. */
  arrived(bytes: number): void {
    this.#isShowing = true;
    if (!this.#alarm) return;
    if (!this.#isHurried) this.#alarm.hold();
    this.#bytes += bytes;
    if (this.#bytes > CLOSING_BYTES && !this.#isHeld) this.#expire();
  }

  /** It is shown. */
  shown(): void {
    this.#isShowing = false;
    this.#run();
  }

  /** It is over; nothing expires any more. */
  stop(): void {
    this.#alarm?.stop();
    this.#alarm = undefined;
  }

  #run(): void {
    const isWaiting = !this.#isShowing && !this.#isHeld;
    if (isWaiting || this.#isHurried) this.#alarm?.run();
  }
}

/**
 * Drops what a stream still brings, but not for ever: closing on unread bytes
 * would reset the connection, and lose what was sent.
 */
export async function dropRest(stream: ByteStream): Promise<void> {
  const buffer = new Uint8Array(DROPPED_READ_BYTES);
  for (let dropped = 0; dropped < CLOSING_BYTES;) {
    const count = await stream.read(buffer).catch(() => null);
    if (count === null) break;
    dropped += count;
  }
}
