import { assertEquals, assertRejects } from "@std/assert";
import type { Block } from "../../lib/chat/endpoint.ts";
import { lineOf } from "../../lib/wire/message.ts";
import { Unsaid } from "../../lib/terminal/unsaid.ts";
import { PURE } from "../kit/pure.ts";

/** One whose input brings these texts, each as a block. */
function reading(lineByLine: boolean, ...texts: string[]): Unsaid {
  const read = (): Promise<Block | null> => {
    const text = texts.shift();
    const block = text === undefined ? null : new TextEncoder().encode(text);
    return Promise.resolve(block);
  };
  return new Unsaid(read, { lineByLine });
}

/** Says all that there is, in the pieces that there are. */
async function sayAll(unsaid: Unsaid): Promise<string[]> {
  const block = await unsaid.receive();
  if (block === null) return [];
  assertEquals(unsaid.say(block), true);
  return [new TextDecoder().decode(block), ...await sayAll(unsaid)];
}

Deno.test("Unsaid receive() gives blocks, or lines", PURE, async () => {
  const texts = ["one\n\n二\n", "no ending"];
  assertEquals(await sayAll(reading(false, ...texts)), texts);
  assertEquals(
    await sayAll(reading(true, ...texts)),
    ["one\n", "\n", "二\n", "no ending\n"],
  );
});

Deno.test(
  "Unsaid receive() gives the same until it is said",
  PURE,
  async () => {
    const unsaid = reading(true, "one\ntwo\n");
    const first = unsaid.receive();
    assertEquals(unsaid.receive(), first);
    assertEquals(await first, lineOf("one"));
    assertEquals(await unsaid.receive(), lineOf("one"));
  },
);

Deno.test("Unsaid receive() throws what the reading throws", PURE, async () => {
  const read = (): Promise<never> => Promise.reject(new Error("gone"));
  const unsaid = new Unsaid(read, { lineByLine: false });
  for (let round = 0; round < 2; round++) {
    await assertRejects(() => unsaid.receive(), Error, "gone");
  }
});

Deno.test("Unsaid release() leaves what comes to the next", PURE, async () => {
  const read = Promise.withResolvers<Block | null>();
  const unsaid = new Unsaid(() => read.promise, { lineByLine: false });
  const first = unsaid.receive();
  unsaid.release();
  assertEquals(await unsaid.receive(), null);
  unsaid.reopen();
  assertEquals(await first, null);
  const next = unsaid.receive();
  read.resolve(lineOf("late"));
  assertEquals(await next, lineOf("late"));
});

Deno.test("Unsaid readAhead() keeps what it reads", PURE, async () => {
  const read = Promise.withResolvers<Block | null>();
  const unsaid = new Unsaid(() => read.promise, { lineByLine: false });
  unsaid.readAhead();
  read.resolve(lineOf("early"));
  await read.promise;
  assertEquals(await unsaid.receive(), lineOf("early"));
});

Deno.test("Unsaid readAhead() keeps a fault, once", PURE, async () => {
  const faults = [new Error("refused")];
  const read = (): Promise<Block | null> => {
    const fault = faults.shift();
    return fault ? Promise.reject(fault) : Promise.resolve(null);
  };
  const unsaid = new Unsaid(read, { lineByLine: false });
  unsaid.readAhead();
  await new Promise((resolve) => setTimeout(resolve, 0));
  await assertRejects(() => unsaid.receive(), Error, "refused");
  assertEquals(await unsaid.receive(), null);
});

Deno.test(
  "Unsaid say() leaves what is held for what is not",
  PURE,
  async () => {
    for (const lineByLine of [false, true]) {
      const unsaid = reading(lineByLine, "typed\n");
      assertEquals(unsaid.say(lineOf("n")), false);
      await unsaid.receive();
      assertEquals(unsaid.say(lineOf("n")), false);
      assertEquals(unsaid.take(), lineOf("typed"));
    }
  },
);

Deno.test("Unsaid say() forgets what comes after an end", PURE, async () => {
  for (const lineByLine of [false, true]) {
    const unsaid = reading(lineByLine, "n\nafter\n");
    const said = (await unsaid.receive())?.subarray(0, 2);
    assertEquals(unsaid.say(said ?? lineOf("")), true);
    assertEquals(await unsaid.receive(), lineByLine ? lineOf("after") : null);
  }
});

Deno.test("Unsaid take() gives all that is held, once", PURE, async () => {
  const unsaid = reading(true, "one\ntwo\n");
  assertEquals(unsaid.take(), null);
  const first = await unsaid.receive() ?? lineOf("");
  assertEquals(unsaid.take(), lineOf("one\ntwo"));
  assertEquals(unsaid.take(), null);
  assertEquals(unsaid.say(first), false);
  assertEquals(await unsaid.receive(), null);
});
