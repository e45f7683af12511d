import { assert, assertEquals } from "@std/assert";
import { librarySources } from "./kit/sources.ts";

/** What each folder of `lib/` may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  text: [],
  chat: ["wire"],
  terminal: ["wire", "text", "chat"],
  net: ["wire", "text", "chat"],
  room: ["wire", "text", "chat"],
  web: ["wire", "text", "chat", "net", "room"],
  cli: ["wire", "text", "chat", "terminal", "net", "room", "web"],
};
/** How many lines a file may have; those of the phrases are a table. */
const MAX_LINES = 350;
const MAX_FILES = 10;

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

function folderOf(file: string): string {
  return file.slice(0, file.indexOf("/"));
}

Deno.test("an import in lib/ goes down the list of folders", () => {
  const imports = importsOfAll();
  assert(imports.size > 0);
  const wrong: string[] = [];
  for (const [file, paths] of imports) {
    const folder = folderOf(file);
    const allowed = [folder, ...MAY_IMPORT[folder] ?? []];
    for (const path of paths.filter((path) => path !== "deno.json")) {
      if (!allowed.includes(folderOf(path))) wrong.push(`${file} -> ${path}`);
    }
  }
  assertEquals(wrong, []);
});

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

Deno.test("the programs load no package that only tests need", () => {
  // With a lock file Deno loads all packages in it when a program first starts.
  const lock = Deno.readTextFileSync(
    new URL("../deno.lock", import.meta.url),
  );
  const locked = [...lock.matchAll(/"npm:([^@"]+)@[^"]+": "/g)]
    .map(([, name]) => name);
  assertEquals(
    locked.sort(),
    ["deno-std", "unhomoglyph", "uqr"],
    "use deno task test",
  );
});

Deno.test("the files and folders of lib/ stay small", () => {
  const sources = librarySources();
  const large = [...sources].filter(([file, text]) =>
    !/^text\/(zh|en)\.ts$/.test(file) && text.split("\n").length > MAX_LINES
  );
  assertEquals(large.map(([file]) => file), []);
  const counts = Map.groupBy(sources.keys(), folderOf);
  const full = [...counts].filter(([, files]) => files.length > MAX_FILES);
  assertEquals(full.map(([folder]) => folder), []);
});

Deno.test("no module of lib/ only passes on what others export", () => {
  const barrels = [...librarySources()].filter(([, text]) =>
    /^export (\*|\{[^}]*\}) from /m.test(text)
  );
  assertEquals(barrels.map(([file]) => file), []);
});
