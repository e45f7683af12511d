/**
 * One attack against one server, with good members in its room.
 *
 * @module
 */
import { type Attack, PASSWORD } from "./attacks.ts";
import { GoodMembers, longestVisit, visit } from "./good_members.ts";
import {
  FILES_GROWTH,
  FILES_TOLERANCE,
  type Result,
  type Sample,
} from "./result.ts";
import type { Tally, Target } from "./attackers.ts";
import { median, quantile } from "../bench/measure.ts";
import { openFiles, peakBytes, residentBytes } from "../bench/system.ts";
import { type Finished, Process } from "../../kit/process.ts";
import { commandFor, ServerProcess } from "../../kit/programs.ts";

const SECOND_MS = 1000;
/** More than all who attack as members and all good ones. */
const MOST_MEMBERS = 400;
/** How many files the server may have open: the usual limit. */
const MOST_FILES = 1024;
const LOG = "talk.log";
const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-write"];
/** How long what is waited for after an attack may take, in milliseconds. */
const SETTLE_MS = 60_000;
const LOOK_INTERVAL_MS = 50;
/** Time for the start and the end of all processes, in milliseconds. */
const SPARE_MS = 120_000;

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
  await using stack = new AsyncDisposableStack();
  const own = await Deno.makeTempDir({ dir: folder });
  stack.defer(() => Deno.remove(own, { recursive: true }));
  const identity = tls
    ? ["--tls-cert", `${folder}/cert.pem`, "--tls-key", `${folder}/key.pem`]
    : [];
  const lifetime = duration + SPARE_MS;
  const server = stack.use(serverFor(attack, own, identity, lifetime));
  const { port, pid } = await server.listening();
  const target = { port, tls };
  const count = attack.at === "pair" ? 0 : members;
  const good = stack.use(
    await GoodMembers.gather(count, target, attack.at === "door"),
  );
  good.speak();
  // The first second has what is loaded once only.
  await pause(Math.min(SECOND_MS, duration));
  const before = await look(pid);
  const mayOpen = attack.files ?? FILES_GROWTH;
  const earlier = { delays: good.delays.length, others: good.others };
  const attacker = stack.use(attackerFor(attack, target, lifetime));
  await attacker.stdout.until("attacking\n");
  const start = performance.now();
  const { during, visits } = await watch(pid, attack, target, duration);
  // Attackers are still there: only the server can close anything.
  const isBounded = await settle(async () => {
    await pause(SECOND_MS);
    const now = await look(pid);
    during.push(now);
    return now.files <= before.files + mayOpen;
  });
  const seconds = (performance.now() - start) / SECOND_MS;
  const others = (good.others - earlier.others) / seconds;
  await attacker.closeInput();
  const { stdout } = await attacker.finish();
  good.hush();
  await settle(() => good.missing === 0 || good.fault !== undefined);
  await settle(async () =>
    (await look(pid)).files <= before.files + FILES_TOLERANCE
  );
  const isQuiet = await settle(async () => {
    const { others } = good;
    await pause(SECOND_MS);
    return good.others === others;
  });
  const after = await look(pid);
  const peak = await peakBytes(pid);
  const { missing, fault } = good;
  const { status, stderr } = await terminate(server);
  const delays = good.delays.slice(earlier.delays);
  return {
    attack: attack.name,
    over: tls ? "TLS" : "TCP",
    ...{
      mayOpen,
      before,
      during,
      after,
      peak,
      others,
      seconds,
      isBounded,
      isQuiet,
    },
    ...{ missing, fault, status, stderr },
    p50: median(delays),
    p99: quantile(delays, 0.99),
    lag: good.lag,
    visits: visits.length,
    admitted: visits.filter((isIn) => isIn).length,
    tally: JSON.parse(stdout.slice(stdout.indexOf("{"))) as Tally,
    logged: await loggedIn(own),
  };
}

/** Looks at the server each second, and lets visitors come as often. */
async function watch(
  pid: number,
  { at }: Attack,
  target: Target,
  duration: number,
): Promise<{ during: Sample[]; visits: boolean[] }> {
  const during: Sample[] = [];
  const visits: Promise<boolean>[] = [];
  const hasPassword = at === "door";
  const end = performance.now() + duration;
  for (let left = duration; left > 0; left = end - performance.now()) {
    // What comes in after the attack proves nothing.
    if (at !== "pair" && left >= longestVisit(hasPassword)) {
      visits.push(visit(target, hasPassword));
    }
    await pause(Math.min(left, SECOND_MS));
    during.push(await look(pid));
  }
  return { during, visits: await Promise.all(visits) };
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
  const script = "tests/tools/soak/attack.ts";
  const args = [name, String(port), tls ? "tls" : "tcp"];
  return new Process(
    Deno.execPath(),
    ["run", "--quiet", "--allow-net", script, ...args],
    { lifetime },
  );
}

/** A server as people start it, with the files that a system lets it open. */
function serverFor(
  { at, args = [] }: Attack,
  folder: string,
  identity: readonly string[],
  lifetime: number,
): ServerProcess {
  const all = [
    "--port",
    "0",
    "--host",
    "::",
    "--lang",
    "en",
    ...identity,
    ...args,
  ];
  if (at === "pair") {
    all.push("--keep-open", "--style", "chat", "--log", `${folder}/${LOG}`);
  } else all.push("--room");
  if (at === "room") all.push("--max-clients", String(MOST_MEMBERS));
  if (at === "door") {
    Deno.writeTextFileSync(`${folder}/password`, PASSWORD, { mode: 0o600 });
    all.push("--password-file", `${folder}/password`);
  }
  const [command, rest] = commandFor("server", all, PERMISSIONS);
  const script = `ulimit -n ${MOST_FILES}; exec "$@" >'${folder}/output'`;
  return new ServerProcess("sh", ["-c", script, "sh", command, ...rest], {
    lifetime,
  });
}

/** Ends a server as a person does, or else by force. */
async function terminate(server: ServerProcess): Promise<Finished> {
  server.kill("SIGTERM");
  const late = setTimeout(() => server.kill("SIGKILL"), SETTLE_MS);
  try {
    return await server.finish();
  } finally {
    clearTimeout(late);
  }
}

/** The size of a transcript, and of those that it was continued in. */
async function loggedIn(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.startsWith(LOG)) continue;
    bytes += (await Deno.stat(`${folder}/${name}`)).size;
  }
  return bytes;
}

async function look(pid: number): Promise<Sample> {
  const [memory, files] = await Promise.all([
    residentBytes(pid),
    openFiles(pid),
  ]);
  return { memory, files };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
