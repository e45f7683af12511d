import { assert, assertEquals, assertRejects } from "@std/assert";
import { isBrokenPipe, OutputClosed } from "../../lib/chat/endpoint.ts";
import { writeError, writeOutput } from "../../lib/terminal/output.ts";
import { PURE } from "../kit/pure.ts";

Deno.test("writeOutput() goes on where a write took less", PURE, async () => {
  let written = "";
  await writeOutput({
    write(bytes): Promise<number> {
      const taken = bytes.subarray(0, 3);
      written += new TextDecoder().decode(taken);
      return Promise.resolve(taken.length);
    },
  }, new TextEncoder().encode("hello there"));
  assertEquals(written, "hello there");
});

Deno.test(
  "writeOutput() throws OutputClosed with the cause",
  PURE,
  async () => {
    const cause = new Error("No space left");
    const error = await assertRejects(
      () =>
        writeOutput(
          { write: () => Promise.reject(cause) },
          Uint8Array.of(0x61),
        ),
      OutputClosed,
    );
    assertEquals(error.cause, cause);
  },
);

Deno.test("writeError() goes on as well, and bears what is lost", PURE, () => {
  let written = "";
  writeError("hello there", {
    writeSync(bytes): number {
      const taken = bytes.subarray(0, 3);
      written += new TextDecoder().decode(taken);
      if (written.length > 6) throw new Error("gone");
      return taken.length;
    },
  });
  assertEquals(written, "hello the");
});

Deno.test(
  "isBrokenPipe() knows the error of an output that has gone",
  PURE,
  () => {
    assert(isBrokenPipe(new Deno.errors.BrokenPipe("Broken pipe")));
    assert(!isBrokenPipe(new Deno.errors.WriteZero("No space left")));
    assert(!isBrokenPipe("BrokenPipe"));
    assert(!isBrokenPipe(undefined));
  },
);
