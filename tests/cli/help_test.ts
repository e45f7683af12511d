import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { helpPage } from "../../lib/cli/help.ts";
import { optionsOf } from "../../lib/cli/options.ts";
import type { Role } from "../../lib/text/phrases.ts";
import { PURE } from "../kit/pure.ts";

const MAX_COLUMNS = 80;
const MAX_LINES = 24;
const ROLES: readonly Role[] = ["server", "client"];
const SCRIPT = { standalone: false };
const LANGUAGES = ["zh", "en"] as const;

/** Every page, with what to call it when it is wrong. */
function* pages(): Generator<
  {
    role: Role;
    standalone: boolean;
    room: boolean;
    page: string;
    which: string;
  }
> {
  for (const role of ROLES) {
    for (const language of LANGUAGES) {
      for (const standalone of [false, true]) {
        for (const room of role === "server" ? [false, true] : [false]) {
          const options = { standalone, room };
          const page = helpPage(role, language, options);
          const which = `${role} in ${language}, ${JSON.stringify(options)}`;
          yield { role, ...options, page, which };
        }
      }
    }
  }
}

/** How many columns a line takes, where what is not Latin takes two. */
function widthOf(line: string): number {
  let width = 0;
  for (const character of line) width += character > "\u{2e7f}" ? 2 : 1;
  return width;
}

Deno.test("helpPage() fits a terminal of 80 columns and 24 lines", PURE, () => {
  for (const { page, which } of pages()) {
    const lines = page.split("\n");
    // The prompt of the shell takes the last line.
    assert(lines.length < MAX_LINES, `${which} has ${lines.length} lines`);
    for (const line of lines) {
      assert(widthOf(line) <= MAX_COLUMNS, `${which}: ${line}`);
      assertEquals(line, line.trimEnd(), which);
    }
  }
});

Deno.test(
  "helpPage() names every option of its side, and no other",
  PURE,
  () => {
    for (const { role, room, page, which } of pages()) {
      const [text = ""] = page.split(/Example:|例如:/);
      const wanted = [...optionsOf(role)]
        .filter(([, { form }]) => (form.needs === "room") === room)
        .map(([name]) => name);
      const named = [...text.matchAll(/--([a-z][a-z-]*)/g)]
        .map(([, name = ""]) => name);
      // One entry says where the others are.
      const once = [...new Set(named)];
      assertEquals(once.sort(), wanted.sort(), which);
    }
  },
);

Deno.test("helpPage() keeps its two columns apart", PURE, () => {
  for (const { page, which } of pages()) {
    const [text = ""] = page.split(/Example:|例如:/);
    for (const line of text.split("\n")) {
      const joined = line.match(/\S--/)?.[0];
      assertEquals(joined, undefined, `${which}: ${line}`);
    }
  }
});

Deno.test("helpPage() has an example that can be run", PURE, () => {
  for (const { role, standalone, page, which } of pages()) {
    const command = standalone
      ? `duihua-${role} `
      : `deno run --allow-net ${role}.ts `;
    const [, example = ""] = page.split(/(?:Example|例如): /);
    assert(example.startsWith(command), which);
  }
});

Deno.test("helpPage() says how the program is called", PURE, () => {
  for (const { role, standalone, page, which } of pages()) {
    const program = standalone ? `duihua-${role}` : `${role}.ts`;
    assertStringIncludes(page, `${program} [`, which);
    assertEquals(page.includes(`${role}.ts`), !standalone, which);
  }
});

Deno.test("helpPage() says what a time-out is for, on each side", PURE, () => {
  assertStringIncludes(
    helpPage("client", "en", SCRIPT),
    "--connect-timeout S  then give up (10)",
  );
  // Nobody is to think that a server gives up.
  assertStringIncludes(
    helpPage("server", "en", SCRIPT),
    "--connect-timeout S  for the client",
  );
});
