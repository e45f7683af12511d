/**
 * The source files of the product, for tests and tools that read them.
 *
 * @module
 */

const LIBRARY = new URL("../../lib/", import.meta.url);

/** The text of each module of `lib/`, by its path there, as `wire/look.ts`. */
export function librarySources(): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { name: room, isDirectory } of Deno.readDirSync(LIBRARY)) {
    if (!isDirectory) continue;
    const folder = new URL(`${room}/`, LIBRARY);
    for (const { name } of Deno.readDirSync(folder)) {
      if (!name.endsWith(".ts")) continue;
      texts.set(
        `${room}/${name}`,
        Deno.readTextFileSync(new URL(name, folder)),
      );
    }
  }
  return texts;
}
