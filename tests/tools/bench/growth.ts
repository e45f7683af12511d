/**
 * What becomes of the cost when there is ten and a hundred times as much.
 *
 * @module
 */
import { ourCodec } from "./codec.ts";
import { ourContender } from "./contenders.ts";
import {
  type Bench,
  type Cell,
  type Figures,
  type Row,
  SCRIPTS,
} from "./measure.ts";
import { pipe, roundTrips } from "./pipe.ts";
import { ourRoom } from "./room.ts";
import { writeText } from "./text.ts";

const MEGABYTE = 1_000_000;
/** Parts of the full size. */
const PARTS = [0.01, 0.1, 1] as const;
/** How much more the same may cost of a hundred times as much: noise. */
const TOLERANCE = 1.5;

/** The cost of one of something, in microseconds. */
type Cost = (part: number) => Promise<number>;

/** The row of the growth, of this project's scripts alone. */
export async function growthRow(bench: Bench): Promise<Row> {
  const { sizes } = bench;
  const costs: Record<string, Cost> = {
    "a byte of the pipe": (part) => pipeCost(bench, part * sizes.pipeMegabytes),
    "a byte of the codec": (part) =>
      codecCost(bench, part * sizes.codecMegabytes),
    "a round trip": (part) => roundTripCost(part * sizes.roundTrips),
    "a delivery in the room": (part) => roomCost(bench, part),
  };
  const cells: Cell[] = [];
  const goals: Row["goals"] = [];
  for (const [contender, cost] of Object.entries(costs)) {
    const figures: Record<string, number> = {};
    for (const part of PARTS) {
      bench.note(`${contender}, ${part * 100} %`);
      figures[`${part * 100} %`] = await cost(part);
    }
    const [first = NaN, , last = NaN] = Object.values(figures);
    const ratio = last / first;
    cells.push({ contender, figures, ratio, wrong: undefined });
    goals.push({
      text: `${contender}: 100 × as much costs no more each`,
      met: ratio <= TOLERANCE,
    });
  }
  return {
    name: "growth",
    what: `the cost of one, at 1 %, 10 % and 100 % of the size (${SCRIPTS})`,
    units: Object.fromEntries(PARTS.map((part) => [`${part * 100} %`, "µs"])),
    base: "1 %",
    cells,
    goals,
    skipped: [],
  };
}

async function pipeCost(bench: Bench, megabytes: number): Promise<number> {
  const text = `${bench.folder}/growth.txt`;
  const { size, hash } = await writeText(text, megabytes * MEGABYTE);
  const figures = await pipe(ourContender(SCRIPTS), {
    text,
    size,
    hash,
    bench,
  });
  return microseconds(figures) / size;
}

async function codecCost(bench: Bench, megabytes: number): Promise<number> {
  const figures = await ourCodec(bench, megabytes);
  return microseconds(figures) / (megabytes * MEGABYTE);
}

async function roundTripCost(count: number): Promise<number> {
  const figures = await roundTrips(ourContender(SCRIPTS), Math.ceil(count));
  return figures["p50"] ?? NaN;
}

/** A hundred times the deliveries are ten times the members and messages. */
async function roomCost(bench: Bench, part: number): Promise<number> {
  const scale = Math.sqrt(part);
  const members = Math.max(2, Math.round(bench.sizes.members * scale));
  const messages = Math.max(1, Math.round(bench.sizes.messages * scale));
  const figures = await ourRoom(bench, members, messages);
  const deliveries = members * (members - 1) * messages;
  return microseconds(figures) / deliveries;
}

function microseconds(figures: Figures): number {
  return (figures["time"] ?? NaN) * 1_000_000;
}
