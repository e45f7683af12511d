import { setImmediate } from "node:timers";
import { assert, assertEquals } from "@std/assert";
import { CROWD } from "../../lib/room/flow.ts";
import type { Room } from "../../lib/room/room.ts";
import type { Member as RoomMember } from "../../lib/room/member.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";
import {
  type FakeClock,
  makeRoom,
  Member,
  settled,
} from "../kit/room_fixture.ts";

const SCHEDULES = 2;
const STEPS = 200;
const MAX_MEMBERS = CROWD + 20;
const QUEUE_BYTES = 24 * 1024;
const HISTORY = 30;
const RATE = { perSecond: 100, burst: 20 };
/** How many lines one says who says too much at once. */
const FLOOD_LINES = 60;
/** For how many ms each thinks over what it has read. */
const PAUSES_MS = [0, 0, 0, 0, 0, 1, 5, 40];
/** Longer than anyone waits for anything, in ms. */
const LONG_MS = 20_000;

const GONE = /^\* (\S+) (has left|did not read and has been let go)$/;
const PRIVATE =
  /^\* (\S+: (welcome|You (are|did not read) )|broken off:|held back$)/;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Lets those go on who gave way. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** One who goes by names that nobody else has, so that no two lines are alike. */
class Person {
  readonly seat: RoomMember;
  readonly root: string;
  /** Between reads, in ms; Infinity for one who does not read. */
  pause: number;
  heard = "";
  /** Whether the room has nothing more for it. */
  over = false;
  /** Whether it wants to go, or is gone. */
  leaves = false;
  /** Whether it went without reading what was left for it, or was let go. */
  cut = false;
  /** What is on its way. */
  saying: Promise<void> | undefined;
  readonly said: string[] = [];
  questions = 0;
  names = 0;
  #wake = (): void => {};

  constructor(seat: RoomMember, root: string, pause: number) {
    this.seat = seat;
    this.root = root;
    this.pause = pause;
  }

  async read(clock: FakeClock): Promise<void> {
    for (;;) {
      const block = await this.seat.receive();
      if (block === null) break;
      this.heard += decoder.decode(block);
      if (this.pause === 0) continue;
      await new Promise<void>((resolve) => {
        if (this.pause === Infinity) this.#wake = resolve;
        else clock.after(this.pause, resolve);
      });
    }
    this.over = true;
  }

  wake(): void {
    this.pause = 0;
    this.#wake();
  }

  say(text: string): void {
    const saying = this.seat.send(encoder.encode(text)).then(() => {
      if (this.saying === saying) this.saying = undefined;
    });
    this.saying = saying;
  }

  /** Goes when it has said all. */
  leave(): void {
    this.leaves = true;
    void (this.saying ?? Promise.resolve())
      .then(() => this.seat.closeWrite());
  }

  /** Whether that is one of its names, or one of its lines. */
  owns(text: string | undefined): boolean {
    return text?.startsWith(`${this.root}.`) ?? false;
  }
}

/** Many who come, speak, ask and go, and what all of them hear. */
class Crowd {
  readonly #random: Random;
  readonly #room: Room;
  readonly #clock: FakeClock;
  /** Hears all, and so knows the order. */
  readonly #witness: Member;
  readonly #all: Person[] = [];
  #order: string[] = [];
  #heard = "";
  /** In how many steps they were a crowd. */
  crowded = 0;

  constructor(random: Random) {
    this.#random = random;
    const { room, clock } = makeRoom({
      queueBytes: QUEUE_BYTES,
      maxMembers: MAX_MEMBERS,
      history: HISTORY,
      rate: RATE,
    });
    this.#room = room;
    this.#clock = clock;
    this.#witness = new Member(room.joinOperator("witness"));
    void this.#witness.listen();
  }

  async step(): Promise<void> {
    for (let left = this.#random.below(8); left >= 0; left--) this.#act();
    await settled();
    if (this.#random.below(3) === 0) {
      await this.#clock.pass(this.#random.below(30));
    }
    if (this.#random.below(4) === 0) await turn();
    this.#heard += await this.#witness.heard();
    if (this.#room.here.size > CROWD) this.crowded++;
  }

  #act(): void {
    const free = this.#all.filter((one) =>
      one.saying === undefined && !one.leaves && !one.seat.isOver
    );
    const what = this.#random.below(100);
    if (free.length === 0 || what < 30) return this.#join();
    const one = this.#random.of(free);
    if (what < 60) {
      one.say(this.#textOf(one));
      // Some go in the same breath.
      if (this.#random.below(25) === 0) one.leave();
    } else if (what < 65) one.leave();
    else if (what < 66) {
      one.cut = true;
      one.seat.close();
      one.wake();
    } else if (what < 68) one.pause = Infinity;
    else if (what < 80) one.wake();
  }

  #join(): void {
    const root = `m${this.#all.length}`;
    const here = this.#all.filter(({ seat }) => !seat.isOver);
    const named = this.#random.below(2) === 0;
    const seat = this.#room.join(
      named ? `${root}.` : undefined,
      () => one.cut = true,
    );
    assertEquals(seat === "full", here.length === MAX_MEMBERS);
    if (typeof seat === "string") return;
    const one = new Person(seat, root, this.#random.of(PAUSES_MS));
    this.#all.push(one);
    void one.read(this.#clock);
    if (!named) one.say(`/name ${root}.\n`);
  }

  #textOf(one: Person): string {
    const flood = this.#random.below(20) === 0;
    let text = "";
    for (let left = flood ? FLOOD_LINES : 3; left > 0; left--) {
      const what = this.#random.below(20);
      if (what < 2) one.questions++;
      if (what === 0) text += "/who\n";
      else if (what === 1) text += `/history ${1 + this.#random.below(40)}\n`;
      else if (what === 2) text += `/name ${one.root}.${++one.names}\n`;
      else {
        const rest = "y".repeat(this.#random.below(150));
        const line = `${one.root}.#${one.said.length}${rest}`;
        one.said.push(line);
        text += `${line}\n`;
      }
    }
    return text;
  }

  /** Lets all hear what is left for them and go, and looks at what they heard. */
  async finish(): Promise<void> {
    while (this.#all.some(({ over }) => !over)) {
      for (const one of this.#all) {
        one.wake();
        if (!one.leaves) one.leave();
      }
      await this.#clock.pass(LONG_MS);
      await turn();
    }
    this.#heard += await this.#witness.heard();
    assertEquals(this.#room.here.size, 1);
    assertEquals(this.#clock.alarms, 0);
    this.#order = this.#heard.split("\n").slice(1, -1);
    for (const one of this.#all) this.#check(one);
  }

  #check(one: Person): void {
    const order = this.#order;
    const isOwn = (line: string): boolean =>
      one.owns(line) ||
      one.owns(/^\* (\S+) is now /.exec(line)?.[1]);
    const own = order.filter((line) => one.owns(line));
    const said = own.map((line) => line.slice(line.indexOf(" ") + 1));
    // In the order in which it was said, and all of it.
    assertEquals(said, one.said.slice(0, one.cut ? said.length : undefined));
    const came = order.findIndex((line) =>
      one.owns(/^\* (\S+) has joined$/.exec(line)?.[1])
    );
    if (came < 0) return assertEquals(one.heard, "");
    const went = order.findIndex((line) => one.owns(GONE.exec(line)?.[1]));
    assert(order.findLastIndex(isOwn) < went, `${one.root} spoke afterwards`);

    const lines = one.heard.split("\n");
    assertEquals(lines.pop(), "");
    let place = came + 1;
    let first = true;
    let answers = 0;
    while (lines.length > 0) {
      const line = lines.shift() ?? "";
      if (PRIVATE.test(line)) continue;
      if (/^\* \S+: (There are|Earlier|\d+ here:)/.test(line)) {
        const until = order.findIndex((line, index) =>
          index >= place && !isOwn(line)
        );
        const answer = [
          line,
          ...lines.splice(0, Number(/(?<= )\d+/.exec(line))),
        ];
        const fits = order.slice(place - 1, Math.min(went, until)).some(
          (_, index) => this.#isAnswer(answer, order.slice(0, place + index)),
        );
        assert(fits || one.cut, `${one.root} was told: ${answer.join("\n")}`);
        answers++;
        continue;
      }
      while (
        isOwn(order[place] ?? "") ||
        // Those whom its coming makes go, go before it is in.
        (first && line !== order[place] && GONE.test(order[place] ?? ""))
      ) place++;
      first = false;
      assertEquals(line, order[place++], `${one.root} heard`);
    }
    assert(place <= went, `${one.root} heard what came later`);
    if (one.cut) return;
    assertEquals(order.slice(place, went).filter((line) => !isOwn(line)), []);
    // What is asked again before the answer was taken is answered once.
    assert(answers <= one.questions);
    assertEquals(answers > 0, one.questions > 0);
  }

  /** Whether that was the right answer when so much had been said. */
  #isAnswer([head = "", ...answer]: string[], order: string[]): boolean {
    if (head.endsWith(" here:")) {
      const told = answer.map((line) => line.split(/ |,/)[2]);
      return told.join() === namesIn(order).join();
    }
    const messages = order.filter((line) => !line.startsWith("* "));
    const told = answer.map((line) => line.slice("* [12:30] ".length));
    return told.length === 0
      ? messages.length === 0
      : told.join("\n") === messages.slice(-told.length).join("\n");
  }
}

/** Who is there after all this, in the order of coming. */
function namesIn(order: string[]): string[] {
  const here = ["witness"];
  for (const line of order) {
    const [star, name = "", what, , newName = ""] = line.split(" ");
    if (star !== "*") continue;
    const place = here.indexOf(name);
    if (place < 0) here.push(name);
    else if (what === "is") here[place] = newName;
    else here.splice(place, 1);
  }
  return here;
}

Deno.test(
  "Room tells a crowd all there is, in one order, in random schedules",
  PURE,
  async () => {
    const first = Math.floor(Math.random() * 2 ** 31);
    let crowded = 0;
    for (let schedule = 0; schedule < SCHEDULES; schedule++) {
      const seed = first + schedule;
      const crowd = new Crowd(new Random(seed));
      try {
        for (let step = 0; step < STEPS; step++) await crowd.step();
        await crowd.finish();
      } catch (cause) {
        throw new Error(`The schedule with seed ${seed} failed`, { cause });
      }
      crowded += crowd.crowded;
    }
    assert(crowded > STEPS / 10, `They were a crowd in ${crowded} steps only`);
  },
);
