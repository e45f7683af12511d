/**
 * Rooms: everyone hears everyone.
 *
 * @module
 */
import { Process } from "../../kit/process.ts";
import { freePort } from "../../kit/programs.ts";
import { upgrade } from "../../kit/web_peer.ts";
import {
  type Command,
  installed,
  LISTENING,
  OURS,
  ours,
  SKIPPED,
} from "./contenders.ts";
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
import { Member, messageText } from "./members.ts";
import { cpuSeconds, openFilesLimit, residentBytes } from "./system.ts";

/** How long all messages of a room may take, in milliseconds. */
const DELIVERY_LIMIT_MS = 60_000;
/** How many members come at once: less than the backlog of ncat holds. */
const DOOR_WIDTH = 5;
/** And to a server of ours; each tells all others, which takes long one by one. */
const OUR_DOOR_WIDTH = 100;
/** How long a server with thousands of members may live, in milliseconds. */
const LIFETIME_MS = 600_000;
/** How long they may take, in milliseconds. */
const ENTRY_LIMIT_MS = 20_000;
/** How often the one speaks in a big room, in milliseconds. */
const SPEAKING_INTERVAL_MS = 10;
/** How long a server has to come to rest, in milliseconds. */
const REST_MS = 3000;
const MS_PER_SECOND = 1000;
const KIBIBYTE = 1024;
/** Open files of a process besides its members. */
const OTHER_FILES = 100;
/** A rate that nobody reaches. */
const ANY_RATE = "1000000";

/** A server with a room. */
interface RoomServer {
  readonly name: string;
  readonly needs: readonly string[];
  /**
   * The command; `folder` is for files of its own. It says that it listens on
   * standard error or output.
   */
  start(port: number, members: number, folder: string): Promise<Command>;
  /** What it says once members can come, where that is not that it listens. */
  readonly ready?: RegExp;
  /** How members of a crowd come, where that is not by TCP alone. */
  readonly door?: "web";
  /** Takes a member in; settles when it is there. */
  enter(member: Member): Promise<void>;
  /** What a member sends to say a text. */
  say(text: string): string;
}

function ourServer(name: string): RoomServer {
  return {
    name,
    needs: [],
    start: (port, members) =>
      Promise.resolve(ours(name, "server", [
        "--port",
        String(port),
        "--room",
        "--max-clients",
        String(members + 1),
        "--rate",
        ANY_RATE,
        "--queue",
        "64M",
      ])),
    enter: (member) => member.opening("\n"),
    say: (text) => `${text}\n`,
  };
}

/** The same, to which members come as browsers do. */
function ourWebServer(name: string): RoomServer {
  const { start, ...rest } = ourServer(name);
  return {
    ...rest,
    start: async (port, members, folder) => {
      const [command, args] = await start(0, members, folder);
      return [command, [...args, "--web", String(port)]];
    },
    ready: /In a browser/,
    door: "web",
    enter: async (member) => {
      await member.send(upgrade(0));
      await member.opening("* ");
    },
  };
}

const ROOM_SERVERS: readonly RoomServer[] = [
  ...OURS.map(ourServer),
  {
    name: "ncat --chat",
    needs: ["ncat"],
    start: (port, members) =>
      Promise.resolve([
        "ncat",
        [
          "-v",
          "--chat",
          "-m",
          String(members + 1),
          "-l",
          "127.0.0.1",
          String(port),
        ],
      ]),
    enter: (member) => member.opening("\n"),
    say: (text) => `${text}\n`,
  },
  {
    name: "ngircd",
    needs: ["ngircd"],
    start: async (port, _members, folder) => {
      const path = `${folder}/ngircd.conf`;
      await Deno.writeTextFile(
        path,
        `[Global]
Name = irc.bench
Listen = 127.0.0.1
Ports = ${port}
MotdPhrase = bench
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxPenaltyTime = 0
MaxJoins = 0
[Options]
DNS = no
Ident = no
PAM = no
`,
      );
      return ["ngircd", ["-n", "-f", path]];
    },
    enter: async (member) => {
      const name = `m${member.number}`;
      await member.send(`NICK ${name}\r\nUSER ${name} 0 * :${name}\r\n`);
      await member.opening(" 376 ");
      await member.send("JOIN #room\r\n");
      await member.opening(" 366 ");
    },
    say: (text) => `PRIVMSG #room :${text}\r\n`,
  },
];

/** A room full of members that all speak. */
export async function roomRow(bench: Bench): Promise<Row> {
  const { members, messages, rounds } = bench.sizes;
  const { found, skipped } = installed(ROOM_SERVERS, ({ name }) => name);
  const cells = await inTurn(
    found.map((server) => ({
      contender: server.name,
      run: () => everyoneSpeaks(server, { members, messages, bench }),
    })),
    { rounds, base: "ncat --chat", note: bench.note },
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

/** One run of a room in which all speak. */
async function everyoneSpeaks(
  server: RoomServer,
  { members: count, messages, bench }: {
    members: number;
    messages: number;
    bench: Bench;
  },
): Promise<Figures> {
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
  const sending = Promise.all(members.map(async (member) => {
    for (let number = 0; number < messages; number++) {
      await member.send(server.say(messageText(member.number, number)));
    }
  }));
  // It fails when the server closes; what is missing then tells more.
  sending.catch(() => {});
  await within(all.promise, DELIVERY_LIMIT_MS, () => `${missing} messages are`);
  const time = (performance.now() - start) / 1000;
  const cpu = await cpuSeconds(room.pid) - cpuBefore;
  await sending;
  for (const member of members) {
    const fault = member.fault(count, messages);
    if (fault !== undefined) throw new WrongAnswer(fault);
  }
  return { time, "server CPU": cpu };
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

/** What idle members cost. */
export async function memoryRow(bench: Bench): Promise<Row> {
  const { bigRooms } = bench.sizes;
  const server = ourServer(SCRIPTS);
  const { fit, unfit } = await sizesThatFit(bigRooms);
  const counts = [0, ...fit];
  const cells = await inTurn(
    [{
      contender: server.name,
      run: () => idleMembers(server, counts, bench.folder),
    }, {
      contender: `${server.name}, browsers`,
      run: () => idleMembers(ourWebServer(SCRIPTS), counts, bench.folder),
    }],
    { rounds: 1, base: SCRIPTS, note: bench.note },
  );
  const own = figureOf(cells, SCRIPTS, "a member");
  return {
    name: "memory",
    what: `at rest, with ${counts.join(", ")} idle members`,
    units: {
      "a member": "KiB",
      ...Object.fromEntries(counts.map((count) => [String(count), "MiB"])),
    },
    base: SCRIPTS,
    cells,
    goals: own === undefined
      ? []
      : [{ text: "at most 10 KiB more a member", met: own <= 10 }],
    skipped: unfit,
  };
}

async function idleMembers(
  server: RoomServer,
  counts: readonly number[],
  folder: string,
): Promise<Figures> {
  const most = Math.max(...counts);
  await using room = await OpenRoom.start(server, most, folder);
  const kibibytes: [number, number][] = [];
  for (const count of counts) {
    await room.enter(count - room.size);
    await delay(REST_MS);
    kibibytes.push([count, await residentBytes(room.pid) / KIBIBYTE]);
  }
  const [, empty = NaN] = kibibytes[0] ?? [];
  const [, full = NaN] = kibibytes.at(-1) ?? [];
  return {
    "a member": (full - empty) / most,
    ...Object.fromEntries(
      kibibytes.map(([count, size]) => [String(count), size / KIBIBYTE]),
    ),
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

/** A room with members, all of which are closed when it is disposed of. */
class OpenRoom {
  readonly #server: RoomServer;
  readonly #process: Process;
  readonly #port: number;
  readonly #members: Member[] = [];

  private constructor(server: RoomServer, process: Process, port: number) {
    this.#server = server;
    this.#process = process;
    this.#port = port;
  }

  static async start(
    server: RoomServer,
    members: number,
    folder: string,
  ): Promise<OpenRoom> {
    const port = freePort();
    const [command, args] = await server.start(port, members, folder);
    const process = new Process(command, args, { lifetime: LIFETIME_MS });
    await Promise.any([
      process.stderr.until(server.ready ?? LISTENING),
      process.stdout.until(LISTENING),
    ]);
    return new OpenRoom(server, process, port);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get port(): number {
    return this.#port;
  }

  get size(): number {
    return this.#members.length;
  }

  /** Lets that many more members in; returns them. */
  async enter(count: number): Promise<Member[]> {
    const first = this.size;
    while (this.size < first + count) {
      const door = OURS.includes(this.#server.name)
        ? OUR_DOOR_WIDTH
        : DOOR_WIDTH;
      const width = Math.min(door, first + count - this.size);
      const group = await Promise.all(
        Array.from(
          { length: width },
          (_, index) => Member.connect(this.size + index, this.#port),
        ),
      );
      this.#members.push(...group);
      await within(
        Promise.all(group.map((member) => this.#server.enter(member))),
        ENTRY_LIMIT_MS,
        () => `the welcome of one of ${this.size} members is`,
      );
      for (const member of group) member.settle();
    }
    return this.#members.slice(first);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map((member) => member.close()));
    await this.#process[Symbol.asyncDispose]();
  }
}

async function sizesThatFit(
  sizes: readonly number[],
): Promise<{ fit: number[]; unfit: string[] }> {
  const limit = await openFilesLimit() - OTHER_FILES;
  return {
    fit: sizes.filter((size) => size <= limit),
    unfit: sizes.filter((size) => size > limit).map((size) =>
      `${size} members: more files than may be open (ulimit -n)`
    ),
  };
}

/** @throws {WrongAnswer} when it takes longer than that. */
async function within(
  work: Promise<unknown>,
  milliseconds: number,
  missing: () => string,
): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(
      new WrongAnswer(`${missing()} missing after ${milliseconds / 1000} s`),
    );
  }, milliseconds);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
