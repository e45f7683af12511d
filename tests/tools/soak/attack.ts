/**
 * The process of the attackers: `attack.ts NAME PORT KIND`, where the kind is
 * `tcp` or `tls`. It says a line when it begins, attacks until standard input
 * ends, and says in another line, as JSON, what it did.
 *
 * @module
 */
import { ATTACKS } from "./attacks.ts";

const [name, port, kind] = Deno.args;
const attack = ATTACKS.find((attack) => attack.name === name);
if (attack === undefined) throw new Error(`There is no attack ${name}`);
console.log("attacking");
const over = new AbortController();
const running = attack.run(
  { port: Number(port), tls: kind === "tls" },
  over.signal,
);
for await (const _ of Deno.stdin.readable);
over.abort();
console.log(JSON.stringify(await running));
// What a server has not yet answered is not waited for.
Deno.exit(0);
