/**
 * One attack against one server: what it costs the server and the good members
 * of its room.
 *
 * @module
 */
import { type Attack, PASSWORD } from "./attacks.ts";
import { Company, longestVisit, visit } from "./company.ts";
import type { Tally, Target } from "./strangers.ts";
import { median, quantile } from "../bench/measure.ts";
import { openFiles, peakBytes, residentBytes } from "../bench/system.ts";
import { Process } from "../../kit/process.ts";
import { commandFor, ServerProcess } from "../../kit/programs.ts";

const SECOND_MS = 1000;
/** More than all who attack as members and all good ones. */
const MOST_MEMBERS = 400;
const MEBIBYTE = 1024 ** 2;
const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-write"];
/** How many files the server may have open: the usual limit. */
const MOST_FILES = 1024;
/** How long what was said may take to arrive at last, in milliseconds. */
const SETTLE_MS = 20_000;
const LOOK_INTERVAL_MS = 50;
/** Time for the start and the end of all processes, in milliseconds. */
const SPARE_MS = 120_000;
/** How many files more may be open after an attack: connections of visitors. */
const FILES_TOLERANCE = 3;
/** How many files more may be open while it goes on. */
const FILES_GROWTH = 500;
/** How much more memory the server may have after an attack, in bytes. */
const MEMORY_TOLERANCE = 64 * MEBIBYTE;
/** And while it goes on. */
const MEMORY_GROWTH = 192 * MEBIBYTE;
/** How many samples show whether memory grows as long as the attack lasts. */
const SAMPLES = 30;
/** How late a message may be, in milliseconds; one in a hundred may be later. */
const LATE_MS = 1000;

/** How a figure was before the attack, at its worst, at its end, and after. */
interface Course {
  before: number;
  peak: number;
  held: number;
  after: number;
}

/** What one attack did to one server. */
export interface Result {
  readonly attack: string;
  readonly tls: boolean;
  readonly memory: Course;
  readonly files: Course;
  /** Milliseconds from saying to hearing; NaN where nobody speaks. */
  readonly p50: number;
  readonly p99: number;
  /** How many lines of others a member heard a second. */
  readonly others: number;
  readonly visits: number;
  readonly admitted: number;
  readonly tally: Tally;
  /** What must not be, however slow the machine is. */
  readonly faults: string[];
  /** What must not be on a machine that has nothing else to do. */
  readonly breaches: string[];
}

/** What a trial is made with. */
export interface TrialOptions {
  readonly tls: boolean;
  /** How long the attack lasts, in milliseconds. */
  readonly duration: number;
  /** How many good members there are. */
  readonly members: number;
  /** A folder for files; with TLS it has `cert.pem` and `key.pem`. */
  readonly folder: string;
}

/** Makes a certificate in a folder, for {@linkcode tryAttack}. */
export async function makeCertificate(folder: string): Promise<void> {
  const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes" +
    ` -days 2 -subj /CN=localhost -keyout ${folder}/key.pem` +
    ` -out ${folder}/cert.pem`;
  await using process = new Process("openssl", args.split(" "), { input: "" });
  const { status, stderr } = await process.finish();
  if (status !== 0) throw new Error(stderr);
}

/** Starts a server, lets good members in, attacks it and says how it went. */
export async function tryAttack(
  attack: Attack,
  { tls, duration, members, folder }: TrialOptions,
): Promise<Result> {
  const lifetime = duration + SPARE_MS;
  await using server = serverFor(attack, { tls, folder, lifetime });
  const { port } = await server.listening();
  const target = { port, tls };
  const hasPassword = attack.at === "door";
  using company = await Company.gather(
    attack.at === "pair" ? 0 : members,
    target,
    hasPassword,
  );
  const { pid } = server;
  company.speak();
  // The first second has what is loaded once only.
  await pause(Math.min(SECOND_MS, duration));
  const start = await look(pid);
  const samples: Sample[] = [];
  const visits: Promise<boolean>[] = [];
  const before = { delays: company.delays.length, others: company.others };
  await using attacker = attackerFor(attack, target, lifetime);
  const end = performance.now() + duration;
  while (performance.now() < end) {
    const next = Math.min(end, performance.now() + SECOND_MS);
    // What comes in after the attack proves nothing.
    const left = end - performance.now();
    if (attack.at !== "pair" && left >= longestVisit(hasPassword)) {
      visits.push(visit(visits.length, target, hasPassword));
    }
    samples.push(await look(pid));
    await pause(Math.max(0, next - performance.now()));
  }
  const held = await look(pid);
  const heard = (company.others - before.others) / duration * SECOND_MS;
  await attacker.closeInput();
  const { stdout } = await attacker.finish();
  const admitted = (await Promise.all(visits)).filter((isIn) => isIn).length;
  company.hush();
  await settle(() => company.missing === 0 || company.fault !== undefined);
  let after = await look(pid);
  await settle(async () => {
    after = await look(pid);
    return after.files <= start.files + FILES_TOLERANCE;
  });
  const quiet = await settle(async () => {
    const { others } = company;
    await pause(SECOND_MS);
    return company.others === others;
  });
  after = await look(pid);
  const peak = await peakBytes(pid);
  const { missing, fault } = company;
  server.kill("SIGTERM");
  const ending = setTimeout(() => server.kill("SIGKILL"), SETTLE_MS);
  const { status, stderr } = await server.finish();
  clearTimeout(ending);
  const delays = company.delays.slice(before.delays);
  const result: Result = {
    attack: attack.name,
    tls,
    memory: {
      before: start.memory,
      peak,
      held: held.memory,
      after: after.memory,
    },
    files: {
      before: start.files,
      peak: Math.max(...samples.map(({ files }) => files), held.files),
      held: held.files,
      after: after.files,
    },
    p50: median(delays),
    p99: quantile(delays, 0.99),
    others: heard,
    visits: visits.length,
    admitted,
    tally: JSON.parse(stdout) as Tally,
    faults: [],
    breaches: [],
  };
  const { faults, breaches, files, memory } = result;
  if (status !== 143) faults.push(`the server ended with ${status}`);
  if (/^\s+at /m.test(stderr)) faults.push(`a stack trace:\n${stderr}`);
  if (fault !== undefined) faults.push(fault);
  else if (missing > 0) faults.push(`${missing} messages never came`);
  if (files.after > files.before + FILES_TOLERANCE) {
    faults.push(`${files.after} files stay open, not ${files.before}`);
  }
  if (!quiet) faults.push("attackers who have gone still speak");
  if (admitted < visits.length) {
    breaches.push(`only ${admitted} of ${visits.length} visitors got in`);
  }
  if (result.p99 > LATE_MS) breaches.push("messages are late");
  if (files.peak > files.before + FILES_GROWTH) {
    breaches.push(`${files.peak} files are open`);
  }
  if (memory.peak > memory.before + MEMORY_GROWTH) {
    breaches.push(`memory goes up to ${mebibytes(memory.peak)} MiB`);
  }
  if (memory.after > memory.before + MEMORY_TOLERANCE) {
    breaches.push(`memory stays at ${mebibytes(memory.after)} MiB`);
  }
  if (grows(samples.map(({ memory }) => memory))) breaches.push("memory grows");
  return result;
}

/** Whether the later half of some samples of memory is higher, if they are many. */
export function grows(samples: readonly number[]): boolean {
  if (samples.length < SAMPLES) return false;
  const half = samples.length >> 1;
  return median(samples.slice(half)) >
    median(samples.slice(0, half)) + MEMORY_TOLERANCE;
}

/** The heads of the columns of {@linkcode rowOf}. */
export const HEADS = [
  "attack",
  "over",
  "MiB: before, peak, held, after",
  "files: before, peak, held, after",
  "p50, p99 ms",
  "others/s",
  "visitors",
  "attackers",
];

/** A result as a row of a table. */
export function rowOf(result: Result): string[] {
  const { memory, files, p50, p99, visits, admitted, tally } = result;
  const course = ({ before, peak, held, after }: Course): string =>
    [before, peak, held, after].map((figure) => figure.toFixed(0)).join(" ");
  const { before, peak, held, after } = memory;
  return [
    result.attack,
    result.tls ? "TLS" : "TCP",
    [before, peak, held, after].map(mebibytes).join(" "),
    course(files),
    Number.isNaN(p50) ? "" : `${p50.toFixed(1)} ${p99.toFixed(0)}`,
    result.others.toFixed(0),
    visits === 0 ? "" : `${admitted} of ${visits}`,
    Object.entries(tally).map(([name, count]) => `${count} ${name}`).join(", "),
  ];
}

/** What the system says of the server at one moment. */
interface Sample {
  memory: number;
  files: number;
}

async function look(pid: number): Promise<Sample> {
  const [memory, files] = await Promise.all([
    residentBytes(pid),
    openFiles(pid),
  ]);
  return { memory, files };
}

function mebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(0);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Asks again and again, but not for ever. Returns whether it became so. */
export async function settle(
  isSo: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const end = performance.now() + SETTLE_MS;
  while (!await isSo()) {
    if (performance.now() > end) return false;
    await pause(LOOK_INTERVAL_MS);
  }
  return true;
}

function attackerFor(
  { name }: Attack,
  { port, tls }: Target,
  lifetime: number,
): Process {
  const script = "tests/tools/soak/attacker.ts";
  const args = ["run", "--allow-net", script, name, `${port}`];
  return new Process(Deno.execPath(), [...args, tls ? "tls" : "tcp"], {
    lifetime,
  });
}

/** A server as people start it, with the files that a system lets it open. */
function serverFor(
  { at, args = [] }: Attack,
  { tls, folder, lifetime }: {
    tls: boolean;
    folder: string;
    lifetime: number;
  },
): ServerProcess {
  const all = ["--port", "0", "--lang", "en", ...args];
  if (at === "pair") {
    all.push("--keep-open", "--style", "chat", "--log", `${folder}/log`);
  } else all.push("--room", "--max-clients", String(MOST_MEMBERS));
  if (at === "door") {
    Deno.writeTextFileSync(`${folder}/password`, PASSWORD, { mode: 0o600 });
    all.push("--password-file", `${folder}/password`);
  }
  if (tls) {
    all.push("--tls-cert", `${folder}/cert.pem`);
    all.push("--tls-key", `${folder}/key.pem`);
  }
  const [command, rest] = commandFor("server", all, PERMISSIONS);
  const script = `ulimit -n ${MOST_FILES}; exec "$@" >'${folder}/output'`;
  return new ServerProcess("sh", ["-c", script, "sh", command, ...rest], {
    lifetime,
  });
}
