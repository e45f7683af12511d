import { assertEquals } from "@std/assert";
import { ON_WINDOWS, unless } from "../kit/ignored.ts";

/** What `inputSize` gives in a process without permissions. */
async function sizeOf(redirection: string, before = ""): Promise<string> {
  const module =
    new URL("../../lib/terminal/input_size.ts", import.meta.url).href;
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
        `${before} "$0" run --no-config --no-prompt show.ts ${redirection}`,
        Deno.execPath(),
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
