/**
 * Reading goes on while what came is passed on.
 *
 * @module
 */
import type { ByteStream } from "./endpoint.ts";
import { Alarm } from "./waiting.ts";

/** How much one read of a stream gives at most: what a TLS record holds. */
const RECORD_BYTES = 16 * 1024;
/** A read that brings less than this shows that no more is there. */
const MUCH_BYTES = RECORD_BYTES / 2;
/** How much may have been read ahead. */
const WINDOW_BYTES = 256 * 1024;
/** How long nothing may come before the buffer is freed. */
const REST_MS = 50;

/**
 * A stream whose reads bring little each, as those of TLS do. Once one has
 * brought much, the next are under way before they are asked for, until one
 * brings little; so what is asked for then is all that has come. At rest it
 * holds nothing. What was read before a fault is given before it is thrown.
 */
export class ReadAhead {
  readonly #stream: Pick<ByteStream, "read">;
  /** What was read and not asked for yet; absent at rest. */
  #buffer: Uint8Array | undefined;
  #start = 0;
  #end = 0;
  /** What comes after that, if reading has come to an end. */
  #last: { fault: unknown } | "end" | undefined;
  #isReading = false;
  readonly #rest = new Alarm(REST_MS, () => {
    if (this.#end === 0) this.#buffer = undefined;
  });
  /** Settles when more was read, or asked for. */
  #changed = Promise.withResolvers<void>();

  constructor(stream: Pick<ByteStream, "read">) {
    this.#stream = stream;
  }

  /** As that of the stream. */
  async read(target: Uint8Array): Promise<number | null> {
    while (this.#isReading && this.#start === this.#end) {
      await this.#changed.promise;
    }
    if (this.#start < this.#end) return this.#give(target);
    if (this.#last === "end") return null;
    if (this.#last) throw this.#last.fault;
    const count = await this.#stream.read(target);
    if (count !== null && count >= MUCH_BYTES) void this.#readOn();
    return count;
  }

  async #readOn(): Promise<void> {
    const record = new Uint8Array(RECORD_BYTES);
    this.#isReading = true;
    try {
      for (let count = Infinity; count >= MUCH_BYTES;) {
        const read = await this.#stream.read(record);
        if (read === null) {
          this.#last = "end";
          break;
        }
        count = read;
        this.#hold(record.subarray(0, count));
        while (this.#end + RECORD_BYTES > WINDOW_BYTES) {
          await this.#changed.promise;
        }
      }
    } catch (fault) {
      this.#last = { fault };
    }
    this.#isReading = false;
    this.#change();
  }

  #hold(bytes: Uint8Array): void {
    (this.#buffer ??= new Uint8Array(WINDOW_BYTES)).set(bytes, this.#end);
    this.#end += bytes.length;
    this.#rest.reset();
    this.#change();
  }

  #give(target: Uint8Array): number {
    const count = Math.min(target.length, this.#end - this.#start);
    const held = this.#buffer?.subarray(this.#start, this.#start + count);
    if (held) target.set(held);
    this.#start += count;
    if (this.#start === this.#end) {
      this.#start = this.#end = 0;
      this.#rest.run();
      this.#change();
    }
    return count;
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
