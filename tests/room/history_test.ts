import { assertEquals } from "@std/assert";
import { History } from "../../lib/room/history.ts";
import { EARLIER_BYTES } from "../../lib/room/lines.ts";
import { PURE } from "../kit/pure.ts";

function kept(history: History, count = Infinity): string {
  const decoder = new TextDecoder();
  return history.last(count).map(({ line }) => decoder.decode(line)).join("");
}

function add(history: History, text: string): void {
  history.add({ time: 0, line: new TextEncoder().encode(text) });
}

Deno.test(
  "History.last() gives the last messages, the oldest first",
  PURE,
  () => {
    const history = new History(3);
    assertEquals(kept(history), "");
    for (const [index, text] of [..."abcdefgh"].entries()) {
      add(history, text);
      assertEquals(
        kept(history),
        "abcdefgh".slice(Math.max(0, index - 2), index + 1),
      );
    }
    assertEquals(kept(history, 2), "gh");
    assertEquals(kept(history, 9), "fgh");
  },
);

Deno.test("History.add() keeps no more bytes than it may", PURE, () => {
  const history = new History(100, 10 + 3 * EARLIER_BYTES);
  for (const text of ["1234", "5678", "90"]) add(history, text);
  assertEquals(kept(history), "1234567890");
  add(history, "abcde");
  assertEquals(kept(history), "90abcde");
  add(history, "x".repeat(11 + 2 * EARLIER_BYTES));
  assertEquals(kept(history), "90abcde");
  const long = "x".repeat(10 + 2 * EARLIER_BYTES);
  add(history, long);
  assertEquals(kept(history), long);
});

Deno.test("History.add() keeps nothing when none is wanted", PURE, () => {
  const history = new History(0);
  add(history, "x");
  assertEquals(kept(history), "");
});
