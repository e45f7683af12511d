/**
 * Both programs with a bad network between them, or with one of them killed.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Process } from "./process.ts";
import { startClient, startPython, startServer } from "./programs.ts";
import type { Random } from "./random.ts";

/** How the network between them ends: see `peers/chaos_proxy.py`. */
export const CHAOS_ENDINGS = ["none", "reset", "half-close"] as const;
export type ChaosEnding = typeof CHAOS_ENDINGS[number];

const MOST_LINES = 6000;
const WORDS = ["你好", "hello", "n", "😀", "a b", "再见\r", ""];
/** How long a side may take to say that the other was killed. */
const NOTICE_MS = 2000;

/**
 * One conversation over a bad network: everything arrives whole, once and in
 * order, or those who can know say that the connection broke.
 *
 * @throws with the seed when it is not so.
 */
export async function converseInChaos(
  random: Random,
  ending: ChaosEnding,
): Promise<void> {
  const texts = { client: lines(random, "c"), server: lines(random, "s") };
  const limit = 1 + random.below(texts.client.length - 1);
  await using server = await startServer([], { input: texts.server });
  await using proxy = startPython("chaos_proxy.py", [
    String(server.port),
    String(random.below(2 ** 31)),
    ending,
    String(limit),
  ]);
  const [, port] = await proxy.stdout.until(/port (\d+)\n/);
  await using client = startClient({ port: Number(port) });
  // Who is gone before it is let in is no client.
  await server.stderr.until("Client connected");
  const feeding = client.write(texts.client).then(() => client.closeInput())
    .catch(() => {});
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  await feeding;
  const told = `seed ${random.seed}, ${ending} after ${limit}:\n` +
    `${heard.status} ${heard.stderr}\n${said.status} ${said.stderr}`;
  assertBeginning(heard.stdout, texts.client, told);
  assertBeginning(said.stdout, texts.server, told);
  if (ending === "none") {
    assertEquals([heard.status, said.status], [0, 0], told);
    assertEquals(heard.stdout.length, texts.client.length, told);
    assertEquals(said.stdout.length, texts.server.length, told);
    return;
  }
  // Who has sent all and heard the other's end has left, and can't know.
  const left = said.status === 0 && said.stdout === texts.server;
  assert(left || (said.status === 1 && said.stderr.includes("broke")), told);
  if (ending === "half-close") return;
  assertEquals(heard.status, 1, told);
  assert(heard.stderr.includes("broke"), told);
  for (const { stdout } of [heard, said]) {
    assert(
      stdout === "" || stdout.endsWith("\n"),
      `A torn line, ${JSON.stringify(stdout.slice(-60))} ${told}`,
    );
  }
}

/**
 * One side is killed under load at a random moment: the other says so and
 * exits with status 1, soon.
 *
 * @throws with the seed when it does not.
 */
export async function killInChaos(random: Random): Promise<void> {
  const load = lines(random, "x");
  await using server = await startServer(["--end", ""]);
  await using client = startClient(server, ["--end", ""]);
  await server.stderr.until("Client connected");
  const feeding = [server, client].map((side) => feed(side, load));
  await Promise.all(
    [server, client].map((side) => side.stdout.until(lineAt(random, load))),
  );
  const [victim, other] = random.below(2) === 0
    ? [server, client]
    : [client, server];
  victim.kill("SIGKILL");
  const start = performance.now();
  const { status, stderr } = await other.finish();
  const time = performance.now() - start;
  await Promise.all(feeding);
  const told = `seed ${random.seed}, after ${time} ms: ${status} ${stderr}`;
  assertEquals(status, 1, told);
  assert(/broke/.test(stderr), told);
  assert(time < NOTICE_MS, told);
}

/** Says the same over and over, until nobody takes it. */
async function feed(side: Process, load: string): Promise<void> {
  try {
    for (;;) await side.write(load);
  } catch {
    // It has ended.
  }
}

/** The beginning of one of the lines, which is there only once. */
function lineAt(random: Random, text: string): string {
  const count = text.split("\n").length - 1;
  return `x${random.below(count)} `;
}

/** Numbered lines, so that one which is lost or doubled shows. */
function lines(random: Random, mark: string): string {
  const count = 1 + random.below(MOST_LINES);
  let text = "";
  for (let number = 0; number < count; number++) {
    text += `${mark}${number} ${random.of(WORDS)}\n`;
  }
  return text;
}

function assertBeginning(part: string, whole: string, told: string): void {
  // Not all bytes of a last character need have come.
  const known = part.endsWith("\ufffd") ? part.replace(/\ufffd+$/, "") : part;
  assert(whole.startsWith(known), `Other text came than was sent, ${told}`);
}
