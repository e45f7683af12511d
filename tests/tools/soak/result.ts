/**
 * What one attack did to one server, what of it must not be, and how it is
 * shown.
 *
 * @module
 */
import type { Tally } from "./attackers.ts";
import { median } from "../bench/measure.ts";

const MEBIBYTE = 1024 ** 2;
/** The status of a program that SIGTERM ends. */
const TERMINATED = 143;
/** How many files more may be open after an attack: connections of visitors. */
export const FILES_TOLERANCE = 3;
/** How many files more may be open while most attacks go on. */
export const FILES_GROWTH = 500;
/**
 * How much more memory the server may have after an attack, in bytes: V8 does
 * not give back all that it had.
 */
const MEMORY_TOLERANCE = 160 * MEBIBYTE;
/** And while it goes on. */
const MEMORY_GROWTH = 192 * MEBIBYTE;
/** How many samples show whether memory grows as long as the attack lasts. */
const LEAST_SAMPLES = 30;
/** How late a message may be, in milliseconds; one in a hundred may be later. */
const LATE_MS = 1000;
/** How many lines a second attackers from one address may say, with notices. */
const MOST_OTHERS = 1500;
/** How many of their right guesses a second may be accepted. */
const MOST_ACCEPTED = 1;
/** How long a transcript may become, in bytes. */
const MOST_LOGGED = 64 * MEBIBYTE;

/** What the system says of the server at one moment. */
export interface Sample {
  /** In bytes. */
  readonly memory: number;
  readonly files: number;
}

/** What one attack did to one server. */
export interface Result {
  readonly attack: string;
  readonly over: "TCP" | "TLS";
  readonly before: Sample;
  /** How many files more may have been open while it went on. */
  readonly mayOpen: number;
  /** One about each second while it went on; the last is of its end. */
  readonly during: readonly Sample[];
  readonly after: Sample;
  /** The most memory that the server ever had, in bytes. */
  readonly peak: number;
  /** Milliseconds from saying to hearing; NaN where nobody speaks. */
  readonly p50: number;
  readonly p99: number;
  /** By how much the good members' own process was late at the most. */
  readonly lag: number;
  /** How many lines of others a good member heard a second. */
  readonly others: number;
  readonly visits: number;
  readonly admitted: number;
  /** What attackers did. */
  readonly tally: Tally;
  /** How long it lasted, in seconds. */
  readonly seconds: number;
  /** How long the transcript is, in bytes. */
  readonly logged: number;
  /** What went wrong with a good member, if anything. */
  readonly fault: string | undefined;
  /** How many messages of good members never came. */
  readonly missing: number;
  /** Whether few files were open at its end, with all attackers still there. */
  readonly isBounded: boolean;
  /** Whether attackers said nothing more once they had gone. */
  readonly isQuiet: boolean;
  /** How the server ended when it was told to, and what it had said. */
  readonly status: number;
  readonly stderr: string;
}

/** What must not be, however slow the machine is. */
export function faultsOf(result: Result): string[] {
  const { before, after, fault, missing, status, stderr } = result;
  return chosen({
    [`the server ended with ${status}`]: status !== TERMINATED,
    [`a stack trace:\n${stderr}`]: /^\s+at /m.test(stderr),
    [`${fault}`]: fault !== undefined,
    [`${missing} messages never came`]: fault === undefined && missing > 0,
    [`${after.files} files stay open, not ${before.files}`]:
      after.files > before.files + FILES_TOLERANCE,
    "those who were turned away stay open": !result.isBounded,
    "attackers who have gone still speak": !result.isQuiet,
  });
}

/** What must not be on a machine that has nothing else to do. */
export function breachesOf(result: Result): string[] {
  const { before, during, after, peak, visits, admitted, others } = result;
  const { tally: { accepted = 0 }, seconds } = result;
  const files = mostFiles(during);
  return chosen({
    "messages are late": result.p99 > LATE_MS,
    [`only ${admitted} of ${visits} visitors got in`]: admitted < visits,
    [`${files} files are open`]: files > before.files + result.mayOpen,
    [`memory goes up to ${mebibytes(peak)} MiB`]:
      peak > before.memory + MEMORY_GROWTH,
    [`memory stays at ${mebibytes(after.memory)} MiB`]:
      after.memory > before.memory + MEMORY_TOLERANCE,
    "memory grows": grows(during.map(({ memory }) => memory)),
    [`attackers say ${others.toFixed(0)} lines a second`]: others > MOST_OTHERS,
    [`${accepted} right guesses are accepted`]:
      accepted > MOST_ACCEPTED * seconds,
    [`the transcript has ${mebibytes(result.logged)} MiB`]:
      result.logged > MOST_LOGGED,
  });
}

/** The heads of the columns of {@linkcode rowOf}. */
export const HEADS = [
  "attack",
  "over",
  "MiB: before, peak, held, after",
  "files: before, peak, held, after",
  "ms: p50, p99, own lag",
  "others/s",
  "visitors",
  "MiB in log",
  "attackers",
];

/** A result as a row of a table. */
export function rowOf(result: Result): string[] {
  const { before, during, after, peak, p50, p99, lag, visits } = result;
  const held = during.at(-1) ?? before;
  const memory = [before.memory, peak, held.memory, after.memory];
  return [
    result.attack,
    result.over,
    memory.map(mebibytes).join(" "),
    [before.files, mostFiles(during), held.files, after.files].join(" "),
    Number.isNaN(p50)
      ? ""
      : [p50, p99, lag].map((figure) => figure.toFixed(0)).join(" "),
    result.others.toFixed(0),
    visits === 0 ? "" : `${result.admitted} of ${visits}`,
    mebibytes(result.logged),
    Object.entries(result.tally).map(([name, count]) => `${count} ${name}`)
      .join(", "),
  ];
}

function chosen(problems: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(problems).filter((problem) => problems[problem]);
}

function mostFiles(samples: readonly Sample[]): number {
  return Math.max(...samples.map(({ files }) => files));
}

/** Whether the later half of many samples is much higher. */
function grows(samples: readonly number[]): boolean {
  if (samples.length < LEAST_SAMPLES) return false;
  const half = samples.length >> 1;
  return median(samples.slice(half)) >
    median(samples.slice(0, half)) + MEMORY_TOLERANCE;
}

function mebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(0);
}
