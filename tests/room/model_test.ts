import { assert, assertEquals } from "@std/assert";
import { looksOf } from "../../lib/room/names.ts";
import { NAME_WAIT_MS } from "../../lib/room/room.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";
import {
  type FakeClock,
  inTime,
  makeRoom,
  Member,
} from "../kit/room_fixture.ts";

const SCHEDULES = 60;
const STEPS = 100;
const MAX_MEMBERS = 8;
const QUEUE_BYTES = 4096;
/** More than is said in one step. */
const STEP_BYTES = 1024;
const NAMES = ["ann", "bob", "BOB", "小明", "guest-1", "guest-3", "* x", "a:b"];
const DROP = / did not read and has been let go$/;
/** What only one member gets. */
const PRIVATE = /^\* (\S+: |broken off:|held back$)/;

/** One whom the model knows: what it must have heard, in the end. */
interface Expected {
  readonly member: Member;
  name: string;
  inRoom: boolean;
  listening: boolean;
  gone: "" | "left" | "dropped";
  /** Where in the order it came, and where its part ended. */
  from: number;
  until: number;
  heard: string;
  /** Whether it was in the room when the last step ended. */
  settled: boolean;
  /** How many it saw dropped. */
  drops: number;
}

/** The order that all must see: who must not get a line, and the line. */
interface Line {
  readonly text: string;
  readonly but: Expected | undefined;
}

/** The room, as simple as can be: a list of lines and a list of members. */
class Model {
  readonly random: Random;
  readonly clock: FakeClock;
  readonly #room;
  readonly #order: Line[] = [];
  readonly #all: Expected[] = [];
  /** Hears all from the beginning to the end. */
  readonly #witness: Member;
  #said = 0;

  constructor(random: Random) {
    this.random = random;
    const { room, clock } = makeRoom({
      queueBytes: QUEUE_BYTES,
      maxMembers: MAX_MEMBERS,
    });
    this.#room = room;
    this.clock = clock;
    this.#witness = new Member(room.joinOperator("witness"));
    void this.#witness.listen();
  }

  get #present(): Expected[] {
    return this.#all.filter(({ gone }) => gone === "");
  }

  async step(): Promise<void> {
    const one = this.#present.length > 0
      ? this.random.of(this.#present)
      : undefined;
    const what = this.random.below(20);
    if (one === undefined || what < 3) this.#join();
    else if (what < 12) await this.#speak(one);
    else if (what < 14) await this.#rename(one);
    else if (what < 16) this.#stallOrListen(one);
    else if (what < 17) this.#leave(one);
    else if (what < 18) {
      this.#enter(one);
      await inTime(this.clock, one.member.say("/nothing\n"));
    } else await this.#pass();
    await this.#collect();
  }

  #join(): void {
    const name = this.random.below(2) === 0 ? this.random.of(NAMES) : undefined;
    const isFull = this.#present.length === MAX_MEMBERS;
    // Coming may make others go, whose names are free only then.
    const free = name !== undefined && this.#isFree(name);
    const goesBy = free ? name : this.#guestName();
    const seat = this.#room.join(name, () => this.#dropped(expected));
    assertEquals(seat === "full", isFull);
    if (typeof seat === "string") return;
    const expected: Expected = {
      member: new Member(seat),
      name: goesBy,
      inRoom: false,
      listening: false,
      gone: "",
      from: 0,
      until: Infinity,
      heard: "",
      settled: false,
      drops: 0,
    };
    this.#all.push(expected);
    if (this.random.below(8) > 0) this.#stallOrListen(expected);
    if (name !== undefined) this.#enter(expected);
    assertEquals(seat.name, expected.name);
  }

  #guestName(): string {
    for (let number = 1;; number++) {
      const name = `guest-${number}`;
      if (this.#isFree(name)) return name;
    }
  }

  #isFree(name: string, but?: Expected): boolean {
    return !/^\*|:/.test(name) &&
      !this.#present.some((other) =>
        other !== but && !looksOf(other.name).isDisjointFrom(looksOf(name))
      );
  }

  #enter(one: Expected): void {
    if (one.inRoom) return;
    this.#order.push({ text: `* ${one.name} has joined`, but: one });
    one.inRoom = true;
    one.from = this.#order.length;
  }

  async #speak(one: Expected): Promise<void> {
    const lines = Array.from(
      { length: 1 + this.random.below(4) },
      () => `${this.#said++} ${"x".repeat(this.random.below(200))}`,
    );
    this.#enter(one);
    for (const line of lines) {
      this.#order.push({ text: `${one.name}: ${line}`, but: one });
    }
    const text = lines.map((line) => `${line}\n`).join("");
    await inTime(this.clock, one.member.say(text));
    const heard = await this.#witness.heard();
    if (one.gone === "") return;
    // One who is dropped while it speaks doesn't say the rest.
    while (lines.length > 0 && !heard.includes(`: ${lines.pop()}\n`)) {
      this.#order.pop();
    }
  }

  async #rename(one: Expected): Promise<void> {
    const name = this.random.of(NAMES);
    const old = one.name;
    if (this.#isFree(name, one)) one.name = name;
    if (one.inRoom && one.name !== old) {
      this.#order.push({ text: `* ${old} is now ${name}`, but: one });
    }
    this.#enter(one);
    await inTime(this.clock, one.member.say(`/name ${name}\n`));
    if (one.gone === "") assertEquals(one.member.seat.name, one.name);
  }

  #stallOrListen(one: Expected): void {
    one.listening = !one.listening;
    if (one.listening) void one.member.listen();
    else one.member.stall();
  }

  #leave(one: Expected): void {
    one.gone = "left";
    one.until = this.#order.length;
    if (one.inRoom) {
      this.#order.push({ text: `* ${one.name} has left`, but: undefined });
    }
    one.member.seat.close();
  }

  #dropped(one: Expected): void {
    assert(!one.listening, `${one.name} was dropped, but listens`);
    assertEquals(one.gone, "");
    one.gone = "dropped";
    one.until = this.#order.length;
    for (const other of this.#present) if (other.settled) other.drops++;
    void one.member.listen();
  }

  async #pass(): Promise<void> {
    for (const one of this.#present) this.#enter(one);
    await this.clock.pass(NAME_WAIT_MS);
  }

  async #collect(): Promise<void> {
    for (const one of this.#all) {
      one.heard += await one.member.heard();
      if (one.gone === "") this.#checkUnread(one);
      one.settled = one.inRoom;
    }
    assertEquals(
      this.#room.here.size,
      1 + this.#present.filter(({ inRoom }) => inRoom).length,
    );
  }

  /** What is kept for one who does not read is bounded. */
  #checkUnread(one: Expected): void {
    const unread = this.#expectedOf(one).length - this.#publicOf(one).length;
    if (one.listening) assertEquals(unread, 0, one.name);
    assert(unread <= QUEUE_BYTES + STEP_BYTES, `${unread} bytes are kept`);
  }

  #expectedOf(one: Expected): string {
    if (!one.inRoom) return "";
    return this.#order.slice(one.from, one.until)
      .filter(({ but }) => but !== one)
      .map(({ text }) => `${text}\n`).join("");
  }

  /** Where among other lines one sees another dropped is not foretold. */
  #publicOf(one: Expected): string {
    return one.heard.split("\n").slice(0, -1)
      .filter((line) => !PRIVATE.test(line) && !DROP.test(line))
      .map((line) => `${line}\n`).join("");
  }

  /** Lets all hear what is left for them, and compares it with the order. */
  async finish(): Promise<void> {
    await this.#pass();
    for (const one of this.#present) {
      if (!one.listening) this.#stallOrListen(one);
    }
    this.#order.push({ text: "* The room is closed", but: undefined });
    this.#room.close();
    for (const one of this.#all) {
      one.heard += await one.member.heard();
      const expected = this.#expectedOf(one);
      const heard = this.#publicOf(one);
      if (one.gone === "") {
        assertEquals(heard, expected);
        const drops = one.heard.split("\n").filter((line) => DROP.test(line));
        assert(drops.length >= one.drops);
      }
      assert(expected.startsWith(heard), `${heard} is not of ${expected}`);
      assert(heard === "" || heard.endsWith("\n"));
      if (one.gone === "dropped") {
        assert(one.heard.endsWith("go\n* broken off: not read\n"), one.heard);
      }
      if (one.gone !== "left" || one.listening) assert(one.member.over);
    }
    assertEquals(this.clock.alarms, 0);
  }

  /** How many came, and how many were dropped. */
  get counts(): { came: number; dropped: number } {
    const dropped = this.#all.filter(({ gone }) => gone === "dropped").length;
    return { came: this.#all.length, dropped };
  }
}

Deno.test(
  "Room does what a simple model does, in random schedules",
  PURE,
  async () => {
    const first = Math.floor(Math.random() * 2 ** 31);
    let came = 0;
    let dropped = 0;
    for (let schedule = 0; schedule < SCHEDULES; schedule++) {
      const seed = first + schedule;
      const model = new Model(new Random(seed));
      try {
        for (let step = 0; step < STEPS; step++) await model.step();
        await model.finish();
      } catch (cause) {
        throw new Error(`The schedule with seed ${seed} failed`, { cause });
      }
      came += model.counts.came;
      dropped += model.counts.dropped;
    }
    assert(dropped > SCHEDULES / 10, `only ${dropped} of ${came} were dropped`);
  },
);
