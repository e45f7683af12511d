/**
 * Tests that can't be run everywhere.
 *
 * @module
 */

/**
 * What a test is called that is ignored for the first of the reasons that
 * holds, which its name then tells.
 */
export function unless(
  reasons: Readonly<Record<string, boolean>>,
  name: string,
): { name: string; ignore: boolean } {
  const [reason] = Object.entries(reasons).find(([, holds]) => holds) ?? [];
  return reason === undefined
    ? { name, ignore: false }
    : { name: `${name} (${reason})`, ignore: true };
}

/** For tests of what Windows does in another way. */
export const ON_WINDOWS = { "not on Windows": Deno.build.os === "windows" };
/** For tests of what only Linux has. */
export const OFF_LINUX = { "only on Linux": Deno.build.os !== "linux" };
