/**
 * Ends of a conversation that a test plays by hand.
 *
 * @module
 */
import type { Block, LocalEndpoint, Side } from "../../lib/chat/endpoint.ts";
import type { Framing } from "../../lib/wire/framing.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a fake end is made with. */
export interface FakeEndpointOptions {
  framing?: Framing;
  attended?: boolean;
  /** Gets what the ends are asked to do, in order: `remote send hello\n`. */
  log?: string[];
}

/** A fake end: what it receives is given to it, what is sent to it is kept. */
export class FakeEndpoint implements LocalEndpoint {
  readonly framing: Framing;
  readonly attended: boolean;
  /** All that was sent to it. */
  sent = "";
  echoed = "";
  writeClosed = false;
  closed = false;
  /** How many calls of `receive` are waiting. */
  receiving = 0;
  /** Is awaited by each `send`, which `close` breaks off. */
  beforeSend = (_block: Block): Promise<void> => Promise.resolve();
  /** Is awaited by each `echo`. */
  beforeEcho = (_block: Block): Promise<void> => Promise.resolve();
  readonly #log: string[];
  readonly #side: Side;
  readonly #given: (Block | null | Error)[] = [];
  #unsaid: Block | null = null;
  #pending: Promise<Block | null> | undefined;
  readonly #closing = Promise.withResolvers<never>();
  #watchers: (() => void)[] = [];

  constructor(side: Side, options: FakeEndpointOptions = {}) {
    this.#side = side;
    this.framing = options.framing ?? "lines";
    this.attended = options.attended ?? false;
    this.#log = options.log ?? [];
    this.#closing.promise.catch(() => {});
  }

  /** Lets the end receive these blocks; null is the end of its stream. */
  give(...blocks: (string | Uint8Array | null | Error)[]): this {
    for (const block of blocks) {
      this.#given.push(
        typeof block === "string" ? encoder.encode(block) : block,
      );
    }
    this.#changed();
    return this;
  }

  /** Settles as soon as `condition`, looked at after each change, is true. */
  async until(condition: (end: this) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  receive(): Promise<Block | null> {
    this.#pending ??= this.#receive().finally(() => this.#pending = undefined);
    return this.#pending;
  }

  async #receive(): Promise<Block | null> {
    if (this.#isOver) return null;
    if (this.#unsaid !== null) return this.#unsaid;
    this.receiving++;
    this.#changed();
    await this.until((end) => end.#isOver || end.#given.length > 0);
    this.receiving--;
    this.#changed();
    if (this.#isOver) return null;
    const block = this.#given[0] ?? null;
    // The end of a stream stays its end, and so does a fault.
    if (block instanceof Uint8Array) this.#given.shift();
    if (block instanceof Error) throw block;
    // A remote end has no echo, so it receives nothing twice.
    if (this.#side === "local") this.#unsaid = block;
    return block;
  }

  /** A local end has nothing more for a peer that has gone. */
  get #isOver(): boolean {
    return this.closed || (this.#side === "local" && this.writeClosed);
  }

  /** Another peer has come. */
  reopen(): void {
    this.writeClosed = false;
  }

  async send(block: Block): Promise<void> {
    const text = decoder.decode(block);
    this.#note(`send ${text}`);
    await Promise.race([this.beforeSend(block), this.#closing.promise]);
    if (this.closed) throw new Error("Sent after close");
    if (this.writeClosed) throw new Error("Sent after closeWrite");
    this.sent += text;
    this.#changed();
  }

  async echo(block: Block): Promise<void> {
    const text = decoder.decode(block);
    this.#note(`echo ${text}`);
    await this.beforeEcho(block);
    this.#unsaid = null;
    this.echoed += text;
    this.#changed();
  }

  closeWrite(): Promise<void> {
    if (!this.writeClosed) this.#note("closeWrite");
    this.writeClosed = true;
    this.#changed();
    return Promise.resolve();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#note("close");
    this.#closing.reject(new Error("Closed while sending"));
    this.#changed();
  }

  #note(what: string): void {
    this.#log.push(`${this.#side} ${what}`);
    this.#changed();
  }

  #changed(): void {
    for (const look of this.#watchers.splice(0)) look();
  }
}
