/**
 * How long a program takes to be there.
 *
 * @module
 */
import { Process } from "../process.ts";
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

/** The row of the start. */
export async function startRow(bench: Bench): Promise<Row> {
  const script = `${bench.folder}/empty.ts`;
  await Deno.writeTextFile(script, "");
  const cells = await inTurn(
    [
      { contender: EMPTY, run: () => runEmpty(script) },
      ...OURS.map((contender) => ({
        contender,
        run: () => untilListening(contender),
      })),
    ],
    { rounds: bench.sizes.starts, base: EMPTY, note: bench.note },
  );
  const goal = (contender: string): Row["goals"] =>
    goalAtMost(
      `${contender}: at most 1.5 × the empty script`,
      figureOf(cells, contender),
      1.5,
      figureOf(cells, EMPTY),
    );
  return {
    name: "start",
    what: "until the server listens",
    units: { time: "ms" },
    base: EMPTY,
    cells,
    goals: [...goal(SCRIPTS), ...goal(EXECUTABLES)],
    skipped: [...SKIPPED],
  };
}

async function runEmpty(script: string): Promise<Figures> {
  const start = performance.now();
  await using process = new Process(Deno.execPath(), ["run", script]);
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
