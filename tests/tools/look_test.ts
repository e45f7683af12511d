import { assertEquals } from "@std/assert";

Deno.test("look_bytes.ts has the bytes of look.wat", async () => {
  // With the assembler in the lock file each user would download it.
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-lock",
      "--allow-read",
      "tests/tools/look.ts",
      "--print",
    ],
  }).output();
  const decoder = new TextDecoder();
  assertEquals(
    decoder.decode(stdout),
    await Deno.readTextFile("lib/wire/look_bytes.ts"),
    decoder.decode(stderr),
  );
});
