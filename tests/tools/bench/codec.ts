/**
 * Bytes to strings, in one process.
 *
 * @module
 */
import { Process } from "../../kit/process.ts";
import { type Command, deno, installed } from "./contenders.ts";
import {
  type Bench,
  figureOf,
  type Figures,
  goalAtMost,
  inTurn,
  type Row,
  SCRIPTS,
  WrongAnswer,
} from "./measure.ts";
import { Tally } from "./tally.ts";
import { linesOfAbout, writeText } from "./text.ts";

const MEGABYTE = 1_000_000;
/** Of how many lines one is looked at in full. */
const SAMPLE = 997;
const PEERS = "tests/tools/bench/peers";

interface Splitter {
  readonly name: string;
  readonly needs: readonly string[];
  readonly command: Command;
}

const OUR_CODEC = deno(`${PEERS}/codec_ours.ts`, []);
const SPLITTERS: readonly Splitter[] = [
  { name: SCRIPTS, needs: [], command: OUR_CODEC },
  {
    name: "TextLineStream",
    needs: [],
    command: deno(`${PEERS}/codec_stream.ts`, []),
  },
  {
    name: "Node readline",
    needs: ["node"],
    command: ["node", [`${PEERS}/codec.mjs`]],
  },
  {
    name: "Python makefile",
    needs: ["python3"],
    command: ["python3", [`${PEERS}/codec.py`]],
  },
];

/** The row of the codec. */
export async function codecRow(bench: Bench): Promise<Row> {
  const { codecMegabytes, rounds } = bench.sizes;
  const { found, skipped } = installed(SPLITTERS, ({ name }) => name);
  const path = `${bench.folder}/codec.txt`;
  await writeText(path, codecMegabytes * MEGABYTE);
  const right = await rightAnswer(codecMegabytes * MEGABYTE);
  const cells = await inTurn(
    found.map(({ name, command }) => ({
      contender: name,
      run: () => split(command, { path, right }),
    })),
    { rounds, base: SCRIPTS, note: bench.note },
  );
  await Deno.remove(path);
  const own = figureOf(cells, SCRIPTS);
  const goal = (name: string, factor: number): Row["goals"] =>
    goalAtMost(
      `at least ${factor} × faster than ${name}`,
      own,
      1 / factor,
      figureOf(cells, name),
    );
  return {
    name: "codec",
    what: `${codecMegabytes} MB of bytes to lines as strings, one process`,
    units: { time: "s" },
    base: SCRIPTS,
    cells,
    goals: [
      ...goal("Node readline", 2),
      ...goal("Python makefile", 1.7),
      ...goal("TextLineStream", 2),
    ],
    skipped,
  };
}

/** This project's codec alone, for that much. */
export async function ourCodec(
  bench: Bench,
  megabytes: number,
): Promise<Figures> {
  const path = `${bench.folder}/codec.txt`;
  await writeText(path, megabytes * MEGABYTE);
  const right = await rightAnswer(megabytes * MEGABYTE);
  const figures = await split(OUR_CODEC, { path, right });
  await Deno.remove(path);
  return figures;
}

async function split(
  [command, args]: Command,
  { path, right }: { path: string; right: string },
): Promise<Figures> {
  const all = [...args, path, String(SAMPLE)];
  await using process = new Process(command, all, { input: "" });
  const { stdout, stderr } = await process.finish();
  const match = /^\{"milliseconds": ?([\d.]+), ?(.*)\}\n$/.exec(stdout);
  const answer = match?.[2]?.replaceAll(" ", "");
  if (answer !== right) {
    throw new WrongAnswer(`not ${right}, but ${stdout}${stderr}`);
  }
  return { time: Number(match?.[1]) / 1000 };
}

/** What all are to say, told without any of them. */
async function rightAnswer(bytes: number): Promise<string> {
  const tally = new Tally(SAMPLE);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (const block of linesOfAbout(bytes)) {
    for (const line of decoder.decode(block).split("\n").slice(0, -1)) {
      tally.add(line);
    }
  }
  return (await tally.finish()).replace(/^.*?,/, "").replace(/\}$/, "");
}
