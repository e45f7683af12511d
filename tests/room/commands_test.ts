import { assertEquals } from "@std/assert";
import { commandsFor } from "../../lib/room/commands.ts";
import { commandIn } from "../../lib/room/lines.ts";
import { roomCommands } from "../../lib/text/phrases.ts";
import { makeRoom } from "../kit/room_fixture.ts";
import { PURE } from "../kit/pure.ts";

const encoder = new TextEncoder();

Deno.test(
  "commandsFor() leaves out what only the operator may do",
  PURE,
  () => {
    const { commands } = makeRoom().room;
    const [help, ...others] = commandsFor({ operator: false }, commands);
    if (help === undefined) throw new Error("There are no commands");
    const table = [help, { ...help, name: "close", who: "operator" as const }];
    const namesFor = (operator: boolean): string[] =>
      commandsFor({ operator }, table).map(({ name }) => name);
    assertEquals(namesFor(false), ["name"]);
    assertEquals(namesFor(true), ["name", "close"]);
    assertEquals(others.map(({ name }) => name).slice(0, 2), ["who", "msg"]);
  },
);

Deno.test("a prompt completes what its side may use, and no more", PURE, () => {
  const { commands } = makeRoom().room;
  for (const role of ["client", "server"] as const) {
    const words = commandsFor({ operator: role === "server" }, commands)
      .flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    assertEquals(
      roomCommands(role).toSorted(),
      words.map((word) => `/${word}`).toSorted(),
    );
  }
});

Deno.test("commandIn() tells a command from what is said", PURE, () => {
  for (
    const [line, word, argument] of [
      ["/who", "who", ""],
      ["/", "", ""],
      ["/name\t a b ", "name", "a b"],
      ["/ name", "", "name"],
    ] as const
  ) {
    const bytes = encoder.encode(line);
    assertEquals(commandIn(bytes), { word, argument, bytes });
  }
  for (
    const [line, said] of [["a/b", "a/b"], ["//x", "/x"], ["", ""]] as const
  ) {
    assertEquals(commandIn(encoder.encode(line)), encoder.encode(said));
  }
});
