/**
 * How long a program takes to be there.
 *
 * @module
 */
import { Process } from "../../kit/process.ts";
import { LISTENING, OURS, ours, SKIPPED } from "./contenders.ts";
import {
  type Bench,
  EXECUTABLES,
  figureOf,
  type Figures,
  goalAtMost,
  inTurn,
  type Row,
  SCRIPTS,
} from "./measure.ts";

const EMPTY = "deno run of an empty script";
const EMPTY_OLDER = `${EMPTY}, by the executables' Deno`;
/** The Deno that made the executables, where that isn't the one in use. */
const OLDER_DENO = Deno.env.get("DUIHUA_DIST_DENO");

/** The row of the start. */
export async function startRow(bench: Bench): Promise<Row> {
  const script = `${bench.folder}/empty.ts`;
  await Deno.writeTextFile(script, "");
  const cells = await inTurn(
    [
      { contender: EMPTY, run: () => runEmpty(script, Deno.execPath()) },
      ...OLDER_DENO === undefined ? [] : [{
        contender: EMPTY_OLDER,
        // In a cache of its own: it would throw away what is in the other's.
        run: () =>
          runEmpty(script, OLDER_DENO, { DENO_DIR: `${bench.folder}/older` }),
      }],
      ...OURS.map((contender) => ({
        contender,
        run: () => untilListening(contender),
      })),
    ],
    { rounds: bench.sizes.starts, base: EMPTY, note: bench.note },
  );
  const goal = (contender: string, empty: string): Row["goals"] =>
    goalAtMost(
      `${contender}: at most 1.4 × ${empty}`,
      figureOf(cells, contender),
      1.4,
      figureOf(cells, empty),
    );
  return {
    name: "start",
    what: "until the server listens",
    units: { time: "ms" },
    base: EMPTY,
    cells,
    goals: [
      ...goal(SCRIPTS, EMPTY),
      ...goal(EXECUTABLES, OLDER_DENO === undefined ? EMPTY : EMPTY_OLDER),
    ],
    skipped: [...SKIPPED],
  };
}

async function runEmpty(
  script: string,
  deno: string,
  env: Record<string, string> = {},
): Promise<Figures> {
  const start = performance.now();
  await using process = new Process(deno, ["run", script], { env });
  await process.finish();
  return { time: performance.now() - start };
}

async function untilListening(contender: string): Promise<Figures> {
  const start = performance.now();
  const [command, args] = ours(contender, "server", ["--port", "0"]);
  await using server = new Process(command, args);
  await server.stderr.until(LISTENING);
  return { time: performance.now() - start };
}
