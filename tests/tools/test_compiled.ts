/**
 * Compiles both programs and runs all tests of real processes over them:
 * `deno task test:compiled`. Where no runtime for them can be had, it says so
 * and is content; on a machine for tests (`CI` is set) that is a failure.
 *
 * @module
 */
import { run } from "./bundle.ts";
import { make } from "./compile.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.exit(await main());

async function main(): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "duihua-compiled-" });
  try {
    const reasons: string[] = [];
    await make({ targets: [undefined], into: folder }, {
      run,
      tell: console.log,
      warn: (reason) => reasons.push(reason),
    });
    if (reasons.length === 0) return await test(folder);
    const inCi = Boolean(Deno.env.get("CI"));
    console.error(`test:compiled ${inCi ? "failed" : "ignored"}: ${reasons}`);
    return inCi ? 1 : 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function test(folder: string): Promise<number> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "test", "tests/process/", ...Deno.args],
    cwd: ROOT,
    env: { DUIHUA_DIST: folder },
  }).spawn().status;
  return code;
}
