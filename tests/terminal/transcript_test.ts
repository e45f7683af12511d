import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describeFault } from "../../lib/cli/outcome.ts";
import {
  openTranscript,
  Transcript,
  type TranscriptFile,
} from "../../lib/terminal/transcript.ts";
import { Failure, type Sentence, speaker } from "../../lib/text/phrases.ts";
import { OFF_LINUX, ON_WINDOWS, unless } from "../kit/ignored.ts";
import { Process } from "../kit/process.ts";
import { IS_OLDEST_DENO } from "../kit/programs.ts";
import { PURE } from "../kit/pure.ts";
import { inFolder } from "../kit/folder.ts";

const say = speaker("en");
/** How long a process may live that waits for a pipe, in milliseconds. */
const PIPE_LIFETIME_MS = 20_000;
const WINDOWS = Deno.build.os === "windows";

const NOW = new Date("2025-03-04T05:06:07.089Z");
const TIME = "2025-03-04T05:06:07.089Z";

/** Keeps what it is given, in pieces of at most `limit` bytes. */
class FakeFile implements TranscriptFile {
  readonly writes: string[] = [];
  closed = 0;
  error: Error | undefined;
  readonly #limit: number;

  constructor(limit = Infinity) {
    this.#limit = limit;
  }

  writeSync(bytes: Uint8Array): number {
    if (this.error) throw this.error;
    const piece = bytes.subarray(0, Math.min(this.#limit, bytes.length));
    this.writes.push(new TextDecoder().decode(piece));
    return piece.length;
  }

  close(): void {
    this.closed++;
  }
}

function open(
  file: TranscriptFile,
): { transcript: Transcript; faults: unknown[] } {
  const faults: unknown[] = [];
  const transcript = new Transcript(
    file,
    (error) => faults.push(error),
    () => NOW,
  );
  return { transcript, faults };
}

Deno.test(
  "Transcript.record() writes time, direction, name and text",
  PURE,
  () => {
    const file = new FakeFile();
    const { transcript, faults } = open(file);
    transcript.record("<", "小明", ["你好"]);
    transcript.record(">", "Ann", ["hi: there"]);
    transcript.record("*", "", ["The client has ended the conversation"]);
    assertEquals(file.writes, [
      `${TIME} < 小明: 你好\n`,
      `${TIME} > Ann: hi: there\n`,
      `${TIME} * The client has ended the conversation\n`,
    ]);
    assertEquals(faults, []);
  },
);

Deno.test("Transcript.record() writes a block in one piece", PURE, () => {
  const file = new FakeFile();
  const { transcript } = open(file);
  transcript.record("<", "Ann", ["one", "", "three"]);
  assertEquals(file.writes, [
    `${TIME} < Ann: one\n${TIME} < Ann: \n${TIME} < Ann: three\n`,
  ]);
  transcript.record("<", "Ann", []);
  assertEquals(file.writes.length, 1);
});

Deno.test(
  "Transcript.record() makes name and text safe, a line each",
  PURE,
  () => {
    const file = new FakeFile();
    const { transcript } = open(file);
    transcript.record("<", "A\x1b[2Jn", ["a\nb\r\x07\u202ec\tD\x9b1m\u2028"]);
    assertEquals(file.writes, [
      `${TIME} < A\\x1b[2Jn: a\\x0ab\\x0d\\x07\\u202ec   D\\x9b1m\\u2028\n`,
    ]);
  },
);

Deno.test("Transcript.record() goes on after a part was written", PURE, () => {
  const file = new FakeFile(3);
  const { transcript } = open(file);
  transcript.record(">", "Ann", ["one", "two"]);
  assertEquals(
    file.writes.join(""),
    `${TIME} > Ann: one\n${TIME} > Ann: two\n`,
  );
});

Deno.test("Transcript.record() tells a fault once and stops", PURE, () => {
  const file = new FakeFile();
  const { transcript, faults } = open(file);
  transcript.record(">", "Ann", ["one"]);
  const full = new Error("No space left on device");
  file.error = full;
  transcript.record(">", "Ann", ["two"]);
  transcript.record(">", "Ann", ["three"]);
  file.error = undefined;
  transcript.record(">", "Ann", ["four"]);
  assertEquals(faults, [full]);
  assertEquals(file.writes, [`${TIME} > Ann: one\n`]);
  transcript.close();
  assertEquals(file.closed, 1);
});

Deno.test(
  "Transcript.record() takes a file that takes nothing as a fault",
  PURE,
  () => {
    const { transcript, faults } = open(new FakeFile(0));
    transcript.record(">", "Ann", ["one"]);
    assertEquals(faults.map(String), ["Error: Nothing could be written"]);
  },
);

Deno.test(
  "Transcript.close() may be called twice and ends the recording",
  PURE,
  () => {
    const file = new FakeFile();
    const { transcript, faults } = open(file);
    transcript.close();
    transcript.close();
    transcript.record(">", "Ann", ["one"]);
    assertEquals([file.closed, file.writes.length, faults.length], [1, 0, 0]);
  },
);

function unexpected(about: Sentence): never {
  throw new Error(say(about));
}

/** Asks a file that is made, which takes no further permission. */
function isRoot(): boolean {
  const path = Deno.makeTempFileSync();
  try {
    return Deno.statSync(path).uid === 0;
  } finally {
    Deno.removeSync(path);
  }
}

/** The sentence of the failure. */
async function failure(path: string): Promise<string> {
  const opening = openTranscript(path, unexpected);
  return describeFault(await assertRejects(() => opening, Failure), "", say);
}

/** Opens and writes a transcript in a process; gives what it printed. */
async function inProcess(
  flags: readonly string[],
  path: string,
): Promise<string> {
  const module =
    new URL("../../lib/terminal/transcript.ts", import.meta.url).href;
  const phrases = new URL("../../lib/text/phrases.ts", import.meta.url).href;
  const source = `
    import { openTranscript } from ${JSON.stringify(module)};
    import { speaker } from ${JSON.stringify(phrases)};
    const say = speaker("en");
    try {
      const warn = (about) => console.log(say(about));
      const log = await openTranscript(Deno.args[0] ?? "", warn);
      log.record(">", "Ann", ["one"]);
      log.record(">", "Ann", ["two"]);
      console.log("went on");
    } catch (error) {
      console.log(error.sentence ? say(error.sentence) : String(error));
    }`;
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(script, source);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--config", config, ...flags, script, path],
      stdin: "null",
      stderr: "inherit",
    }).output();
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(script);
  }
}

Deno.test("openTranscript() makes a file for its owner and appends to it", () =>
  inFolder(async (folder) => {
    const path = `${folder}/记录.log`;
    const first = await openTranscript(path, unexpected);
    const second = await openTranscript(path, unexpected);
    first.record(">", "Ann", ["one", "two"]);
    second.record("<", "小明", ["three"]);
    first.record("*", "", ["four"]);
    // What is there before anything is closed would survive a kill.
    const text = await Deno.readTextFile(path);
    assertEquals(
      text.replaceAll(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /gm, ""),
      "> Ann: one\n> Ann: two\n< 小明: three\n* four\n",
    );
    first.close();
    second.close();
    if (WINDOWS) return;
    const { mode } = await Deno.stat(path);
    assertEquals((mode ?? 0) & 0o777, 0o600);
  }));

Deno.test(
  unless(
    ON_WINDOWS,
    "openTranscript() leaves the mode of a file that is there",
  ),
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/log`;
      await Deno.writeTextFile(path, "before\n");
      await Deno.chmod(path, 0o640);
      const transcript = await openTranscript(path, unexpected);
      transcript.record("*", "", ["after"]);
      transcript.close();
      assertMatch(await Deno.readTextFile(path), /^before\n\S+ \* after\n$/);
      assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o640);
    }),
);

Deno.test("openTranscript() says what is wrong with the path", () =>
  inFolder(async (folder) => {
    const missing = `${folder}/missing/log`;
    assertEquals(
      await failure(missing),
      say("no log folder", { path: missing }),
    );
    const safe = `${folder}/missing/\\x1b[2J`;
    assertEquals(
      await failure(`${folder}/missing/\x1b[2J`),
      say("no log folder", { path: safe }),
    );
    if (WINDOWS) return;
    assertEquals(
      await failure(folder),
      say("log is a folder", { path: folder }),
    );
    await Deno.writeTextFile(`${folder}/file`, "");
    assertMatch(await failure(`${folder}/file/log`), /can't be opened \(.+\)/);
  }));

Deno.test(
  unless(
    { ...ON_WINDOWS, "root may write all files": isRoot() },
    "openTranscript() says that a file may not be written",
  ),
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/log`;
      await Deno.writeTextFile(path, "");
      await Deno.chmod(path, 0o400);
      assertEquals(await failure(path), say("log not writable", { path }));
    }),
);

Deno.test("openTranscript() without the permission says how to grant it", {
  permissions: { write: ["/elsewhere"] },
}, async () => {
  assertEquals(
    await failure("chat.log"),
    "there is no permission to write chat.log; " +
      "start with deno run --allow-net --allow-write=chat.log",
  );
  assertMatch(await failure("my chat, 1.log"), / --allow-net --allow-write$/);
});

Deno.test("openTranscript() works with the permission for its file alone", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    const flags = ["--no-prompt", `--allow-write=${path}`];
    assertEquals(await inProcess(flags, path), "went on\n");
    assertMatch(await Deno.readTextFile(path), /one\n\S+ > Ann: two\n$/);
  }));

/** The texts of the entries in a file. */
function textsIn(path: string): string[] {
  const lines = Deno.readTextFileSync(path).split("\n");
  assertEquals(lines.pop(), "");
  return lines.map((line) => line.replace(/^\S+ > Ann: /, ""));
}

Deno.test("openTranscript() begins a file anew before it is over its limit", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    const entry = `${TIME} > Ann: 00\n`.length;
    const limit = 10 * entry + 3;
    await Deno.writeTextFile(path, "x".repeat(limit - entry + 1));
    const transcript = await openTranscript(path, unexpected, limit);
    const numbers = Array.from({ length: 29 }, (_, it) => String(it + 10));
    transcript.record(">", "Ann", numbers.slice(0, 1));
    // What was there is put away, and nothing of it is changed.
    assertEquals(Deno.statSync(`${path}.1`).size, limit - entry + 1);
    // One piece that goes into three files.
    transcript.record(">", "Ann", numbers.slice(1));
    assertEquals(textsIn(path), numbers.slice(20));
    assertEquals(textsIn(`${path}.1`), numbers.slice(10, 20));
    // A line that is longer than any file may be is in one alone.
    const long = "y".repeat(limit);
    transcript.record(">", "Ann", [long, "last"]);
    assertEquals(textsIn(`${path}.1`), [long]);
    assertEquals(textsIn(path), ["last"]);
    transcript.close();
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    assertEquals(names.sort(), ["log", "log.1"]);
    if (!WINDOWS) {
      assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    }
  }));

Deno.test("openTranscript() tells once when a file can't be put away", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    await Deno.mkdir(`${path}.1/full`, { recursive: true });
    const told: string[] = [];
    const warn = (about: Sentence): void => void told.push(say(about));
    const transcript = await openTranscript(path, warn, 100);
    for (const text of ["a".repeat(50), "b".repeat(50), "c"]) {
      transcript.record(">", "Ann", [text]);
    }
    assertEquals(textsIn(path), ["a".repeat(50)]);
    assertEquals(told.length, 1);
    assertMatch(told[0] ?? "", /the log \S+ can't be written any more \(/);
  }));

Deno.test(
  unless(
    OFF_LINUX,
    "openTranscript() refuses a device that Deno does not open",
  ),
  async () => {
    const path = "/dev/full";
    const flags = ["--no-prompt", `--allow-write=${path}`];
    assertEquals(
      await inProcess(flags, path),
      `${say("log is a device", { path })}\n`,
    );
  },
);

Deno.test(
  unless({
    ...OFF_LINUX,
    "Deno 2.6 does nothing else while it opens one": IS_OLDEST_DENO,
  }, "openTranscript() stops nothing while nobody reads a pipe"),
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/pipe`;
      await new Deno.Command("mkfifo", { args: [path] }).output();
      const module =
        new URL("../../lib/terminal/transcript.ts", import.meta.url).href;
      // Who reads the pipe comes after the transcript waits for that.
      const source = `
      import { openTranscript } from ${JSON.stringify(module)};
      const unused = () => "";
      const opening = openTranscript(${JSON.stringify(path)}, unused, unused);
      using reader = await Deno.open(${JSON.stringify(path)});
      (await opening).record("*", "", ["heard"]);
      await reader.read(new Uint8Array(100));
      console.log("heard");`;
      const script = `${folder}/script.js`;
      await Deno.writeTextFile(script, source);
      const config = new URL("../../deno.json", import.meta.url).pathname;
      await using waiting = new Process(
        Deno.execPath(),
        ["run", "--config", config, "--allow-read", "--allow-write", script],
        { lifetime: PIPE_LIFETIME_MS },
      );
      assertEquals((await waiting.finish()).stdout, "heard\n");
    }),
);

Deno.test(
  unless(OFF_LINUX, "openTranscript() tells of a full disk once, and goes on"),
  async () => {
    assertMatch(
      await inProcess(["--allow-all"], "/dev/full"),
      /^warning: the log \/dev\/full can't .+ \(No space left .+\); the .+ without it\nwent on\n$/,
    );
  },
);
