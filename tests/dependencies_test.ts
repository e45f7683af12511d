import { assert, assertEquals } from "@std/assert";

/** The files of `lib/` that each of them imports: at once, later or as types. */
function importsOfAll(): Map<string, string[]> {
  const folder = new URL("../lib/", import.meta.url);
  const imports = new Map<string, string[]>();
  for (const { name } of Deno.readDirSync(folder)) {
    const text = Deno.readTextFileSync(new URL(name, folder));
    const found = text.matchAll(/\b(?:from|import)\b[\s(]*"\.\/([^"]+)"/g);
    imports.set(name, [...found].map(([, path = ""]) => path));
  }
  return imports;
}

Deno.test("the files of lib/ depend on each other without a cycle", () => {
  const left = importsOfAll();
  const isFree = (name: string): boolean =>
    !left.get(name)?.some((path) => left.has(path));
  assert(!isFree("entrance.ts"));
  let free: string[];
  do {
    free = [...left.keys()].filter(isFree);
    for (const name of free) left.delete(name);
  } while (free.length > 0);
  assertEquals([...left.keys()], []);
});
