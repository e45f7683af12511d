/**
 * Attacks, each for a moment: only what no slow machine changes.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Attack } from "./attacks.ts";
import { faultsOf } from "./result.ts";
import { makeCertificate, tryAttack } from "./trial.ts";
import { inFolder } from "../../kit/folder.ts";
import { testOnLinux } from "../../kit/linux.ts";
import { IS_OLDEST_DENO } from "../../kit/programs.ts";

const DURATION_MS = 1000;
const MEMBERS = 5;

/** That attack over both, for a moment. */
function attackShortly(attack: Attack): Promise<void> {
  return inFolder(async (folder) => {
    await makeCertificate(folder);
    // Deno 2.6 can't cancel a write that a peer over TLS does not take, so what
    // that peer costs stays open.
    const overTls = !(IS_OLDEST_DENO && attack.name === "pair-lines");
    const trials = [false, ...overTls ? [true] : []].map(async (tls) => {
      const options = { tls, duration: DURATION_MS, members: MEMBERS, folder };
      const result = await tryAttack(attack, options);
      assertEquals(faultsOf(result), [], result.over);
    });
    // Both are over before one that fails ends the test.
    await Promise.allSettled(trials);
    await Promise.all(trials);
  });
}

/** Makes a test of each attack. */
export function testBriefly(attacks: readonly Attack[]): void {
  for (const attack of attacks) {
    const name = `good members lose nothing: ${attack.does}`;
    testOnLinux(name, () => attackShortly(attack), ["openssl"]);
  }
}
