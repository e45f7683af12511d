/**
 * Both programs with a bad network between them, or with one of them killed.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Process } from "./process.ts";
import {
  type ServerProcess,
  startClient,
  startPython,
  startServer,
} from "./programs.ts";
import type { Random } from "./random.ts";

/** How the network between them ends: see `peers/chaos_proxy.py`. */
export const CHAOS_ENDINGS = ["none", "reset", "half-close"] as const;
/** One of them. */
export type ChaosEnding = typeof CHAOS_ENDINGS[number];

/** A connection broke, or its end came before all was said. */
const TELLS_OF_A_LOSS = /broke|before all of the input was sent|without a word/;
const MOST_LINES = 6000;
const WORDS = ["你好", "hello", "n", "😀", "a b", "再见\r", ""];
/** How long a side may take to say that the other was killed. */
const NOTICE_MS = 2000;
/** How many lines are said at once by who never stops. */
const PART_LINES = 500;
/** How much is heard before a client is killed or ends it, in characters. */
const LEAST_HEARD = 100;
const MOST_HEARD = 200_000;
/** How many clients at most come between the first and the last. */
const MOST_BETWEEN = 3;
/** How often each member of a room speaks; one more member is killed. */
const PARTS = 3;
const MEMBERS = ["Ann", "Bo", "Cy"];
const VICTIM = "Di";
/** So that nobody is held back or let go. */
const NO_LIMITS = ["--rate", "9999999", "--queue", "1G"];

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
  // A peer that is gone before it is let in is no client.
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
  // A side that has sent all and heard the other's end has left, and can't know.
  const left = said.status === 0 && said.stdout === texts.server;
  assert(
    left || (said.status === 1 && TELLS_OF_A_LOSS.test(said.stderr)),
    told,
  );
  if (ending === "half-close") return;
  assertEquals(heard.status, 1, told);
  assert(TELLS_OF_A_LOSS.test(heard.stderr), told);
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
  const feeding = [server, client].map((side) => feed(side, () => load));
  await Promise.all(
    [server, client].map((side) => side.stdout.until(lineAt(random, load))),
  );
  const [victim, other] = random.below(2) === 0
    ? [server, client]
    : [client, server];
  victim.kill("SIGKILL");
  const killedAt = performance.now();
  const { status, stderr } = await other.finish();
  const told = `seed ${random.seed}: ${status} ${stderr}`;
  assertSoon(killedAt, told);
  await Promise.all(feeding);
  assertEquals(status, 1, told);
  assert(/broke/.test(stderr), told);
}

/**
 * A server that is kept open has one client after the other, under load. Some
 * are killed at a random moment: it says so, soon, and goes on. With each of
 * the others all that is said arrives, and the next hears what comes after it.
 *
 * @throws with the seed when it is not so.
 */
export async function killClientsInChaos(random: Random): Promise<void> {
  await using server = await startServer(["--keep-open"]);
  const speech = new Speech("s");
  const feeding = feed(server, () => speech.next());
  const between = Array.from(
    { length: random.below(MOST_BETWEEN + 1) },
    () => random.of([visitAndDie, visit]),
  );
  const visits: Visit[] = [];
  for (const come of [visitAndDie, ...between, visit]) {
    const speech = new Speech(`${visits.length}-`);
    visits.push(await come(server, random, speech));
    await server.stderr.until(storyOf(visits));
    const { killedAt } = visits.at(-1) ?? {};
    if (killedAt) assertSoon(killedAt, `seed ${random.seed}`);
  }
  server.kill("SIGTERM");
  const { status, stdout, stderr } = await server.finish();
  await feeding;
  const told = `seed ${random.seed}: ${status} ${stderr}`;
  assertEquals(status, 143, told);
  const kills = visits.filter(({ killedAt }) => killedAt).length;
  assertEquals(stderr.match(/broke/g)?.length, kills, told);
  assertHeardByAll(visits, speech.text, told);
  assertHeardFromAll(visits, stdout, told);
}

/**
 * A member of a room is killed while it floods and all others talk: all are
 * told that it has left, and hear all that the others say, in one order.
 *
 * @throws with the seed when it is not so.
 */
export async function killMemberInChaos(random: Random): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServer(["--room", ...NO_LIMITS]));
  const [victim, ...members] = [VICTIM, ...MEMBERS].map((name): Member => ({
    name,
    side: stack.use(startClient(server, ["--name", name])),
    speech: new Speech(`${name}-`),
  }));
  assert(victim);
  for (const { name, side } of [victim, ...members]) {
    await side.stdout.until(`* ${name}: welcome`);
  }
  const flooding = feed(victim.side, () => victim.speech.next());
  await server.stdout.until(`${VICTIM}: `);
  const last = { by: random.of(members), part: random.below(PARTS) };
  await Promise.all(members.map(async (member) => {
    for (let part = 0; part < PARTS; part++) {
      await speakOnce(member, members);
      if (member === last.by && part === last.part) victim.side.kill("SIGKILL");
    }
  }));
  await flooding;
  const left = `* ${VICTIM} has left\n`;
  for (const { side } of members) await side.stdout.until(left);
  await Promise.all(members.map((member) => speakOnce(member, members)));
  await server.write("n\n");
  const { status, stdout, stderr } = await server.finish();
  const told = `seed ${random.seed}: ${status} ${stderr}`;
  assertEquals(status, 0, told);
  assertEquals(stdout.split(left).length, 2, told);
  assert(!stdout.split(left)[1]?.includes(`${VICTIM}: `), told);
  for (const { name, speech } of members) {
    assertEquals(saidBy(name, stdout), withoutReturns(speech.text), told);
  }
  const torn = saidBy(VICTIM, stdout).slice(0, -1);
  assertBeginning(torn, withoutReturns(victim.speech.text), told);
  for (const { name, side } of members) {
    const heard = await side.finish();
    assertEquals(heard.status, 0, told);
    const others = utterancesIn(stdout).filter((utterance) =>
      !utterance.startsWith(`${name}: `)
    );
    assertEquals(utterancesIn(heard.stdout), others, told);
  }
}

/** A member of a room. */
interface Member {
  readonly name: string;
  readonly side: Process;
  readonly speech: Speech;
}

/** One says the next lines; settles when all others have heard them. */
async function speakOnce(
  member: Member,
  members: readonly Member[],
): Promise<void> {
  const { side, speech } = member;
  await side.write(speech.next());
  const { last } = speech;
  for (const other of members) {
    if (other !== member) await other.side.stdout.until(last);
  }
}

/** What one client of a server said and heard, and how it went. */
interface Visit {
  /** When it was killed, as `performance.now()` has it. */
  readonly killedAt: number | undefined;
  readonly said: string;
  readonly heard: string;
}

/** One client, which says the end after a while. */
async function visit(
  server: ServerProcess,
  random: Random,
  speech: Speech,
): Promise<Visit> {
  await using client = startClient(server);
  await client.write(speech.next());
  await client.stdout.until(someText(random));
  await client.write(`${speech.next()}n\n`);
  const { status, stdout, stderr } = await client.finish();
  assertEquals(status, 0, `seed ${random.seed}: ${stderr}`);
  return { killedAt: undefined, said: speech.text, heard: stdout };
}

/** One client, which is killed while it speaks. */
async function visitAndDie(
  server: ServerProcess,
  random: Random,
  speech: Speech,
): Promise<Visit> {
  await using client = startClient(server);
  const speaking = feed(client, () => speech.next());
  await client.stdout.until(someText(random));
  await server.stdout.until(speech.lineAt(random));
  client.kill("SIGKILL");
  const killedAt = performance.now();
  await speaking;
  const { stdout } = await client.finish();
  return { killedAt, said: speech.text, heard: stdout };
}

function someText(random: Random): RegExp {
  return new RegExp(`^[^]{${LEAST_HEARD + random.below(MOST_HEARD)}}`);
}

/** What the server says of its clients; it may say more. */
function storyOf(visits: readonly Visit[]): RegExp {
  return new RegExp(
    visits.map(({ killedAt }) =>
      `Client connected: .*\n[^]*?` +
      (killedAt ? "error: .* broke .*\n" : "The client has ended .*\n")
    ).join("[^]*?"),
  );
}

/** Nothing is said twice, and nothing is lost but what a killed client had. */
function assertHeardByAll(
  visits: readonly Visit[],
  speech: string,
  told: string,
): void {
  let next = 0;
  let lost = false;
  for (const { killedAt, heard } of visits) {
    const [label] = /^\S+ /.exec(heard) ?? [""];
    const start = `\n${speech}`.indexOf(`\n${label}`);
    assert(
      lost ? start >= next : start === next,
      `${label} came, not ${speech.slice(next, next + 10)}, ${told}`,
    );
    assertBeginning(heard, speech.slice(start), told);
    assert(killedAt || heard.endsWith("\n"), told);
    next = start + heard.length;
    lost = killedAt !== undefined;
  }
}

/** All that each said is shown, in order; of who was killed the beginning. */
function assertHeardFromAll(
  visits: readonly Visit[],
  shown: string,
  told: string,
): void {
  let start = 0;
  for (const [index, { killedAt, said }] of visits.entries()) {
    const next = killedAt
      ? shown.indexOf(`${index + 1}-0 `, start)
      : start + said.length;
    const part = shown.slice(start, next);
    assertBeginning(part, said, told);
    start = next;
  }
  assertEquals(shown.slice(start), "", told);
}

/** Numbered lines without end, each different from all others. */
class Speech {
  readonly #mark: string;
  #count = 0;
  /** All that was taken so far. */
  text = "";

  /** `mark` begins each line, and is nowhere else. */
  constructor(mark: string) {
    this.#mark = mark;
  }

  /** Takes the next lines. */
  next(): string {
    let part = "";
    for (let line = 0; line < PART_LINES; line++, this.#count++) {
      part += `${this.#mark}${this.#count} ${
        WORDS[this.#count % WORDS.length]
      }\n`;
    }
    this.text += part;
    return part;
  }

  /** The beginning of the line that was taken last. */
  get last(): string {
    return `${this.#mark}${this.#count - 1} `;
  }

  /** The beginning of one of its lines. */
  lineAt(random: Random): string {
    return `${this.#mark}${random.below(MOST_LINES)} `;
  }
}

/** What members of a room said, without what the room says itself. */
function utterancesIn(text: string): string[] {
  return text.split("\n").filter((line) => /^\w+: /.test(line));
}

/** What one member of a room said. */
function saidBy(name: string, text: string): string {
  return utterancesIn(text)
    .filter((utterance) => utterance.startsWith(`${name}: `))
    .map((utterance) => `${utterance.slice(`${name}: `.length)}\n`)
    .join("");
}

/** A room takes them away. */
function withoutReturns(text: string): string {
  return text.replaceAll("\r", "");
}

/** Says one part after the other, until nobody takes it. */
async function feed(side: Process, next: () => string): Promise<void> {
  try {
    for (;;) await side.write(next());
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

function assertSoon(killedAt: number, told: string): void {
  const time = performance.now() - killedAt;
  assert(time < NOTICE_MS, `Only after ${time} ms, ${told}`);
}

function assertBeginning(part: string, whole: string, told: string): void {
  // Not all bytes of a last character need have come.
  const known = part.endsWith("\ufffd") ? part.replace(/\ufffd+$/, "") : part;
  assert(whole.startsWith(known), `Other text came than was sent, ${told}`);
}
