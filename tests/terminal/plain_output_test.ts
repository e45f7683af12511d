import { assertEquals } from "@std/assert";
import { PlainOutput } from "../../lib/terminal/plain_output.ts";
import { PURE } from "../kit/pure.ts";

/** A plain output, what was written there, and a way to put text. */
function start(terminal: boolean): {
  output: PlainOutput;
  put(text: string): Promise<void>;
  written: string[];
} {
  const written: string[] = [];
  const output = new PlainOutput({
    terminal,
    write(bytes): Promise<void> {
      written.push(new TextDecoder().decode(bytes));
      return Promise.resolve();
    },
  });
  const put = (text: string): Promise<void> =>
    output.put(new TextEncoder().encode(text));
  return { output, put, written };
}

Deno.test(
  "PlainOutput put() passes bytes but to a terminal",
  PURE,
  async () => {
    const table: { text: string; safe: string }[] = [
      { text: "one\n二\n", safe: "one\n二\n" },
      { text: "no ending", safe: "no ending" },
      { text: "\x1b[2J\r\nbad\r\n", safe: "\\x1b[2J\nbad\n" },
    ];
    for (const { text, safe } of table) {
      for (const terminal of [false, true]) {
        const { output, put, written } = start(terminal);
        await put(text);
        assertEquals(written, [terminal ? safe : text]);
        assertEquals(output.passesBytes, !terminal);
      }
    }
  },
);

Deno.test(
  "PlainOutput beginLine() ends a line once, for more",
  PURE,
  async () => {
    const { output, put, written } = start(false);
    output.beginLine();
    await put("whole\n");
    output.beginLine();
    await put("un");
    await put("ended");
    output.beginLine();
    // One who came and said nothing.
    output.beginLine();
    assertEquals(written, ["whole\n", "un", "ended"]);
    await put("next");
    await put(" one");
    assertEquals(written.slice(3), ["\n", "next", " one"]);
  },
);
