/**
 * The door of a server: who comes has to pass it before a conversation begins.
 *
 * @module
 */
import { DoorError } from "./door_error.ts";
import type { Accepting } from "./serve.ts";
import type { ByteStream } from "../chat/connection.ts";
import { StreamAround } from "../chat/streams.ts";

/** How long someone may take to pass the door, in milliseconds. */
const DOOR_LIMIT_MS = 30_000;
/**
 * How many may be at a door at once, unless its options say otherwise; one
 * more, and who came first has to go.
 */
export const MAX_AT_DOOR = 100;
/** How often at most the same problem is told, in milliseconds. */
export const TELLING_PAUSE_MS = 1000;

/** Who comes to the door: a stream of bytes from somewhere. */
export interface Visitor extends ByteStream {
  /** Where it comes from, as a person is told. */
  readonly address: string;
  /** Its IP address; undefined for one from a Unix socket. */
  readonly host: string | undefined;
  /**
   * Why there can be no conversation, once the peer's first bytes have shown
   * it: nobody may have asked for the read that throws the same.
   */
  readonly problem?: unknown;
}

/** A stream of bytes that tells where it comes from. */
export class VisitorStream
  extends StreamAround<ByteStream & { readonly problem?: unknown }>
  implements Visitor {
  readonly address: string;
  readonly host: string | undefined;

  constructor(
    { address, host }: Pick<Visitor, "address" | "host">,
    stream: ByteStream & { readonly problem?: unknown },
  ) {
    super(stream);
    this.address = address;
    this.host = host;
  }

  get problem(): unknown {
    return this.inner.problem;
  }
}

/**
 * One thing that has to be passed. Returns the visitor, or one to go on with;
 * throws to refuse it. `signal` is aborted when its time is over.
 */
export type Check = (
  visitor: Visitor,
  signal: AbortSignal,
) => Visitor | Promise<Visitor>;

/** What a door is made with. */
export interface DoorOptions {
  /** What has to be passed, in this order. */
  checks: readonly Check[];
  /** Is told who was refused and what was thrown. */
  refused(visitor: Visitor, fault: unknown): void;
  /** The limit for passing the door, in milliseconds. */
  limit?: number;
  /** How many may be at the door at once, {@linkcode MAX_AT_DOOR}. */
  places?: number;
}

/**
 * Accepts visitors as a listener does, but only those who pass all checks.
 * They are checked at the same time, so nobody who is slow keeps another out;
 * who is refused is closed. While nobody is awaited, nobody is let near:
 * visitors wait in the backlog of the listener.
 */
export class Door implements Accepting<Visitor> {
  readonly #listener: Accepting<Visitor>;
  readonly #options: DoorOptions;
  /** Those who are being checked, in the order of coming. */
  readonly #waiting = new Set<AbortController>();
  readonly #passed: Visitor[] = [];
  #accepting = false;
  #closed = false;
  #fault: { error: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(listener: Accepting<Visitor>, options: DoorOptions) {
    this.#listener = listener;
    this.#options = options;
  }

  /**
   * The next who passed.
   *
   * @throws what the listener throws, also because it was closed.
   */
  async accept(): Promise<Visitor> {
    for (;;) {
      const visitor = this.#passed.shift();
      if (visitor !== undefined) return visitor;
      const fault = this.#fault;
      this.#fault = undefined;
      if (fault) throw fault.error;
      const changed = this.#changed.promise;
      this.#approach();
      await changed;
    }
  }

  /** Closes the listener and all who have not been accepted yet. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
    for (const visitor of this.#passed.splice(0)) visitor.close();
    for (const controller of this.#waiting) controller.abort();
  }

  /** Takes the next from the listener, if that isn't being done. */
  #approach(): void {
    if (this.#accepting) return;
    this.#accepting = true;
    this.#listener.accept().then(
      (visitor) => void this.#receive(visitor),
      (error) => this.#fault = { error },
    ).finally(() => {
      this.#accepting = false;
      this.#change();
    });
  }

  async #receive(visitor: Visitor): Promise<void> {
    const controller = this.#enqueue();
    const { checks, refused, limit = DOOR_LIMIT_MS } = this.#options;
    const timer = setTimeout(
      () => controller.abort(new DoorError("too slow at the door")),
      limit,
    );
    let checked = visitor;
    try {
      for (const check of checks) {
        controller.signal.throwIfAborted();
        checked = await check(checked, controller.signal);
      }
      controller.signal.throwIfAborted();
      this.#passed.push(checked);
    } catch (fault) {
      visitor.close();
      if (!this.#closed) refused(visitor, fault);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(controller);
      this.#change();
    }
  }

  #enqueue(): AbortController {
    const [first] = this.#waiting;
    const { places = MAX_AT_DOOR } = this.#options;
    if (first !== undefined && this.#waiting.size >= places) {
      first.abort(new DoorError("crowded out"));
      this.#waiting.delete(first);
    }
    const controller = new AbortController();
    if (this.#closed) controller.abort();
    this.#waiting.add(controller);
    return controller;
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/**
 * Tells the same kind of thing at most once in a while, so that a flood of it
 * does not fill a screen. The next time it says how many were left out.
 */
export class Teller {
  readonly #told = new Map<string, { at: number; left: number }>();
  readonly #now: () => number;

  /** `now` is a clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Calls `tell` with the number left out since, or leaves this one out. */
  tell(kind: string, tell: (leftOut: number) => void): void {
    const now = this.#now();
    const last = this.#told.get(kind);
    if (last !== undefined && now - last.at < TELLING_PAUSE_MS) {
      last.left++;
      return;
    }
    this.#told.set(kind, { at: now, left: 0 });
    tell(last?.left ?? 0);
  }
}
