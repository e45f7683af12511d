/**
 * Streams of bytes, and what can be put around one whose beginning was read
 * already, or is looked at.
 *
 * @module
 */

import type { ByteStream } from "./connection.ts";

/** A stream around another: as it is, unless a subclass overrides something. */
export class StreamAround<Inner extends ByteStream = ByteStream>
  implements ByteStream {
  /** The stream that it is around. */
  protected inner: Inner;

  constructor(inner: Inner) {
    this.inner = inner;
  }

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    return this.inner.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.inner.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.inner.closeWrite();
  }

  close(): void {
    this.inner.close();
  }
}

/** A stream from which some bytes were read already: they come first again. */
export class ResumedStream extends StreamAround {
  #ahead: Uint8Array;

  constructor(stream: ByteStream, ahead: Uint8Array) {
    super(stream);
    this.#ahead = ahead;
  }

  override read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    if (this.#ahead.length === 0) return this.inner.read(buffer);
    const bytes = this.#ahead.subarray(0, buffer.length);
    buffer.set(bytes);
    this.#ahead = this.#ahead.subarray(bytes.length);
    return Promise.resolve(bytes.length);
  }
}

/** How many bytes of a stream's beginning are looked at, at the most. */
const BEGINNING_BYTES = 64;
const NOTHING = new Uint8Array();

/** A stream whose beginning is looked at while it is read. */
export class WatchedStream extends StreamAround {
  #look: ((beginning: Uint8Array) => void) | undefined;
  #beginning = NOTHING;
  #problem: unknown;

  /**
   * `look` gets the beginning as far as it has come, which may be cut anywhere.
   * What it throws, that read throws.
   */
  constructor(stream: ByteStream, look: (beginning: Uint8Array) => void) {
    super(stream);
    this.#look = look;
  }

  /** What `look` threw: nobody may have asked for the read that throws it. */
  get problem(): unknown {
    return this.#problem;
  }

  override read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const reading = this.inner.read(buffer);
    const look = this.#look;
    if (look === undefined) return reading;
    return reading.then((count) => {
      try {
        look(this.#begin(buffer.subarray(0, count ?? 0)));
      } catch (problem) {
        this.#look = undefined;
        this.#problem = problem;
        throw problem;
      }
      return count;
    });
  }

  /** Puts what was read behind the beginning, until that is long enough. */
  #begin(bytes: Uint8Array): Uint8Array {
    const room = BEGINNING_BYTES - this.#beginning.length;
    const more = bytes.subarray(0, room);
    const beginning = new Uint8Array(this.#beginning.length + more.length);
    beginning.set(this.#beginning);
    beginning.set(more, this.#beginning.length);
    const isEnough = beginning.length === BEGINNING_BYTES;
    if (isEnough) this.#look = undefined;
    this.#beginning = isEnough ? NOTHING : beginning;
    return beginning;
  }
}

/** A stream whose first read has begun already, with a buffer of its own. */
export class BegunStream extends StreamAround {
  #reading: Promise<Uint8Array | null> | undefined;

  constructor(stream: ByteStream, reading: Promise<Uint8Array | null>) {
    super(stream);
    this.#reading = reading;
    // It may fail before it is asked for, which is told then.
    reading.catch(() => {});
  }

  override async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const first = await this.#reading;
    this.#reading = undefined;
    if (first === null) return null;
    if (first) this.inner = new ResumedStream(this.inner, first);
    return await this.inner.read(buffer);
  }
}
