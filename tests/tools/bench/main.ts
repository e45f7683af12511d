/**
 * The benchmark, `deno task bench`: all contenders that are installed, in one
 * run, in turn, and one table. `--help` lists the options.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { cliffsRow } from "./cliffs.ts";
import { codecRow } from "./codec.ts";
import { growthRow } from "./growth.ts";
import { type Bench, isOurs, type Row, type Sizes } from "./measure.ts";
import { memoryRow } from "./memory.ts";
import { PIPE_ROWS, roundTripRow } from "./pipe.ts";
import { asJson, asTable, tableLines, thisMachine } from "./report.ts";
import { bigRoomRow, paceRow, roomRow } from "./room.ts";
import { startRow } from "./start.ts";

const ROWS: Readonly<Record<string, (bench: Bench) => Promise<Row>>> = {
  ...PIPE_ROWS,
  "cliffs": cliffsRow,
  "codec": codecRow,
  "round-trip": roundTripRow,
  "room": roomRow,
  "room-pace": paceRow,
  "room-big": bigRoomRow,
  "memory": memoryRow,
  "start": startRow,
  "growth": growthRow,
};

const FULL: Sizes = {
  rounds: 3,
  pipeMegabytes: 200,
  cliffMegabytes: 50,
  cliffStep: 1,
  codecMegabytes: 200,
  roundTrips: 20_000,
  members: 100,
  messages: 200,
  paceMembers: 30,
  paceMessages: 50,
  bigRooms: [1000, 5000],
  bigMessages: 300,
  rest: 3000,
  starts: 15,
  parts: [0.01, 0.1, 1],
};
/** Shows that it works, and nothing else. */
const QUICK: Sizes = {
  rounds: 1,
  pipeMegabytes: 2,
  cliffMegabytes: 0.2,
  cliffStep: 5,
  codecMegabytes: 2,
  roundTrips: 20,
  members: 10,
  messages: 20,
  paceMembers: 5,
  paceMessages: 3,
  bigRooms: [20],
  bigMessages: 20,
  rest: 100,
  starts: 2,
  parts: [1],
};

const HELP = `\
Usage: deno task bench [options]
  --only ROW       only that row; may be given several times:
                   ${Object.keys(ROWS).join(", ")}
  --quick          small sizes, one round
  --json           JSON in place of the table
  --rounds N       how often everything is run (${FULL.rounds})
  --megabytes N    what goes through the pipe and the codec (${FULL.pipeMegabytes})
  --round-trips N  (${FULL.roundTrips})
  --members N      in the room (${FULL.members})
  --messages N     of each of them (${FULL.messages})
  --big-rooms N,N  (${FULL.bigRooms.join(",")})
Where DUIHUA_DIST names the folder of the executables they are measured too.
Where DUIHUA_DIST_DENO names the Deno that made them, their start is held
against that one's.
`;

/** What the command line asks for. */
interface Order {
  rows: string[];
  sizes: Sizes;
  json: boolean;
}

class UsageError extends Error {
  override readonly name = "UsageError";
}

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  let order: Order | null;
  try {
    order = parseOrder(Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
  if (order === null) {
    console.log(HELP);
    return 0;
  }
  const folder = await Deno.makeTempDir({ prefix: "duihua-bench-" });
  try {
    const rows: Row[] = [];
    for (const name of order.rows) {
      const note = (text: string): void => console.error(`${name}: ${text}`);
      const row = await ROWS[name]?.({ sizes: order.sizes, folder, note });
      if (row === undefined) continue;
      rows.push(row);
      for (const line of tableLines(row)) note(line);
    }
    const report = order.json ? asJson : asTable;
    console.log(report(rows, thisMachine()));
    return wrongAnswers(rows).length > 0 ? 1 : 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What this project answered wrongly, however fast; told on standard error. */
function wrongAnswers(rows: readonly Row[]): string[] {
  const wrong = rows.flatMap(({ name, cells }) =>
    cells.filter((cell) => isOurs(cell.contender) && cell.wrong !== undefined)
      .map(({ contender, wrong }) => `${name}: ${contender}: ${wrong}`)
  );
  for (const line of wrong) console.error(`Wrong answer: ${line}`);
  return wrong;
}

/** Null when it is help that is asked for. */
function parseOrder(args: readonly string[]): Order | null {
  const values = parseArgs([...args], {
    string: [
      "only",
      "rounds",
      "megabytes",
      "round-trips",
      "members",
      "messages",
      "big-rooms",
    ],
    boolean: ["quick", "json", "help"],
    collect: ["only"],
    alias: { help: "h" },
    unknown(arg): boolean {
      throw new UsageError(`Cannot take ${arg}: --help lists the options`);
    },
  });
  if (values["help"] === true) return null;
  const only = Array.isArray(values["only"]) ? values["only"].map(String) : [];
  for (const name of only) {
    if (ROWS[name] === undefined) {
      throw new UsageError(
        `There is no row ${name}: ${Object.keys(ROWS).join(", ")}`,
      );
    }
  }
  const sizes = values["quick"] === true ? QUICK : FULL;
  const count = (name: string): number | undefined => {
    const value = values[name];
    return value === undefined ? undefined : countIn(name, String(value));
  };
  const bigRooms = values["big-rooms"];
  return {
    rows: only.length > 0 ? only : Object.keys(ROWS),
    json: values["json"] === true,
    sizes: {
      ...sizes,
      rounds: count("rounds") ?? sizes.rounds,
      pipeMegabytes: count("megabytes") ?? sizes.pipeMegabytes,
      codecMegabytes: count("megabytes") ?? sizes.codecMegabytes,
      roundTrips: count("round-trips") ?? sizes.roundTrips,
      members: count("members") ?? sizes.members,
      messages: count("messages") ?? sizes.messages,
      bigRooms: bigRooms === undefined
        ? sizes.bigRooms
        : String(bigRooms).split(",").map((text) => countIn("big-rooms", text)),
    },
  };
}

function countIn(name: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new UsageError(`Cannot take "${text}" for --${name}: a number`);
}
