/** What `runProgram` makes of faults that nobody awaits, in real processes. */
import { assertEquals } from "@std/assert";
import { type Finished, Process } from "../kit/process.ts";

const LIBRARY = new URL("../../lib/cli/program.ts", import.meta.url);
const CONFIGURATION = new URL("../../deno.json", import.meta.url).pathname;

/** Runs a server whose `main` is this text, with `signal` at hand. */
async function runMain(text: string): Promise<Finished> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      file,
      `import { runProgram } from ${JSON.stringify(LIBRARY)};
       await runProgram("server", async ({ signal }) => { ${text} });`,
    );
    await using program = new Process(Deno.execPath(), [
      ...["run", "--no-lock", "--config", CONFIGURATION, file, "--lang", "en"],
    ], { input: "" });
    return await program.finish();
  } finally {
    await Deno.remove(file);
  }
}

/** Waits for ever, for what is thrown meanwhile. */
const WAIT = "await new Promise(() => {});";

for (
  const [title, text] of [
    ["is thrown", 'queueMicrotask(() => { throw new Error("Oops"); });'],
    ["is a rejection", 'Promise.reject(new Error("Oops"));'],
  ] as const
) {
  Deno.test(`runProgram() tells in one line what ${title} outside`, async () => {
    assertEquals(await runMain(`${text} ${WAIT}`), {
      status: 1,
      stdout: "",
      stderr: "error: unexpected error: Oops\n",
    });
  });
}

Deno.test("runProgram() takes a closed terminal for SIGHUP, also twice", async () => {
  const hangUp = `
    const told = new Promise((resolve) =>
      addEventListener("unhandledrejection", resolve, { once: true }));
    Promise.reject(Object.assign(new Error("gone"), { code: "EIO" }));
    await told;
    // An exit would come first.
    await new Promise((resolve) => setTimeout(resolve, 0));
    console.log(signal.aborted);`;
  assertEquals(
    await runMain(`{${hangUp}} {${hangUp}} signal.throwIfAborted();`),
    { status: 129, stdout: "true\ntrue\n", stderr: "" },
  );
});
