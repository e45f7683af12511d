import { assert, assertEquals } from "@std/assert";
import {
  complete,
  edit,
  type Editor,
  EMPTY_EDITOR,
  graphemeAt,
} from "../../lib/terminal/editor.ts";
import { PURE } from "../kit/pure.ts";

const FAMILY = "👨‍👩‍👧‍👦";
const FLAGS = "🇨🇳🇬🇧";
const ACCENTED = "e\u0301";

/** The editor after keys, where `<name>` is a key by its name. */
function after(keys: string, start: Editor = EMPTY_EDITOR): Editor {
  const found = keys.match(/<[\w-]+>|[^<]+/g) ?? [];
  return found.reduce((editor, key) => {
    const name = key.startsWith("<") ? key.slice(1, -1) : "";
    return edit(editor, { name, text: name === "" ? key : "" });
  }, start);
}

/** The line with the cursor as `|`. */
function shown({ text, cursor }: Editor): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

const HISTORY = "one<return>two<return>other<return>two<return>";

for (
  const [keys, wanted] of [
    ["abc", "abc|"],
    ["abc<left>x", "abx|c"],
    ["abc<left><left><left><left>x<right><ctrl-f><right><right>", "xabc|"],
    ["abc<home>x<end>y<ctrl-a>z<ctrl-e><ctrl-b>", "zxabc|y"],
    ["abc<backspace><ctrl-h>", "a|"],
    ["abc<home><delete><ctrl-d>", "|c"],
    ["abc<delete><ctrl-d>", "abc|"],
    ["<backspace><delete><ctrl-w><meta-d>", "|"],
    // By graphemes.
    [`a${FAMILY}${FLAGS}${ACCENTED}<left>`, `a${FAMILY}${FLAGS}|${ACCENTED}`],
    [`a${FAMILY}${FLAGS}${ACCENTED}<left><left>`, `a${FAMILY}🇨🇳|🇬🇧${ACCENTED}`],
    [`a${FAMILY}b<left><backspace>`, "a|b"],
    [`${FAMILY}${FLAGS}<home><right><delete>`, `${FAMILY}|🇬🇧`],
    [`你${ACCENTED}<backspace>`, "你|"],
    ["👍🏽👍<left><backspace>x", "x|👍"],
    [`a👍🏽${ACCENTED}<backspace><backspace>`, "a|"],
    // Hangul of three jamo, and of one letter.
    ["\u1112\u1161\u11ab한<left><left><right>", "\u1112\u1161\u11ab|한"],
    ["\u1112\u1161\u11ab한<home><delete>", "|한"],
    // Devanagari: a letter with its vowel sign.
    ["नि<left>", "|नि"],
    ["कनि<backspace>", "क|"],
    ["निक<home><right>", "नि|क"],
    ["🇨🇳नि<home><delete>", "|नि"],
    [`${FAMILY.repeat(12)}<left><backspace><ctrl-u>`, `|${FAMILY}`],
    // By words, as node:readline has them.
    ["one two-three  <meta-b>", "one two-|three  "],
    ["one two-three<ctrl-left><ctrl-left><meta-b>", "one |two-three"],
    ["one two-three<home><meta-f><ctrl-right>", "one two|-three"],
    ["  one<home><meta-f>", "  |one"],
    ["one 你好 two <meta-b><meta-b>", "one |你好 two "],
    [`caf${ACCENTED}<meta-b>`, `caf|${ACCENTED}`],
    [`caf${ACCENTED}<home><meta-f>`, `caf${ACCENTED}|`],
    ["one two  <ctrl-w>", "one |"],
    ["one two<ctrl-backspace><meta-backspace>", "|"],
    ["one, two<home><meta-d>", "|, two"],
    ["one, two<home><meta-d><ctrl-delete>", "|two"],
    ["one  two<home><meta-delete>", "|two"],
    ["one two<meta-b><ctrl-u>", "|two"],
    ["one two<meta-b><ctrl-shift-backspace>", "|two"],
    ["one two<meta-b><ctrl-k>", "one |"],
    ["one two<meta-b><ctrl-shift-delete>", "one |"],
    // Kills are put in again.
    ["one two<ctrl-w><ctrl-y><ctrl-y>", "one twotwo|"],
    ["one two<ctrl-w><ctrl-w><ctrl-y>", "one |"],
    ["one two<ctrl-w><ctrl-w><ctrl-y><meta-y>", "two|"],
    ["one two<ctrl-w><ctrl-w><ctrl-y><meta-y><meta-y>", "one |"],
    ["one<ctrl-w><ctrl-y>x<meta-y>", "onex|"],
    ["<ctrl-y><meta-y>", "|"],
    // Undo and redo know of deletions.
    ["one two<ctrl-w><backspace><undo>", "one |"],
    ["one two<ctrl-w><backspace><undo><undo><undo>", "one two|"],
    ["one two<ctrl-w><undo><redo><redo>", "one |"],
    ["one two<ctrl-w><undo><backspace><redo>", "one tw|"],
    ["one<ctrl-u><return><undo>", "|"],
    // Ctrl-C clears, and what is cleared can come back.
    ["one<left><ctrl-c>", "|"],
    ["one<left><ctrl-c><ctrl-y>", "one|"],
    // The history.
    [`${HISTORY}<up>`, "two|"],
    [`${HISTORY}<up><up><ctrl-p>`, "two|"],
    [`${HISTORY}<up><up><up><up>`, "one|"],
    [`${HISTORY}<up><up><up><up><up><up>`, "|"],
    [`${HISTORY}<up><up><down>`, "two|"],
    [`${HISTORY}<up><up><ctrl-n><ctrl-n>`, "|"],
    [`${HISTORY}<down>`, "|"],
    [`${HISTORY}o<up><up>`, "one|"],
    [`${HISTORY}t<up><up>`, "t|"],
    [`${HISTORY}o<up><up><up>`, "o|"],
    [`${HISTORY}o<up><up><up><left><up>`, "two|"],
    // A search that finds nothing begins anew.
    ["one<return>two<up><ctrl-p>", "one|"],
    ["<up><down><ctrl-p>", "|"],
    // What means nothing.
    ["a<ctrl-z><meta-x><escape><f1><shift-tab><constructor>b", "ab|"],
  ] as const
) {
  Deno.test(`edit() makes ${wanted} of ${keys}`, PURE, () => {
    assertEquals(shown(after(keys)), wanted);
  });
}

Deno.test("edit() asks for what is not done in the line", PURE, () => {
  for (
    const [keys, request] of [
      ["one<return>", { kind: "enter", line: "one" }],
      ["<enter>", { kind: "enter", line: "" }],
      ["one<ctrl-l>", { kind: "clear screen" }],
      ["<ctrl-c>", { kind: "interrupt" }],
      ["one<ctrl-c>", undefined],
      ["<ctrl-d>", { kind: "leave" }],
      ["one<ctrl-d>", undefined],
      ["one<return>x", undefined],
    ] as const
  ) {
    assertEquals(after(keys).request, request, keys);
  }
});

Deno.test("edit() keeps 500 lines", PURE, () => {
  const lines = Array.from({ length: 501 }, (_, number) => `${number}`);
  const { history } = after(lines.map((it) => `${it}<return>`).join(""));
  assertEquals(history, lines.slice(1).toReversed());
  const twice = after("one<return>one<return>  <return><return>");
  assertEquals(twice.history, ["one"]);
});

Deno.test("complete() completes what is before the cursor", PURE, () => {
  const words = ["/clear", "/close", "/help"];
  for (
    const [keys, wanted, hits] of [
      ["/h", "/help|", 1],
      ["/cl", "/cl|", 2],
      ["/x", "/x|", 0],
      ["", "|", 0],
      ["/hx<left>", "/help|x", 1],
    ] as const
  ) {
    const completed = complete(after(keys), words);
    assertEquals(shown(completed.editor), wanted);
    assertEquals(completed.hits.length, hits);
  }
});

Deno.test("complete() goes through the names", PURE, () => {
  const commands = ["/msg", "/me"];
  const names = ["Bo", "ann", "Anton", "小明"];
  const press = (editor: Editor): Editor =>
    complete(editor, commands, names).editor;
  for (
    const [keys, ...wanted] of [
      ["hi a", "hi ann|", "hi Anton|", "hi ann|"],
      [
        "/msg ",
        "/msg Bo|",
        "/msg ann|",
        "/msg Anton|",
        "/msg 小明|",
        "/msg Bo|",
      ],
      ["小!<left>", "小明|!", "小明|!"],
      ["x", "x|", "x|"],
      ["", "|"],
      ["/m", "/m|"],
    ] as const
  ) {
    let editor = after(keys);
    for (const line of wanted) {
      editor = press(editor);
      assertEquals(shown(editor), line);
    }
  }
  // Another key ends it: the next word is completed anew.
  const typed = after(" a", press(after("a")));
  assertEquals(shown(press(typed)), "ann ann|");
});

Deno.test("graphemeAt() looks no further than it must", PURE, () => {
  const text = `${"长".repeat(100_000)}${FAMILY}${"👍🏽".repeat(10_000)}`;
  assertEquals(graphemeAt(text, 50_000), { start: 50_000, end: 50_001 });
  const end = 100_000 + FAMILY.length;
  assertEquals(graphemeAt(text, 100_003), { start: 100_000, end });
  // Even where nothing near is surely the beginning of one.
  const { start } = graphemeAt(text, text.length - 1);
  assertEquals(start, text.length - "👍🏽".length);
  const before = performance.now();
  after("<left>".repeat(1000), after(text));
  assert(performance.now() - before < 10_000);
});
