/**
 * What a stream has brought and nobody has taken yet.
 *
 * @module
 */
import type { ByteStream } from "../chat/endpoint.ts";

/** A buffer of a fixed size between a stream and its reader. */
export class Incoming {
  readonly #stream: Pick<ByteStream, "read">;
  #buffer: Uint8Array;
  #start = 0;
  #end = 0;

  /** It never holds more than `size` bytes. */
  constructor(stream: Pick<ByteStream, "read">, size: number) {
    this.#stream = stream;
    this.#buffer = new Uint8Array(size);
  }

  /** What is there, valid until the next call of {@linkcode fill}. */
  get held(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Drops the first bytes of what is there. */
  skip(count: number): void {
    this.#start += count;
  }

  /**
   * Reads more. Returns false at the end of the stream, and where the buffer is
   * full.
   *
   * @throws what the stream throws.
   */
  async fill(): Promise<boolean> {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const space = this.#buffer.subarray(this.#end);
    if (space.length === 0) return false;
    const count = await this.#stream.read(space);
    this.#end += count ?? 0;
    return count !== null;
  }

  /** Goes on with a buffer that is as large as what is there, or as `size`. */
  resize(size: number): void {
    const { held } = this;
    this.#buffer = new Uint8Array(Math.max(size, held.length));
    this.#buffer.set(held);
    this.#start = 0;
    this.#end = held.length;
  }
}
