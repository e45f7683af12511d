/**
 * The proof, `deno task soak`: minutes of everything that could break the
 * programs. `--minutes N` says for how long the room is kept busy, and each
 * attack lasts a tenth of that; `--seed N` makes it the same again; `--only
 * PART` is for one part of it, which may be one attack.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { ATTACKS } from "./soak/attacks.ts";
import { soakRoom } from "./soak/room.ts";
import { breachesOf, faultsOf, HEADS, rowOf } from "./soak/result.ts";
import { makeCertificate, tryAttack } from "./soak/trial.ts";
import {
  CHAOS_ENDINGS,
  converseInChaos,
  killClientsInChaos,
  killInChaos,
  killMemberInChaos,
} from "../kit/chaos.ts";
import { fuzzCodec } from "../kit/codec_fuzz.ts";
import { Random } from "../kit/random.ts";

const DEFAULT_MINUTES = 10;
const MINUTE_MS = 60_000;
const FUZZ_CASES = 100_000;
const CHAOS_ROUNDS = 30;
/** Good members of a room that is attacked. */
const ATTACKED_MEMBERS = 30;
/** The part of all the time that one attack has. */
const ATTACK_PART = 1 / 10;

/** What is proved, in its order. */
const PARTS = {
  codec: soakCodec,
  network: soakNetwork,
  room: soakRoom,
  attacks: soakAttacks,
} as const;

class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What the command line asks for. */
interface Order {
  /** How long the room is kept busy, in milliseconds. */
  duration: number;
  seed: number;
  /** The only part, or the only attack. */
  only: string | undefined;
}

function parseOrder(args: string[]): Order {
  const values = parseArgs(args, {
    string: ["minutes", "seed", "only"],
    boolean: [],
    alias: {},
    unknown(arg): boolean {
      throw new UsageError(
        `Cannot take ${arg}: there are --minutes, --seed, --only`,
      );
    },
  });
  const read = (name: string, form: RegExp): number | undefined => {
    const value = values[name];
    if (value === undefined) return undefined;
    if (form.test(String(value))) return Number(value);
    throw new UsageError(`Cannot take "${value}" for --${name}: a number`);
  };
  const only = values["only"] === undefined ? undefined : `${values["only"]}`;
  const parts = [...Object.keys(PARTS), ...ATTACKS.map(({ name }) => name)];
  if (only !== undefined && !parts.includes(only)) {
    throw new UsageError(
      `Cannot take "${only}" for --only: ${parts.join(", ")}`,
    );
  }
  return {
    // In no time nothing is proved.
    duration: MINUTE_MS *
      (read("minutes", /^(?=.*[1-9])\d+(\.\d+)?$/) ?? DEFAULT_MINUTES),
    seed: read("seed", /^\d+$/) ?? Date.now() % 1_000_000,
    only,
  };
}

async function main(): Promise<number> {
  let order: Order;
  try {
    order = parseOrder(Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
  const { duration, only } = order;
  const random = new Random(order.seed);
  console.log(`seed ${random.seed}`);
  const isAttack = ATTACKS.some(({ name }) => name === only);
  const chosen = isAttack ? "attacks" : only;
  try {
    for (const [name, soak] of Object.entries(PARTS)) {
      if ((chosen ?? name) === name) await soak(random, duration, only);
    }
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  }
}

function soakCodec(random: Random): void {
  fuzzCodec(random, FUZZ_CASES);
  console.log(`codec: ${FUZZ_CASES} cases`);
}

async function soakNetwork(random: Random): Promise<void> {
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
}

/**
 * Every attack, or one, over TCP and over TLS, as rows of a table.
 *
 * @throws when one did what it must not; all are tried first.
 */
async function soakAttacks(
  _random: Random,
  duration: number,
  only?: string,
): Promise<void> {
  // What it costs is known only from there.
  if (Deno.build.os !== "linux") return console.log("attacks: only on Linux");
  const folder = await Deno.makeTempDir({ prefix: "duihua-soak-" });
  const row = (cells: readonly string[]): void =>
    console.log(`| ${cells.join(" | ")} |`);
  const wrong: string[] = [];
  try {
    await makeCertificate(folder);
    row(HEADS);
    row(HEADS.map(() => "---"));
    for (const attack of ATTACKS) {
      if ((only ?? "attacks") !== "attacks" && only !== attack.name) continue;
      for (const tls of [false, true]) {
        try {
          const result = await tryAttack(attack, {
            tls,
            duration: duration * ATTACK_PART,
            members: ATTACKED_MEMBERS,
            folder,
          });
          row(rowOf(result));
          for (const problem of [...faultsOf(result), ...breachesOf(result)]) {
            wrong.push(`${attack.name}, ${result.over}: ${problem}`);
          }
        } catch (error) {
          wrong.push(`${attack.name}: ${error}`);
        }
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
}

// The class above must be there first.
Deno.exit(await main());
