import { assertEquals, assertRejects } from "@std/assert";
import {
  type Drawn,
  Screen,
  UNAWAITED_LENGTH,
} from "../../lib/terminal/screen.ts";
import { PURE } from "../kit/pure.ts";

/** How long a slow terminal takes for one byte. */
const SLOWNESS_MS = 10;
const SIZE = { columns: 10, rows: 5 };
/** A terminal whose mode does not matter. */
const TERMINAL = { size: () => SIZE, setRaw: (): void => {} };
/** More bytes than a slow terminal takes while another is waited for. */
const LONG_TEXT = 1000;

/** Outputs that take nothing until they are told to. */
function start(): {
  screen: Screen;
  stdout: { write(bytes: Uint8Array): Promise<number> };
  stderr: { write(bytes: Uint8Array): Promise<number> };
  /** What was written, and the modes that were set. */
  done: string[];
  /** Settles when a write begins, and lets it take so many bytes, or fail. */
  take(count?: number | Error): Promise<void>;
} {
  const done: string[] = [];
  const screen = new Screen({
    size: () => SIZE,
    setRaw: (mode) => void done.push(`raw ${mode}`),
  });
  let begun = Promise.withResolvers<PromiseWithResolvers<number>>();
  let size = 0;
  const output = (
    name: string,
  ): { write(bytes: Uint8Array): Promise<number> } => ({
    write: (bytes) => {
      const writing = Promise.withResolvers<number>();
      size = bytes.length;
      done.push(`${name} ${new TextDecoder().decode(bytes)}`);
      begun.resolve(writing);
      return writing.promise;
    },
  });
  return {
    screen,
    stdout: output("stdout"),
    stderr: output("stderr"),
    done,
    async take(count?: number | Error): Promise<void> {
      const writing = await begun.promise;
      begun = Promise.withResolvers();
      if (count instanceof Error) writing.reject(count);
      else writing.resolve(count ?? size);
    },
  };
}

Deno.test(
  "Screen.print() keeps the order, with few writes",
  PURE,
  async () => {
    const { screen, stdout, stderr, done, take } = start();
    screen.put("a", stdout);
    const written = screen.print("你", stdout);
    await Promise.resolve();
    screen.put("b", stdout);
    screen.put("c", stdout);
    screen.put("d", stderr);
    screen.put("e", stdout);
    // Within what is a character of several bytes.
    await take("a\x1b[?7l".length + 1);
    await take();
    await written;
    screen.setRaw(true);
    for (let writes = 0; writes < 3; writes++) await take();
    await screen.flush();
    assertEquals(done, [
      "stdout a\x1b[?7l你\x1b[?7h",
      "stdout \ufffd\ufffd\x1b[?7h",
      "stdout bc",
      "stderr d",
      "stdout e",
      "raw true",
    ]);
  },
);

Deno.test(
  "Screen.print() throws what the output throws, and goes on",
  PURE,
  async () => {
    const { screen, stdout, done, take } = start();
    const written = screen.print("a", stdout);
    const rejected = assertRejects(() => written, Error, "gone");
    await take(new Error("gone"));
    await rejected;
    screen.put("b", stdout);
    await take();
    await screen.flush();
    assertEquals(done, ["stdout a", "stdout b"]);
  },
);

Deno.test(
  "Screen.put() keeps only so much that nobody waits for",
  PURE,
  async () => {
    const screen = new Screen(TERMINAL);
    let shown = "";
    const output = {
      write(bytes: Uint8Array): Promise<number> {
        shown += new TextDecoder().decode(bytes);
        return Promise.resolve(bytes.length);
      },
    };
    screen.put(`${"x".repeat(7)}\n`.repeat(UNAWAITED_LENGTH / 8), output);
    screen.put("left out", output);
    await screen.print("kept", output);
    screen.put("again", output);
    await screen.flush();
    assertEquals(shown.length, UNAWAITED_LENGTH + "keptagain".length);
    assertEquals(shown.slice(UNAWAITED_LENGTH), "keptagain");
  },
);

Deno.test("Screen.hurry() gives up what is not taken", PURE, async () => {
  const { screen, stdout } = start();
  const written = [screen.print("a", stdout)];
  await Promise.resolve();
  written.push(screen.print("b", stdout));
  const rejected = written.map((it) => assertRejects(() => it, Error));
  screen.hurry("short");
  await screen.flush();
  await Promise.all(rejected);
  await assertRejects(() => screen.print("c", stdout), Error);
});

Deno.test(
  "Screen.hurry() bears a terminal that takes all, however slowly",
  PURE,
  async () => {
    const stalled = start();
    let isSlow = true;
    const slowly = {
      write: (bytes: Uint8Array): Promise<number> =>
        new Promise((resolve) => {
          setTimeout(() => resolve(isSlow ? 1 : bytes.length), SLOWNESS_MS);
        }),
    };
    const slow = new Screen(TERMINAL);
    const done = start();
    const written = done.screen.print("a", done.stdout);
    for (const screen of [done.screen, slow]) screen.hurry("normal");
    await done.take();
    await written;
    const text = slow.print("b".repeat(LONG_TEXT), slowly);
    // It is given up after the others would be.
    stalled.screen.hurry("normal");
    const lost = stalled.screen.print("c", stalled.stdout);
    await assertRejects(() => lost, Error);
    isSlow = false;
    await text;
    const more = done.screen.print("d", done.stdout);
    await done.take();
    await more;
  },
);

Deno.test(
  "Screen.hurry() for short waits no longer, whatever is taken or asked",
  PURE,
  async () => {
    const stalled = start();
    stalled.screen.hurry("normal");
    const first = stalled.screen.print("a", stalled.stdout);
    const slowly = {
      write: (): Promise<number> =>
        new Promise((resolve) => setTimeout(() => resolve(1), SLOWNESS_MS)),
    };
    const slow = new Screen(TERMINAL);
    const second = slow.print("b".repeat(LONG_TEXT), slowly);
    for (const wait of ["normal", "short", "normal"] as const) slow.hurry(wait);
    const lost = await Promise.race([
      first.catch(() => "stalled"),
      second.catch(() => "slow"),
    ]);
    assertEquals(lost, "slow");
    await assertRejects(() => first, Error);
  },
);

/** A line of two rows with the cursor in the second, and its screen. */
function withLine(): {
  screen: Screen;
  output: { write(bytes: Uint8Array): Promise<number> };
  state: { drawn: Drawn | undefined };
  size: { columns: number; rows: number };
  /** Settles when all is written: what that is. */
  written(): Promise<string>;
} {
  const size = { ...SIZE };
  let written = "";
  const output = {
    write: (bytes: Uint8Array): Promise<number> => {
      written += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
  const cursorRow = (columns: number): number => 10 / columns;
  const state = { drawn: { text: "[line]", cursorRow } };
  const screen = new Screen({ ...TERMINAL, size: () => size });
  screen.show({ output, draw: () => state.drawn });
  screen.draw();
  const take = async (): Promise<string> => {
    await screen.flush();
    // What was drawn after all that.
    await screen.flush();
    const taken = written;
    written = "";
    return taken;
  };
  return { screen, output, state, size, written: take };
}

const CLEARED = "\r\x1b[C\x1b[J\r\x1b[K";

Deno.test("Screen.print() lets the line give way", PURE, async () => {
  const { screen, output, state, size, written } = withLine();
  assertEquals(await written(), "[line]");
  screen.put("said\n", output);
  screen.put("more\n", output);
  assertEquals(await written(), `\x1b[1A${CLEARED}said\nmore\n[line]`);
  screen.draw();
  assertEquals(await written(), `\x1b[1A${CLEARED}[line]`);
  // It is found anew on a screen of another size, as far as that goes.
  size.columns = 2;
  await screen.print("said\n", output);
  assertEquals(await written(), `\x1b[4A${CLEARED}sa\nid\n[line]`);
  Object.assign(state, { drawn: undefined });
  screen.draw();
  assertEquals(await written(), `\x1b[4A${CLEARED}`);
  screen.draw();
  assertEquals(await written(), "");
});

Deno.test("Screen.clear() leaves nothing to give way", PURE, async () => {
  const { screen, output, written } = withLine();
  await written();
  screen.clear();
  assertEquals(await written(), "\x1b[H\x1b[2J[line]");
  screen.show(undefined);
  assertEquals(await written(), `\x1b[1A${CLEARED}`);
  screen.clear();
  await screen.print("said\n", output);
  assertEquals(await written(), "said\n");
});

Deno.test("Screen.show() takes a line away, and draws none", PURE, async () => {
  let written = "";
  const output = {
    write: (bytes: Uint8Array): Promise<number> => {
      written += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
  const drawn = { text: "[line]", cursorRow: (): number => 0 };
  const screen = new Screen(TERMINAL);
  screen.show({ output, draw: () => drawn });
  screen.draw();
  screen.show(undefined);
  // Once, as the program does before it exits.
  await screen.flush();
  assertEquals(written, `[line]${CLEARED}`);
  // Not even where something was printed before it came.
  written = "";
  const printed = screen.print("said\n", output);
  screen.show({ output, draw: () => drawn });
  await printed;
  for (let turn = 0; turn < 2; turn++) await screen.flush();
  assertEquals(written, "said\n");
});

Deno.test(
  "Screen.setRaw() waits for writes, and bears faults",
  PURE,
  async () => {
    const { screen, stdout, done, take } = start();
    screen.setRaw(true);
    screen.put("a", stdout);
    for (const mode of [false, true, false]) screen.setRaw(mode);
    await take();
    await screen.flush();
    assertEquals(done, ["raw true", "stdout a", "raw false"]);
    const gone = new Screen({
      size: () => SIZE,
      setRaw(): void {
        throw new Error("gone");
      },
    });
    gone.setRaw(true);
  },
);
