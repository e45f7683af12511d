import { assertEquals } from "@std/assert";
import { MemoryKeeper, releaseMemory, RUSH } from "../../lib/room/memory.ts";
import { unless } from "../kit/ignored.ts";
import { IS_OLDEST_DENO } from "../kit/programs.ts";
import { PURE } from "../kit/pure.ts";

Deno.test(
  "MemoryKeeper releases once each time that a rush is over",
  PURE,
  async () => {
    let releases = 0;
    let released = Promise.withResolvers<void>();
    const keeper = new MemoryKeeper(() => {
      releases++;
      released.resolve();
    });
    for (let count = 0; count < 3 * RUSH; count++) keeper.changed();
    await released.promise;
    released = Promise.withResolvers();
    for (let count = 0; count < RUSH; count++) keeper.changed();
    await released.promise;
    assertEquals(releases, 2);
    // Not enough for the next time: a timer would be left over.
    for (let count = 1; count < RUSH; count++) keeper.changed();
  },
);

Deno.test("MemoryKeeper waits for nothing after stop()", PURE, () => {
  const keeper = new MemoryKeeper(() => {});
  for (let count = 0; count < RUSH; count++) keeper.changed();
  keeper.stop();
  keeper.busy();
});

Deno.test({
  ...unless(
    { "Deno 2.6 lets no program do so": IS_OLDEST_DENO },
    "releaseMemory() collects what nobody refers to",
  ),
  async fn(): Promise<void> {
    const reference = new WeakRef(new Uint8Array(1024));
    await releaseMemory();
    assertEquals(reference.deref(), undefined);
  },
});

Deno.test("releaseMemory() settles whatever the runtime lets it do", async () => {
  await releaseMemory();
});
