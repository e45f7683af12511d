import { assertEquals } from "@std/assert";
import { Process } from "../kit/process.ts";

Deno.test("soak refuses what would make it pass without a proof", async () => {
  for (
    const [args, right] of [
      [["--minutes", "ten"], 'Cannot take "ten" for --minutes: a number'],
      [["--minutes", "0"], 'Cannot take "0" for --minutes: a number'],
      [
        ["--minute", "1"],
        "Cannot take --minute: there are --minutes, --seed, --only",
      ],
    ] as const
  ) {
    await using process = new Process(
      Deno.execPath(),
      ["run", "--allow-all", "tests/tools/soak.ts", ...args],
      { input: "" },
    );
    const { status, stdout, stderr } = await process.finish();
    assertEquals([status, stdout, stderr], [2, "", `${right}\n`]);
  }
});
