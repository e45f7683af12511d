import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isBrokenPipe, OutputClosed } from "../../lib/chat/endpoint.ts";
import {
  Display,
  writeAllSync,
  writeError,
  writeOutput,
} from "../../lib/terminal/output.ts";
import { PURE } from "../kit/pure.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

Deno.test("writeOutput() goes on where a write took less", PURE, async () => {
  let written = "";
  await writeOutput({
    write(bytes): Promise<number> {
      const taken = bytes.subarray(0, 3);
      written += new TextDecoder().decode(taken);
      return Promise.resolve(taken.length);
    },
  }, new TextEncoder().encode("hello there"));
  assertEquals(written, "hello there");
});

Deno.test(
  "writeOutput() throws OutputClosed with the cause",
  PURE,
  async () => {
    const cause = new Error("No space left");
    const error = await assertRejects(
      () =>
        writeOutput(
          { write: () => Promise.reject(cause) },
          Uint8Array.of(0x61),
        ),
      OutputClosed,
    );
    assertEquals(error.cause, cause);
  },
);

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

const LINE = { hide: "hide", show: "show" } as const;

/** A display, and what was done on it. */
function start(
  { terminals = [], edits = false, progresses = false, fault }: {
    /** Which of the outputs are terminals. */
    terminals?: readonly ("stdout" | "stderr")[];
    /** Whether there is a line editor. */
    edits?: boolean;
    /** Whether there is a line of progress. */
    progresses?: boolean;
    /** What all outputs throw. */
    fault?: Error;
  },
): { display: Display; done: string[]; pass(text: string): Promise<void> } {
  const done: string[] = [];
  const note = (name: string, bytes: Uint8Array): number => {
    if (fault) throw fault;
    done.push(`${name} ${decoder.decode(bytes)}`);
    return bytes.length;
  };
  const display = new Display({
    stdout: {
      isTerminal: () => terminals.includes("stdout"),
      write: (bytes) => Promise.try(() => note("stdout", bytes)),
    },
    stderr: {
      isTerminal: () => terminals.includes("stderr"),
      writeSync: (bytes) => note("stderr", bytes),
    },
    prompt: edits
      ? {
        show(lines): Promise<void> {
          done.push(`show ${lines}`);
          return fault ? Promise.reject(fault) : Promise.resolve();
        },
        put: (lines, output) => void done.push(`put ${output} ${lines}`),
      }
      : undefined,
    progress: progresses
      ? {
        hide: () => void done.push(LINE.hide),
        show: () => void done.push(LINE.show),
      }
      : undefined,
  });
  return { display, done, pass: (text) => display.pass(encoder.encode(text)) };
}

Deno.test(
  "Display shows all in the line editor, if there is one",
  PURE,
  async () => {
    const terminals = ["stdout", "stderr"] as const;
    const edited = start({ edits: true, terminals });
    await edited.display.show("said\n");
    edited.display.warn("beware\x1b");
    assertEquals(edited.done, ["show said\n", "put stderr beware\\x1b\n"]);
    const bare = start({ terminals });
    await bare.display.show("said\n");
    bare.display.warn("beware\x1b\nof all");
    assertEquals(bare.done, [
      "stdout said\n",
      "stderr beware\\x1b\nof all\n",
    ]);
  },
);

Deno.test(
  "Display.warn() changes nothing for what is no terminal",
  PURE,
  () => {
    const { display, done } = start({ edits: true, terminals: ["stdout"] });
    display.warn("beware\x1b");
    assertEquals(done, ["stderr beware\x1b\n"]);
  },
);

Deno.test("Display lets a line of progress give way", PURE, async () => {
  const { display, done, pass } = start({
    terminals: ["stdout", "stderr"],
    progresses: true,
  });
  await display.show("said\n");
  await pass("passed\n");
  display.warn("beware");
  assertEquals(done, [
    ...[LINE.hide, "stdout said\n", LINE.show],
    ...[LINE.hide, "stdout passed\n", LINE.show],
    ...[LINE.hide, "stderr beware\n", LINE.show],
  ]);
  // What goes elsewhere is not on that screen.
  const piped = start({ terminals: ["stderr"], progresses: true });
  await piped.pass("a");
  assertEquals(piped.done, ["stdout a"]);
});

Deno.test(
  "Display throws OutputClosed for standard output only",
  PURE,
  async () => {
    const fault = new Error("No space left");
    for (const edits of [true, false]) {
      const { display } = start({ edits, fault });
      const error = await assertRejects(
        () => display.show("said\n"),
        OutputClosed,
      );
      assertEquals(error.cause, fault);
      display.warn("beware");
    }
  },
);

Deno.test("Display.pass() passes bytes but to a terminal", PURE, async () => {
  const table: { text: string; safe: string }[] = [
    { text: "one\n二\n", safe: "one\n二\n" },
    { text: "no ending", safe: "no ending" },
    { text: "\x1b[2J\r\nbad\r\n", safe: "\\x1b[2J\nbad\n" },
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
