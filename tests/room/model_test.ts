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
const PRIVATE = /^\* (\S+: |to \S+: |\S+ whispers: |broken off:|held back$)/;

/** One whom the model knows: what it must have heard, in the end. */
interface Expected {
  readonly member: Member;
  name: string;
  inRoom: boolean;
  listening: boolean;
  gone: "" | "left" | "dropped" | "put out";
  /** Those whom it ignores, and what their names looked like. */
  readonly looks: Set<string>;
  readonly ignores: Set<Expected>;
  isMuted: boolean;
  /** The guest that gets its name when that is free. */
  wanted: { by: Expected; from: string; name: string } | undefined;
  /** Where it comes from, alone, if it is not of this machine. */
  readonly address: string | undefined;
  /** The one that told it something alone last, where that is sure. */
  whisperer: Expected | undefined;
  /** What others told it alone, as far as it is sure. */
  whispers: string[];
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
  readonly but: ReadonlySet<Expected>;
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
  #isLocked = false;
  readonly #banned: string[] = [];

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
    const what = this.random.below(27);
    if (one === undefined || what < 3) this.#join();
    else if (what < 12) await this.#speak(one);
    else if (what < 14) await this.#rename(one);
    else if (what < 16) this.#stallOrListen(one);
    else if (what < 17) await this.#leave(one);
    else if (what < 18) {
      this.#enter(one);
      await inTime(this.clock, one.member.say("/nothing\n"));
    } else if (what < 20) await this.#pass();
    else if (what < 22) await this.#ignore(one);
    else if (what < 24) await this.#moderate(one);
    else if (what < 26) await this.#whisper(one);
    else await this.#arrange();
    await this.#collect();
  }

  #join(): void {
    const wish = this.random.of(NAMES);
    const isNamed = this.random.below(2) === 0 && !this.#isOfStalled(wish);
    const name = isNamed ? wish : undefined;
    const isFull = this.#present.length === MAX_MEMBERS;
    const isBanned = this.#banned.length > 0 && this.random.below(8) === 0;
    const address = isBanned
      ? this.random.of(this.#banned)
      : this.random.below(2) === 0
      ? `at-${this.#all.length}`
      : undefined;
    // Coming may make others go, whose names are free only then.
    const free = name !== undefined && this.#isFree(name);
    const goesBy = free ? name : this.#guestName();
    const seat = this.#room.join(name, () => this.#dropped(expected), address);
    const refusals = [
      isBanned && "banned",
      this.#isLocked && "locked",
      isFull && "full",
    ];
    assertEquals(
      typeof seat === "string" && seat,
      refusals.find((it) => it) ?? false,
    );
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
      ignores: new Set(),
      looks: new Set(),
      isMuted: false,
      wanted: undefined,
      address,
      whisperer: undefined,
      whispers: [],
    };
    if (name !== undefined && !free) this.#wish(expected, name);
    this.#all.push(expected);
    if (this.random.below(8) > 0 || (name !== undefined && !free)) {
      this.#stallOrListen(expected);
    }
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
    return !/^\*|:/.test(name) && [but, undefined].includes(this.#holder(name));
  }

  #holder(name: string): Expected | undefined {
    return this.#present.find((one) =>
      !looksOf(one.name).isDisjointFrom(looksOf(name))
    );
  }

  /** When a name passes on because its holder is dropped is not foretold. */
  #isOfStalled(name: string): boolean {
    return this.#holder(name)?.listening === false;
  }

  /** Whether one goes on listening: its name is wanted, or it wants one. */
  #isListening(one: Expected): boolean {
    return one.listening &&
      (one.wanted !== undefined ||
        this.#present.some(({ wanted }) => wanted?.by === one));
  }

  /** A guest asks for a name that it can't have yet. */
  #wish(by: Expected, name: string): void {
    const holder = this.#holder(name);
    const from = by.name;
    const isBack = /^guest-/.test(from) && by.address === holder?.address;
    if (holder && isBack) holder.wanted = { by, from, name };
  }

  /** A member has another name, or has gone. */
  #passOn(before: Expected): void {
    if (!before.wanted || !this.#isFree(before.wanted.name)) return;
    const { by, from, name } = before.wanted;
    before.wanted = undefined;
    if (by.gone !== "" || by.name !== from) return;
    this.#tell(`* ${from} is now ${name}`, by);
    by.name = name;
    this.#passOn(by);
  }

  #enter(one: Expected): void {
    if (one.inRoom) return;
    this.#tell(`* ${one.name} has joined`, one);
    const looks = looksOf(one.name);
    for (const other of this.#present) {
      const isIgnored = !looks.isDisjointFrom(other.looks);
      if (other !== one && isIgnored) other.ignores.add(one);
    }
    one.inRoom = true;
    one.from = this.#order.length;
  }

  async #speak(one: Expected): Promise<void> {
    const lines = Array.from(
      { length: 1 + this.random.below(4) },
      () => `${this.#said++} ${"x".repeat(this.random.below(200))}`,
    );
    this.#enter(one);
    const isAct = this.random.below(4) === 0;
    for (const line of one.isMuted ? [] : lines) {
      const deaf = this.#all.filter(({ ignores }) => ignores.has(one));
      if (isAct) this.#tell(`** ${one.name} ${line}`, ...deaf);
      else this.#tell(`${one.name}: ${line}`, one, ...deaf);
    }
    const command = isAct ? "/me " : "";
    const text = lines.map((line) => `${command}${line}\n`).join("");
    await inTime(this.clock, one.member.say(text));
    if (one.isMuted) return;
    const heard = await this.#witness.heard();
    if (one.gone === "") return;
    // One who is dropped while it speaks doesn't say the rest.
    while (lines.length > 0 && !heard.includes(` ${lines.pop()}\n`)) {
      this.#order.pop();
    }
  }

  async #rename(one: Expected): Promise<void> {
    const name = this.random.of(NAMES);
    const old = one.name;
    const isRefused = !this.#isFree(name, one);
    if (this.#isOfStalled(name) || isRefused && !one.listening) return;
    if (isRefused && !one.isMuted) this.#wish(one, name);
    else if (!one.isMuted) one.name = name;
    if (one.inRoom && one.name !== old) {
      this.#tell(`* ${old} is now ${name}`, one);
    }
    this.#enter(one);
    if (one.name !== old) this.#passOn(one);
    await inTime(this.clock, one.member.say(`/name ${name}\n`));
    if (one.gone === "") assertEquals(one.member.seat.name, one.name);
  }

  #tell(text: string, ...but: Expected[]): void {
    this.#order.push({ text, but: new Set(but) });
  }

  /** One ignores another, or hears it again. */
  async #ignore(one: Expected): Promise<void> {
    const other = this.random.of(this.#present);
    if (!other.inRoom || other === one) return;
    if (!one.inRoom) {
      this.#enter(one);
      await inTime(this.clock, one.member.say("/nothing\n"));
      // The room may let the other go as it tells that this one has come.
      if (other.gone !== "") return;
    }
    const { name } = other;
    if (one.ignores.has(other)) {
      for (const look of looksOf(name)) one.looks.delete(look);
      for (const ignored of one.ignores) {
        const isSame = !looksOf(ignored.name).isDisjointFrom(looksOf(name));
        if (isSame) one.ignores.delete(ignored);
      }
      await inTime(this.clock, one.member.say(`/unignore ${name}\n`));
    } else {
      one.ignores.add(other);
      for (const look of looksOf(name)) one.looks.add(look);
      await inTime(this.clock, one.member.say(`/ignore ${name}\n`));
    }
  }

  /** One tells another something, which nobody else hears. */
  async #whisper(one: Expected): Promise<void> {
    const isAnswer = one.whisperer?.gone === "";
    const other = isAnswer && one.whisperer || this.random.of(this.#present);
    if (!other.inRoom || other === one) return;
    this.#enter(one);
    const text = `${this.#said++} privately`;
    const command = isAnswer ? "/reply" : `/msg ${other.name}`;
    await inTime(this.clock, one.member.say(`${command} ${text}\n`));
    if (one.isMuted || other.ignores.has(one)) return;
    other.whisperer = other.listening ? one : undefined;
    if (!other.listening) return;
    other.whispers.push(`* ${one.name} whispers: ${text}\n`);
  }

  /** The operator sets how the room is. */
  async #arrange(): Promise<void> {
    const count = this.#said++;
    const unlocking = ["unlock", "The room is not locked any more"] as const;
    const [command, told] = this.#isLocked ? unlocking : this.random.of([
      [`topic ${count}`, `The topic is: ${count}`],
      // More than anyone says here.
      ["slow 9999", "Each may say 9999 messages a second now"],
      ["lock", "The room is locked: nobody more comes in"],
      unlocking,
    ]);
    this.#isLocked = command === "lock";
    this.#tell(`* ${told}`);
    await inTime(this.clock, this.#witness.say(`/${command}\n`));
    if (command !== "unlock" || this.#banned.length === 0) return;
    const lifting = `/unban ${this.#banned.pop()}\n`;
    await inTime(this.clock, this.#witness.say(lifting));
  }

  /** The operator mutes, renames, puts out or bans. */
  async #moderate(one: Expected): Promise<void> {
    if (!one.inRoom) return;
    const { name, address } = one;
    const removing = address === undefined ? "kick" : "ban";
    const what = this.random.of(["mute", "rename", removing]);
    if (what === "mute") {
      const [command, told] = one.isMuted
        ? ["unmute", "may speak again"]
        : ["mute", "may not speak for good"];
      one.isMuted = !one.isMuted;
      this.#tell(`* ${name} ${told}`, one);
      await inTime(this.clock, this.#witness.say(`/${command} ${name}\n`));
    } else if (what === "rename") {
      const newName = this.random.of(NAMES);
      if (!/^\S+$/.test(newName)) return;
      if (this.#isFree(newName, one)) {
        one.name = newName;
        if (newName !== name) this.#tell(`* ${name} is now ${newName}`, one);
        this.#passOn(one);
      }
      const line = `/rename ${name} ${newName}\n`;
      await inTime(this.clock, this.#witness.say(line));
    } else {
      one.gone = "put out";
      one.until = this.#order.length;
      const told = what === "ban"
        ? "was put out and is banned for good"
        : "was put out by the operator";
      this.#tell(`* ${name} ${told}`);
      this.#passOn(one);
      if (address !== undefined) this.#banned.push(address);
      await inTime(this.clock, this.#witness.say(`/${what} ${name}\n`));
      void one.member.listen();
    }
  }

  #stallOrListen(one: Expected): void {
    if (this.#isListening(one)) return;
    one.listening = !one.listening;
    if (one.listening) void one.member.listen();
    else one.member.stall();
  }

  async #leave(one: Expected): Promise<void> {
    one.gone = "left";
    one.until = this.#order.length;
    if (one.inRoom) {
      this.#tell(`* ${one.name} has left`);
    }
    this.#passOn(one);
    if (one.inRoom && this.random.below(2) === 0) {
      await inTime(this.clock, one.member.say("/quit\n"));
    } else {
      one.member.seat.close();
    }
  }

  #dropped(one: Expected): void {
    if (one.gone === "put out") return;
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
      .filter(({ but }) => !but.has(one))
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
    this.#tell("* The room is closed");
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
      for (const whisper of one.whispers) {
        assert(one.heard.includes(whisper), `${whisper} in ${one.heard}`);
      }
      if (one.gone === "put out") {
        assert(/: (The operator has put you out|You are .* banned for good)\n$/
          .test(one.heard));
      }
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
