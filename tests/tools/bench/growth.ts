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
/** In a second. */
const MICROSECONDS = 1_000_000;
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
    "a round trip": (part) => roundTripCost(bench, part * sizes.roundTrips),
    "a delivery in the room": (part) => roomCost(bench, part),
  };
  const cells: Cell[] = [];
  const goals: Row["goals"] = [];
  for (const [contender, cost] of Object.entries(costs)) {
    const figures: Record<string, number> = {};
    for (const part of sizes.parts) {
      bench.note(`${contender}, ${percent(part)}`);
      figures[percent(part)] = await cost(part);
    }
    const all = Object.values(figures);
    const ratio = (all.at(-1) ?? NaN) / (all[0] ?? NaN);
    cells.push({ contender, figures, ratio, wrong: undefined });
    goals.push({
      text: `${contender}: 100 × as much costs no more each`,
      met: ratio <= TOLERANCE,
    });
  }
  const parts = sizes.parts.map(percent);
  return {
    name: "growth",
    what: `the cost of one, at ${parts.join(", ")} of the size (${SCRIPTS})`,
    units: Object.fromEntries(parts.map((part) => [part, "µs"])),
    base: parts[0] ?? "",
    cells,
    goals,
    skipped: [],
  };
}

function percent(part: number): string {
  return `${part * 100} %`;
}

async function pipeCost(bench: Bench, megabytes: number): Promise<number> {
  const text = `${bench.folder}/growth.txt`;
  const { size, hash } = await writeText(text, megabytes * MEGABYTE);
  const transfer = { text, hash, carrier: "tcp" } as const;
  const time = await pipe(bench, ourContender(SCRIPTS), transfer);
  return time * MICROSECONDS / size;
}

async function codecCost(bench: Bench, megabytes: number): Promise<number> {
  const figures = await ourCodec(bench, megabytes);
  return microseconds(figures) / (megabytes * MEGABYTE);
}

async function roundTripCost(bench: Bench, count: number): Promise<number> {
  const contender = ourContender(SCRIPTS);
  const figures = await roundTrips(bench, contender, Math.ceil(count));
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
  return (figures["time"] ?? NaN) * MICROSECONDS;
}
