import { getEventListeners } from "node:events";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Alarm, orAborted, pause, within } from "../../lib/chat/waiting.ts";
import { PURE } from "../kit/pure.ts";

/** Longer than any test here takes. */
const LONG_MS = 1_000_000;
const NEVER = new Promise<never>(() => {});
const SHORT_MS = 20;

/** Settles after every timer of `milliseconds` that was set before it. */
function timer(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Keeps the clock from going on: blocks without letting timers fire. */
function spend(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

Deno.test("orAborted() gives what the work comes to", PURE, async () => {
  const { signal } = new AbortController();
  assertEquals(await orAborted(Promise.resolve("done"), signal), "done");
  // A signal lives on: each that waited once would be kept.
  assertEquals(getEventListeners(signal, "abort"), []);
});

Deno.test("orAborted() throws what the work throws", PURE, async () => {
  const { signal } = new AbortController();
  const work = Promise.reject(new TypeError("broken"));
  await assertRejects(() => orAborted(work, signal), TypeError, "broken");
});

Deno.test("orAborted() throws the reason of an abort", PURE, async () => {
  const controller = new AbortController();
  const waiting = orAborted(NEVER, controller.signal);
  controller.abort(new RangeError("enough"));
  await assertRejects(() => waiting, RangeError, "enough");
  const late = orAborted(NEVER, controller.signal);
  await assertRejects(() => late, RangeError, "enough");
});

Deno.test("within() gives what the work comes to in time", PURE, async () => {
  assertEquals(await within(LONG_MS, Promise.resolve("done")), "done");
});

Deno.test("within() throws what the work throws in time", PURE, async () => {
  const work = Promise.reject(new TypeError("broken"));
  await assertRejects(() => within(LONG_MS, work), TypeError, "broken");
});

Deno.test("within() gives nothing when the time is over", PURE, async () => {
  assertEquals(await within(0, NEVER), undefined);
});

Deno.test(
  "within() hears of no fault when the time is over",
  PURE,
  async () => {
    const work = Promise.withResolvers<string>();
    assertEquals(await within(0, work.promise), undefined);
    work.reject(new TypeError("late"));
    await Promise.resolve();
  },
);

Deno.test("pause() ends with its time, or with an abort", PURE, async () => {
  const controller = new AbortController();
  await pause(0, controller.signal);
  const long = pause(LONG_MS, controller.signal);
  controller.abort();
  await long;
});

Deno.test("Alarm rings once its clock ran for the limit", PURE, async () => {
  const rung = Promise.withResolvers<void>();
  const start = performance.now();
  const alarm = new Alarm(SHORT_MS, rung.resolve);
  alarm.run();
  alarm.run();
  await rung.promise;
  assert(performance.now() - start >= SHORT_MS);
});

Deno.test("Alarm does not ring while it was never run", PURE, async () => {
  let rings = 0;
  const alarm = new Alarm(0, () => rings++);
  alarm.hold();
  alarm.reset();
  await timer(1);
  assertEquals(rings, 0);
});

Deno.test(
  "Alarm does not count the time for which it is held",
  PURE,
  async () => {
    let rings = 0;
    const alarm = new Alarm(SHORT_MS, () => rings++);
    alarm.run();
    alarm.hold();
    await timer(2 * SHORT_MS);
    assertEquals(rings, 0);
    alarm.stop();
  },
);

Deno.test("Alarm counts on after it was held", PURE, async () => {
  const rung = Promise.withResolvers<void>();
  const alarm = new Alarm(SHORT_MS, rung.resolve);
  alarm.run();
  alarm.hold();
  await timer(2 * SHORT_MS);
  const start = performance.now();
  alarm.run();
  await rung.promise;
  // What it had run before the hold was next to nothing.
  assert(performance.now() - start >= SHORT_MS / 2);
});

Deno.test(
  "Alarm.reset() sets the clock back, running or held",
  PURE,
  async () => {
    const rung = Promise.withResolvers<void>();
    const alarm = new Alarm(SHORT_MS, rung.resolve);
    alarm.run();
    spend(2 * SHORT_MS);
    const start = performance.now();
    alarm.reset();
    await rung.promise;
    assert(performance.now() - start >= SHORT_MS);

    const again = Promise.withResolvers<void>();
    const held = new Alarm(SHORT_MS, again.resolve);
    held.run();
    spend(2 * SHORT_MS);
    held.hold();
    held.reset();
    const startAgain = performance.now();
    held.run();
    await again.promise;
    assert(performance.now() - startAgain >= SHORT_MS);
  },
);

Deno.test("Alarm rings once, and again only after a reset", PURE, async () => {
  let rings = 0;
  let rung = Promise.withResolvers<void>();
  const alarm = new Alarm(0, () => {
    rings++;
    rung.resolve();
  });
  alarm.run();
  await rung.promise;
  alarm.run();
  await timer(SHORT_MS);
  assertEquals(rings, 1);
  alarm.reset();
  rung = Promise.withResolvers<void>();
  alarm.run();
  await rung.promise;
  assertEquals(rings, 2);
});

Deno.test(
  "Alarm rings when its limit passed before it was held",
  PURE,
  async () => {
    const rung = Promise.withResolvers<void>();
    const alarm = new Alarm(1, rung.resolve);
    alarm.run();
    spend(SHORT_MS);
    alarm.hold();
    await timer(SHORT_MS);
    alarm.run();
    await rung.promise;
  },
);

Deno.test("Alarm.stop() takes the timer away", PURE, () => {
  const alarm = new Alarm(LONG_MS, () => {});
  alarm.run();
  alarm.stop();
  alarm.stop();
  alarm.run();
  alarm.hold();
  alarm.stop();
});

Deno.test("Alarm with a limit of Infinity sets no timer", PURE, () => {
  new Alarm(Infinity, () => {}).run();
});
