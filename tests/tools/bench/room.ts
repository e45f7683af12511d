/**
 * Rooms: everyone hears everyone.
 *
 * @module
 */
import { Process } from "../../kit/process.ts";
import { installed, SKIPPED } from "./contenders.ts";
import {
  type Bench,
  figureOf,
  type Figures,
  goalAtMost,
  inTurn,
  median,
  quantile,
  type Row,
  SCRIPTS,
  WrongAnswer,
} from "./measure.ts";
import { type Member, messageText } from "./members.ts";
import {
  BARE_HUB,
  delay,
  LIFETIME_MS,
  OpenRoom,
  OUR_DOOR_WIDTH,
  ourServer,
  ourWebServer,
  ROOM_SERVERS,
  type RoomServer,
  sizesThatFit,
  within,
} from "./room_servers.ts";
import { cpuSeconds } from "./system.ts";

/** How long all messages of a room may take, in milliseconds. */
const DELIVERY_LIMIT_MS = 60_000;
/** How often the one speaks in a big room, in milliseconds. */
const SPEAKING_INTERVAL_MS = 10;
/** How often each speaks at a human pace, in milliseconds. */
const PACE_MS = 100;
const MS_PER_SECOND = 1000;

/** A room full of members that all speak. */
export async function roomRow(bench: Bench): Promise<Row> {
  const { members, messages, rounds } = bench.sizes;
  const { found, skipped } = installed(ROOM_SERVERS, ({ name }) => name);
  const cells = await inTurn(
    found.map((server) => ({
      contender: server.name,
      run: () => everyoneSpeaks(server, { members, messages, bench }),
    })),
    { rounds, base: "ncat --chat", bare: BARE_HUB, note: bench.note },
  );
  const goal = (other: string): Row["goals"] =>
    ["time", "server CPU"].flatMap((name) =>
      goalAtMost(
        `${name} at most that of ${other}`,
        figureOf(cells, SCRIPTS, name),
        1,
        figureOf(cells, other, name),
      )
    );
  return {
    name: "room",
    what:
      `${members} members each send ${messages} messages (ASCII, for ncat's sake), until all have ${
        (members * (members - 1) * messages).toLocaleString("en")
      } together`,
    units: { time: "s", "server CPU": "s" },
    base: "ncat --chat",
    cells,
    goals: [...goal("ncat --chat"), ...goal("ngircd")],
    skipped: [...SKIPPED, ...skipped],
  };
}

/** A room in which all speak at a human pace. */
export async function paceRow(bench: Bench): Promise<Row> {
  const { paceMembers: members, paceMessages: messages, rounds } = bench.sizes;
  const { found, skipped } = installed(ROOM_SERVERS, ({ name }) => name);
  const cells = await inTurn(
    found.map((server) => ({
      contender: server.name,
      run: () => allAtPace(server, { members, messages, bench }),
    })),
    { rounds, base: "ncat --chat", bare: BARE_HUB, note: bench.note },
  );
  return {
    name: "room-pace",
    what: `${members} members each send ${MS_PER_SECOND / PACE_MS} messages ` +
      `a second, for ${
        messages * PACE_MS / MS_PER_SECOND
      } s: until each is heard`,
    units: { "server CPU": "s", p99: "ms", p50: "ms" },
    base: "ncat --chat",
    cells,
    goals: [],
    skipped: [...SKIPPED, ...skipped],
  };
}

interface Speech {
  members: number;
  messages: number;
  bench: Bench;
}

/** One run of a room in which all speak, as fast as they can. */
async function everyoneSpeaks(
  server: RoomServer,
  speech: Speech,
): Promise<Figures> {
  const { time, cpu } = await allSpeak(
    server,
    speech,
    (members) =>
      Promise.all(members.map(async (member) => {
        for (let number = 0; number < speech.messages; number++) {
          await member.send(server.say(messageText(member.number, number)));
        }
      })),
  );
  return { time, "server CPU": cpu };
}

/** One run in which they take their time, none at the same moment. */
async function allAtPace(
  server: RoomServer,
  speech: Speech,
): Promise<Figures> {
  const sent: number[][] = [];
  const { cpu, members } = await allSpeak(server, speech, async (members) => {
    const start = performance.now();
    for (let number = 0; number < speech.messages; number++) {
      for (const [index, member] of members.entries()) {
        const due = start + PACE_MS * (number + index / members.length);
        await delay(due - performance.now());
        (sent[index] ??= []).push(performance.now());
        await member.send(server.say(messageText(index, number)));
      }
    }
  });
  const delays = members.flatMap((member) =>
    member.messages().map(({ from, number, time }) =>
      time - (sent[from]?.[number] ?? NaN)
    ).toArray()
  );
  return {
    "server CPU": cpu,
    p99: quantile(delays, 0.99),
    p50: median(delays),
  };
}

/**
 * Lets members speak in a new room, until all have heard all; then the members
 * are gone, but have what they heard.
 *
 * @throws {WrongAnswer}
 */
async function allSpeak(
  server: RoomServer,
  { members: count, messages, bench }: Speech,
  speak: (members: readonly Member[]) => Promise<unknown>,
): Promise<{ time: number; cpu: number; members: readonly Member[] }> {
  await using room = await OpenRoom.start(server, count, bench.folder);
  const members = await room.enter(count);
  for (const member of members) member.count();
  const all = Promise.withResolvers<void>();
  let missing = count * (count - 1) * messages;
  for (const member of members) {
    member.onMessage = () => {
      if (--missing === 0) all.resolve();
    };
  }
  const cpuBefore = await cpuSeconds(room.pid);
  const start = performance.now();
  const speaking = speak(members);
  // It fails when the server closes; what is missing then tells more.
  speaking.catch(() => {});
  await within(all.promise, DELIVERY_LIMIT_MS, () => `${missing} messages are`);
  const time = (performance.now() - start) / MS_PER_SECOND;
  const cpu = await cpuSeconds(room.pid) - cpuBefore;
  await speaking;
  for (const member of members) {
    const fault = member.fault(count, messages);
    if (fault !== undefined) throw new WrongAnswer(fault);
  }
  return { time, cpu, members };
}

/** Big rooms, in which one speaks and all hear. */
export async function bigRoomRow(bench: Bench): Promise<Row> {
  const { bigRooms, rounds } = bench.sizes;
  const server = ourServer(SCRIPTS);
  const { fit, unfit } = await sizesThatFit(bigRooms);
  const cells = await inTurn(
    [
      ...fit.map((members) => ({
        contender: `${server.name}: ${members} members`,
        run: () => oneSpeaks(server, members, bench),
      })),
      ...fit.slice(0, 1).map((members) => ({
        contender: `${server.name}: ${members} browsers`,
        run: () => oneSpeaks(ourWebServer(SCRIPTS), members, bench),
      })),
    ],
    { rounds, base: "", note: bench.note },
  );
  const first = cells[0];
  const p99 = first?.figures["p99"];
  return {
    name: "room-big",
    what: `one speaks 100 times a second, ${bench.sizes.bigMessages} times: ` +
      "until the last has heard it",
    units: { p99: "ms", p50: "ms", "server CPU": "s" },
    base: "",
    cells,
    goals: first !== undefined && fit[0] === 1000 && p99 !== undefined
      ? [{ text: "p99 under 100 ms at 1,000 members", met: p99 < 100 }]
      : [],
    skipped: unfit,
  };
}

async function oneSpeaks(
  server: RoomServer,
  count: number,
  { folder, sizes }: Bench,
): Promise<Figures> {
  await using room = await OpenRoom.start(server, count, folder);
  await using crowd = new Process("python3", [
    "tests/tools/bench/peers/crowd.py",
    String(room.port),
    String(count),
    String(sizes.bigMessages),
    String(SPEAKING_INTERVAL_MS / MS_PER_SECOND),
    String(OUR_DOOR_WIDTH),
    server.door ?? "tcp",
  ], { lifetime: LIFETIME_MS });
  await crowd.stdout.until("ready\n");
  const cpuBefore = await cpuSeconds(room.pid);
  await crowd.write("\n");
  const { status, stdout, stderr } = await crowd.finish();
  if (status !== 0) throw new WrongAnswer(stderr.trim());
  const cpu = await cpuSeconds(room.pid) - cpuBefore;
  const delays: number[] = JSON.parse(stdout.replace("ready\n", ""));
  return {
    p99: quantile(delays, 0.99) * MS_PER_SECOND,
    p50: median(delays) * MS_PER_SECOND,
    "server CPU": cpu,
  };
}

/** One run of this project's room, for its growth. */
export function ourRoom(
  bench: Bench,
  members: number,
  messages: number,
): Promise<Figures> {
  return everyoneSpeaks(ourServer(SCRIPTS), { members, messages, bench });
}
