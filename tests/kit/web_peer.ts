/**
 * A web client that does only what the test says: it sends bytes, and reads
 * answers and frames.
 *
 * @module
 */
import { closing, unmask } from "../../lib/web/frames.ts";

/** A key as in RFC 6455, section 1.3, and what it is answered with there. */
export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const MASK = Uint8Array.of(1, 2, 3, 4);
const LAST = 0x80;
const MASKED = 0x80;
/** Where a frame's payload begins, by the second byte of a server's frame. */
const LENGTHS: Readonly<Record<number, number>> = { 126: 4, 127: 10 };

/** What came in one frame. */
export interface Received {
  opcode: number;
  payload: Uint8Array;
}

/** A request for the WebSocket, with other headers or without some. */
export function upgrade(
  port: number,
  headers: Readonly<Record<string, string | undefined>> = {},
): string {
  const all: Record<string, string | undefined> = {
    "Host": `127.0.0.1:${port}`,
    "Origin": `http://127.0.0.1:${port}`,
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`]
  );
  return `GET / HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** A frame as a client sends it. */
export function masked(
  opcode: number,
  payload: string | Uint8Array,
): Uint8Array {
  const bytes = typeof payload === "string"
    ? new TextEncoder().encode(payload)
    : payload.slice();
  const { length } = bytes;
  const size = length < 126 ? 2 : length < 65536 ? 4 : 10;
  const head = new Uint8Array(size);
  const view = new DataView(head.buffer);
  head[0] = LAST | opcode;
  head[1] = MASKED | (size === 2 ? length : size === 4 ? 126 : 127);
  if (size === 4) view.setUint16(2, length);
  if (size === 10) view.setBigUint64(2, BigInt(length));
  unmask(bytes, MASK, 0);
  return Uint8Array.of(...head, ...MASK, ...bytes);
}

/** A socket to the web port. */
export class WebPeer {
  readonly #socket: Deno.TcpConn | Deno.TlsConn;
  #held = new Uint8Array();

  constructor(socket: Deno.TcpConn | Deno.TlsConn) {
    this.#socket = socket;
  }

  static async connect(port: number): Promise<WebPeer> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    socket.setNoDelay(true);
    return new WebPeer(socket);
  }

  /** One that has the WebSocket open. */
  static async open(port: number): Promise<WebPeer> {
    const peer = await WebPeer.connect(port);
    await peer.send(upgrade(port));
    const head = await peer.head();
    if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(head);
    return peer;
  }

  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string"
      ? new TextEncoder().encode(data)
      : data;
    for (let done = 0; done < bytes.length;) {
      done += await this.#socket.write(bytes.subarray(done));
    }
  }

  /** Says messages in one write. */
  async say(...messages: string[]): Promise<void> {
    for (const message of messages) await this.send(masked(1, message));
  }

  /** The head of an answer, with the empty line after it. */
  async head(): Promise<string> {
    for (;;) {
      const text = new TextDecoder("latin1").decode(this.#held);
      const end = text.indexOf("\r\n\r\n") + 4;
      if (end > 3) {
        this.#held = this.#held.slice(end);
        return text.slice(0, end);
      }
      if (!await this.#read()) throw new Error(`No answer, but: ${text}`);
    }
  }

  /** All that comes to the end of the stream, as text. */
  async rest(): Promise<string> {
    while (await this.#read());
    return new TextDecoder().decode(this.#held);
  }

  /** The next frame; undefined at the end of the stream. */
  async next(): Promise<Received | undefined> {
    for (;;) {
      const [first = 0, short = 0] = this.#held;
      const start = LENGTHS[short] ?? 2;
      if (this.#held.length >= start) {
        const view = new DataView(this.#held.buffer, this.#held.byteOffset);
        const length = start === 2
          ? short
          : start === 4
          ? view.getUint16(2)
          : Number(view.getBigUint64(2));
        if (this.#held.length >= start + length) {
          const payload = this.#held.slice(start, start + length);
          this.#held = this.#held.slice(start + length);
          return { opcode: first & 0x0f, payload };
        }
      }
      if (!await this.#read()) return undefined;
    }
  }

  /** Reads text until it has what is waited for; returns all of it. */
  async until(text: string): Promise<string> {
    for (let heard = "";;) {
      if (heard.includes(text)) return heard;
      const received = await this.next();
      if (received === undefined || received.opcode === 8) {
        throw new Error(`No ${text} came, but:\n${heard}`);
      }
      if (received.opcode !== 1) continue;
      heard += new TextDecoder("utf-8", { fatal: true })
        .decode(received.payload);
    }
  }

  /** Reads to the close frame; returns its code and reason. */
  async closed(): Promise<string> {
    for (;;) {
      const received = await this.next();
      if (received === undefined) throw new Error("No close frame came");
      if (received.opcode !== 8) continue;
      const { payload } = received;
      const code = new DataView(payload.buffer, payload.byteOffset).getUint16(
        0,
      );
      return `${code} ${new TextDecoder().decode(payload.subarray(2))}`.trim();
    }
  }

  /** Ends it as a browser does. */
  async leave(): Promise<string> {
    await this.send(masked(8, closing({ code: 1000, reason: "" })));
    return await this.closed();
  }

  close(): void {
    try {
      this.#socket.close();
    } catch {
      // It was closed before.
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #read(): Promise<boolean> {
    const buffer = new Uint8Array(64 * 1024);
    const count = await this.#socket.read(buffer);
    if (count === null) return false;
    const held = new Uint8Array(this.#held.length + count);
    held.set(this.#held);
    held.set(buffer.subarray(0, count), this.#held.length);
    this.#held = held;
    return true;
  }
}
