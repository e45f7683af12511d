import { assert, assertEquals } from "@std/assert";
import { residentBytes, testOnLinux } from "../kit/linux.ts";
import { RawPeer } from "../kit/raw_peer.ts";
import { comeAs, startRoom } from "../kit/room_members.ts";

const KIBIBYTE = 1024;
const MEBIBYTE = KIBIBYTE ** 2;
/** A rate that holds nobody back. */
const NO_RATE = ["--rate", "9999999"];
/** A rate that is soon reached; a burst is four seconds of it. */
const RATE = 10;
const BURST = 4 * RATE;

Deno.test("a member that has gone is heard no further, and its name is free", async () => {
  await using server = await startRoom(["--rate", String(RATE)]);
  using ann = await comeAs("Ann", server.port);
  const gone = await comeAs("Gone", server.port);
  const start = performance.now();
  await gone.send(`/${"x".repeat(350 * KIBIBYTE)}\n`);
  const lines = 400 * KIBIBYTE;
  await gone.send("x\n".repeat(lines));
  await gone.until("your messages wait");
  gone.close();
  const heard = await ann.until(" of its lines were not said\n");
  const seconds = (performance.now() - start) / 1000;
  const said = heard.split("Gone: x\n").length - 1;
  assert(said <= BURST + RATE * (seconds + 1), `${said} in ${seconds} s`);
  const [, unsaid] = /Gone has left; (\d+) of/.exec(heard) ?? [];
  // The first line was a command.
  assertEquals(Number(unsaid) + said, lines);
  using again = await comeAs("Gone", server.port);
  await again.send("back\n");
  await ann.until("Gone: back\n");
});

Deno.test("a member that is reset is heard as far as it need not wait", async () => {
  await using server = await startRoom(["--rate", String(RATE)]);
  using ann = await comeAs("Ann", server.port);
  const gone = await comeAs("Gone", server.port);
  const lines = 4 * BURST;
  await gone.send("/help\n".repeat(BURST / 2) + "x\n".repeat(lines));
  // It has not read the answers.
  gone.close();
  const heard = await ann.until(" of its lines were not said\n");
  const said = heard.split("Gone: x\n").length - 1;
  assert(said > 0 && said < lines, `${said} were said`);
});

Deno.test("a member that only has no more to say is heard to its end", async () => {
  await using server = await startRoom(["--rate", String(RATE)]);
  using ann = await comeAs("Ann", server.port);
  using half = await comeAs("Half", server.port);
  const lines = Array.from({ length: 2 * BURST }, (_, index) => `${index}\n`);
  await half.send(lines.join(""));
  await half.closeWrite();
  const told = await half.end();
  assert(told.includes("your messages wait"), told);
  const heard = await ann.until("* Half has left\n");
  const said = heard.match(/(?<=^Half: )\d+\n/gm);
  assertEquals(said, lines);
});

Deno.test("coming again gives nobody more to say", async () => {
  const rates = ["--rate", String(RATE), "--address-rate", String(RATE)];
  await using server = await startRoom(rates);
  const start = performance.now();
  const visits = 20;
  for (let visit = 0; visit < visits; visit++) {
    using visitor = await comeAs(`V${visit}`, server.port);
    await visitor.send("x\n".repeat(BURST));
  }
  for (let visit = 0; visit < visits; visit++) {
    await server.stdout.until(`* V${visit} has left`);
  }
  const seconds = (performance.now() - start) / 1000;
  const said = server.stdout.text.match(/V\d+: x\n/g)?.length ?? 0;
  // Each that waits may just say one more.
  const most = BURST + RATE * seconds + visits;
  assert(said >= BURST && said <= most, `${said} in ${seconds} s`);
});

const ASKING = 99;
/** By how much a server may grow whatever its members do. */
const MAX_GROWTH_BYTES = 64 * MEBIBYTE;

testOnLinux("members that ask much and read nothing cost little", async () => {
  await using server = await startRoom([...NO_RATE]);
  using stack = new DisposableStack();
  using ann = await comeAs("Ann", server.port);
  const asking: RawPeer[] = [];
  for (let index = 0; index < ASKING; index++) {
    asking.push(stack.use(await comeAs(`a${index}`, server.port)));
  }
  const before = await residentBytes(server.pid);
  const questions = "/who\n".repeat(20 * KIBIBYTE);
  const sending = asking.map((one) => one.send(`${questions}done\n`));
  for (const index of asking.keys()) await ann.until(`a${index}: done\n`);
  await Promise.all(sending);
  const growth = await residentBytes(server.pid) - before;
  assert(growth < MAX_GROWTH_BYTES, `${growth} bytes`);
});

const RESTING = 200;
/** Of these each was to keep a buffer of 1 MiB. */
const MAX_RESTING_BYTES = RESTING * MEBIBYTE / 2;

testOnLinux(
  "members that once said much cost little when they rest",
  async () => {
    const places = ["--max-clients", String(RESTING + 1)];
    await using server = await startRoom([...NO_RATE, ...places]);
    using stack = new DisposableStack();
    const resting: RawPeer[] = [];
    for (let index = 0; index < RESTING; index++) {
      resting.push(stack.use(await RawPeer.connect(server.port)));
    }
    for (const one of resting) await one.until(": welcome, ");
    const before = await residentBytes(server.pid);
    for (const one of resting) {
      await one.send(`/${"x".repeat(700 * KIBIBYTE)}\n`);
      await one.until(": There is no such command");
    }
    const growth = await residentBytes(server.pid) - before;
    assert(growth < MAX_RESTING_BYTES, `${growth} bytes`);
  },
);
