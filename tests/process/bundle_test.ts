/**
 * The bundles: one file each, that runs where there is nothing else.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { bundle, ROLES, run } from "../tools/bundle.ts";
import { Process } from "../kit/process.ts";
import { ServerProcess } from "../kit/programs.ts";

Deno.test("bundles talk in a folder with nothing but them", async () => {
  const folder = await Deno.makeTempDir({ prefix: "duihua-bundle-" });
  try {
    for (const role of ROLES) await bundle(role, folder, run);
    // Nothing was ever fetched there, and nothing can be.
    const deno = [Deno.execPath(), "run", "--cached-only", "--allow-net"];
    const inFolder = ["sh", "-c", 'cd "$0" && exec "$@"', folder, ...deno];
    const [command = "", ...words] = inFolder;
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
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
