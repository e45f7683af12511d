import { assertEquals, assertStringIncludes } from "@std/assert";
import { helpPage } from "../../lib/cli/help.ts";
import {
  permissionFlags,
  PERMISSIONS,
  permissionsOf,
  permissionTable,
} from "../../lib/cli/permissions.ts";
import type { Role } from "../../lib/text/phrases.ts";
import { PURE } from "../kit/pure.ts";

const ROLES: readonly Role[] = ["server", "client"];
const README = new URL("../../README.md", import.meta.url);

Deno.test({
  name: "PERMISSIONS holds only what an option of that program needs",
  ...PURE,
  fn(): void {
    for (const role of ROLES) {
      const page = helpPage(role, "en");
      for (const { options } of permissionsOf(role)) {
        for (const option of options[role]) {
          assertStringIncludes(page, `--${option} `, role);
        }
      }
    }
  },
});

Deno.test({
  name: "PERMISSIONS never lets a program start, load or look around",
  ...PURE,
  fn(): void {
    const names = PERMISSIONS.map(({ flag }) => flag.replace("--allow-", ""));
    assertEquals(names.sort(), [
      "net",
      "read",
      "sys=networkInterfaces",
      "write",
    ]);
  },
});

Deno.test({
  name: "permissionFlags() has what that program needs and forbids to ask",
  ...PURE,
  fn(): void {
    const both = [
      "--allow-net",
      "--allow-read",
      "--allow-write",
      "--no-prompt",
    ];
    assertEquals(permissionFlags("client").sort(), both);
    assertEquals(
      permissionFlags("server").sort(),
      [...both, "--allow-sys=networkInterfaces"].sort(),
    );
  },
});

Deno.test("permissionTable() stands in the README", async () => {
  const lines = (await Deno.readTextFile(README)).split("\n")
    .map((line) => line.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---"));
  const table = permissionTable();
  const start = lines.indexOf(table[0] ?? "");
  assertEquals(lines.slice(start, start + table.length), table);
});
