import {
  CHAOS_ENDINGS,
  converseInChaos,
  killClientsInChaos,
  killInChaos,
  killMemberInChaos,
} from "../kit/chaos.ts";
import { testWith } from "../kit/programs.ts";
import { Random } from "../kit/random.ts";

const SEED = 20260802;
const ROUNDS = 3;

for (const ending of CHAOS_ENDINGS) {
  testWith(
    ["python3"],
    `both stand a bad network (ending: ${ending})`,
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await converseInChaos(new Random(SEED + round), ending);
      }
    },
  );
}

Deno.test("each says so when the other is killed under load", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await killInChaos(new Random(SEED + round));
  }
});

Deno.test("server --keep-open goes on when clients are killed under load", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await killClientsInChaos(new Random(SEED + round));
  }
});

Deno.test("a room loses nothing when a member is killed under load", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await killMemberInChaos(new Random(SEED + round));
  }
});
