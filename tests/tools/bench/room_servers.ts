/**
 * The servers with rooms that are measured, and rooms of theirs with members.
 *
 * @module
 */
import { Process } from "../../kit/process.ts";
import { freePort } from "../../kit/programs.ts";
import { upgrade } from "../../kit/web_peer.ts";
import { type Command, deno, LISTENING, OURS, ours } from "./contenders.ts";
import { WrongAnswer } from "./measure.ts";
import { Member } from "./members.ts";
import { openFilesLimit } from "./system.ts";

/** How many members come at once: less than the backlog of ncat holds. */
const DOOR_WIDTH = 5;
/** And to a server of ours; each tells all others, which takes long one by one. */
export const OUR_DOOR_WIDTH = 100;
/** How long a server with thousands of members may live, in milliseconds. */
export const LIFETIME_MS = 600_000;
/** How long they may take, in milliseconds. */
const ENTRY_LIMIT_MS = 20_000;
/** Open files of a process besides its members. */
const OTHER_FILES = 100;
/** A rate that nobody reaches. */
const ANY_RATE = "1000000";

/** A server with a room. */
export interface RoomServer {
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

/** This project, as the contender of that name. */
export function ourServer(name: string): RoomServer {
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
export function ourWebServer(name: string): RoomServer {
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

/** A few lines of Deno. */
export const BARE_HUB = "bare Deno hub";

/** The bare hub. */
export const HUB: RoomServer = {
  name: BARE_HUB,
  needs: [],
  start: (port) =>
    Promise.resolve(deno("tests/tools/bench/peers/hub.ts", [String(port)])),
  enter: (member) => member.opening("\n"),
  say: (text) => `${text}\n`,
};

/** All of them, installed or not. */
export const ROOM_SERVERS: readonly RoomServer[] = [
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
  HUB,
];

/** A room with members, all of which are closed when it is disposed of. */
export class OpenRoom {
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

/** Those numbers of members that may come, and why others may not. */
export async function sizesThatFit(
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

/** @throws {WrongAnswer} when work takes longer than that. */
export async function within(
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

/** Settles after so many milliseconds. */
export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
