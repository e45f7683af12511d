import { assertEquals, assertRejects } from "@std/assert";
import { Display } from "../../lib/terminal/display.ts";
import { OutputClosed } from "../../lib/chat/endpoint.ts";
import { speaker } from "../../lib/text/phrases.ts";
import { Progress } from "../../lib/terminal/progress.ts";
import { PURE } from "../kit/pure.ts";

/** A display, and what was done on it. */
function start(
  { terminals = [], edits = false, fault }: {
    /** Which of the outputs are terminals. */
    terminals?: readonly ("stdout" | "stderr")[];
    /** Whether there is a line editor. */
    edits?: boolean;
    /** What all outputs throw. */
    fault?: Error;
  },
): { display: Display; done: string[] } {
  const done: string[] = [];
  const note = (name: string, bytes: Uint8Array): number => {
    if (fault) throw fault;
    done.push(`${name} ${new TextDecoder().decode(bytes)}`);
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
        hurry: (wait) => void done.push(`hurry ${wait}`),
        flush(): Promise<void> {
          done.push("flush");
          return Promise.resolve();
        },
        close: () => void done.push("close"),
      }
      : undefined,
  });
  return { display, done };
}

/** A line of progress that stands there already. */
function progressOn(done: string[]): Progress {
  let time = 0;
  const progress = new Progress({
    say: speaker("en"),
    write: (text) => void done.push(text === "\r\x1b[K" ? "erase" : "draw"),
    now: () => time,
    columns: () => 80,
  });
  progress.sent(1);
  time = 1000;
  progress.sent(1);
  done.splice(0);
  return progress;
}

Deno.test(
  "Display shows all in the line editor, if there is one",
  PURE,
  async () => {
    const terminals = ["stdout", "stderr"] as const;
    const edited = start({ edits: true, terminals });
    await edited.display.show("said\n");
    edited.display.warn("beware\x1b");
    edited.display.hurry("short");
    await edited.display.flush();
    edited.display.close();
    assertEquals(edited.done, [
      "show said\n",
      "put stderr beware\\x1b\n",
      "hurry short",
      "flush",
      "close",
    ]);
    const bare = start({ terminals });
    await bare.display.show("said\n");
    bare.display.warn("beware\x1b\nof all");
    bare.display.hurry();
    await bare.display.flush();
    bare.display.close();
    assertEquals(bare.done, [
      "stdout said\n",
      "stderr beware\\x1b\nof all\n",
    ]);
  },
);

Deno.test("Display warn() changes nothing for who is no terminal", PURE, () => {
  const { display, done } = start({ edits: true, terminals: ["stdout"] });
  display.warn("beware\x1b");
  assertEquals(done, ["stderr beware\x1b\n"]);
});

Deno.test("Display lets a line of progress give way", PURE, async () => {
  const { display, done } = start({ terminals: ["stdout", "stderr"] });
  display.progress = progressOn(done);
  await display.show("said\n");
  display.warn("beware");
  display.close();
  assertEquals(done, [
    ...["erase", "stdout said\n", "draw"],
    ...["erase", "stderr beware\n", "draw"],
    "erase",
  ]);
  // What goes elsewhere is not on that screen.
  const piped = start({ terminals: ["stderr"] });
  piped.display.progress = progressOn(piped.done);
  await piped.display.write(Uint8Array.of(0x61));
  piped.display.close();
  assertEquals(piped.done, ["stdout a", "erase"]);
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
