import { assertEquals } from "@std/assert";
import type { Role } from "../../lib/text/phrases.ts";
import { PURE } from "../kit/pure.ts";
import {
  permissionFlags,
  permissionsOf,
  placeOf,
  README,
  tables,
} from "./options.ts";

const ROLES: readonly Role[] = ["server", "client"];

Deno.test("permissionsOf() names the options that need each", PURE, () => {
  for (const role of ROLES) {
    const needs = new Map(
      permissionsOf(role).map(({ flag, options }) => [flag, [...options]]),
    );
    const isServer = role === "server";
    const sides = isServer ? ["bans", "tls-cert", "tls-key"] : ["tls-ca"];
    assertEquals(
      needs.get("--allow-read")?.sort(),
      ["log-limit", "password-file", "unix", ...sides].sort(),
    );
    assertEquals(needs.get("--allow-write")?.sort(), [
      ...isServer ? ["bans"] : [],
      "log",
      "log-limit",
      "unix",
    ]);
    const web = role === "server" ? ["web"] : [];
    assertEquals(
      needs.get("--allow-net")?.sort(),
      ["host", "port", "unix", ...web],
    );
  }
});

Deno.test({
  name: "permissionFlags() never lets a program start, load or look around",
  ...PURE,
  fn(): void {
    const both = [
      "--allow-env=LANG,LC_MESSAGES,TERM",
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

for (const [name, table] of Object.entries(tables())) {
  Deno.test(`tables() has the ${name} of the README: deno task options`, async () => {
    const text = await Deno.readTextFile(README);
    // The format has its own widths of lines and columns.
    const found = placeOf(name).exec(text)?.[0].trim()
      .replaceAll(/\s+/g, " ").replaceAll(/-{3,}/g, "---");
    assertEquals(found, table.join(" "));
  });
}
