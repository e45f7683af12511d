import { getEventListeners } from "node:events";
import { assertEquals, assertRejects } from "@std/assert";
import { orAborted, pause, within } from "../../lib/chat/waiting.ts";
import { PURE } from "../kit/pure.ts";

/** Longer than any test here takes. */
const LONG_MS = 1_000_000;
const NEVER = new Promise<never>(() => {});

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
