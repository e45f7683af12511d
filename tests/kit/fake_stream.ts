/**
 * A stream of bytes for tests: they say what it reads and see what is written.
 *
 * @module
 */
import type { Connection } from "../../lib/chat/connection.ts";
import type { ByteStream } from "../../lib/chat/endpoint.ts";

/** A stream whose bytes come from the test, from an address that it names. */
export class FakeStream implements ByteStream {
  readonly address: string;
  readonly host: string | undefined;
  readonly #incoming: (Uint8Array | null)[] = [];
  readonly #decoder = new TextDecoder();
  #written = "";
  #changed = Promise.withResolvers<void>();
  #read = 0;
  #starving = false;
  #closed = false;

  constructor(host = "192.0.2.1") {
    this.host = host;
    this.address = `${host}:1`;
  }

  /** All that was written, as text. */
  get written(): string {
    return this.#written;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How many bytes were read. */
  get bytesRead(): number {
    return this.#read;
  }

  /** Gives bytes to read, all in one read if they fit; null is the end. */
  give(bytes: string | Uint8Array | null): void {
    this.#incoming.push(
      typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes,
    );
    this.#change();
  }

  /** Settles once this was written. */
  async until(text: string): Promise<void> {
    while (!this.#written.endsWith(text)) await this.#changed.promise;
  }

  /** Settles once a read waits for bytes. */
  async starved(): Promise<void> {
    while (!this.#starving) await this.#changed.promise;
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      if (this.#closed) throw new Error("closed");
      const [first] = this.#incoming;
      if (first === undefined) {
        this.#starving = true;
        this.#change();
        await this.#changed.promise;
        this.#starving = false;
        continue;
      }
      if (first === null) return null;
      const bytes = first.subarray(0, buffer.length);
      buffer.set(bytes);
      this.#read += bytes.length;
      if (bytes.length === first.length) this.#incoming.shift();
      else this.#incoming[0] = first.subarray(bytes.length);
      return bytes.length;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#closed) return Promise.reject(new Error("closed"));
    // Only a part is taken, as a socket may do.
    const taken = bytes.subarray(0, Math.ceil(bytes.length / 2));
    this.#written += this.#decoder.decode(taken, { stream: true });
    this.#change();
    return Promise.resolve(taken.length);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.#closed = true;
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** All that a conversation brings before it is closed, up to the end of the stream, as text. */
export async function readAll(connection: Connection): Promise<string> {
  connection.begin({
    framing: "lines",
    maxMessage: Infinity,
    idleTimeout: Infinity,
    observe: () => {},
  });
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const block = await connection.receive();
      if (block === null) return text;
      text += decoder.decode(block, { stream: true });
    }
  } finally {
    connection.close();
  }
}
