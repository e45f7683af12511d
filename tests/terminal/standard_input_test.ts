import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../lib/chat/endpoint.ts";
import type { Presence } from "../../lib/terminal/prompt.ts";
import { Failure } from "../../lib/text/failure.ts";
import { StandardInput } from "../../lib/terminal/standard_input.ts";
import { PURE } from "../kit/pure.ts";

const MAX_MESSAGE_BYTES = 8;

/** One whose source brings these, each in a read, and what came of them. */
function start(
  { pieces, terminal = true, presence = () => "here" }: {
    pieces: (string | Error)[];
    terminal?: boolean;
    presence?: () => Presence;
  },
): { read(): Promise<string | null>; done: string[] } {
  const done: string[] = [];
  const input = new StandardInput({
    read(buffer): Promise<number | null> {
      const piece = pieces.shift();
      if (piece === undefined) return Promise.resolve(null);
      if (piece instanceof Error) return Promise.reject(piece);
      return Promise.resolve(new TextEncoder().encodeInto(piece, buffer).read);
    },
  }, {
    maxMessage: MAX_MESSAGE_BYTES,
    terminal,
    presence,
    warnNotSent: (texts) => void done.push(...texts),
    hungUp: () => void done.push("hung up"),
  });
  const read = async (): Promise<string | null> => {
    const block = await input.read();
    return block && new TextDecoder().decode(block);
  };
  return { read, done };
}

Deno.test(
  "StandardInput read() gives nobody what is typed for a peer who has gone",
  PURE,
  async () => {
    for (const terminal of [true, false]) {
      const presences: Presence[] = ["expected", "gone", "here"];
      const { read, done } = start({
        pieces: ["early\n", "a\nb\n", "late\n"],
        terminal,
        presence: () => presences.shift() ?? "here",
      });
      assertEquals(await read(), "early\n");
      // A pipe is for whoever comes.
      assertEquals(await read(), terminal ? "late\n" : "a\nb\n");
      assertEquals(done, terminal ? ["a", "b"] : []);
    }
  },
);

Deno.test("StandardInput read() tells what ends it", PURE, async () => {
  const gone = (): Error =>
    Object.assign(new Error("Input/output error"), { code: "EIO" });
  const closed = start({ pieces: [gone()] });
  assertEquals([await closed.read(), closed.done], [null, ["hung up"]]);
  // Of what is no terminal that is a fault like another.
  for (
    const [fault, terminal] of [[gone(), false], [
      new Error("no"),
      true,
    ]] as const
  ) {
    const { read, done } = start({ pieces: [fault], terminal });
    const { sentence } = await assertRejects(read, Failure);
    assertEquals(sentence.values, { cause: fault.message });
    assertEquals(done, []);
  }
  const refused = start({ pieces: ["x".repeat(MAX_MESSAGE_BYTES + 1) + "\n"] });
  await assertRejects(refused.read, InputError);
  assertEquals(await refused.read(), null);
});
