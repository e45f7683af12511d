import { assert, assertEquals } from "@std/assert";
import { TokenBucket } from "../../lib/room/rate.ts";
import { PURE } from "../kit/pure.ts";

/** When each of so many is said by one who says as much as it may. */
function timesOf(bucket: TokenBucket, count: number, cost: number): number[] {
  const times: number[] = [];
  for (let now = 0; times.length < count;) {
    const wait = bucket.wait(now);
    now += wait;
    if (wait > 0) continue;
    bucket.spend(cost);
    times.push(now);
  }
  return times;
}

Deno.test(
  "TokenBucket lets a burst through, and then so many a second",
  PURE,
  () => {
    const bucket = new TokenBucket({ perSecond: 50, burst: 200 }, 0);
    const times = timesOf(bucket, 500, 1);
    assertEquals(times.filter((time) => time === 0).length, 200);
    const last = times.at(-1) ?? 0;
    assert(last >= 5900 && last <= 6000, String(last));
  },
);

Deno.test(
  "TokenBucket lets through what costs more than a burst, and waits for it after",
  PURE,
  () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0);
    assertEquals(bucket.wait(0), 0);
    bucket.spend(25);
    assertEquals(bucket.wait(0), 2000);
    assertEquals(bucket.wait(1999), 1);
    assertEquals(bucket.wait(2001), 0);
  },
);

Deno.test(
  "TokenBucket saves no more than a burst, and loses nothing to a clock set back",
  PURE,
  () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 1000);
    assertEquals(bucket.wait(1_000_000), 0);
    bucket.spend(6);
    assertEquals(bucket.wait(1_000_000), 100);
    assertEquals(bucket.wait(0), 100);
    assertEquals(bucket.wait(101), 0);
  },
);

Deno.test("TokenBucket without a rate never waits", PURE, () => {
  const rate = { perSecond: Infinity, burst: 1 };
  const bucket = new TokenBucket(rate, 0);
  bucket.spend(1_000_000);
  assertEquals(bucket.wait(0), 0);
});
