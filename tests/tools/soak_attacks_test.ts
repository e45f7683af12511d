/** The attacks of the soak, each for a moment: only what no slow machine changes. */
import { assertEquals } from "@std/assert";
import { type Attack, ATTACKS } from "./soak/attacks.ts";
import { faultsOf } from "./soak/result.ts";
import { makeCertificate, tryAttack } from "./soak/trial.ts";
import { testOnLinux } from "../kit/linux.ts";

const DURATION_MS = 1000;
const MEMBERS = 5;

/** That attack over both, for a moment. */
async function attackShortly(attack: Attack): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "duihua-attack-" });
  try {
    await makeCertificate(folder);
    await Promise.all([false, true].map(async (tls) => {
      const options = { tls, duration: DURATION_MS, members: MEMBERS, folder };
      const result = await tryAttack(attack, options);
      assertEquals(faultsOf(result), [], result.over);
    }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const attack of ATTACKS.filter(({ name }) => name !== "nobody")) {
  const name = `good members lose nothing: ${attack.does}`;
  testOnLinux(name, () => attackShortly(attack), ["openssl"]);
}
