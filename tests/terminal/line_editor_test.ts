import { assertEquals } from "@std/assert";
import { PassThrough } from "node:stream";
import { LineEditor } from "../../lib/terminal/line_editor.ts";
import { PURE } from "../kit/pure.ts";

const COMMANDS = ["/clear", "/close", "/help"];

const CONTROL_C = "\x03";
const CONTROL_D = "\x04";
const CONTROL_L = "\x0c";
const UP = "\x1b[A";
const HOME = "\x01";

/** An editor whose keys the test presses, and what it told. */
function start({ tellsChanges = false } = {}): {
  editor: LineEditor;
  input: PassThrough;
  told: string[];
  /** Presses keys, all at once; settles when they were acted on. */
  press(keys: string): Promise<void>;
  secret: { isGiven: boolean };
} {
  const input = new PassThrough();
  const told: string[] = [];
  const secret = { isGiven: false };
  let changed = (): void => {};
  const editor = new LineEditor({
    input,
    commands: COMMANDS,
    isSecret: () => secret.isGiven,
    entered: (line) => void told.push(`entered ${line}`),
    left: () => void told.push(`left, ${editor.isOpen ? "open" : "closed"}`),
    interrupted: () => void told.push("interrupted"),
    hungUp: () => void told.push("hung up"),
    ended: () => void told.push("ended"),
    changed: () => {
      if (tellsChanges) told.push(`changed to ${editor.line}`);
      changed();
    },
    cleared: () => void told.push("cleared"),
    offered: (commands) => void told.push(`offered ${commands}`),
  });
  const press = (keys: string): Promise<void> =>
    new Promise((resolve) => {
      changed = resolve;
      input.write(keys);
    });
  return { editor, input, told, press, secret };
}

Deno.test("LineEditor tells of lines and of keys", PURE, async () => {
  const { editor, told, press } = start();
  await press("one\rtwo\rhälf");
  assertEquals([editor.line, editor.cursor], ["hälf", 4]);
  await press(CONTROL_C);
  assertEquals(editor.line, "");
  await press(CONTROL_C + CONTROL_L);
  assertEquals(told, ["entered one", "entered two", "interrupted", "cleared"]);
  await press(UP);
  editor.insert("!");
  assertEquals(editor.line, "two!");
  await press(HOME);
  assertEquals(editor.cursor, 0);
  editor.clear();
  assertEquals(editor.line, "");
  editor.close();
});

Deno.test("LineEditor changed() is called once for a paste", PURE, async () => {
  const { editor, told, press } = start({ tellsChanges: true });
  await press("a paste");
  await press("!");
  assertEquals(editor.line, "a paste!");
  assertEquals(told, ["changed to a paste", "changed to a paste!"]);
  editor.close();
});

Deno.test("LineEditor completes a Tab that is typed", PURE, async () => {
  const table: { keys: string[]; line: string; told?: string[] }[] = [
    { keys: ["/h", "\t"], line: "/help" },
    { keys: ["/cl", "\t"], line: "/cl", told: ["offered /clear,/close"] },
    { keys: ["/x", "\t"], line: "/x" },
    { keys: ["\t"], line: "" },
    { keys: ["/help\t"], line: "/help" },
    { keys: ["name\t"], line: "name\t" },
    { keys: ["a\tb"], line: "a\tb" },
    { keys: ["/h\x01x\x05", "\t"], line: "x/h" },
  ];
  for (const { keys, line, told: wanted = [] } of table) {
    const { editor, told, press } = start();
    for (const key of keys) await press(key);
    assertEquals(editor.line, line, String(keys));
    assertEquals(told, wanted, String(keys));
    editor.close();
  }
});

Deno.test("LineEditor keeps a secret to itself", PURE, async () => {
  const { editor, told, press, secret } = start();
  await press("open\r");
  secret.isGiven = true;
  await press("/h");
  await press("\t");
  assertEquals(editor.line, "/h\t");
  await press("\r");
  secret.isGiven = false;
  assertEquals(told, ["entered open", "entered /h\t"]);
  await press(UP);
  assertEquals(editor.line, "open");
  editor.close();
});

Deno.test("LineEditor edits again after Ctrl-D", PURE, async () => {
  const { editor, told, press } = start();
  await press("one\r" + CONTROL_D);
  assertEquals(told.splice(0), ["entered one", "left, open", "ended"]);
  assertEquals([editor.isOpen, editor.isClosed], [false, false]);
  editor.open();
  await press(UP);
  assertEquals(editor.line, "one");
  editor.close();
  editor.close();
  editor.open();
  assertEquals([editor.isOpen, editor.isClosed], [false, true]);
  assertEquals(told, ["ended"]);
});

Deno.test(
  "LineEditor hangs up once, without what is half typed",
  PURE,
  async () => {
    for (const way of ["end", "error"]) {
      const { editor, input, told, press } = start();
      await press("half");
      input.emit(way, new Error("gone"));
      input.emit("error", new Error("gone"));
      assertEquals(told, ["hung up", "ended"], way);
      editor.open();
      assertEquals([editor.isOpen, editor.isClosed], [false, true]);
    }
  },
);
