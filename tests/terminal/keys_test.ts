import { assertEquals } from "@std/assert";
import { KeyDecoder } from "../../lib/terminal/keys.ts";
import { PURE } from "../kit/pure.ts";

/** The keys of bytes, given in parts; text as it is, a key as `<name>`. */
function keysOf(...parts: (string | Uint8Array)[]): string {
  const decoder = new KeyDecoder();
  return parts.flatMap((part) =>
    decoder.decode(
      typeof part === "string" ? new TextEncoder().encode(part) : part,
    )
  ).map(({ name, text }) => name === "" ? text : `<${name}>`).join("|");
}

Deno.test("KeyDecoder tells keys from text", PURE, () => {
  for (
    const [bytes, wanted] of [
      ["a paste 你好", "a paste 你好"],
      ["one\rtwo\t3\x7f\b", "one|<return>|two|<tab>|3|<backspace>|<backspace>"],
      ["one\r\ntwo\n\n", "one|<return>|two|<enter>|<enter>"],
      ["one\u2028two\u2029", "one|<return>|two|<return>"],
      ["\x01\x1bb\x1b\x7f", "<ctrl-a>|<meta-b>|<meta-backspace>"],
      ["\x1b[A\x1b[1;5C\x1b[3~", "<up>|<ctrl-right>|<delete>"],
      ["\x1b[3;6~\x1b[Z\x1b\t", "<ctrl-shift-delete>|<shift-tab>|<meta-tab>"],
      ["\x1f\x1e\x1c\x85", "<undo>|<redo>|\x1c\x85"],
      ["\x1b\r", "<meta-return>"],
    ] as const
  ) {
    assertEquals(keysOf(bytes), wanted, JSON.stringify(bytes));
  }
});

Deno.test("KeyDecoder puts together what is cut", PURE, () => {
  const bytes = new TextEncoder().encode("a👋\x1b[1;5D");
  assertEquals(
    keysOf(...Array.from(bytes, (byte) => Uint8Array.of(byte))),
    "a|👋|<ctrl-left>",
  );
});
