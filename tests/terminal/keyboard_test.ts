import { assertEquals } from "@std/assert";
import { Keyboard, type Presence } from "../../lib/terminal/keyboard.ts";
import { speaker } from "../../lib/text/phrases.ts";
import { Renderer } from "../../lib/terminal/render.ts";
import { PURE } from "../kit/pure.ts";

const MAX_MESSAGE_BYTES = 8;

/** A keyboard whose prompt was given these lines, and what came of them. */
function start(
  { lines = [], presence = "here" }: {
    lines?: (string | null)[];
    presence?: Presence;
  },
): { keyboard: Keyboard; done: string[] } {
  const done: string[] = [];
  const say = speaker("en");
  const keyboard = new Keyboard({
    next: () => Promise.resolve(lines.shift() ?? null),
    put: (text, output) =>
      void done.push(`${output}: ${text.replace(say("prompt help"), "help")}`),
    clear: () => void done.push("clear"),
  }, {
    maxMessage: MAX_MESSAGE_BYTES,
    say,
    presence: () => presence,
    renderer: new Renderer(
      { role: "client", say, color: false, time: false },
      true,
    ),
    warn: (text) => void done.push(`warn: ${text.slice(0, 9)}`),
    warnNotSent: (texts) => void done.push(`not sent: ${texts}`),
    interrupt: (signal) => void done.push(signal),
  });
  return { keyboard, done };
}

/** What is read up to the end. */
async function readAll(keyboard: Keyboard): Promise<string> {
  const block = await keyboard.read();
  if (block === null) return "";
  return new TextDecoder().decode(block) + await readAll(keyboard);
}

Deno.test("Keyboard read() gives lines up to the end", PURE, async () => {
  const { keyboard } = start({ lines: ["one", "", "/quit", "after"] });
  assertEquals(await readAll(keyboard), "one\n\n");
  assertEquals(await readAll(keyboard), "after\n");
});

Deno.test("Keyboard read() refuses a line that is too long", PURE, async () => {
  // Of three bytes each.
  const { keyboard, done } = start({ lines: ["你好吗", "12345678", "你好"] });
  assertEquals(await readAll(keyboard), "12345678\n你好\n");
  assertEquals(done, ["warn: this line"]);
});

Deno.test("Keyboard take() leaves the rest to a peer who is here", PURE, () => {
  const { keyboard, done } = start({ presence: "here" });
  for (const text of ["one", " /clear", "/help me", "/quit", null]) {
    assertEquals(keyboard.take(text), false, String(text));
  }
  assertEquals(done, []);
  for (const text of ["/help", "/clear"]) {
    assertEquals(keyboard.take(text), true, text);
  }
  assertEquals(done, ["stdout: help\n", "clear"]);
});

for (const presence of ["expected", "gone"] as const) {
  Deno.test(`Keyboard take() acts where a peer is ${presence}`, PURE, () => {
    const isGone = presence === "gone";
    const { keyboard, done } = start({ presence });
    for (const text of ["/help", "/clear", "/quit", null]) {
      assertEquals(keyboard.take(text), true, String(text));
    }
    assertEquals(
      done.splice(0),
      ["stdout: help\n", "clear", "SIGINT", "SIGINT"],
    );
    assertEquals(keyboard.take("early"), isGone);
    assertEquals(done, isGone ? ["not sent: early"] : []);
  });
}
