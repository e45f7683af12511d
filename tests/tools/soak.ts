/**
 * The proof, `deno task soak`: minutes of everything that could break the
 * programs. `--minutes N` says for how long the room is kept busy, `--seed N`
 * makes it the same again.
 *
 * @module
 */
import { assert } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { median } from "./bench/measure.ts";
import { MARK, Member, messageText } from "./bench/members.ts";
import { openFiles, residentBytes } from "./bench/system.ts";
import {
  CHAOS_ENDINGS,
  converseInChaos,
  killClientsInChaos,
  killInChaos,
  killMemberInChaos,
} from "../kit/chaos.ts";
import { fuzzCodec } from "../kit/codec_fuzz.ts";
import { fuzzLook } from "../kit/look_fuzz.ts";
import { commandFor, ServerProcess } from "../kit/programs.ts";
import { Random } from "../kit/random.ts";

const DEFAULT_MINUTES = 10;
const MINUTE_MS = 60_000;
const FUZZ_CASES = 100_000;
const LOOK_CASES = 2_000_000;
const CHAOS_ROUNDS = 30;
/** Members that only do what they should; each hears all of each other. */
const GOOD_MEMBERS = 10;
/** How many messages each of them says in one round. */
const MESSAGES = 50;
const SILENT = 1000;
const BURST = 500;
const HOST = "127.0.0.1";
const MEBIBYTE = 1024 ** 2;
/** By how much memory may differ in a round, in bytes: it is given back late. */
const ROUND_TOLERANCE = 256 * MEBIBYTE;
/** And from the median of the first half of the rounds to that of the second. */
const GROWTH_TOLERANCE = 64 * MEBIBYTE;
/** After how many rounds memory must be flat. */
const WARM_ROUNDS = 20;
/** How many files more may be open between two rounds. */
const FILES_TOLERANCE = 5;
/** How long the server has to see that members are gone, in milliseconds. */
const SETTLE_MS = 10_000;
const LOOK_INTERVAL_MS = 50;
const SLOWLORIS_INTERVAL_MS = 1000;
const ROUND_LIMIT_MS = 60_000;
const MOST_CLIENTS = GOOD_MEMBERS + SILENT + BURST + 100;

class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What the command line asks for. */
function parseOrder(args: string[]): { minutes: number; seed: number } {
  const values = parseArgs(args, {
    string: ["minutes", "seed"],
    boolean: [],
    alias: {},
    unknown(arg): boolean {
      throw new UsageError(`Cannot take ${arg}: there are --minutes, --seed`);
    },
  });
  const read = (name: string, form: RegExp): number | undefined => {
    const value = values[name];
    if (value === undefined) return undefined;
    if (form.test(String(value))) return Number(value);
    throw new UsageError(`Cannot take "${value}" for --${name}: a number`);
  };
  return {
    // In no time nothing is proved.
    minutes: read("minutes", /^(?=.*[1-9])\d+(\.\d+)?$/) ?? DEFAULT_MINUTES,
    seed: read("seed", /^\d+$/) ?? Date.now() % 1_000_000,
  };
}

async function main(): Promise<number> {
  let order: ReturnType<typeof parseOrder>;
  try {
    order = parseOrder(Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
  const { minutes } = order;
  const random = new Random(order.seed);
  console.log(`seed ${random.seed}`);
  try {
    fuzzCodec(random, FUZZ_CASES);
    console.log(`codec: ${FUZZ_CASES} cases`);
    fuzzLook(random, LOOK_CASES);
    console.log(`look: ${LOOK_CASES} cases`);
    for (let round = 0; round < CHAOS_ROUNDS; round++) {
      const seed = random.below(2 ** 31);
      for (const ending of CHAOS_ENDINGS) {
        await converseInChaos(new Random(seed), ending);
      }
      await killInChaos(new Random(seed));
      await killClientsInChaos(new Random(seed));
      await killMemberInChaos(new Random(seed));
    }
    console.log(`network: ${CHAOS_ROUNDS} rounds`);
    await soakRoom(random, minutes * MINUTE_MS);
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  }
}

/** A room with good members, which lose nothing, among bad ones. */
async function soakRoom(random: Random, duration: number): Promise<void> {
  const args = ["--room", "--port", "0", "--lang", "en"];
  const [command, all] = commandFor("server", [
    ...args,
    "--max-clients",
    String(MOST_CLIENTS),
    "--rate",
    "100000",
  ]);
  const end = performance.now() + duration;
  // It writes what all say, which nobody needs to keep here.
  await using server = new ServerProcess(command, all, {
    lifetime: duration + 2 * ROUND_LIMIT_MS,
    sink: () => {},
  });
  const { port } = await server.listening();
  using crowd = new Crowd(port, random);
  const files = await openFiles(server.pid) + FILES_TOLERANCE;
  const memory: number[] = [];
  for (let round = 1; performance.now() < end; round++) {
    await crowd.misbehave();
    await speakWell(port);
    crowd.leave();
    const open = await settle(() => openFiles(server.pid), files);
    const resident = await residentBytes(server.pid);
    console.log(
      `room: round ${round}, ${(resident / MEBIBYTE).toFixed(0)} MiB, ` +
        `${open} open files`,
    );
    assert(!(open > files), `${open} files stay open`);
    memory.push(resident);
    const warm = memory[WARM_ROUNDS] ?? Infinity;
    assert(
      !(resident > warm + ROUND_TOLERANCE),
      `memory grew from ${warm} to ${resident} bytes`,
    );
  }
  const text = server.stderr.text;
  assert(!/^\s+at /m.test(text), `a stack trace:\n${text}`);
  const flat = memory.slice(WARM_ROUNDS);
  if (flat.length < 2) return console.log("room: too short to see a leak");
  const half = Math.floor(flat.length / 2);
  const [early, late] = [median(flat.slice(0, half)), median(flat.slice(half))];
  console.log(
    `room: median ${(early / MEBIBYTE).toFixed(0)} MiB in the first half, ` +
      `${(late / MEBIBYTE).toFixed(0)} MiB in the second`,
  );
  assert(!(late > early + GROWTH_TOLERANCE), "memory grows");
}

/** Good members come, say their messages, hear all of each other and go. */
async function speakWell(port: number): Promise<void> {
  const members: Member[] = [];
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error("A message for a good member is missing")),
    ROUND_LIMIT_MS,
  );
  try {
    for (let number = 0; number < GOOD_MEMBERS; number++) {
      members.push(await Member.connect(number, port));
    }
    await Promise.race([
      late.promise,
      Promise.all(members.map((member) => member.opening("\n"))),
    ]);
    const all = Promise.withResolvers<void>();
    let missing = GOOD_MEMBERS * (GOOD_MEMBERS - 1) * MESSAGES;
    for (const member of members) {
      member.count();
      member.onMessage = () => {
        if (--missing === 0) all.resolve();
      };
    }
    const speaking = members.map(async (member) => {
      for (let number = 0; number < MESSAGES; number++) {
        await member.send(`${messageText(member.number, number)}\n`);
      }
    });
    await Promise.race([
      late.promise,
      Promise.all([all.promise, ...speaking]),
    ]);
    for (const member of members) {
      const fault = member.fault(GOOD_MEMBERS, MESSAGES);
      assert(fault === undefined, fault);
    }
  } finally {
    clearTimeout(timer);
    await Promise.all(members.map((member) => member.close()));
  }
}

/** Looks until the figure is at most that, but not for ever. */
async function settle(
  look: () => Promise<number>,
  most: number,
): Promise<number> {
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const figure = await look();
    if (!(figure > most) || performance.now() > end) return figure;
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  }
}

/** All those who do what they should not. */
class Crowd {
  readonly #port: number;
  readonly #random: Random;
  readonly #sockets: Deno.TcpConn[] = [];
  readonly #timers: ReturnType<typeof setInterval>[] = [];

  constructor(port: number, random: Random) {
    this.#port = port;
    this.#random = random;
  }

  /** Comes and does it; what goes on goes on until `leave`. */
  async misbehave(): Promise<void> {
    const random = this.#random;
    const garbage = new Uint8Array(1 + random.below(10_000))
      .map(() => random.below(256))
      // The mark by which good members' messages are counted is theirs.
      .map((byte) => byte === MARK.charCodeAt(0) ? 0 : byte);
    const silent = await this.#come(random.below(4) === 0 ? SILENT : 20);
    await this.#come(random.below(4) === 0 ? BURST : 20);
    const [slow, stalled, flood, noise] = silent;
    if (slow) {
      const drip = setInterval(
        () => slow.write(Uint8Array.of(0x61)).catch(() => {}),
        SLOWLORIS_INTERVAL_MS,
      );
      this.#timers.push(drip);
    }
    // It asks for much and reads nothing.
    if (stalled) this.#write(stalled, "/history 100\n/who\n".repeat(50));
    if (flood) this.#write(flood, "flood, flood, flood\n".repeat(2000));
    if (noise) noise.write(garbage).catch(() => {});
  }

  /** All of them go, some without a word. */
  leave(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  async #come(count: number): Promise<Deno.TcpConn[]> {
    const sockets = await Promise.all(
      Array.from(
        { length: count },
        () => Deno.connect({ hostname: HOST, port: this.#port }),
      ),
    );
    this.#sockets.push(...sockets);
    return sockets;
  }

  #write(socket: Deno.TcpConn, text: string): void {
    socket.write(new TextEncoder().encode(text)).catch(() => {});
  }
}

// The classes above must be there first.
Deno.exit(await main());
