import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Failure } from "../lib/outcome.ts";
import { speaker } from "../lib/phrases.ts";
import { openTranscript } from "../lib/transcript_file.ts";

const say = speaker("en");
const WINDOWS = Deno.build.os === "windows";

function unexpected(text: string): never {
  throw new Error(text);
}

async function inFolder(work: (folder: string) => unknown): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
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
function failure(path: string): string {
  return assertThrows(() => openTranscript(path, say, unexpected), Failure)
    .message;
}

/** Opens and writes a transcript in a process; gives what it printed. */
async function inProcess(
  flags: readonly string[],
  path: string,
): Promise<string> {
  const module = new URL("../lib/transcript_file.ts", import.meta.url).href;
  const phrases = new URL("../lib/phrases.ts", import.meta.url).href;
  const source = `
    import { openTranscript } from ${JSON.stringify(module)};
    import { speaker } from ${JSON.stringify(phrases)};
    try {
      const warn = (text: string) => console.log(text);
      const log = openTranscript(Deno.args[0] ?? "", speaker("en"), warn);
      log.record(">", "Ann", ["one"]);
      log.record(">", "Ann", ["two"]);
      console.log("went on");
    } catch (error) {
      console.log(String(error));
    }`;
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(script, source);
    const config = new URL("../deno.json", import.meta.url).pathname;
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
    const first = openTranscript(path, say, unexpected);
    const second = openTranscript(path, say, unexpected);
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

Deno.test("openTranscript() leaves the mode of a file that is there", {
  ignore: WINDOWS,
}, () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    await Deno.writeTextFile(path, "before\n");
    await Deno.chmod(path, 0o640);
    const transcript = openTranscript(path, say, unexpected);
    transcript.record("*", "", ["after"]);
    transcript.close();
    assertMatch(await Deno.readTextFile(path), /^before\n\S+ \* after\n$/);
    assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o640);
  }));

Deno.test("openTranscript() says what is wrong with the path", () =>
  inFolder(async (folder) => {
    const missing = `${folder}/missing/log`;
    assertEquals(failure(missing), say("no log folder", { path: missing }));
    const safe = `${folder}/missing/\\x1b[2J`;
    assertEquals(
      failure(`${folder}/missing/\x1b[2J`),
      say("no log folder", { path: safe }),
    );
    if (WINDOWS) return;
    assertEquals(failure(folder), say("log is a folder", { path: folder }));
    await Deno.writeTextFile(`${folder}/file`, "");
    assertMatch(failure(`${folder}/file/log`), /can't be opened \(.+\)/);
  }));

Deno.test("openTranscript() says that a file may not be written", {
  // Who may do everything is refused nothing.
  ignore: WINDOWS || isRoot(),
}, () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    await Deno.writeTextFile(path, "");
    await Deno.chmod(path, 0o400);
    assertEquals(failure(path), say("log not writable", { path }));
  }));

Deno.test("openTranscript() without the permission says how to grant it", {
  permissions: { write: ["/elsewhere"] },
}, () => {
  assertEquals(
    failure("chat.log"),
    "there is no permission to write chat.log; " +
      "start with deno run --allow-net --allow-write=chat.log",
  );
  assertMatch(failure("my chat, 1.log"), / --allow-net --allow-write$/);
});

Deno.test("openTranscript() works with the permission for its file alone", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    const flags = ["--no-prompt", `--allow-write=${path}`];
    assertEquals(await inProcess(flags, path), "went on\n");
    assertMatch(await Deno.readTextFile(path), /one\n\S+ > Ann: two\n$/);
  }));

Deno.test("openTranscript() refuses a device that Deno does not open", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const path = "/dev/full";
  const flags = ["--no-prompt", `--allow-write=${path}`];
  assertEquals(
    await inProcess(flags, path),
    `Failure: ${say("log is a device", { path })}\n`,
  );
});

Deno.test("openTranscript() tells of a full disk once, and goes on", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  assertMatch(
    await inProcess(["--allow-all"], "/dev/full"),
    /^warning: the log \/dev\/full can't .+ \(No space left .+\); the .+ without it\nwent on\n$/,
  );
});
