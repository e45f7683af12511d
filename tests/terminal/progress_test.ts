import { assert, assertEquals } from "@std/assert";
import { type Language, speaker } from "../../lib/text/phrases.ts";
import { Progress } from "../../lib/terminal/progress.ts";
import type { Line } from "../../lib/terminal/screen.ts";
import { ON_WINDOWS, unless } from "../kit/ignored.ts";
import { PURE } from "../kit/pure.ts";

/** A screen of so many columns, and a clock that is set by hand. */
class Screen {
  time = 1000;
  columns = 80;
  #shown: Line | undefined;
  /** All that was drawn. */
  readonly lines: string[] = [];
  drawn = (): void => {};

  progress(total?: number, language: Language = "en"): Progress {
    return new Progress(speaker(language), total, this, () => this.time);
  }

  show(line: Line | undefined): void {
    this.#shown = line;
    if (line === undefined) this.lines.push("");
  }

  draw(): void {
    const drawn = this.#shown?.draw({ columns: this.columns, rows: 24 });
    if (drawn === undefined) return;
    assertEquals(drawn.cursorRow(1), 0);
    const { text } = drawn;
    assert(text.startsWith("\r") && text.endsWith("\x1b[K"), text);
    this.lines.push(text.slice(1, -3));
    this.drawn();
  }

  /** What is on the screen. */
  get line(): string | undefined {
    return this.lines.at(-1);
  }
}

/** Has bytes sent in steps, the first at once and each next one later. */
function send(
  screen: Screen,
  progress: Progress,
  { steps, bytes, milliseconds }: {
    steps: number;
    bytes: number;
    milliseconds: number;
  },
): void {
  for (let step = 0; step < steps; step++) {
    if (step > 0) screen.time += milliseconds;
    progress.sent(bytes);
  }
}

Deno.test("Progress.sent() shows bytes and rate", PURE, () => {
  const screen = new Screen();
  const progress = screen.progress();
  send(screen, progress, { steps: 11, bytes: 100_000, milliseconds: 100 });
  assertEquals(screen.line, "Sent 1.1 MB, 1 MB/s");
  progress.done();
});

Deno.test(
  "Progress.sent() shows percent and time left where the size is known",
  PURE,
  () => {
    const screen = new Screen();
    const progress = screen.progress(100_000_000);
    send(screen, progress, { steps: 11, bytes: 1_000_000, milliseconds: 1000 });
    assertEquals(
      screen.line,
      "Sent 11 MB of 100 MB (11%), 1 MB/s, 1m 29s left",
    );
    progress.done();
  },
);

Deno.test("Progress.sent() speaks Chinese", PURE, () => {
  const screen = new Screen();
  const known = screen.progress(10_000_000, "zh");
  send(screen, known, { steps: 2, bytes: 1_000_000, milliseconds: 1000 });
  assertEquals(screen.line, "已发送 2 MB / 10 MB (20%), 1 MB/s, 剩余 8s");
  known.done();
  const unknown = screen.progress(undefined, "zh");
  send(screen, unknown, { steps: 2, bytes: 1_000_000, milliseconds: 1000 });
  assertEquals(screen.line, "已发送 2 MB, 1 MB/s");
  unknown.done();
});

Deno.test(
  "Progress.sent() shows nothing in the first half second",
  PURE,
  () => {
    const screen = new Screen();
    const progress = screen.progress(1000);
    send(screen, progress, { steps: 500, bytes: 1, milliseconds: 1 });
    screen.draw();
    assertEquals(screen.lines, []);
    screen.time++;
    progress.sent(1);
    assertEquals(screen.lines.length, 1);
    progress.done();
  },
);

Deno.test("Progress.sent() draws no more than ten times a second", PURE, () => {
  const screen = new Screen();
  const progress = screen.progress();
  send(screen, progress, { steps: 1501, bytes: 10, milliseconds: 1 });
  assertEquals(screen.lines.length, 11);
  progress.done();
});

Deno.test("Progress.sent() takes the rate of the last seconds", PURE, () => {
  const screen = new Screen();
  const progress = screen.progress();
  send(screen, progress, { steps: 101, bytes: 100_000, milliseconds: 100 });
  assertEquals(screen.line, "Sent 10.1 MB, 1 MB/s");
  const fast = { steps: 32, bytes: 500_000, milliseconds: 100 };
  send(screen, progress, fast);
  assertEquals(screen.line, "Sent 26.1 MB, 5 MB/s");
  progress.done();
});

Deno.test("Progress.sent() lets the rate fall when nothing moves", PURE, () => {
  const screen = new Screen();
  const progress = screen.progress(4_000_000);
  send(screen, progress, { steps: 3, bytes: 1_000_000, milliseconds: 1000 });
  assertEquals(screen.line, "Sent 3 MB of 4 MB (75%), 1 MB/s, 1s left");
  screen.time += 2000;
  progress.sent(0);
  assertEquals(screen.line, "Sent 3 MB of 4 MB (75%), 333 kB/s, 3s left");
  screen.time += 3000;
  progress.sent(0);
  assertEquals(screen.line, "Sent 3 MB of 4 MB (75%), 0 B/s");
  progress.done();
});

Deno.test("Progress draws by itself when nothing is sent", PURE, async () => {
  const screen = new Screen();
  const progress = screen.progress();
  const written = new Promise<void>((resolve) => screen.drawn = resolve);
  progress.sent(42);
  screen.time += 10_000;
  await written;
  assertEquals(screen.line, "Sent 42 B, 0 B/s");
  progress.done();
});

Deno.test(
  "Progress.sent() says 100% only at the end, and nothing of what grew",
  PURE,
  () => {
    const screen = new Screen();
    const progress = screen.progress(1_000_000);
    progress.sent(0);
    screen.time += 1000;
    progress.sent(999_999);
    assert(screen.line?.includes("(99%)"), screen.line);
    screen.time += 1000;
    progress.sent(1);
    assertEquals(screen.line, "Sent 1 MB of 1 MB (100%), 500 kB/s");
    screen.time += 1000;
    progress.sent(500_000);
    assertEquals(screen.line, "Sent 1.5 MB, 500 kB/s");
    progress.done();
  },
);

Deno.test("Progress never fills the last column", PURE, () => {
  const screen = new Screen();
  const english = screen.progress();
  screen.columns = 12;
  send(screen, english, { steps: 2, bytes: 1_000_000, milliseconds: 1000 });
  assertEquals(screen.line, "Sent 2 MB, ");
  english.done();
  const chinese = screen.progress(undefined, "zh");
  screen.columns = 6;
  send(screen, chinese, { steps: 2, bytes: 1_000_000, milliseconds: 1000 });
  assertEquals(screen.line, "已发");
  screen.columns = 0;
  screen.time += 1000;
  chinese.sent(0);
  assertEquals(screen.line, "");
  chinese.done();
});

Deno.test("Progress.done() takes the line off for good", PURE, () => {
  const screen = new Screen();
  const progress = screen.progress();
  send(screen, progress, { steps: 2, bytes: 1_000_000, milliseconds: 1000 });
  for (let times = 0; times < 2; times++) {
    progress.done();
    screen.time += 1000;
    progress.sent(1);
    screen.draw();
  }
  assertEquals(screen.lines, ["Sent 2 MB, 1 MB/s", "", ""]);
});

/** What `inputSize` gives in a process without permissions. */
async function sizeOf(redirection: string, before = ""): Promise<string> {
  const module =
    new URL("../../lib/terminal/progress.ts", import.meta.url).href;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/show.ts`,
      `import { inputSize } from ${JSON.stringify(module)};
       console.log(inputSize());`,
    );
    await Deno.writeTextFile(`${folder}/seven`, "对话\n");
    await Deno.writeTextFile(`${folder}/empty`, "");
    const { stdout } = await new Deno.Command("sh", {
      args: [
        "-c",
        `${before} "$0" run --config "$1" --no-prompt show.ts ${redirection}`,
        Deno.execPath(),
        new URL("../../deno.json", import.meta.url).pathname,
      ],
      cwd: folder,
      stdin: "null",
      stderr: "inherit",
    }).output();
    return new TextDecoder().decode(stdout).trim();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test(
  unless(
    ON_WINDOWS,
    "inputSize() knows the size of a file without a permission",
  ),
  async () => {
    assertEquals(await sizeOf("< seven"), "7");
  },
);

Deno.test(
  unless(
    ON_WINDOWS,
    "inputSize() knows no size of a pipe, a device, a folder or an empty file",
  ),
  async () => {
    assertEquals(await sizeOf("< empty"), "undefined");
    assertEquals(await sizeOf("< /dev/null"), "undefined");
    assertEquals(await sizeOf("", "echo 1 |"), "undefined");
    assertEquals(await sizeOf("< ."), "undefined");
  },
);
