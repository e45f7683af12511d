import { assert, assertEquals } from "@std/assert";
import { Allowance, SharedAllowances } from "../../lib/room/allowance.ts";
import { PURE } from "../kit/pure.ts";

const KIB = 1024;

/** When each of so many is said by one who says as much as it may. */
function timesOf(allowance: Allowance, count: number, cost: number): number[] {
  const times: number[] = [];
  for (let now = 0; times.length < count;) {
    const wait = allowance.wait(now);
    now += wait;
    if (wait > 0) continue;
    allowance.spend(cost * KIB);
    times.push(now);
  }
  return times;
}

Deno.test(
  "Allowance lets a burst through, and then so many a second",
  PURE,
  () => {
    const allowance = new Allowance({ perSecond: 50, burst: 200 }, 0);
    const times = timesOf(allowance, 500, 1);
    assertEquals(times.filter((time) => time === 0).length, 200);
    const last = times.at(-1) ?? 0;
    assert(last >= 5900 && last <= 6000, String(last));
  },
);

Deno.test(
  "Allowance lets through what costs more than a burst, and waits for it after",
  PURE,
  () => {
    const allowance = new Allowance({ perSecond: 10, burst: 5 }, 0);
    assertEquals(allowance.wait(0), 0);
    allowance.spend(25 * KIB);
    assertEquals(allowance.wait(0), 2000);
    assertEquals(allowance.wait(1999), 1);
    assertEquals(allowance.wait(2001), 0);
  },
);

Deno.test(
  "Allowance saves no more than a burst, and loses nothing to a clock set back",
  PURE,
  () => {
    const allowance = new Allowance({ perSecond: 10, burst: 5 }, 1000);
    assertEquals(allowance.wait(1_000_000), 0);
    allowance.spend(6 * KIB);
    assertEquals(allowance.wait(1_000_000), 100);
    assertEquals(allowance.wait(0), 100);
    assertEquals(allowance.wait(101), 0);
  },
);

Deno.test("Allowance without a rate never waits", PURE, () => {
  const rate = { perSecond: Infinity, burst: 1 };
  const allowance = new Allowance(rate, 0);
  allowance.spend(1_000_000 * KIB);
  assertEquals(allowance.wait(0), 0);
});

Deno.test(
  "SharedAllowances keeps those that are in use, and not too many",
  PURE,
  () => {
    const rate = { perSecond: 10, burst: 5 };
    const shared = new SharedAllowances(rate);
    shared.of("first", 0).spend(0);
    const second = shared.of("second", 0);
    second.spend(10 * KIB);
    const many = 10_000;
    for (let index = 0; index < many; index++) shared.of(String(index), 0);
    assertEquals(shared.of("second", 0), second);
    assertEquals(shared.of("second", 0).wait(0), 500);
    // All are in use: those that came first are forgotten.
    for (let index = 0; index < many; index++) {
      shared.of(`in use ${index}`, 0).spend(0);
    }
    assert(shared.of("second", 0) !== second);
  },
);
