import { assertEquals } from "@std/assert";
import { lineOf } from "../lib/message.ts";
import { Unsaid } from "../lib/unsaid.ts";

const PURE = { permissions: "none" } as const;

/** One that holds a text. */
function holding(text: string, lineByLine: boolean): Unsaid {
  const unsaid = new Unsaid({ lineByLine });
  unsaid.hold(new TextEncoder().encode(text));
  return unsaid;
}

/** Says all that there is, in the pieces that there are. */
function sayAll(unsaid: Unsaid): string[] {
  const said: string[] = [];
  for (let next = unsaid.next; next !== null; next = unsaid.next) {
    said.push(new TextDecoder().decode(next));
    assertEquals(unsaid.say(next), true);
  }
  return said;
}

Deno.test("Unsaid next gives a block, or line by line", PURE, () => {
  const table: { text: string; lineByLine: boolean; said: string[] }[] = [
    { text: "one\ntwo\n", lineByLine: false, said: ["one\ntwo\n"] },
    { text: "no ending", lineByLine: false, said: ["no ending"] },
    { text: "one\n\n二\n", lineByLine: true, said: ["one\n", "\n", "二\n"] },
    { text: "no ending", lineByLine: true, said: ["no ending\n"] },
  ];
  for (const { text, lineByLine, said } of table) {
    assertEquals(sayAll(holding(text, lineByLine)), said, text);
  }
});

Deno.test("Unsaid next stays the same until it is said", PURE, () => {
  const unsaid = holding("one\ntwo\n", true);
  assertEquals(unsaid.next, lineOf("one"));
  assertEquals(unsaid.next, lineOf("one"));
});

Deno.test("Unsaid say() leaves what is held for what is not", PURE, () => {
  for (const lineByLine of [false, true]) {
    const unsaid = holding("typed\n", lineByLine);
    assertEquals(unsaid.say(lineOf("n")), false);
    assertEquals(unsaid.take(), lineOf("typed"));
  }
});

Deno.test("Unsaid say() forgets what comes after an end", PURE, () => {
  const unsaid = holding("n\nafter\n", false);
  assertEquals(unsaid.say(unsaid.next?.subarray(0, 2) ?? lineOf("")), true);
  assertEquals(unsaid.next, null);
  const lines = holding("n\nafter\n", true);
  assertEquals(lines.say(lines.next ?? lineOf("")), true);
  assertEquals(lines.next, lineOf("after"));
});

Deno.test("Unsaid take() gives all, once", PURE, () => {
  const unsaid = holding("one\ntwo\n", true);
  assertEquals(unsaid.take(), lineOf("one\ntwo"));
  assertEquals([unsaid.next, unsaid.take()], [null, null]);
  assertEquals(unsaid.say(lineOf("one")), false);
});
