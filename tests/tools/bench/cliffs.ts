/**
 * What an option or a length of lines costs: there is to be no cliff.
 *
 * @module
 */
import { ourContender } from "./contenders.ts";
import {
  type Bench,
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
const SLOW = 0.1;

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
  /** Why it may take longer. */
  readonly reason?: string;
}

/** The option on either side. */
function bothSides(
  options: readonly string[],
  rest: Omit<Cliff, "receiver" | "sender"> & {
    readonly received?: readonly Copy[];
    readonly sent?: readonly Copy[];
  } = {},
): Record<string, Cliff> {
  const { received, sent, ...all } = rest;
  const name = options.map((option) => option.replace(/^\/.*/, "FILE")).join(
    " ",
  );
  return {
    [`${name}, receiver`]: {
      ...all,
      receiver: options,
      ...received && { copies: received },
    },
    [`${name}, sender`]: {
      ...all,
      sender: options,
      ...sent && { copies: sent },
    },
  };
}

/** What a side in the chat style shows of what the client said. */
const SHOWN = [{ pattern: /^(?:\[[\d:]+\] )?Client says: (.*\n)/gm }];
const ONE_BY_ONE = "each line is shown with a label";

/** All of them; the log is that file. */
function cliffs(log: string): Record<string, Cliff> {
  const logged = (direction: string): Copy[] => [{}, {
    path: log,
    pattern: new RegExp(`^\\S+Z ${direction} client: (.*\\n)`, "gm"),
  }];
  const ofLines = (lineBytes: number): Cliff => ({ look: { lineBytes } });
  return {
    [DEFAULT]: {},
    ...bothSides(["--max-message", "64k"]),
    ...bothSides(["--max-message", "512k"]),
    ...bothSides(["--log", log], {
      received: logged("<"),
      sent: logged(">"),
      part: SLOW,
      reason: "each line is written with its time",
    }),
    ...bothSides(["--style", "chat"], {
      received: SHOWN,
      part: SLOW,
      reason: ONE_BY_ONE,
    }),
    ...bothSides(["--style", "chat", "--time"], {
      received: SHOWN,
      part: SLOW,
      reason: ONE_BY_ONE,
    }),
    ...bothSides(["--name", "Ann"], {
      sent: [{ pattern: /^(?!\/name Ann$)(.*\n)/gm }],
    }),
    ...bothSides(["--time"]),
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
    "lines of 1 MiB": ofLines(1024 * 1024),
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
  const measured = Object.entries(all)
    .filter((_, index) => index % cliffStep === 0)
    .map(([name, cliff]) => ({ contender: `${SCRIPTS}: ${name}`, cliff }));
  const cells = await inTurn(
    measured.map(({ contender, cliff }) => ({
      contender,
      run: async (): Promise<Figures> => {
        await Deno.remove(log).catch(() => {});
        const { time, size } = await send(bench, cliff, megabytes);
        const perByte = (time - median(starts)) / size * NANOSECONDS;
        return { "a byte": perByte, size: size / MEGABYTE };
      },
    })),
    { rounds, base: `${SCRIPTS}: ${DEFAULT}`, note: bench.note },
  );
  const steep: string[] = [];
  for (const [index, cell] of cells.entries()) {
    if (cell.ratio === undefined || cell.ratio <= MOST) continue;
    cell.reason = measured[index]?.cliff.reason;
    if (cell.reason === undefined) steep.push(cell.contender);
  }
  return {
    name: "cliffs",
    what: "a byte of the pipe with an option or other lines, without the start",
    units: { "a byte": "ns", size: "MB" },
    base: `${SCRIPTS}: ${DEFAULT}`,
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
