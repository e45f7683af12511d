/**
 * Runs contenders in turn and says how they compare.
 *
 * @module
 */

/** Figures of one run; the first is the one that is compared. */
export type Figures = Readonly<Record<string, number>>;

/** One contender's medians in a row of the table. */
export interface Cell {
  contender: string;
  /** The medians over all rounds. */
  figures: Figures;
  /** The first figure, divided by that of the row's base. */
  ratio: number | undefined;
  /** And by that of the bare program in Deno. */
  toBare?: number | undefined;
  /** What is to be known of the figures. */
  note?: string;
  /** What was wrong with its answer; it is not compared then. */
  wrong: string | undefined;
}

/** Something that is to be reached, and whether it was in this run. */
export interface Goal {
  text: string;
  met: boolean;
}

/** One row of the table. */
export interface Row {
  name: string;
  what: string;
  /** What the figures are counted in, by their names. */
  units: Readonly<Record<string, string>>;
  /** The contender that the ratios are to. */
  base: string;
  cells: Cell[];
  goals: Goal[];
  /** What was left out and why. */
  skipped: string[];
}

/** How big the runs are. */
export interface Sizes {
  rounds: number;
  pipeMegabytes: number;
  cliffMegabytes: number;
  /** Of how many cliffs one is measured. */
  cliffStep: number;
  codecMegabytes: number;
  roundTrips: number;
  members: number;
  messages: number;
  /** The members of a room at a human pace, and how much each says. */
  paceMembers: number;
  paceMessages: number;
  /** The numbers of members of big rooms, and of idle ones. */
  bigRooms: readonly number[];
  /** How many messages the one who speaks in a big room says. */
  bigMessages: number;
  /** How long a server has to come to rest, in milliseconds. */
  rest: number;
  starts: number;
  /** Parts of these sizes, for the growth. */
  parts: readonly number[];
}

/** What every row is made with. */
export interface Bench {
  readonly sizes: Sizes;
  /** A folder for files, which is removed at the end. */
  readonly folder: string;
  /** Says what is being done. */
  note(text: string): void;
}

/** An answer that was fast, maybe, but wrong. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
}

/** Something that can be measured. */
export interface Entry {
  readonly contender: string;
  /** @throws {WrongAnswer} */
  run(): Promise<Figures>;
}

/** The name of this project as scripts; a wrong answer of it fails. */
export const SCRIPTS = "duihua, scripts";
/** And as executables. */
export const EXECUTABLES = "duihua, executables";

/** Whether a contender is this project's. */
export function isOurs(contender: string): boolean {
  return contender.startsWith("duihua");
}

/**
 * Runs all entries in turn, `rounds` times, so that a noisy moment meets all
 * alike. One whose answer was wrong, or that failed, is not run again.
 */
export async function inTurn(
  entries: readonly Entry[],
  { rounds, base, bare, note }: {
    rounds: number;
    base: string;
    /** A program of a few lines in Deno, which the ratios are to as well. */
    bare?: string;
    note(text: string): void;
  },
): Promise<Cell[]> {
  const samples = new Map<Entry, Figures[]>();
  const wrong = new Map<Entry, string>();
  for (let round = 1; round <= rounds; round++) {
    for (const entry of entries) {
      if (wrong.has(entry)) continue;
      note(`round ${round} of ${rounds}: ${entry.contender}`);
      try {
        const figures = await entry.run();
        samples.set(entry, [...samples.get(entry) ?? [], figures]);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        wrong.set(entry, error.message);
      }
    }
  }
  const cells = entries.map((entry): Cell => ({
    contender: entry.contender,
    figures: medians(samples.get(entry) ?? []),
    ratio: undefined,
    wrong: wrong.get(entry),
  }));
  const baseFigure = figureOf(cells, base) ?? NaN;
  const bareFigure = figureOf(cells, bare ?? "") ?? NaN;
  for (const cell of cells) {
    const figure = figureOf(cells, cell.contender) ?? NaN;
    cell.ratio = ifFinite(figure / baseFigure);
    cell.toBare = ifFinite(figure / bareFigure);
  }
  return cells;
}

/**
 * A contender's figure of that name, or else the one that is compared, where
 * it has one that counts.
 */
export function figureOf(
  cells: readonly Cell[],
  contender: string,
  name?: string,
): number | undefined {
  const cell = cells.find((cell) => cell.contender === contender);
  if (cell === undefined || cell.wrong !== undefined) return undefined;
  return name === undefined
    ? Object.values(cell.figures)[0]
    : cell.figures[name];
}

function ifFinite(figure: number): number | undefined {
  return Number.isFinite(figure) ? figure : undefined;
}

/** The goal that one figure is at most `factor` times another, if both exist. */
export function goalAtMost(
  text: string,
  figure: number | undefined,
  factor: number,
  other: number | undefined,
): Goal[] {
  if (figure === undefined || other === undefined) return [];
  return [{ text, met: figure <= factor * other }];
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** The number below which that part of all numbers lies. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const place = (sorted.length - 1) * part;
  const low = sorted[Math.floor(place)] ?? NaN;
  const high = sorted[Math.ceil(place)] ?? NaN;
  return low + (high - low) * (place - Math.floor(place));
}

function medians(samples: readonly Figures[]): Figures {
  const [first = {}] = samples;
  return Object.fromEntries(
    Object.keys(first).map((name) => [
      name,
      median(samples.map((figures) => figures[name] ?? NaN)),
    ]),
  );
}
