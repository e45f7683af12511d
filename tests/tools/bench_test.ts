import { assert, assertEquals } from "@std/assert";
import { Process } from "../kit/process.ts";
import { linesOfAbout, type Look } from "./bench/text.ts";

/** How long all rows may take on a busy machine, in milliseconds. */
const LIFETIME_MS = 600_000;

/** Runs the benchmark so small that its figures mean nothing. */
async function bench(...args: string[]): Promise<Process> {
  const permissions = ["net", "run", "read", "write", "env"]
    .map((name) => `--allow-${name}`);
  const process = new Process(
    Deno.execPath(),
    ["run", ...permissions, "tests/tools/bench/main.ts", "--quick", ...args],
    { input: "", lifetime: LIFETIME_MS },
  );
  await process.finish();
  return process;
}

Deno.test("bench measures what is right", async () => {
  const rows = [
    ...["pipe", "pipe-tls", "pipe-unix", "cliffs", "codec", "round-trip"],
    ...["room", "room-pace", "room-big", "memory", "start", "growth"],
  ];
  await using process = await bench(
    "--json",
    ...rows.flatMap((row) => ["--only", row]),
  );
  const { status, stdout, stderr } = await process.finish();
  assertEquals(status, 0, stderr);
  const { rows: measured } = JSON.parse(stdout);
  assertEquals(measured.map(({ name }: { name: string }) => name), rows);
  for (const { name, cells } of measured) {
    const [{ figures }] = cells;
    assert(Object.values(figures)[0], `${name} has a figure`);
  }
});

Deno.test("bench gives a table", async () => {
  await using process = await bench("--only", "start");
  const { status, stdout } = await process.finish();
  assertEquals(status, 0);
  assert(
    /^\| \*\*start\*\*.* time [\d.]+ ms \| 1\.00 \| {2}\|$/m.test(stdout),
    stdout,
  );
});

Deno.test("bench names a row that there is not", async () => {
  await using process = await bench("--only", "speed");
  const { status, stderr } = await process.finish();
  assertEquals(status, 2);
  assert(stderr.startsWith("There is no row speed: pipe, pipe-ascii,"), stderr);
});

Deno.test("linesOfAbout() gives lines that look as asked, and no end word", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const looks: Look[] = [
    ...(["mixed", "ASCII", "Latin", "emoji"] as const).map((kind) => ({
      kind,
    })),
    ...[1, 10, 1024, 1024 ** 2].map((lineBytes) => ({ lineBytes })),
    { ending: "\r\n" },
  ];
  for (const look of looks) {
    const { lineBytes, ending = "\n" } = look;
    for (const block of linesOfAbout(100_000, look)) {
      const lines = decoder.decode(block).split(ending);
      assertEquals(lines.pop(), "");
      assert(!lines.includes("n"), `an end word with ${JSON.stringify(look)}`);
      const lengths = new Set(
        lines.map((line) => new TextEncoder().encode(line).length),
      );
      if (lineBytes !== undefined) assertEquals([...lengths], [lineBytes]);
    }
  }
});
