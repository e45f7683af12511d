/**
 * Good members of a room that is attacked: what they say, and how soon all the
 * others hear it. And visitors, who come as the attack goes on.
 *
 * @module
 */
import type { Socket } from "node:net";
import { Buffer } from "node:buffer";
import { PASSWORD } from "./attacks.ts";
import { connectTo, GOOD, type Target } from "./attackers.ts";

const SECOND_MS = 1000;
/** How long one may take to get in before the attack, in milliseconds. */
const ENTRY_MS = 10_000;
/** And a visitor during it, not counted what it takes to type a password. */
const VISIT_MS = 3000;
/** How long a person takes to type a password, in milliseconds. */
const TYPING_MS = 3000;
const WELCOME = ": welcome, ";
const QUESTION = "* password:";
/** Ends each message of a good member; attackers don't say it. */
const MARK = "^";
const LINE_FEED = 0x0a;
const MESSAGE = /(\d+)-(\d+)\^$/;
/** More than a message has, in bytes. */
const MESSAGE_BYTES = 32;

/** Waits until that text has come; false when it does not come in time. */
function hears(socket: Socket, text: string, limit: number): Promise<boolean> {
  return new Promise((resolve) => {
    let heard = "";
    const settle = (found: boolean): void => {
      clearTimeout(timer);
      socket.off("data", look).off("close", lose);
      resolve(found);
    };
    const lose = (): void => settle(false);
    const look = (data: Buffer): void => {
      heard += data.toString("latin1");
      if (heard.includes(text)) settle(true);
    };
    const timer = setTimeout(lose, limit);
    socket.on("data", look).on("close", lose);
  });
}

/** One that comes in. */
interface Entry {
  readonly target: Target;
  readonly hasPassword: boolean;
  /** How long the password takes to type, in milliseconds. */
  readonly typing: number;
  /** How long each answer may take, in milliseconds. */
  readonly limit: number;
}

/** Comes in; undefined when it doesn't get in. */
async function enter(
  { target, hasPassword, typing, limit }: Entry,
): Promise<Socket | undefined> {
  const socket = connectTo(GOOD, target);
  let isIn = !hasPassword || await hears(socket, QUESTION, limit);
  if (isIn && hasPassword) {
    await new Promise((resolve) => setTimeout(resolve, typing));
    socket.write(`${PASSWORD}\n`);
  }
  isIn &&= await hears(socket, WELCOME, limit);
  if (isIn) return socket;
  socket.destroy();
  return undefined;
}

/** How long a visit takes at the most, in milliseconds. */
export function longestVisit(hasPassword: boolean): number {
  return hasPassword ? 2 * VISIT_MS + TYPING_MS : VISIT_MS;
}

/** Somebody comes, and goes at once. Returns whether it got in. */
export async function visit(
  target: Target,
  hasPassword: boolean,
): Promise<boolean> {
  const entry = { target, hasPassword, typing: TYPING_MS, limit: VISIT_MS };
  const socket = await enter(entry);
  socket?.end("n\n", () => socket.destroy());
  return socket !== undefined;
}

/** Members who each speak once a second, and count what they hear of each other. */
export class GoodMembers implements Disposable {
  readonly #sockets: readonly Socket[];
  /** When each member said each of its messages. */
  readonly #said: number[][];
  /** How many messages each member has heard of each. */
  readonly #heard: number[][];
  readonly #delays: number[] = [];
  #speaking: ReturnType<typeof setInterval> | undefined;
  #lag = 0;
  #others = 0;
  #missing = 0;
  #fault: string | undefined;

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets;
    this.#said = sockets.map(() => []);
    this.#heard = sockets.map(() => sockets.map(() => 0));
    for (const [number, socket] of sockets.entries()) {
      let rest: Buffer = Buffer.alloc(0);
      socket.on("data", (data: Buffer) => {
        rest = this.#hear(number, Buffer.concat([rest, data]));
        if (number === 0) this.#countOthers(data);
      });
      socket.on("close", () => this.#fault ??= `member ${number} was let go`);
    }
  }

  /** So many come in, all at once. */
  static async gather(
    count: number,
    target: Target,
    hasPassword: boolean,
  ): Promise<GoodMembers> {
    const entry = { target, hasPassword, typing: 0, limit: ENTRY_MS };
    const sockets = await Promise.all(
      Array.from({ length: count }, () => enter(entry)),
    );
    const admitted = sockets.filter((socket) => socket !== undefined);
    const members = new GoodMembers(admitted);
    if (admitted.length === count) return members;
    members[Symbol.dispose]();
    throw new Error("A good member was refused");
  }

  /** How long each message took to each, in milliseconds. */
  get delays(): readonly number[] {
    return this.#delays;
  }

  /** How many messages are still to be heard, counted for each hearer. */
  get missing(): number {
    return this.#missing;
  }

  /** How many lines of others came to one of them. */
  get others(): number {
    return this.#others;
  }

  /** The first thing that went wrong, other than by being late. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** They begin to speak, in turn. */
  speak(): void {
    let turn = 0;
    const members = this.#sockets.length;
    if (members === 0) return;
    let due = Infinity;
    this.#speaking = setInterval(() => {
      const now = performance.now();
      this.#lag = Math.max(this.#lag, now - due);
      due = now + SECOND_MS / members;
      const number = turn++ % members;
      const said = this.#said[number] ?? [];
      this.#missing += members - 1;
      this.#sockets[number]?.write(`${number}-${said.length}${MARK}\n`);
      said.push(performance.now());
    }, SECOND_MS / members);
  }

  /**
   * By how many milliseconds this process itself was late, at the most: so much
   * of a delay may not be the server's.
   */
  get lag(): number {
    return this.#lag;
  }

  /** They say no more, but still hear. */
  hush(): void {
    clearInterval(this.#speaking);
  }

  [Symbol.dispose](): void {
    this.hush();
    for (const socket of this.#sockets) {
      socket.removeAllListeners("close").destroy();
    }
  }

  /** Takes the messages out of what came; returns what may be half of one. */
  #hear(hearer: number, data: Buffer): Buffer {
    const now = performance.now();
    let start = 0;
    for (let end; (end = data.indexOf(MARK, start)) >= 0; start = end + 1) {
      const from = Math.max(start, end - MESSAGE_BYTES);
      const text = data.toString("latin1", from, end + 1);
      const [, who, which] = MESSAGE.exec(text) ?? [];
      this.#take(hearer, Number(who), Number(which), now);
    }
    return data.subarray(Math.max(start, data.length - MESSAGE_BYTES));
  }

  #take(hearer: number, speaker: number, number: number, now: number): void {
    const heard = this.#heard[hearer] ?? [];
    const saidAt = this.#said[speaker]?.[number];
    if (saidAt === undefined || heard[speaker] !== number) {
      this.#fault ??= `member ${hearer} heard message ${number} of member ` +
        `${speaker} where ${heard[speaker]} was to come`;
      return;
    }
    heard[speaker] = number + 1;
    this.#missing--;
    this.#delays.push(now - saidAt);
  }

  #countOthers(data: Buffer): void {
    for (let at = -1; (at = data.indexOf(LINE_FEED, at + 1)) >= 0;) {
      if (data[at - 1] !== MARK.charCodeAt(0)) this.#others++;
    }
  }
}
