import { assert, assertEquals } from "@std/assert";
import { Process } from "../kit/process.ts";

/** Runs the benchmark so small that its figures mean nothing. */
async function bench(...args: string[]): Promise<Process> {
  const permissions = ["net", "run", "read", "write", "env"]
    .map((name) => `--allow-${name}`);
  const process = new Process(
    Deno.execPath(),
    ["run", ...permissions, "tests/tools/bench/main.ts", "--quick", ...args],
    { input: "" },
  );
  await process.finish();
  return process;
}

Deno.test("bench measures what is right", async () => {
  const rows = ["pipe", "codec", "room", "start"];
  await using process = await bench(
    "--json",
    ...rows.flatMap((row) => ["--only", row]),
  );
  const { status, stdout, stderr } = await process.finish();
  assertEquals(status, 0, stderr);
  const { rows: measured } = JSON.parse(stdout);
  for (const [index, name] of rows.entries()) {
    const row = measured[index];
    assertEquals(row.name, name);
    const ours = row.cells.find(({ contender }: { contender: string }) =>
      contender === "duihua, scripts"
    );
    assert(Object.values(ours.figures)[0], `${name} has a figure`);
  }
});

Deno.test("bench gives a table", async () => {
  await using process = await bench("--only", "start");
  const { status, stdout } = await process.finish();
  assertEquals(status, 0);
  assert(
    /^\| \*\*start\*\*.* time [\d.]+ ms \| 1\.00 \|$/m.test(stdout),
    stdout,
  );
});

Deno.test("bench names a row that there is not", async () => {
  await using process = await bench("--only", "speed");
  const { status, stderr } = await process.finish();
  assertEquals(status, 2);
  assert(stderr.startsWith("There is no row speed: pipe, codec,"), stderr);
});
