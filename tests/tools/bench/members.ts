/**
 * Many members of a room in one process: what all rooms are measured with.
 *
 * @module
 */

const HOST = "127.0.0.1";
const READ_BYTES = 64 * 1024;
/** Ends each message, and is nowhere else, so that counting is cheap. */
export const MARK = "^";
const MARK_BYTE = MARK.charCodeAt(0);
/** A message: who said it, and which of its messages it is. */
const MESSAGE = /\b(\d+)-(\d+) [^^\n]*\^/g;
/** ASCII, as `ncat --chat` turns all else into escapes. */
const WORDS = "Hello, how are you all on this fine day?";

/** The text of one message, without its line ending. */
export function messageText(member: number, number: number): string {
  return `${member}-${number} ${WORDS}${MARK}`;
}

/** A message that came; the time is that of `performance.now()`. */
export interface Heard {
  readonly text: string;
  readonly from: number;
  readonly number: number;
  readonly time: number;
}

/** A socket in a room. */
export class Member {
  readonly number: number;
  readonly #socket: Deno.TcpConn;
  /** What came, and how many marks by then. */
  readonly #parts: { bytes: Uint8Array; time: number; marks: number }[] = [];
  readonly #decoder = new TextDecoder();
  readonly #reading: Promise<void>;
  /** What came until it was let in; after that notices are of no interest. */
  #opening = "";
  #phase: "opening" | "inside" | "counting" = "opening";
  #changed = Promise.withResolvers<void>();
  #ended = false;
  #received = 0;
  /** Is told of each message when it has come, by how many came before. */
  onMessage: ((earlier: number) => void) | undefined;

  private constructor(number: number, socket: Deno.TcpConn) {
    this.number = number;
    this.#socket = socket;
    socket.setNoDelay(true);
    this.#reading = this.#read();
  }

  /** Connects the member of that number. */
  static async connect(number: number, port: number): Promise<Member> {
    return new Member(number, await Deno.connect({ hostname: HOST, port }));
  }

  /** How many messages have come. */
  get received(): number {
    return this.#received;
  }

  /** Waits for text before any message. */
  async opening(text: string): Promise<void> {
    while (!this.#opening.includes(text)) {
      if (this.#ended) throw new Error(`No ${text} came: ${this.#opening}`);
      await this.#changed.promise;
    }
    this.#opening = "";
  }

  /** From now on nothing is kept: other members' coming is told to all. */
  settle(): void {
    this.#phase = "inside";
  }

  /** From now on messages are kept and counted. */
  count(): void {
    this.#phase = "counting";
  }

  async send(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length;) {
      done += await this.#socket.write(bytes.subarray(done));
    }
  }

  /**
   * What is wrong with the messages that came: each other member's must all be
   * there, whole, once and in order. Undefined when all is right.
   */
  fault(members: number, messages: number): string | undefined {
    const next = new Array<number>(members).fill(0);
    for (const { text, from, number } of this.messages()) {
      if (number !== next[from] || text !== messageText(from, number)) {
        return `member ${this.number} got ${JSON.stringify(text)} ` +
          `where message ${next[from]} of member ${from} was to come`;
      }
      next[from] = number + 1;
    }
    const short = next.findIndex((count, member) =>
      count !== (member === this.number ? 0 : messages)
    );
    return short < 0
      ? undefined
      : `member ${this.number} got ${next[short]} messages of member ${short}`;
  }

  /** The messages that came, in their order, and when they did. */
  *messages(): Generator<Heard> {
    const decoder = new TextDecoder();
    const text = this.#parts.map(({ bytes }) =>
      decoder.decode(bytes, { stream: true })
    ).join("");
    // A part has come with all marks up to its last.
    let index = 0;
    let come = 0;
    for (const [whole, who, which] of text.matchAll(MESSAGE)) {
      while (come >= (this.#parts[index]?.marks ?? Infinity)) index++;
      const time = this.#parts[index]?.time ?? NaN;
      come++;
      yield { text: whole, from: Number(who), number: Number(which), time };
    }
  }

  async close(): Promise<void> {
    if (!this.#ended) this.#socket.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    try {
      for (;;) {
        const count = await this.#socket.read(buffer);
        if (count === null) break;
        const part = buffer.subarray(0, count);
        if (this.#phase === "counting") this.#count(part);
        else if (this.#phase === "opening") {
          this.#opening += this.#decoder.decode(part, { stream: true });
        }
        this.#change();
      }
      this.#socket.close();
    } catch {
      // It was closed here, or by a server that was ended.
    }
    this.#ended = true;
    this.#change();
  }

  #count(part: Uint8Array): void {
    const time = performance.now();
    for (let index = 0; index < part.length; index++) {
      if (part[index] !== MARK_BYTE) continue;
      this.onMessage?.(this.#received);
      this.#received++;
    }
    this.#parts.push({ bytes: part.slice(), time, marks: this.#received });
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
