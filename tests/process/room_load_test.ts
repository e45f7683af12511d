import { assert, assertEquals } from "@std/assert";
import { unless } from "../kit/ignored.ts";
import { openFiles, residentBytes, testOnLinux } from "../kit/linux.ts";
import { Process } from "../kit/process.ts";
import {
  IS_OLDEST_DENO,
  type ServerProcess,
  startClient,
  startPython,
  testWith,
} from "../kit/programs.ts";
import { RawPeer } from "../kit/raw_peer.ts";
import { comeAs, Hearer, startRoom } from "../kit/room_members.ts";

const MEBIBYTE = 1024 * 1024;
/** How many speak in the room of four kinds, and how many messages each. */
const SPEAKERS = 30;
const MESSAGES = 20;

/** What members are like, in turn. */
const KINDS: readonly ((server: ServerProcess) => Process)[] = [
  (server) => startClient(server),
  ({ port }) => new Process("nc", ["127.0.0.1", String(port)]),
  ({ port }) => new Process("ncat", ["127.0.0.1", String(port)]),
  ({ port }) => startPython("raw_member.py", [String(port)]),
];
/** The place in `KINDS` of those who send no line endings. */
const UNENDED = 3;

testWith(
  ["nc", "ncat", "python3"],
  "30 members of four kinds hear each other once, all in one order",
  async () => {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await startRoom());
    const members = Array.from(
      { length: SPEAKERS },
      (_, index) => stack.use(kindOf(index)(server)),
    );
    for (const { stdout } of members) await stdout.until(": welcome, ");

    await Promise.all(members.map(async (member, index) => {
      const texts = messagesOf(index);
      if (index % KINDS.length !== UNENDED) {
        for (const text of texts) await member.write(`${text}\n`);
        return;
      }
      // What is sent at once would be one message.
      for (const text of texts) {
        await member.write(`${text}\n`);
        await server.stdout.until(`: ${text}\n`);
      }
    }));
    for (const index of members.keys()) {
      await server.stdout.until(`: ${messagesOf(index).at(-1)}\n`);
    }
    await server.write("n\n");
    await server.finish();
    for (const member of members) await member.closeInput();
    await Promise.all(members.map((member) => member.finish()));

    const order = utterancesIn(server.stdout.text);
    assertEquals(order.length, SPEAKERS * MESSAGES);
    for (const [index, { stdout }] of members.entries()) {
      const own = (utterance: string): boolean =>
        utterance.includes(`: ${labelOf(index)} `);
      assertEquals(
        order.filter(own).map((utterance) => utterance.replace(/^.*?: /, "")),
        messagesOf(index),
      );
      assertEquals(
        utterancesIn(stdout.text),
        order.filter((utterance) => !own(utterance)),
      );
    }
  },
);

function kindOf(index: number): (server: ServerProcess) => Process {
  const kind = KINDS[index % KINDS.length];
  assert(kind);
  return kind;
}

function labelOf(index: number): string {
  return `[${index}]`;
}

function messagesOf(index: number): string[] {
  return Array.from(
    { length: MESSAGES },
    (_, count) => `${labelOf(index)} 消息 ${count}`,
  );
}

/** What members said, without what the room said itself. */
function utterancesIn(text: string): string[] {
  return text.split("\n").filter((line) => /^guest-\d+: /.test(line));
}

/** How much is said while one member is stopped, and how much at once. */
const STOPPED_BYTES = 256 * MEBIBYTE;
/** By how much a server may grow meanwhile: most of it is not collected yet. */
const STOPPED_GROWTH_BYTES = 128 * MEBIBYTE;
const PART_BYTES = 512 * 1024;
const LINE_BYTES = 16 * 1024;
/** By how much a server may grow whatever its members do. */
const MAX_GROWTH_BYTES = 64 * MEBIBYTE;
/** A rate that holds nobody back. */
const NO_RATE = ["--rate", "9999999"];

testOnLinux(
  "a member that is stopped is let go, and slows nobody",
  async () => {
    await using server = await startRoom(NO_RATE, { sink: () => {} });
    using speaker = await comeAs("Speaker", server.port);
    using peer = await comeAs("Hearer", server.port);
    const hearer = new Hearer(peer);
    await using stopped = new Process("ncat", ["127.0.0.1", `${server.port}`]);
    await stopped.write("/name Stopped\n");
    await stopped.stdout.until("* Stopped: welcome");
    stopped.kill("SIGSTOP");

    const before = await residentBytes(server.pid);
    const part = `${"x".repeat(LINE_BYTES - 1)}\n`.repeat(
      PART_BYTES / LINE_BYTES,
    );
    let most = 0;
    for (let said = 0; said < STOPPED_BYTES; said += PART_BYTES) {
      await Promise.all([
        speaker.send(`${part}part ${said}\n`),
        hearer.until(`Speaker: part ${said}\n`),
      ]);
      most = Math.max(most, await residentBytes(server.pid));
    }
    await hearer.until("* Stopped did not read and has been let go\n");
    assertEquals(hearer.long, STOPPED_BYTES / LINE_BYTES);
    assertUnder(most - before, STOPPED_GROWTH_BYTES);
    stopped.kill("SIGCONT");
    await stopped.closeInput();
    await stopped.finish();
  },
  ["ncat"],
);

/** More than the buffers of both sockets hold. */
const MUCH_BYTES = 32 * MEBIBYTE;

/** Has the one called Speaker say much, until it has gone round. */
async function sayMuch(speaker: RawPeer, hearer: Hearer): Promise<void> {
  const line = `${"x".repeat(LINE_BYTES - 1)}\n`;
  await Promise.all([
    speaker.send(`${line.repeat(MUCH_BYTES / LINE_BYTES)}done\n`),
    hearer.until("Speaker: done\n"),
  ]);
}

Deno.test("a room that closes waits for nobody who does not read", async () => {
  await using server = await startRoom([...NO_RATE, "--queue", "64M"], {
    sink: () => {},
  });
  using _deaf = await comeAs("Deaf", server.port);
  using speaker = await comeAs("Speaker", server.port);
  using peer = await comeAs("Hearer", server.port);
  const hearer = new Hearer(peer);
  await sayMuch(speaker, hearer);
  await server.write("n\n");
  await hearer.until("* The room is closed\nn\n");
  peer.close();
  speaker.close();
  assertEquals((await server.finish()).status, 0);
});

Deno.test({
  ...unless(
    { "on Deno 2.6 a write outlives its connection": IS_OLDEST_DENO },
    "a room waits for no one who said too much and does not read",
  ),
  async fn(): Promise<void> {
    const limits = ["--queue", "64M", "--max-message", `${2 * LINE_BYTES}`];
    await using server = await startRoom([...NO_RATE, ...limits], {
      sink: () => {},
    });
    using deaf = await comeAs("Deaf", server.port);
    using speaker = await comeAs("Speaker", server.port);
    using peer = await comeAs("Hearer", server.port);
    const hearer = new Hearer(peer);
    await sayMuch(speaker, hearer);
    await deaf.send("x".repeat(3 * LINE_BYTES));
    await hearer.until("* Deaf has left\n");
    // By little: it would also be closed for how much it goes on saying.
    let isOpen = true;
    for (let count = 0; isOpen; count++) {
      isOpen = await deaf.send("x").then(() => true, () => false);
      await speaker.send(`ping ${count}\n`);
      await hearer.until(`Speaker: ping ${count}\n`);
    }
  },
});

/** How many messages the flood has, of which a second lets this many go. */
const FLOOD_MESSAGES = 100;
const FLOOD_RATE = "10";

Deno.test("a member that floods is held back, loses nothing and slows nobody", async () => {
  await using server = await startRoom(["--rate", FLOOD_RATE]);
  using flooder = await comeAs("Flooder", server.port);
  using ann = await comeAs("Ann", server.port);
  using bo = await comeAs("Bo", server.port);
  const flood = Array.from(
    { length: FLOOD_MESSAGES },
    (_, count) => `flood ${count}\n`,
  );
  await flooder.send(flood.join(""));
  const told = ": You are too fast: your messages wait, none is lost\n";
  await flooder.until(told);
  for (let count = 0; count < 5; count++) {
    await ann.send(`ping ${count}\n`);
    await bo.until(`Ann: ping ${count}\n`);
    await bo.send(`pong ${count}\n`);
    await ann.until(`Bo: pong ${count}\n`);
  }
  const heard = await bo.until(`Flooder: ${flood.at(-1)}`);
  assertUnder(heard.indexOf("Ann: ping 4"), heard.indexOf(`Flooder: flood 99`));
  assertEquals(
    heard.split("\n").filter((line) => line.startsWith("Flooder: ")),
    flood.map((line) => `Flooder: ${line.trimEnd()}`),
  );
  await ann.send("over\n");
  const answers = await flooder.until("Ann: over\n");
  assertEquals(answers.split(told).length, 2);
});

testOnLinux("a flood waits outside the server", async () => {
  await using server = await startRoom(["--rate", "10"]);
  using flooder = await comeAs("Flooder", server.port);
  using ann = await comeAs("Ann", server.port);
  using bo = await comeAs("Bo", server.port);
  const before = await residentBytes(server.pid);
  const flooding = flooder.send("flood\n".repeat(32 * MEBIBYTE))
    .catch(() => {});
  await ann.until("Flooder: flood\n");
  for (let count = 0; count < 20; count++) {
    await ann.send(`ping ${count}\n`);
    await bo.until(`Ann: ping ${count}\n`);
  }
  assertUnder(await residentBytes(server.pid) - before, MAX_GROWTH_BYTES);
  // On Deno 2.6 a write goes on waiting when its own side is closed.
  server.kill("SIGKILL");
  await flooding;
});

const IDLE_MEMBERS = 1000;
/** How many connect at the same time. */
const GROUP = 50;

Deno.test("1,000 idle members all hear the one who speaks", async () => {
  await using server = await startRoom(
    ["--max-clients", String(IDLE_MEMBERS + 1), "--history", "0"],
  );
  using stack = new DisposableStack();
  const idle: RawPeer[] = [];
  while (idle.length < IDLE_MEMBERS) {
    const group = await Promise.all(
      Array.from(
        { length: GROUP },
        (_, index) => comeAs(`idle-${idle.length + index}`, server.port),
      ),
    );
    for (const member of group) idle.push(stack.use(member));
  }
  using speaker = await comeAs("Speaker", server.port);
  await speaker.send("大家好\n");
  await Promise.all(idle.map((member) => member.until("Speaker: 大家好\n")));
  await server.stdout.until("Speaker: 大家好\n");
  await server.write("n\n");
  const farewells = await Promise.all(idle.map((member) => member.end()));
  assert(farewells.every((text) => text.endsWith("* The room is closed\nn\n")));
  stack.dispose();
  speaker.close();
  assertEquals((await server.finish()).status, 0);
});

/** Members of which each ignores some of those who speak. */
const CHOOSY_MEMBERS = 200;
const NOISY_MEMBERS = 20;
/** How the place of one that is ignored comes from the one that ignores it. */
const CHOICES = [(n: number) => n, (n: number) => 7 * n + 3];

Deno.test(`${CHOOSY_MEMBERS} members hear all but those they ignore`, async () => {
  await using server = await startRoom(
    ["--max-clients", String(CHOOSY_MEMBERS), ...NO_RATE],
  );
  using stack = new DisposableStack();
  const members: RawPeer[] = [];
  while (members.length < CHOOSY_MEMBERS) {
    const group = await Promise.all(
      Array.from(
        { length: GROUP },
        (_, index) => comeAs(`m${members.length + index}`, server.port),
      ),
    );
    for (const member of group) members.push(stack.use(member));
  }
  const ignored = members.map((_, index) =>
    CHOICES.map((choice) => `m${choice(index) % NOISY_MEMBERS}`)
      .filter((name) => name !== `m${index}`)
  );
  await Promise.all(members.map(async (member, index) => {
    const commands = ignored[index]?.map((name) => `/ignore ${name}\n`) ?? [];
    await member.send(commands.join(""));
    for (const name of ignored[index] ?? []) {
      await member.until(`You don't hear ${name} any more`);
    }
  }));
  // One that comes again is the same to those who ignore it.
  members.shift()?.close();
  members.unshift(stack.use(await comeAs("m0", server.port)));
  ignored[0] = [];
  await Promise.all(
    members.slice(0, NOISY_MEMBERS).map((member, index) =>
      member.send(`hello\n/me waves\n/msg m${index + NOISY_MEMBERS} psst\n`)
    ),
  );
  for (let index = 0; index < NOISY_MEMBERS; index++) {
    await server.stdout.until(`** m${index} waves\n`);
  }
  await server.write("over\n");
  const all = heardIn(server.stdout.text);
  assertEquals(all.length, 2 * NOISY_MEMBERS);
  await Promise.all(members.map(async (member, index) => {
    const own = `m${index}`;
    const heard = await member.until("server: over\n");
    const hears = (name = ""): boolean =>
      ignored[index]?.includes(name) === false;
    assertEquals(
      heardIn(heard),
      all.filter((line) =>
        hears(/m\d+/.exec(line)?.[0]) && !line.startsWith(`${own}: `)
      ),
      own,
    );
    const whisperer = `m${index - NOISY_MEMBERS}`;
    const isTold = index >= NOISY_MEMBERS && index < 2 * NOISY_MEMBERS &&
      hears(whisperer);
    assertEquals(
      heard.match(/^\* m\d+ whispers: .*$/gm) ?? [],
      isTold ? [`* ${whisperer} whispers: psst`] : [],
    );
  }));
});

/** What members said and did, in its order. */
function heardIn(text: string): string[] {
  return text.match(/^(m\d+: hello|\*\* m\d+ waves)$/gm) ?? [];
}

/** How often someone comes and goes. */
const VISITS = 5000;
/** How often before: till then the runtime's heap grows by being used. */
const WARM_UP_VISITS = 12_000;
/**
 * By how much memory may have grown for all these visits: some 3 KiB for each
 * would be a leak, less is what the runtime has not collected yet.
 */
const MAX_VISITS_BYTES = 16 * MEBIBYTE;
/** How often it is looked whether all that was closed is closed. */
const MAX_LOOKS = 1000;

testOnLinux("5,000 visits leave a room as it was", async () => {
  await using server = await startRoom(["--connect-rate", "9999999"]);
  using ann = await comeAs("Ann", server.port);
  const files = openFiles(server.pid);
  let before = 0;
  for (let visits = 0; visits < WARM_UP_VISITS + VISITS; visits += GROUP) {
    if (visits === WARM_UP_VISITS) before = await residentBytes(server.pid);
    await Promise.all(
      Array.from({ length: GROUP }, (_, index) => visit(index, server.port)),
    );
    await ann.send(`after ${visits}\n`);
    await server.stdout.until(`Ann: after ${visits}\n`);
  }
  for (let look = 0; openFiles(server.pid) > files; look++) {
    assertUnder(look, MAX_LOOKS);
    await visit(look, server.port);
  }
  assertUnder(await residentBytes(server.pid) - before, MAX_VISITS_BYTES);
  await ann.send("/who\n");
  const heard = await ann.until("* Ann: Ann, for ");
  assert(heard.includes("\n* Ann: 2 here:\n"));
  // Comings from one address are told together, unless the one speaks.
  const greetings = heard.match(/: hello$/gm)?.length ?? 0;
  assert(greetings >= VISITS, String(greetings));
});

/** Comes and goes, in one of the ways in which one can go. */
async function visit(index: number, port: number): Promise<void> {
  using visitor = await comeAs(`visitor-${index}`, port);
  await visitor.send(`hello\n`);
  if (index % 3 === 0) await visitor.send("n\n");
  else if (index % 3 === 1) await visitor.closeWrite();
  else return;
  await visitor.end();
}

function assertUnder(value: number, limit: number): void {
  assert(value < limit, `${value} is not under ${limit}`);
}
