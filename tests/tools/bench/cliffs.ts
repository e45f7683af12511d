/**
 * What an option or a length of lines costs: there is to be no cliff.
 *
 * @module
 */
import { ourContender } from "./contenders.ts";
import {
  type Bench,
  figureOf,
  type Figures,
  inTurn,
  median,
  type Row,
  SCRIPTS,
} from "./measure.ts";
import { type Copy, pipe, type Transfer } from "./pipe.ts";
import { type Look, writeText } from "./text.ts";

const MEGABYTE = 1_000_000;
/** In a second. */
const NANOSECONDS = 1_000_000_000;
/** How many times the default's time a byte may take without a reason. */
const MOST = 1.3;
const DEFAULT = "default";
/** The part of the text that something slow gets. */
const SLOW = 0.2;

/** What differs from the default. */
interface Cliff {
  /** Options of the side that receives the text, which is the server. */
  readonly receiver?: readonly string[];
  readonly sender?: readonly string[];
  readonly look?: Look;
  /** How much of the whole text it gets; all, where it is not given. */
  readonly part?: number;
  /** What is looked at besides the output, or of it. */
  readonly copies?: readonly Copy[];
  /** What it is next to, where that is not the default. */
  readonly nextTo?: string;
  /** Why it may take longer. */
  readonly reason?: string;
}

/** The same, on either side. */
function bothSides(
  name: string,
  options: readonly string[],
  { received, sent, nextTo, ...rest }: Cliff & {
    readonly received?: readonly Copy[];
    readonly sent?: readonly Copy[];
  } = {},
): Record<string, Cliff> {
  const side = (
    side: "receiver" | "sender",
    copies?: readonly Copy[],
  ): Record<string, Cliff> => ({
    [`${name}, ${side}`]: {
      ...rest,
      [side]: options,
      ...copies && { copies },
      ...nextTo && { nextTo: `${nextTo}, ${side}` },
    },
  });
  return { ...side("receiver", received), ...side("sender", sent) };
}

/** What a side in the chat style shows of what the client said. */
const SHOWN = [{ pattern: /^(?:\[[\d:]+\] )?Client says: (.*\n)/gm }];

/** All of them; the log is that file. */
function cliffs(log: string): Record<string, Cliff> {
  const logged = (direction: string): Copy[] => [{}, {
    path: log,
    pattern: new RegExp(`^\\S+Z ${direction} client: (.*\\n)`, "gm"),
  }];
  const ofLines = (lineBytes: number): Cliff => ({ look: { lineBytes } });
  return {
    [DEFAULT]: {},
    ...bothSides("--max-message 64k", ["--max-message", "64k"]),
    ...bothSides("--max-message 512k", ["--max-message", "512k"]),
    ...bothSides("--log FILE", ["--log", log], {
      received: logged("<"),
      sent: logged(">"),
      part: SLOW,
      reason: "each line is written with its time, safe to show",
    }),
    ...bothSides("--style chat", ["--style", "chat"], {
      received: SHOWN,
      part: SLOW,
      reason: "each line is shown with a label, safe to show",
    }),
    ...bothSides("--style chat --time", ["--style", "chat", "--time"], {
      received: SHOWN,
      part: SLOW,
      nextTo: "--style chat",
    }),
    ...bothSides("--name Ann", ["--name", "Ann"], {
      sent: [{ pattern: /^(?!\/name Ann$)(.*\n)/gm }],
    }),
    ...bothSides("--time", ["--time"]),
    "--turns, receiver": { receiver: ["--turns"] },
    "--turns, sender": {
      sender: ["--turns"],
      part: SLOW,
      reason: "a turn is one line, so each is sent alone",
    },
    "lines of 1 B": ofLines(1),
    "lines of 10 B": ofLines(10),
    "lines of 100 B": ofLines(100),
    "lines of 1 KiB": ofLines(1024),
    "lines of 64 KiB": ofLines(64 * 1024),
    "lines of 1 MiB": {
      ...ofLines(1024 * 1024),
      reason: "a line is passed on when all of it is there",
    },
    "CRLF": { look: { ending: "\r\n" } },
  };
}

/** The row of the cliffs, of this project's scripts alone. */
export async function cliffsRow(bench: Bench): Promise<Row> {
  const { cliffMegabytes: megabytes, cliffStep, rounds } = bench.sizes;
  const log = `${bench.folder}/cliff.log`;
  const all = cliffs(log);
  // What the start takes is no time of a byte.
  const starts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    starts.push((await send(bench, { look: {}, part: 0 }, 1)).time);
  }
  const nameOf = (name: string): string => `${SCRIPTS}: ${name}`;
  const chosen = Object.entries(all)
    .filter((_, index) => index % cliffStep === 0);
  const cells = await inTurn(
    chosen.map(([name, cliff]) => ({
      contender: nameOf(name),
      run: async (): Promise<Figures> => {
        await Deno.remove(log).catch(() => {});
        const { time, size } = await send(bench, cliff, megabytes);
        const perByte = (time - median(starts)) / size * NANOSECONDS;
        return { "a byte": perByte, size: size / MEGABYTE };
      },
    })),
    { rounds, base: nameOf(DEFAULT), note: bench.note },
  );
  const steep: string[] = [];
  for (const [index, [name, { nextTo, reason }]] of chosen.entries()) {
    const cell = cells[index];
    if (cell?.ratio === undefined) continue;
    if (nextTo !== undefined) {
      const base = figureOf(cells, nameOf(nextTo));
      cell.ratio = base && (cell.figures["a byte"] ?? NaN) / base;
      cell.note = `next to ${nextTo}`;
    }
    if ((cell.ratio ?? 0) <= MOST) continue;
    if (reason === undefined) steep.push(`${name} (${cell.ratio?.toFixed(2)})`);
    else cell.note = reason;
  }
  return {
    name: "cliffs",
    what: "a byte of the pipe with an option or other lines, without the start",
    units: { "a byte": "ns", size: "MB" },
    base: nameOf(DEFAULT),
    cells,
    goals: [{
      text: `nothing over ${MOST} × the ${DEFAULT} without a reason` +
        (steep.length === 0 ? "" : `, but ${steep.join("; ")}`),
      met: steep.length === 0,
    }],
    skipped: [],
  };
}

/** Sends the text, once. */
async function send(
  bench: Bench,
  { receiver, sender, look, part = 1, copies }: Cliff,
  megabytes: number,
): Promise<{ time: number; size: number }> {
  const text = `${bench.folder}/cliff.txt`;
  const bytes = Math.max(1, part * megabytes * MEGABYTE);
  const { size, hash } = await writeText(text, bytes, look);
  const answer = `${bench.folder}/answer.txt`;
  await Deno.writeTextFile(answer, "Go\n");
  const transfer: Transfer = {
    text,
    hash,
    carrier: "tcp",
    // Where the other side has something to say, it isn't waited for.
    answer,
    ...copies && { copies },
  };
  const contender = ourContender(SCRIPTS, {
    listen: receiver ?? [],
    connect: sender ?? [],
  });
  return { time: await pipe(bench, contender, transfer), size };
}
