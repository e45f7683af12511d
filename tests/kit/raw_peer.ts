/**
 * A peer that is no duihua program: a socket in the test's own process, which
 * sends and reads bytes when the test says so.
 *
 * @module
 */

const READ_BYTES = 64 * 1024;

/** A socket that sends text and reads until what is waited for has come. */
export class RawPeer {
  readonly #socket: Deno.TcpConn;
  readonly #decoder = new TextDecoder();
  #received = "";
  #closed = false;

  constructor(socket: Deno.TcpConn) {
    socket.setNoDelay(true);
    this.#socket = socket;
  }

  /** Connects to a server on this machine. */
  static async connect(port: number): Promise<RawPeer> {
    return new RawPeer(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string"
      ? new TextEncoder().encode(data)
      : data;
    for (let done = 0; done < bytes.length;) {
      done += await this.#socket.write(bytes.subarray(done));
    }
  }

  /** Reads until `text` has come; returns all that came so far. */
  async until(text: string): Promise<string> {
    while (!this.#received.includes(text)) {
      if (!await this.#read()) {
        throw new Error(`No ${text} came, but:\n${this.#received}`);
      }
    }
    return this.#received;
  }

  /**
   * Reads once; returns what came since all that was returned before.
   *
   * @throws at the end of the stream.
   */
  async next(): Promise<string> {
    if (this.#received === "" && !await this.#read()) {
      throw new Error("The stream has ended");
    }
    const received = this.#received;
    this.#received = "";
    return received;
  }

  /** Reads to the end of the stream; returns all that came. */
  async end(): Promise<string> {
    while (await this.#read());
    return this.#received;
  }

  /** Says that nothing more will be sent. */
  async closeWrite(): Promise<void> {
    await this.#socket.closeWrite();
  }

  close(): void {
    if (!this.#closed) this.#socket.close();
    this.#closed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #read(): Promise<boolean> {
    const buffer = new Uint8Array(READ_BYTES);
    const count = await this.#socket.read(buffer);
    if (count === null) return false;
    const part = buffer.subarray(0, count);
    this.#received += this.#decoder.decode(part, { stream: true });
    return true;
  }
}

/** A listener on this machine that takes one client after the other. */
export class RawListener {
  readonly #listener: Deno.TcpListener;

  /** Without a port it takes any that is free. */
  constructor(port = 0) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async accept(): Promise<RawPeer> {
    return new RawPeer(await this.#listener.accept());
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}
