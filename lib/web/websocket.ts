/**
 * A WebSocket as a stream of bytes, as TLS is one: what follows, from the
 * password to the room, does not know the difference.
 *
 * @module
 */
import { within } from "../chat/waiting.ts";
import type { Accepted } from "../net/admit.ts";
import { Failure, sentence } from "../text/phrases.ts";
import { isTlsHello } from "../wire/fixed_lines.ts";
import { LINE_FEED } from "../wire/framing.ts";
import {
  CLOSE,
  type Closing,
  closing,
  frame,
  type FrameHead,
  frameHead,
  MAX_HEAD_BYTES,
  OPCODE,
  unmask,
} from "./frames.ts";
import { answerBytes, headLength, parseHead } from "./http.ts";
import { Incoming } from "./incoming.ts";
import type { Page } from "./page.ts";
import { answerTo } from "./site.ts";

/** The most bytes that the head of a request may have. */
const MAX_REQUEST_BYTES = 16 * 1024;
/** The most bytes of a frame that is sent; what is longer becomes several. */
const MAX_FRAME_BYTES = 16 * 1024;
/** The longest sequence of UTF-8, in bytes. */
const MAX_CHARACTER_BYTES = 4;
/** The bits that tell a byte that continues a sequence of UTF-8. */
const CONTINUES_MASK = 0xc0;
const CONTINUES = 0x80;
/** How often a quiet connection is asked for an answer: proxies close others. */
const PING_MS = 30_000;
/** How long a peer may take to close when all was said, in milliseconds. */
const LINGER_MS = 2000;
const LINGER_BYTES = 1024 * 1024;
const LINGER_READ_BYTES = 2048;

/** Options of a {@linkcode WebSocketStream}. */
export interface WebSocketOptions {
  /** After so many milliseconds a quiet connection is asked for an answer. */
  pingEvery?: number;
  /** Aborts when the server is stopped, which the peer is told as it closes. */
  signal?: AbortSignal;
}

/** Tells that a request was answered, and that nothing follows. */
export class Answered extends Error {
  override readonly name = "Answered";

  constructor() {
    super("Cannot go on: the request was answered");
  }
}

/**
 * The server's end of a WebSocket over a stream, which it takes over. Each text
 * message is a line, and gets its ending where it has none; what is written is
 * sent as text messages that hold whole characters. A close frame is the end of
 * the stream.
 *
 * The first `read` or `write` answers the request.
 *
 * @throws {Answered} there, when the request was for something else.
 * @throws {Failure} there, when the page of another site asks for it.
 * @throws what the stream throws.
 */
export class WebSocketStream implements Accepted {
  readonly remoteAddr: Deno.Addr;
  readonly #stream: Accepted;
  readonly #page: Page;
  readonly #signal: AbortSignal | undefined;
  readonly #incoming: Incoming;
  readonly #pingEvery: number;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #opening: Promise<void> | undefined;
  #pinging: ReturnType<typeof setInterval> | undefined;
  /** The frame whose payload comes, and how much of it has come. */
  #frame: FrameHead | undefined;
  #done = 0;
  #inMessage = false;
  #lastByte: number | undefined;
  #isReading = false;
  /** Whether nothing more comes. */
  #isOver = false;
  /** Settles when the last frame is written. */
  #writing: Promise<void> = Promise.resolve();
  #writes = 0;
  /** Whether the last was said: an answer, or a close frame. */
  #hasSaidAll = false;

  constructor(
    stream: Accepted,
    page: Page,
    { pingEvery = PING_MS, signal }: WebSocketOptions = {},
  ) {
    this.remoteAddr = stream.remoteAddr;
    this.#stream = stream;
    this.#page = page;
    this.#signal = signal;
    this.#pingEvery = pingEvery;
    this.#incoming = new Incoming(stream, MAX_REQUEST_BYTES);
  }

  async read(into: Uint8Array): Promise<number | null> {
    await (this.#opening ??= this.#open());
    this.#isReading = true;
    try {
      while (!this.#isOver) {
        const head = this.#frame ?? await this.#nextFrame();
        if (head === undefined) break;
        const count = await this.#readPayload(head, into);
        if (count > 0) return count;
      }
      return null;
    } finally {
      this.#isReading = false;
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    await (this.#opening ??= this.#open());
    if (bytes.length === 0) return await this.#stream.write(bytes);
    if (this.#hasSaidAll) throw new Deno.errors.BrokenPipe("It is closed");
    const part = wholeCharacters(bytes);
    await this.#send(OPCODE.text, part);
    return part.length;
  }

  /** Sends a close frame: nothing more is sent, and much may still come. */
  async closeWrite(): Promise<void> {
    await (this.#opening ??= this.#open());
    await this.#sendClose(this.#farewell);
  }

  close(): void {
    clearInterval(this.#pinging);
    const isOpen = this.#pinging !== undefined;
    // A peer that takes nothing, or has asked for nothing, is told nothing.
    if (this.#writes > 0 || !isOpen && !this.#hasSaidAll) {
      return this.#stream.close();
    }
    if (isOpen) void this.#sendClose(this.#farewell).catch(() => {});
    void this.#part();
  }

  /** What a connection is closed with where nothing is wrong. */
  get #farewell(): Closing {
    const { normal, goingAway } = CLOSE;
    return { code: this.#signal?.aborted ? goingAway : normal, reason: "" };
  }

  /**
   * Closes so that the last that was sent arrives: to close on unread bytes
   * would reset the connection.
   */
  async #part(): Promise<void> {
    // A read that is pending has read them all.
    const parting = this.#isReading ? this.#writing : this.#drain();
    await within(LINGER_MS, parting).catch(() => {});
    this.#stream.close();
  }

  async #drain(): Promise<void> {
    await this.#writing;
    await this.#stream.closeWrite();
    const buffer = new Uint8Array(LINGER_READ_BYTES);
    for (let dropped = 0; dropped < LINGER_BYTES;) {
      const count = await this.#stream.read(buffer);
      if (count === null) return;
      dropped += count;
    }
  }

  /** Takes the request and answers it. */
  async #open(): Promise<void> {
    // Under TLS a write shakes hands, and says best what is wrong.
    await this.#stream.write(new Uint8Array());
    const request = parseHead(await this.#requestHead());
    const answer = await answerTo(request, this.#page);
    await writeAll(this.#stream, answerBytes(answer, request?.method));
    if (answer.opens) {
      this.#pinging = setInterval(() => this.#ping(), this.#pingEvery);
      return;
    }
    this.#hasSaidAll = true;
    const { foreign } = answer;
    if (foreign === undefined) throw new Answered();
    throw new Failure(sentence("web origin", { origin: foreign }));
  }

  /** The head of the request; empty where it is too long. */
  async #requestHead(): Promise<Uint8Array> {
    const incoming = this.#incoming;
    for (let seen = 0;;) {
      const { held } = incoming;
      const length = headLength(held, seen);
      if (length !== undefined) {
        incoming.skip(length);
        return held.subarray(0, length);
      }
      if (isTlsHello(held)) throw new Failure(sentence("client with TLS"));
      seen = held.length;
      if (await incoming.fill()) continue;
      if (seen < MAX_REQUEST_BYTES) throw new Answered();
      return new Uint8Array();
    }
  }

  /** The next frame of a message; undefined at the end. */
  async #nextFrame(): Promise<FrameHead | undefined> {
    for (;;) {
      const head = await this.#nextHead();
      if (head === undefined) return undefined;
      this.#incoming.skip(head.size);
      if (head.opcode === OPCODE.text || head.opcode === OPCODE.continuation) {
        this.#done = 0;
        this.#inMessage = true;
        return this.#frame = head;
      }
      await this.#obey(head);
      if (this.#isOver) return undefined;
    }
  }

  async #nextHead(): Promise<FrameHead | undefined> {
    for (;;) {
      const head = frameHead(
        this.#incoming.held.subarray(0, MAX_HEAD_BYTES),
        this.#inMessage,
      );
      if (head && "size" in head) return head;
      if (head) return await this.#fail(head);
      if (!await this.#incoming.fill()) return this.#end();
    }
  }

  /** What a control frame asks for. */
  async #obey({ opcode, length, mask }: FrameHead): Promise<void> {
    while (this.#incoming.held.length < length) {
      if (!await this.#incoming.fill()) return this.#end();
    }
    const payload = this.#incoming.held.slice(0, length);
    this.#incoming.skip(length);
    unmask(payload, mask, 0);
    if (opcode === OPCODE.ping) await this.#send(OPCODE.pong, payload);
    if (opcode === OPCODE.close) this.#end();
  }

  /** Puts what there is of a frame's payload where it is wanted. */
  async #readPayload(head: FrameHead, into: Uint8Array): Promise<number> {
    const { length, isLast, mask } = head;
    if (this.#done < length && this.#incoming.held.length === 0) {
      if (!await this.#incoming.fill()) {
        this.#end();
        return 0;
      }
    }
    const { held } = this.#incoming;
    const count = Math.min(held.length, length - this.#done, into.length);
    const part = into.subarray(0, count);
    part.set(held.subarray(0, count));
    this.#incoming.skip(count);
    unmask(part, mask, this.#done);
    this.#done += count;
    this.#lastByte = part.at(-1) ?? this.#lastByte;
    const isFrameOver = this.#done === length;
    const isMessageOver = isFrameOver && isLast;
    try {
      this.#utf8.decode(part, { stream: !isMessageOver });
    } catch {
      await this.#fail({ code: CLOSE.notUtf8, reason: "text is not UTF-8" });
      return 0;
    }
    if (!isFrameOver) return count;
    if (!isMessageOver) {
      this.#frame = undefined;
      return count;
    }
    const needsEnding = this.#lastByte !== LINE_FEED;
    // Where there is no room for it, it is what the next call brings.
    if (needsEnding && count === into.length) return count;
    this.#frame = undefined;
    this.#inMessage = false;
    this.#lastByte = undefined;
    if (needsEnding) into[count] = LINE_FEED;
    return needsEnding ? count + 1 : count;
  }

  /** Tells the peer why its frames are not read any more. */
  async #fail(why: Closing): Promise<undefined> {
    this.#end();
    await this.#sendClose(why);
  }

  #end(): undefined {
    this.#isOver = true;
  }

  #ping(): void {
    if (this.#writes > 0 || this.#hasSaidAll) return;
    this.#send(OPCODE.ping, new Uint8Array()).catch(() => {});
  }

  async #sendClose(why: Closing): Promise<void> {
    if (this.#hasSaidAll) return;
    this.#hasSaidAll = true;
    clearInterval(this.#pinging);
    await this.#send(OPCODE.close, closing(why));
  }

  /** Frames are sent whole, one after the other. */
  async #send(opcode: number, payload: Uint8Array): Promise<void> {
    this.#writes++;
    const bytes = frame(opcode, payload);
    const written = this.#writing.then(() => writeAll(this.#stream, bytes));
    this.#writing = written.catch(() => {});
    try {
      await written;
    } finally {
      this.#writes--;
    }
  }
}

async function writeAll(stream: Accepted, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await stream.write(bytes.subarray(done));
  }
}

/** The first bytes that fit in a frame and end with a whole character. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MAX_FRAME_BYTES) return bytes;
  let end = MAX_FRAME_BYTES;
  const least = end - MAX_CHARACTER_BYTES;
  while (
    end > least && ((bytes[end] ?? 0) & CONTINUES_MASK) === CONTINUES
  ) end--;
  return bytes.subarray(0, end);
}
