import { assertEquals, assertRejects } from "@std/assert";
import { Connection } from "../../lib/chat/connection.ts";
import {
  type Accepting,
  type Lock,
  reasonFor,
  seldom,
  TELLING_PAUSE_MS,
} from "../../lib/net/admit.ts";
import { isLoopback } from "../../lib/net/locks.ts";
import { type Door, MAX_WAITING, serve } from "../../lib/net/serve.ts";
import { Failure, sentence } from "../../lib/text/phrases.ts";
import { FakeStream } from "../kit/fake_stream.ts";
import { PURE } from "../kit/pure.ts";

function test(name: string, fn: () => Promise<void> | void): void {
  Deno.test({ ...PURE, name, fn });
}

/** A listener whose visitors come from the test. */
class FakeListener implements Accepting<Connection> {
  readonly #backlog: Connection[] = [];
  #closed = false;
  #changed = Promise.withResolvers<void>();
  #accepts = 0;
  #mostAccepts = 0;

  /** How many called accept() at the same time, at the most. */
  get mostAccepts(): number {
    return this.#mostAccepts;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How many were not accepted yet. */
  get backlog(): number {
    return this.#backlog.length;
  }

  arrive(...streams: FakeStream[]): void {
    this.#backlog.push(...streams.map((it) => new Connection(it, it)));
    this.#changed.resolve();
  }

  async accept(): Promise<Connection> {
    this.#mostAccepts = Math.max(this.#mostAccepts, ++this.#accepts);
    try {
      return await this.#next();
    } finally {
      this.#accepts--;
    }
  }

  async #next(): Promise<Connection> {
    for (;;) {
      if (this.#closed) throw new Error("listener closed");
      const visitor = this.#backlog.shift();
      if (visitor !== undefined) return visitor;
      this.#changed = Promise.withResolvers();
      await this.#changed.promise;
    }
  }

  close(): void {
    this.#closed = true;
    this.#changed.resolve();
  }
}

/** Refuses visitors from one host. */
const notFromTwo: Lock = ({ host }) => {
  if (host === "2") throw new Failure(sentence("not allowed"));
};

/** Lets a visitor pass once it says something; those who don't, wait. */
const talkative: Lock = async (visitor, signal) => {
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => aborted.reject(signal.reason));
  if (signal.aborted) throw signal.reason;
  await Promise.race([visitor.peek(), aborted.promise]);
};

function unexpected(fault: unknown): never {
  throw fault;
}

/** A server of all whose refusals are kept and can be awaited. */
function makeDoor(
  locks: readonly Lock[],
  { listener = new FakeListener(), ...limits }:
    & { listener?: FakeListener }
    & Pick<Door, "timeLimit" | "places"> = {},
): {
  door: Accepting<Connection>;
  listener: FakeListener;
  refusals: [string | undefined, unknown][];
  refused(count: number): Promise<void>;
} {
  const refusals: [string | undefined, unknown][] = [];
  const inside: Connection[] = [];
  let changed = Promise.withResolvers<void>();
  const change = (): void => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const controller = new AbortController();
  const serving = serve({
    accept: () => listener.accept(),
    close: () => listener.close(),
    limits: { enter: () => () => {} },
    locks,
    tellRefused({ address }, fault): void {
      refusals.push([
        address.replace(":1", ""),
        fault instanceof Failure ? fault.sentence.phrase : fault,
      ]);
      change();
    },
    ...limits,
  }, (connection) => {
    inside.push(connection);
    change();
    return Promise.resolve();
  }, { whom: "all", signal: controller.signal, failed: unexpected });
  const over = serving.then(() => Promise.reject(new Error("closed")));
  over.catch(() => {});
  return {
    door: {
      async accept(): Promise<Connection> {
        for (;;) {
          const connection = inside.shift();
          if (connection !== undefined) return connection;
          await Promise.race([changed.promise, over]);
        }
      },
      close: () => controller.abort(),
    },
    listener,
    refusals,
    async refused(count): Promise<void> {
      while (refusals.length < count) await changed.promise;
    },
  };
}

test("serve() gives who passes, and closes who does not", async () => {
  const { door, listener, refusals } = makeDoor([notFromTwo]);
  const visitors = ["1", "2", "3"].map((host) => new FakeStream(host));
  listener.arrive(...visitors);
  assertEquals((await door.accept()).host, "1");
  assertEquals((await door.accept()).host, "3");
  assertEquals(refusals, [["2", "not allowed"]]);
  assertEquals(visitors.map(({ closed }) => closed), [false, true, false]);
  door.close();
});

test("serve() does not wait for who is slow", async () => {
  const { door, listener } = makeDoor([talkative]);
  const slow = new FakeStream("slow");
  const quick = new FakeStream("quick");
  quick.give("hi");
  listener.arrive(slow, quick);
  assertEquals((await door.accept()).host, "quick");
  const next = door.accept();
  slow.give("hi");
  assertEquals((await next).host, "slow");
  assertEquals(listener.mostAccepts, 1);
  door.close();
});

test("serve() survives whatever a check throws", async () => {
  const fault = new TypeError("handshake");
  const { door, listener, refusals } = makeDoor([
    ({ host }): Promise<void> =>
      host === "bad" ? Promise.reject(fault) : Promise.resolve(),
  ]);
  listener.arrive(new FakeStream("bad"), new FakeStream("good"));
  assertEquals((await door.accept()).host, "good");
  assertEquals(refusals, [["bad", fault]]);
  door.close();
});

test("serve() ends the time of who is too slow", async () => {
  const { door, listener, refusals, refused } = makeDoor([talkative], {
    timeLimit: 1,
  });
  const slow = new FakeStream("slow");
  listener.arrive(slow);
  const accepting = door.accept();
  await refused(1);
  assertEquals(refusals, [["slow", "too slow at the door"]]);
  assertEquals(slow.closed, true);
  door.close();
  await assertRejects(() => accepting, Error, "closed");
});

test("serve() sends the first away when too many wait", async () => {
  const { door, listener, refusals, refused } = makeDoor([talkative]);
  const crowd = Array.from(
    { length: MAX_WAITING + 2 },
    (_, index) => new FakeStream(String(index)),
  );
  listener.arrive(...crowd);
  const accepting = door.accept();
  await refused(2);
  assertEquals(refusals, [
    ["0", "crowded out"],
    ["1", "crowded out"],
  ]);
  crowd.at(-1)?.give("hi");
  assertEquals((await accepting).host, String(MAX_WAITING + 1));
  door.close();
});

test("serve() sends away the next, although the first takes its time", async () => {
  const signals: AbortSignal[] = [];
  const late = Promise.withResolvers<void>();
  const { door, listener } = makeDoor([
    (_visitor, signal) => {
      signals.push(signal);
      return late.promise;
    },
  ], { places: 1 });
  listener.arrive(...["1", "2", "3"].map((host) => new FakeStream(host)));
  const accepting = door.accept();
  while (signals.length < 3) await Promise.resolve();
  assertEquals(signals.map(({ aborted }) => aborted), [true, true, false]);
  door.close();
  late.reject(new Error("closed"));
  await assertRejects(() => accepting, Error, "closed");
});

test("serve() has as many places as it is told", async () => {
  const { door, listener, refusals } = makeDoor([talkative], {
    places: MAX_WAITING + 1,
  });
  const crowd = Array.from(
    { length: MAX_WAITING + 1 },
    (_, index) => new FakeStream(String(index)),
  );
  listener.arrive(...crowd);
  const accepting = door.accept();
  for (const visitor of crowd) await visitor.starved();
  crowd[0]?.give("hi");
  assertEquals((await accepting).host, "0");
  assertEquals(refusals, []);
  door.close();
});

test("serve() closes the listener and all who are not inside", async () => {
  const { door, listener, refusals } = makeDoor([talkative]);
  const inside = new FakeStream("inside");
  const slow = new FakeStream("slow");
  listener.arrive(slow, inside);
  const accepting = door.accept();
  for (const visitor of [slow, inside]) await visitor.starved();
  inside.give("hi");
  assertEquals((await accepting).host, "inside");
  door.close();
  await assertRejects(() => door.accept(), Error, "closed");
  assertEquals([slow.closed, inside.closed], [true, false]);
  assertEquals(listener.closed, true);
  assertEquals(refusals, []);
});

test("serve() closes who is accepted in the same moment as it ends", async () => {
  const arrival = Promise.withResolvers<Connection>();
  class Late extends FakeListener {
    override accept(): Promise<Connection> {
      return arrival.promise;
    }
  }
  const { door } = makeDoor([], { listener: new Late() });
  const accepting = door.accept();
  const visitor = new FakeStream();
  door.close();
  arrival.resolve(new Connection(visitor, visitor));
  await assertRejects(() => accepting, Error, "closed");
  assertEquals(visitor.closed, true);
});

test("serve() sends away the first of the address that has most of them", async () => {
  const { door, listener, refusals, refused } = makeDoor([talkative], {
    places: 3,
  });
  const hosts = ["2001:db8::1", "192.0.2.1", "192.0.2.2", "2001:db8::ff"];
  const streams = hosts.map((host) => new FakeStream(host));
  listener.arrive(...streams);
  const accepting = door.accept();
  await refused(1);
  assertEquals(refusals[0]?.[1], "crowded out");
  assertEquals(streams.map(({ closed }) => closed), [
    true,
    false,
    false,
    false,
  ]);
  streams[1]?.give("hi");
  assertEquals((await accepting).host, "192.0.2.1");
  door.close();
});

test("seldom() tells once in a while how many were left out", () => {
  let now = 0;
  const told: string[] = [];
  const tellSeldom = seldom(() => now);
  const tell = (reason: string): void =>
    tellSeldom(reason, (leftOut) => told.push(`${reason} ${leftOut}`));
  tell("a");
  tell("a");
  tell("b");
  now = TELLING_PAUSE_MS - 1;
  tell("a");
  assertEquals(told, ["a 0", "b 0"]);
  now = TELLING_PAUSE_MS;
  tell("a");
  tell("b");
  assertEquals(told, ["a 0", "b 0", "a 2", "b 0"]);
});

test("reasonFor() takes any other fault for a peer that left", () => {
  assertEquals(reasonFor(new Error("reset")).phrase, "left at the door");
  const failure = new Failure(sentence("crowded out"));
  assertEquals(reasonFor(failure).phrase, "crowded out");
});

test("isLoopback() knows this machine's own addresses", () => {
  for (const own of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"]) {
    assertEquals(isLoopback(own), true, own);
  }
  for (const other of ["192.168.1.127", "::", "::ffff:192.0.2.1", "fe80::1"]) {
    assertEquals(isLoopback(other), false, other);
  }
});
