/**
 * The bundles: one file each, that runs where there is nothing else.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { bundle, ROLES, run } from "../tools/bundle.ts";
import { inFolder } from "../kit/folder.ts";
import { Process } from "../kit/process.ts";
import { ServerProcess } from "../kit/programs.ts";

/** Runs a test with a folder that holds the bundles. */
function testBundles(
  name: string,
  fn: (folder: string) => Promise<void>,
): void {
  Deno.test(name, () =>
    inFolder(async (folder) => {
      for (const role of ROLES) await bundle(role, folder, run);
      await fn(folder);
    }));
}

testBundles(
  "bundles talk in a folder with nothing but them",
  async (folder) => {
    // Nothing was ever fetched there, and nothing can be.
    const deno = [Deno.execPath(), "run", "--cached-only", "--allow-net"];
    const there = ["sh", "-c", 'cd "$0" && exec "$@"', folder, ...deno];
    const [command = "", ...words] = there;
    const options = { env: { DENO_DIR: `${folder}/cache` } };
    await using server = await new ServerProcess(command, [
      ...words,
      ...["server.js", "--port", "0", "--lang", "en", "--name", "Ann"],
    ], options).listening();
    await using client = new Process(command, [
      ...words,
      ...["client.js", server.host, String(server.port), "--lang", "zh"],
    ], options);
    await client.write("你好\n");
    await server.stdout.until("你好\n");
    await server.write("n\n");
    const ended = await client.finish();
    assertEquals([ended.status, ended.stdout], [0, ""]);
    assertEquals((await server.finish()).status, 0);
  },
);

testBundles("a bundle can be installed as a command", async (folder) => {
  const env = { DENO_INSTALL_ROOT: `${folder}/root` };
  await using install = new Process(Deno.execPath(), [
    ...["install", "--global", "--allow-net", "--name", "duihua"],
    `${folder}/client.js`,
  ], { env });
  assertEquals((await install.finish()).status, 0);
  // The command looks for Deno on the path.
  await Deno.symlink(Deno.execPath(), `${folder}/deno`);
  await using command = new Process(
    `${folder}/root/bin/duihua`,
    ["--version"],
    {
      env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
    },
  );
  const { status, stdout } = await command.finish();
  assertEquals([status, stdout.startsWith("duihua ")], [0, true]);
});
