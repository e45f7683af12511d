import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  FIRST_PAUSE_MS,
  FORGETTING_MS,
  Guesses,
  Limits,
  LONGEST_PAUSE_MS,
  MAX_NETWORKS,
  networkOf,
} from "../../lib/net/limits.ts";
import { Failure, type Phrase } from "../../lib/text/phrases.ts";
import { PURE } from "../kit/pure.ts";

const HOST = "192.0.2.1";
const { signal } = new AbortController();

function test(name: string, fn: () => Promise<void> | void): void {
  Deno.test({ ...PURE, name, fn });
}

function assertRefused(work: () => unknown, phrase: Phrase): void {
  assertEquals(assertThrows(work, Failure).sentence.phrase, phrase);
}

test("networkOf() takes the /64 of IPv6, and IPv4 in IPv6 as IPv4", () => {
  const table = [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::6", "2001:db8:1:2::/64"],
    ["2001:db8::6", "2001:db8:0:0::/64"],
    ["2001:db8::", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ] as const;
  for (const [host, network] of table) assertEquals(networkOf(host), network);
});

test("Limits counts what an address has at once, and what all have", () => {
  let now = 0;
  const options = { connections: 3, perAddress: 2, connectRate: 1 };
  const limits = new Limits(options, () => now);
  const leave = limits.enter("2001:db8::1");
  limits.enter("2001:db8::2");
  assertRefused(() => limits.enter("2001:db8::3"), "too many from it");
  limits.enter(HOST);
  assertRefused(() => limits.enter("192.0.2.2"), "too many connections");
  leave();
  leave();
  now = 1000;
  limits.enter("2001:db8::3");
  assertRefused(() => limits.enter("2001:db8::4"), "too many from it");
  // A Unix socket has no address.
  limits.enter(undefined);
});

test("Limits lets an address come as often as its rate allows", () => {
  let now = 0;
  const options = { connections: 1000, perAddress: 100, connectRate: 10 };
  const limits = new Limits(options, () => now);
  const come = (host = HOST): void => limits.enter(host)();
  for (let count = 0; count < options.perAddress; count++) come();
  assertRefused(come, "connects too often");
  // Another is not kept out.
  come("192.0.2.2");
  now = 100;
  come();
  assertRefused(come, "connects too often");
});

test("Limits lets all come ten times as often as one", () => {
  let now = 0;
  const options = { connections: 20, perAddress: 10, connectRate: 1 };
  const limits = new Limits(options, () => now);
  const come = (count: number): void => limits.enter(`192.0.2.${count}`)();
  for (let count = 0; count < options.connections; count++) come(count);
  assertRefused(() => come(100), "too many connections");
  now = 100;
  come(101);
  assertRefused(() => come(102), "too many connections");
});

test("Limits forgets the network that was away longest", () => {
  const options = { connections: 1e9, perAddress: 1, connectRate: 1 };
  const limits = new Limits(options, () => 0);
  const come = (count: number): void => limits.enter(`10.0.${count}`)();
  for (let count = 0; count < MAX_NETWORKS; count++) come(count);
  assertRefused(() => come(0), "connects too often");
  come(MAX_NETWORKS);
  // The second was away longest by then.
  come(1);
  assertRefused(() => come(0), "connects too often");
});

/** A judge at a time that a test sets, and how long each wrong one waits. */
function judge(free: number): {
  guesses: Guesses;
  clock: { now: number };
  judge(isRight: boolean, host?: string): Promise<boolean>;
} {
  const clock = { now: 0 };
  const guesses = new Guesses(free, () => clock.now, (wait) => {
    clock.now += wait;
    return Promise.resolve();
  });
  return {
    guesses,
    clock,
    judge: (isRight, host = HOST) => guesses.judge(host, () => isRight, signal),
  };
}

test("Guesses makes pauses that grow up to a limit, before right ones too", async () => {
  const { clock, judge: guess } = judge(2);
  const waits: number[] = [];
  for (let count = 0; count < 10; count++) {
    const before = clock.now;
    assertEquals(await guess(false), false);
    waits.push(clock.now - before);
  }
  const doubled = [1, 2, 4, 8, 16].map((times) => times * FIRST_PAUSE_MS);
  assertEquals(waits.slice(0, 8), [0, 0, 0, ...doubled]);
  assertEquals(waits.slice(8), [LONGEST_PAUSE_MS, LONGEST_PAUSE_MS]);
  const before = clock.now;
  assertEquals(await guess(true), true);
  assertEquals(clock.now - before, LONGEST_PAUSE_MS);
  // No pause runs now, so another right one doesn't wait.
  assertEquals(await guess(true), true);
  assertEquals(clock.now - before, LONGEST_PAUSE_MS);
  // A different address is judged at once, and so is a Unix socket.
  await guess(false, "192.0.2.2");
  assertEquals(clock.now - before, LONGEST_PAUSE_MS);
});

test("Guesses forgets one a minute", async () => {
  const { clock, judge: guess } = judge(1);
  for (let count = 0; count < 2; count++) await guess(false);
  clock.now += FORGETTING_MS * 2;
  const before = clock.now;
  await guess(false);
  await guess(true);
  assertEquals(clock.now, before);
});

test("Guesses judges an address's tries one after the other", async () => {
  let now = 0;
  const waiting: (() => void)[] = [];
  const guesses = new Guesses(0, () => now, (wait) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (wait === 0) return Promise.resolve();
    waiting.push(() => {
      now += wait;
      resolve();
    });
    return promise;
  });
  const told: string[] = [];
  const guess = async (name: string, isRight: boolean): Promise<void> => {
    await guesses.judge(HOST, () => isRight, signal);
    told.push(name);
  };
  await guess("first", false);
  const second = guess("second", false);
  const right = guess("right", true);
  while (waiting.length < 1) await Promise.resolve();
  assertEquals([told, waiting.length], [["first"], 1]);
  waiting[0]?.();
  await second;
  while (waiting.length < 2) await Promise.resolve();
  assertEquals(told, ["first", "second"]);
  waiting[1]?.();
  await right;
  assertEquals([told, now], [["first", "second", "right"], 3 * FIRST_PAUSE_MS]);
});

test("Guesses gives the turn on when one leaves, but not before it is there", async () => {
  const { guesses } = judge(5);
  const slow = Promise.withResolvers<boolean>();
  const told: string[] = [];
  const first = guesses.judge(HOST, () => slow.promise, signal)
    .then(() => told.push("first"));
  const leaving = new AbortController();
  const second = guesses.judge(HOST, () => true, leaving.signal);
  const third = guesses.judge(HOST, () => true, signal)
    .then(() => told.push("third"));
  leaving.abort(new Error("left"));
  await assertRejects(() => second, Error, "left");
  assertEquals(told, []);
  slow.resolve(true);
  await Promise.all([first, third]);
  assertEquals(told, ["first", "third"]);
});
