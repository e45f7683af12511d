/**
 * Looks for lines of `lib/` that no test runs: `deno task coverage`. It runs
 * all tests, counts what their processes run too, and names each line that is
 * neither run nor in the list of `not_covered.ts`. Exits with 0 when there is
 * none.
 *
 * @module
 */
import { librarySources } from "../kit/sources.ts";
import { NOT_COVERED, type Reason } from "./not_covered.ts";

const ROOT = new URL("../../", import.meta.url);
const LIBRARY = new URL("lib/", ROOT);
/** Nothing of its own runs on such a line. */
const CLOSING_BRACKETS = /^[\])};,]*$/;

/** The lines of a file that no test runs, counted from 1. */
export interface Missed {
  file: string;
  lines: readonly number[];
}

/** How many lines can be run by file, and which of them are not. */
export function readReport(
  lcov: string,
): Map<string, { count: number; missed: number[] }> {
  const runs = new Map<string, Map<number, number>>();
  let lines = new Map<number, number>();
  for (const row of lcov.split("\n")) {
    const [, path] = /^SF:(.*)$/.exec(row) ?? [];
    if (path !== undefined) {
      const file = path.replaceAll("\\", "/").replace(/^.*\/lib\//, "");
      lines = runs.get(file) ?? new Map();
      runs.set(file, lines);
    }
    const [, line, count] = /^DA:(\d+),(\d+)/.exec(row) ?? [];
    if (line === undefined) continue;
    const before = lines.get(Number(line)) ?? 0;
    lines.set(Number(line), before + Number(count));
  }
  return new Map(
    [...runs].map(([file, counts]) => {
      const missed = [...counts].filter(([, count]) => count === 0);
      return [file, {
        count: counts.size,
        missed: missed.map(([line]) => line).sort((a, b) => a - b),
      }];
    }),
  );
}

/**
 * Compares the lines that no test runs with those that are known. Returns as
 * `unknown` the others, each with its place and its text, and as `stale` the
 * entries of the list that aren't in exactly one place of their file. `texts` has
 * the text of each file.
 */
export function compare(
  missed: readonly Missed[],
  reasons: readonly Reason[],
  texts: ReadonlyMap<string, string>,
): { unknown: string[]; stale: string[] } {
  const known = new Set<string>();
  const stale: string[] = [];
  for (
    const [file, entry] of reasons.flatMap(({ lines }) => entriesOf(lines))
  ) {
    const rows = rowsOf(entry.trim());
    const places = placesOf(rows, rowsOf(texts.get(file) ?? ""));
    const [place] = places;
    if (place === undefined || places.length > 1) {
      stale.push(`lib/${file}: ${rows.join(" ")} (${places.length} places)`);
    } else {
      rows.forEach((_, index) => known.add(`${file}:${place + index}`));
    }
  }
  const unknown = missed.flatMap(({ file, lines }) => {
    const rows = rowsOf(texts.get(file) ?? "");
    return lines
      .map((line) => ({ line, text: rows[line - 1] ?? "" }))
      .filter(({ text }) => !CLOSING_BRACKETS.test(text))
      .filter(({ line }) => !known.has(`${file}:${line}`))
      .map(({ line, text }) => `lib/${file}:${line}: ${text}`);
  });
  return { unknown, stale };
}

function entriesOf(lines: Reason["lines"]): [string, string][] {
  return Object.entries(lines).flatMap(([file, entries]) =>
    entries.map((entry): [string, string] => [file, entry])
  );
}

function rowsOf(text: string): string[] {
  return text.split("\n").map((row) => row.trim());
}

/** The lines, counted from 1, where these rows begin. */
function placesOf(rows: readonly string[], all: readonly string[]): number[] {
  return all.flatMap((_, start) =>
    rows.every((row, index) => row === all[start + index]) ? [start + 1] : []
  );
}

async function main(): Promise<number> {
  const [arg] = Deno.args;
  if (arg !== undefined) {
    console.error(`Cannot take ${arg}: there are no arguments`);
    return 2;
  }
  const folder = await Deno.makeTempDir({ prefix: "duihua-coverage-" });
  try {
    const passed = await runTests(folder);
    const status = tell(await reportOn(folder));
    if (passed) return status;
    console.error("coverage failed: a test did");
    return 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns whether all tests passed. */
async function runTests(folder: string): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ..."test --lock=tests/deno.lock --parallel --allow-all --coverage-raw-data-only"
        .split(" "),
      `--coverage=${folder}`,
    ],
    cwd: ROOT,
    env: { DENO_COVERAGE_DIR: folder },
  }).spawn().status;
  return success;
}

/** The report on what is in the folder, in the format of lcov. */
async function reportOn(folder: string): Promise<string> {
  // What a process leaves that was killed while it wrote breaks the report.
  for await (const { name } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if ((await Deno.stat(path)).size === 0) await Deno.remove(path);
  }
  const quoted = LIBRARY.href.replaceAll(/[^\w/]/g, "\\$&");
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["coverage", folder, `--include=^${quoted}`, "--lcov"],
    cwd: ROOT,
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(new TextDecoder().decode(stderr));
}

function tell(lcov: string): number {
  const report = readReport(lcov);
  const texts = librarySources();
  const missed: Missed[] = [];
  let count = 0;
  for (const file of texts.keys()) {
    const lines = report.get(file) ?? { count: 1, missed: [1] };
    missed.push({ file, lines: lines.missed });
    count += lines.count;
  }
  missed.sort((a, b) => a.file < b.file ? -1 : 1);
  const { unknown, stale } = compare(missed, NOT_COVERED, texts);
  for (const entry of stale) console.error(`not in one place: ${entry}`);
  for (const line of unknown) console.error(`never run: ${line}`);
  const notRun = missed.reduce((sum, { lines }) => sum + lines.length, 0);
  const percent = (100 * (1 - notRun / count)).toFixed(1);
  console.log(
    `${percent} % of ${count} lines of lib/ are run; not run and not listed: ${unknown.length}`,
  );
  return unknown.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
