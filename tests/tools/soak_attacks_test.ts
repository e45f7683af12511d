/** The attacks of the soak, each for a moment: only what no slow machine changes. */
import { assert, assertEquals } from "@std/assert";
import { ATTACKS } from "./soak/attacks.ts";
import { makeCertificate, tryAttack } from "./soak/trial.ts";
import { OFF_LINUX, unless } from "../kit/ignored.ts";
import { IS_OLDEST_DENO, isInstalled } from "../kit/programs.ts";

const DURATION_MS = 1000;
const MEMBERS = 5;
const REASONS = {
  ...OFF_LINUX,
  "from Deno 2.9 on": IS_OLDEST_DENO,
  "not installed: openssl": !isInstalled("openssl"),
};

for (const attack of ATTACKS) {
  const name = `good members lose nothing: ${attack.does}`;
  Deno.test({
    ...unless(REASONS, name),
    async fn(): Promise<void> {
      const folder = await Deno.makeTempDir({ prefix: "duihua-attack-" });
      try {
        await makeCertificate(folder);
        const results = [];
        for (const tls of [false, true]) {
          results.push(
            await tryAttack(attack, {
              tls,
              duration: DURATION_MS,
              members: MEMBERS,
              folder,
            }),
          );
        }
        for (const { faults, files } of results) {
          assertEquals(faults, []);
          assert(files.before > 0);
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
