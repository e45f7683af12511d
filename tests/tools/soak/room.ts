/**
 * A room for as long as it shall be: rounds of good members among bad ones.
 *
 * @module
 */
import { assert } from "@std/assert";
import { settle } from "./trial.ts";
import { median } from "../bench/measure.ts";
import { MARK, Member, messageText } from "../bench/members.ts";
import { openFiles, residentBytes } from "../bench/system.ts";
import { commandFor, ServerProcess } from "../../kit/programs.ts";
import type { Random } from "../../kit/random.ts";

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
const SLOWLORIS_INTERVAL_MS = 1000;
const ROUND_LIMIT_MS = 60_000;
const MOST_CLIENTS = GOOD_MEMBERS + SILENT + BURST + 100;

/** A room with good members, which lose nothing, among bad ones. */
export async function soakRoom(
  random: Random,
  duration: number,
): Promise<void> {
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
    let open = NaN;
    await settle(async () => {
      open = await openFiles(server.pid);
      return !(open > files);
    });
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
