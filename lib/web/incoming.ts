/**
 * What a stream has brought and nobody has taken yet.
 *
 * @module
 */
import type { ByteStream } from "../chat/endpoint.ts";

/** The size of the first buffer, in bytes: enough for most requests. */
const FIRST_BYTES = 2048;

/** A buffer between a stream and its reader, which grows while it is full. */
export class Incoming {
  readonly #stream: Pick<ByteStream, "read">;
  readonly #most: number;
  #buffer = new Uint8Array(FIRST_BYTES);
  #start = 0;
  #end = 0;

  /** It never holds more than `most` bytes. */
  constructor(stream: Pick<ByteStream, "read">, most: number) {
    this.#stream = stream;
    this.#most = most;
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
   * Reads more. Returns false at the end of the stream, and when it holds all
   * that it may.
   *
   * @throws what the stream throws.
   */
  async fill(): Promise<boolean> {
    const { held } = this;
    if (held.length === this.#most) return false;
    const isFull = held.length === this.#buffer.length;
    const size = Math.min(held.length * 2, this.#most);
    if (isFull) this.#buffer = new Uint8Array(size);
    this.#buffer.set(held);
    this.#start = 0;
    this.#end = held.length;
    const count = await this.#stream.read(this.#buffer.subarray(this.#end));
    this.#end += count ?? 0;
    return count !== null;
  }
}
