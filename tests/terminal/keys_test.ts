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
      ["\x1f\x1ea\x1c\x1d\x85b", "<undo>|<redo>|ab"],
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

Deno.test("KeyDecoder takes no report of the terminal for text", PURE, () => {
  for (
    const report of [
      "\x1b[<0;10;5M",
      "\x1b[<0;10;5m",
      "\x1b[M !!",
      "\x1b[I",
      "\x1b[O",
      "\x1b[?62;1;4c",
      "\x1b[>41;366;0c",
      "\x1b[8;24;80t",
      "\x1b[24;80R",
      "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
      "\x1b]10;rgb:ffff/ffff/ffff\x07",
      "\x1bP>|xterm(366)\x1b\\",
      "\x1b_Gi=1;OK\x1b\\",
    ]
  ) {
    assertEquals(keysOf(`a${report}b`).replace("|", ""), "ab", report);
    for (let cut = 1; cut < report.length; cut++) {
      const parts = [`a${report.slice(0, cut)}`, `${report.slice(cut)}b`];
      const keys = keysOf(...parts).replaceAll("|", "");
      assertEquals(keys, "ab", JSON.stringify(parts));
    }
  }
});

Deno.test("KeyDecoder makes one key of a paste that is marked", PURE, () => {
  const bytes = new TextEncoder().encode(
    "a\x1b[200~one\ttwo\rn\r\x03\x1b[<你\x1b[201~b",
  );
  const wanted = ["a", "paste", "b"];
  for (let cut = 0; cut < bytes.length; cut++) {
    const decoder = new KeyDecoder();
    const keys = [bytes.subarray(0, cut), bytes.subarray(cut)]
      .flatMap((part) => decoder.decode(part));
    const pastes = keys.filter(({ name }) => name === "paste");
    assertEquals(pastes, [{
      name: "paste",
      text: "one\ttwo\rn\r\x03\x1b[<你",
    }], `cut at ${cut}`);
    const shown = keys.map(({ name, text }) => name || text);
    assertEquals(shown, wanted, `cut at ${cut}`);
  }
});

Deno.test("KeyDecoder marks what is not UTF-8", PURE, () => {
  const gbk = Uint8Array.of(0xc4, 0xe3, 0xba, 0xc3);
  const text = keysOf(gbk);
  assertEquals(text.isWellFormed(), false);
  assertEquals(keysOf("a\ufffdb"), "a\ufffdb");
});
