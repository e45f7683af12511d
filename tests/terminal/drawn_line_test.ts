import { assertEquals } from "@std/assert";
import { DrawnLine } from "../../lib/terminal/drawn_line.ts";
import { PURE } from "../kit/pure.ts";

const LINE = { label: ">", text: "abcdefghijk", cursor: 11 };
const DRAWN = ">abcdefghijk \x1b[J\r\x1b[2C";
const CLEARED = "\x1b[C\x1b[J\r\x1b[K";

/** A drawn line on a screen of ten columns, and what was written there. */
function start(): {
  line: DrawnLine;
  size: { columns: number; rows: number };
  take(): string;
} {
  const size = { columns: 10, rows: 5 };
  let written = "";
  const line = new DrawnLine({
    write: (text) => void (written += text),
    size: () => size,
  });
  const take = (): string => {
    const taken = written;
    written = "";
    return taken;
  };
  return { line, size, take };
}

Deno.test("DrawnLine.draw() draws over what it drew before", PURE, () => {
  const { line, take } = start();
  line.draw(LINE);
  assertEquals(take(), DRAWN);
  line.draw(LINE);
  assertEquals(take(), `\x1b[1A\r${DRAWN}`);
});

Deno.test("DrawnLine.draw() takes away what nothing is left of", PURE, () => {
  const { line, take } = start();
  line.draw({ label: "", text: "", cursor: 0 });
  assertEquals(take(), "");
  line.draw(LINE);
  take();
  line.draw({ label: "", text: "", cursor: 0 });
  assertEquals(take(), "\x1b[1A\r" + CLEARED);
});

Deno.test("DrawnLine.replace() puts lines in its place", PURE, () => {
  const { line, take } = start();
  line.draw(LINE);
  take();
  line.replace("said\n");
  assertEquals(take(), "\x1b[1A\r" + CLEARED + "said\n");
  line.replace("more\n");
  assertEquals(take(), "more\n");
  line.draw(LINE);
  assertEquals(take(), DRAWN);
});

Deno.test(
  "DrawnLine finds its start anew on a screen of another size",
  PURE,
  () => {
    const { line, size, take } = start();
    line.draw(LINE);
    take();
    size.columns = 4;
    line.replace("");
    assertEquals(take(), "\x1b[3A\r" + CLEARED);
    line.draw({ ...LINE, label: "" });
    take();
    // What has no room any more has left the screen.
    size.columns = 1;
    line.replace("");
    assertEquals(take(), "\x1b[4A\r" + CLEARED);
  },
);

Deno.test("DrawnLine.clearScreen() leaves nothing to draw over", PURE, () => {
  const { line, take } = start();
  line.draw(LINE);
  take();
  line.clearScreen();
  assertEquals(take(), "\x1b[H\x1b[2J");
  line.draw(LINE);
  assertEquals(take(), DRAWN);
});

Deno.test("DrawnLine goes on when its terminal is gone", PURE, () => {
  const line = new DrawnLine({
    write(): void {
      throw new Error("gone");
    },
    size: () => ({ columns: 10, rows: 5 }),
  });
  line.draw(LINE);
  line.clearScreen();
  line.replace("said\n");
});
