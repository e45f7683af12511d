import { assertEquals, assertRejects } from "@std/assert";
import {
  ScreenOutput,
  UNAWAITED_LENGTH,
} from "../../lib/terminal/screen_output.ts";
import { PURE } from "../kit/pure.ts";

/** How long a slow terminal takes for one byte. */
const SLOWNESS_MS = 10;
/** More bytes than a slow terminal takes while another is waited for. */
const LONG_TEXT = 1000;

/** Outputs that take nothing until they are told to. */
function start(): {
  screen: ScreenOutput;
  stdout: { write(bytes: Uint8Array): Promise<number> };
  stderr: { write(bytes: Uint8Array): Promise<number> };
  /** What was written, and `drained`. */
  done: string[];
  /** Settles when a write begins, and lets it take so many bytes, or fail. */
  take(count?: number | Error): Promise<void>;
} {
  const done: string[] = [];
  const screen = new ScreenOutput(() => void done.push("drained"));
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
  "ScreenOutput.write() keeps the order, with few writes",
  PURE,
  async () => {
    const { screen, stdout, stderr, done, take } = start();
    screen.put(stdout, "a");
    const written = screen.write(stdout, "你");
    await Promise.resolve();
    screen.put(stdout, "b");
    screen.put(stdout, "c");
    screen.put(stderr, "d");
    screen.put(stdout, "e");
    await take(2);
    await take();
    await written;
    assertEquals(screen.isPending, true);
    for (let writes = 0; writes < 3; writes++) await take();
    await screen.flush();
    assertEquals(screen.isPending, false);
    assertEquals(done, [
      "stdout a你",
      "stdout \ufffd\ufffd",
      "stdout bc",
      "stderr d",
      "stdout e",
      "drained",
    ]);
  },
);

Deno.test(
  "ScreenOutput.write() throws what the output throws, and goes on",
  PURE,
  async () => {
    const { screen, stdout, done, take } = start();
    const written = screen.write(stdout, "a");
    const rejected = assertRejects(() => written, Error, "gone");
    await take(new Error("gone"));
    await rejected;
    screen.put(stdout, "b");
    await take();
    await screen.flush();
    assertEquals(done.filter((it) => it !== "drained"), [
      "stdout a",
      "stdout b",
    ]);
  },
);

Deno.test(
  "ScreenOutput.put() keeps only so much that nobody waits for",
  PURE,
  async () => {
    const screen = new ScreenOutput(() => {});
    let shown = "";
    const output = {
      write(bytes: Uint8Array): Promise<number> {
        shown += new TextDecoder().decode(bytes);
        return Promise.resolve(bytes.length);
      },
    };
    screen.put(output, "x".repeat(UNAWAITED_LENGTH));
    screen.put(output, "left out");
    await screen.write(output, "kept");
    screen.put(output, "again");
    await screen.flush();
    assertEquals(shown.length, UNAWAITED_LENGTH + "keptagain".length);
    assertEquals(shown.slice(UNAWAITED_LENGTH), "keptagain");
  },
);

Deno.test("ScreenOutput.hurry() gives up what is not taken", PURE, async () => {
  const { screen, stdout } = start();
  const written = [screen.write(stdout, "a")];
  await Promise.resolve();
  written.push(screen.write(stdout, "b"));
  const rejected = written.map((it) => assertRejects(() => it, Error));
  screen.hurry("short");
  await screen.flush();
  await Promise.all(rejected);
  await assertRejects(() => screen.write(stdout, "c"), Error);
});

Deno.test(
  "ScreenOutput.hurry() bears a terminal that takes all, however slowly",
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
    const slow = new ScreenOutput(() => {});
    const done = start();
    const written = done.screen.write(done.stdout, "a");
    for (const screen of [done.screen, slow]) screen.hurry("normal");
    await done.take();
    await written;
    const text = slow.write(slowly, "b".repeat(LONG_TEXT));
    // It is given up after the others would be.
    stalled.screen.hurry("normal");
    const lost = stalled.screen.write(stalled.stdout, "c");
    await assertRejects(() => lost, Error);
    isSlow = false;
    await text;
    const more = done.screen.write(done.stdout, "d");
    await done.take();
    await more;
  },
);

Deno.test(
  "ScreenOutput.hurry() for short waits no longer, whatever is taken or asked",
  PURE,
  async () => {
    const stalled = start();
    stalled.screen.hurry("normal");
    const first = stalled.screen.write(stalled.stdout, "a");
    const slowly = {
      write: (): Promise<number> =>
        new Promise((resolve) => setTimeout(() => resolve(1), SLOWNESS_MS)),
    };
    const slow = new ScreenOutput(() => {});
    const second = slow.write(slowly, "b".repeat(LONG_TEXT));
    for (const wait of ["normal", "short", "normal"] as const) slow.hurry(wait);
    const lost = await Promise.race([
      first.catch(() => "stalled"),
      second.catch(() => "slow"),
    ]);
    assertEquals(lost, "slow");
    await assertRejects(() => first, Error);
  },
);
