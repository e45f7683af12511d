import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isBrokenPipe, OutputClosed } from "../../lib/chat/endpoint.ts";
import {
  Display,
  writeAllSync,
  writeError,
} from "../../lib/terminal/output.ts";
import { Screen } from "../../lib/terminal/screen.ts";
import { partsOf } from "../../lib/terminal/terminal.ts";
import { PURE } from "../kit/pure.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** What gives way, and what takes it away. */
const LINE = "[line]";
const CLEARED = "\r\x1b[C\x1b[J\r\x1b[K";

Deno.test("writeError() goes on as well, and bears what is lost", PURE, () => {
  let written = "";
  writeError("hello there", {
    writeSync(bytes): number {
      const taken = bytes.subarray(0, 3);
      written += new TextDecoder().decode(taken);
      if (written.length > 6) throw new Error("gone");
      return taken.length;
    },
  });
  assertEquals(written, "hello the");
});

Deno.test("writeAllSync() throws when nothing is taken", PURE, () => {
  assertThrows(() => writeAllSync({ writeSync: () => 0 }, "hello"), Error);
});

Deno.test(
  "isBrokenPipe() knows the error of an output that has gone",
  PURE,
  () => {
    assert(isBrokenPipe(new Deno.errors.BrokenPipe("Broken pipe")));
    assert(!isBrokenPipe(new Deno.errors.WriteZero("No space left")));
    assert(!isBrokenPipe("BrokenPipe"));
    assert(!isBrokenPipe(undefined));
  },
);

/** A display, and what was done on it. */
function start(
  { terminals = [], hasLine = false, taken = Infinity, fault }: {
    /** Which of the outputs are terminals. */
    terminals?: readonly ("stdout" | "stderr")[];
    /** Whether there is a line that gives way, on standard error. */
    hasLine?: boolean;
    /** The most bytes that standard output takes at once. */
    taken?: number;
    /** What all outputs throw. */
    fault?: Error;
  },
): {
  display: Display;
  done: string[];
  pass(text: string): Promise<void>;
  /** Settles when all is on the terminal. */
  flush(): Promise<void>;
} {
  const done: string[] = [];
  const note = (name: string, bytes: Uint8Array): number => {
    if (fault) throw fault;
    done.push(`${name} ${decoder.decode(bytes)}`);
    return bytes.length;
  };
  const stdout = {
    isTerminal: () => terminals.includes("stdout"),
    write: (bytes: Uint8Array) =>
      Promise.try(() => note("stdout", bytes.subarray(0, taken))),
  };
  const stderr = {
    isTerminal: () => terminals.includes("stderr"),
    write: (bytes: Uint8Array) => Promise.try(() => note("stderr", bytes)),
    writeSync: (bytes: Uint8Array) => note("stderr", bytes),
  };
  const screen = new Screen({
    size: () => ({ columns: 80, rows: 24 }),
    setRaw: () => {},
  });
  if (hasLine) {
    screen.show({
      output: stderr,
      draw: () => ({ text: LINE, cursorRow: () => 0 }),
    });
    screen.draw();
  }
  const display = new Display({
    ...{ stdout, stderr, screen, isEdited: false },
  });
  return {
    ...{ display, done },
    pass: (text) => display.pass(encoder.encode(text)),
    async flush(): Promise<void> {
      for (let turn = 0; turn < 2; turn++) await screen.flush();
    },
  };
}

Deno.test("Display lets a line on a terminal give way", PURE, async () => {
  const terminals = ["stdout", "stderr"] as const;
  const { display, done, flush } = start({ terminals, hasLine: true });
  await flush();
  await display.show("said\n");
  await flush();
  display.warn("beware\x1b");
  await flush();
  assertEquals(done, [
    `stderr ${LINE}`,
    ...[`stderr ${CLEARED}`, "stdout said\n", `stderr ${LINE}`],
    `stderr ${CLEARED}beware\\x1b\n`,
    `stderr ${LINE}`,
  ]);
  const bare = start({ terminals });
  await bare.display.show("said\n");
  bare.display.warn("beware\x1b\nof all");
  await bare.flush();
  assertEquals(bare.done, ["stdout said\n", "stderr beware\\x1b\nof all\n"]);
  // What goes elsewhere is not on that screen.
  const piped = start({ terminals: ["stderr"], hasLine: true });
  await piped.flush();
  await piped.display.show("a\n");
  await piped.pass("b");
  assertEquals(piped.done.slice(1), ["stdout a\n", "stdout b"]);
});

Deno.test(
  "Display.warn() makes text safe that goes to no terminal, too",
  PURE,
  () => {
    const { display, done } = start({ terminals: ["stdout"] });
    display.warn("beware\x1b");
    assertEquals(done, ["stderr beware\\x1b\n"]);
  },
);

Deno.test("Display goes on where a write took less", PURE, async () => {
  const { done, pass } = start({ taken: 3 });
  await pass("hello");
  assertEquals(done, ["stdout hel", "stdout lo"]);
});

Deno.test(
  "Display throws OutputClosed for standard output only",
  PURE,
  async () => {
    const fault = new Error("No space left");
    for (const hasLine of [true, false]) {
      const { display, pass } = start({
        ...{ hasLine, fault },
        terminals: ["stdout", "stderr"],
      });
      for (const write of [() => display.show("said\n"), () => pass("said")]) {
        const error = await assertRejects(write, OutputClosed);
        assertEquals(error.cause, fault);
      }
      display.warn("beware");
    }
  },
);

Deno.test("Display.pass() passes bytes but to a terminal", PURE, async () => {
  const table: { text: string; safe: string }[] = [
    { text: "one\n二\n", safe: "\x1b[?7lone\n二\n\x1b[?7h" },
    { text: "no ending", safe: "no ending" },
    { text: "\x1b[2J\r\nbad\r\n", safe: "\\x1b[2J\nbad\n" },
    { text: "x".repeat(81), safe: `${"x".repeat(80)}\n  x` },
  ];
  for (const { text, safe } of table) {
    const piped = start({});
    await piped.pass(text);
    assertEquals(piped.done, [`stdout ${text}`]);
    const shown = start({ terminals: ["stdout"] });
    await shown.pass(text);
    assertEquals(shown.done, [`stdout ${safe}`]);
  }
});

Deno.test("Display.beginLine() ends a line once, for more", PURE, async () => {
  const { display, done, pass } = start({});
  display.beginLine();
  await pass("whole\n");
  display.beginLine();
  await pass("un");
  await pass("ended");
  display.beginLine();
  // A peer came and said nothing.
  display.beginLine();
  assertEquals(done, ["stdout whole\n", "stdout un", "stdout ended"]);
  await pass("next");
  await pass(" one");
  assertEquals(done.slice(3), ["stdout \n", "stdout next", "stdout  one"]);
});

Deno.test("partsOf() gives whole lines, and few of them at once", PURE, () => {
  const long = "y".repeat(50_000);
  for (
    const text of ["", "a", "a\n", `${long}\nb\n${long}`, "\n".repeat(100_000)]
  ) {
    const parts = Array.from(
      partsOf(encoder.encode(text)),
      (part) => decoder.decode(part),
    );
    assertEquals(parts.join(""), text);
    for (const part of parts.slice(0, -1)) assert(part.endsWith("\n"));
    for (const part of parts) {
      assert(part.length <= 16 * 1024 || part.trimEnd() === long);
    }
  }
});
