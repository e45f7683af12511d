import { assert, assertEquals } from "@std/assert";
import { librarySources } from "./kit/sources.ts";

/** The modules that each module imports: at once, later or as types. */
function importsOfAll(): Map<string, string[]> {
  const imports = new Map<string, string[]>();
  for (const [file, text] of librarySources()) {
    const found = text.matchAll(/\b(?:from|import)\b[\s(]*"(\.[^"]+)"/g);
    imports.set(file, [...found].map(([, path = ""]) => resolve(file, path)));
  }
  return imports;
}

/** The path in `lib/` of what a file there imports. */
function resolve(file: string, path: string): string {
  return new URL(path, `file:///${file}`).pathname.slice(1);
}

Deno.test("the modules of lib/ import each other without a cycle", () => {
  const left = importsOfAll();
  const isFree = (file: string): boolean =>
    !left.get(file)?.some((path) => left.has(path));
  assert([...left.keys()].some((file) => !isFree(file)));
  let free: string[];
  do {
    free = [...left.keys()].filter(isFree);
    for (const file of free) left.delete(file);
  } while (free.length > 0);
  assertEquals([...left.keys()], []);
});
