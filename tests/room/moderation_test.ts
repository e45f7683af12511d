import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { RoomOptions } from "../../lib/room/flow.ts";
import { PHRASES } from "../../lib/text/phrases.ts";
import { nameProblem } from "../../lib/wire/names.ts";
import { PURE } from "../kit/pure.ts";
import {
  type FakeClock,
  inTime,
  makeMembers,
  makeRoom,
  Member,
  settled,
} from "../kit/room_fixture.ts";
import type { Room } from "../../lib/room/room.ts";

const MINUTE_MS = 60_000;

/** An operator and two members, each from an address of its own. */
interface Moderated {
  readonly room: Room;
  readonly clock: FakeClock;
  readonly op: Member;
  readonly ann: Member;
  readonly bob: Member;
}

function come(room: Room, name?: string, address?: string): Member {
  const member = new Member(room.join(name, undefined, address));
  void member.listen();
  return member;
}

async function moderated(options?: Partial<RoomOptions>): Promise<Moderated> {
  const { room, clock } = makeRoom(options);
  const op = new Member(room.joinOperator("server"));
  void op.listen();
  const ann = come(room, "ann", "at-1");
  const bob = come(room, "bob", "at-2");
  for (const one of [op, ann, bob]) await one.heard();
  return { room, clock, op, ann, bob };
}

/** How a member says something, whose turn comes in time. */
function say({ clock }: Moderated, one: Member, text: string): Promise<void> {
  return inTime(clock, one.say(text));
}

Deno.test("the operator alone sees addresses", PURE, async () => {
  const it = await moderated();
  const cid = come(it.room, "cid", "at-3");
  assertEquals(await it.op.heard(), "* cid has joined from at-3\n");
  assertEquals(await it.bob.heard(), "* cid has joined\n");
  for (const one of [it.op, cid]) await one.say("/who\n");
  const seen = await it.op.heard();
  assertStringIncludes(seen, "* server: cid from at-3, for 0s, idle 0s\n");
  assert(!(await cid.heard()).includes("at-"));
});

Deno.test(
  "what the operator may do is no command for others",
  PURE,
  async () => {
    const it = await moderated();
    const operators = it.room.commands.filter(({ who }) => who === "operator");
    assertEquals(operators.length, 10);
    for (const { name } of operators) {
      await say(it, it.ann, `/${name} bob\n`);
      assertStringIncludes(await it.ann.heard(), "* ann: There is no such");
    }
    assertEquals(await it.bob.heard(), "");
    await say(it, it.ann, "/help\n");
    assert(!(await it.ann.heard()).includes("/kick"));
    await say(it, it.op, "/help\n");
    const help = await it.op.heard();
    for (const { name } of it.room.commands) {
      assertStringIncludes(help, `* server: /${name} `);
    }
  },
);

Deno.test(
  "/kick puts one out, says why, and drops its backlog",
  PURE,
  async () => {
    const it = await moderated({
      rate: { perSecond: 1, burst: 2 },
    });
    const flooding = it.ann.say("x\n".repeat(1000));
    await settled();
    await it.op.say("/kick ANN too\x1b loud\n");
    await flooding;
    assertEquals(
      await it.bob.heard(),
      "ann: x\nann: x\n* ann was put out by the operator: too\\x1b loud\n",
    );
    assert((await it.ann.heard()).endsWith(
      "* ann: The operator has put you out: too\\x1b loud\n",
    ));
    assert(it.ann.over);
    assertEquals(it.room.find("ann"), undefined);
    await it.op.heard();
    await it.op.say("/kick bib\n/kick zoe\n/kick server\n/kick\n");
    assertEquals(
      await it.op.heard(),
      "* server: Nobody here is called bib; did you mean bob?\n" +
        "* server: Nobody here is called zoe\n* server: That is you\n" +
        "* server: /kick NAME [REASON] puts a member out\n",
    );
  },
);

Deno.test("/mute lets one say nothing, for so long", PURE, async () => {
  const it = await moderated({ rate: { perSecond: 1, burst: 2 } });
  const flooding = it.ann.say("x\n".repeat(1000));
  await settled();
  await it.op.say("/mute ann 5 flood\n");
  await flooding;
  assertEquals(
    await it.bob.heard(),
    "ann: x\nann: x\n* ann may not speak for 5 min: flood\n",
  );
  assertStringIncludes(
    await it.ann.heard(),
    "* ann: You may not speak for 5 min: flood\n",
  );
  await it.clock.pass(10_000);
  await it.ann.say("a\n/me b\n/msg bob c\n/name d\n/reply e\n/topic\n");
  assertEquals(
    await it.ann.heard(),
    "* ann: Not said: you may not speak\n* ann: There is no topic\n",
  );
  assertEquals(await it.bob.heard(), "");
  await it.clock.pass(5 * MINUTE_MS);
  await it.ann.say("f\n");
  assertEquals(await it.bob.heard(), "ann: f\n");
  await it.op.say("/unmute ann\n/mute ann\n/unmute ann\n");
  assertEquals(
    await it.bob.heard(),
    "* ann may not speak for good\n* ann may speak again\n",
  );
  assertEquals(
    await it.ann.heard(),
    "* ann: You may not speak for good\n* ann: You may speak again\n",
  );
  assertStringIncludes(await it.op.heard(), "* server: ann may speak already");
});

Deno.test(
  "/ban puts out all of an address, and lets none in",
  PURE,
  async () => {
    const it = await moderated();
    const cid = come(it.room, "cid", "at-1");
    for (const one of [it.op, it.bob]) await one.heard();
    await it.op.say("/ban ann 10 spam\n");
    assertEquals(
      await it.bob.heard(),
      "* ann, cid was put out and is banned for 10 min: spam\n",
    );
    assert(it.ann.over && cid.over);
    assertStringIncludes(
      await cid.heard(),
      "* cid: You are put out and banned for 10 min: spam\n",
    );
    assertEquals(it.room.join("eve", undefined, "at-1"), "banned");
    assertStringIncludes(
      await it.op.heard(),
      "* server: Banned for 10 min: at-1\n",
    );
    await it.op.say("/ban at-9\n/bans\n/unban at-1\n/unban at-1\n/ban zoe\n");
    assertEquals(
      await it.op.heard(),
      "* server: Banned for good: at-9\n* server: 2 banned:\n" +
        "* server: at-1 for 10 min\n* server: at-9 for good\n" +
        "* server: No longer banned: at-1\n" +
        "* server: Not banned: at-1; /bans lists who is\n" +
        "* server: Nobody here is called zoe\n",
    );
    assertEquals(typeof it.room.join("eve", undefined, "at-1"), "object");
    const dan = come(it.room, "dan");
    await it.op.heard();
    await it.op.say("/ban dan\n");
    assertStringIncludes(await it.op.heard(), "dan has no address");
    assert(!dan.over);
  },
);

Deno.test("/rename gives one another name", PURE, async () => {
  const it = await moderated();
  await it.op.say("/rename ann eve\n");
  assertEquals(await it.ann.heard(), "* eve: You are eve now\n");
  assertEquals(await it.bob.heard(), "* ann is now eve\n");
  assertEquals(await it.op.heard(), "* ann is now eve\n");
  await it.op.say("/rename eve bob\n/rename eve a:b\n/rename eve\n");
  assertEquals(
    await it.op.heard(),
    "* server: someone is called bob already\n" +
      "* server: a name has letters with few marks, numbers, emoji and - _ . ' only, and no space\n" +
      "* server: /rename NAME NEW changes a member's name\n",
  );
});

Deno.test("/topic is shown to all, and set by the operator", PURE, async () => {
  const it = await moderated();
  await it.ann.say("/topic mine\n");
  assertEquals(await it.ann.heard(), "* ann: There is no topic\n");
  const long = "\u0301\x1b[2J" + "话".repeat(10_000);
  await it.op.say(`/topic ${long}\n`);
  const topic = await it.bob.heard();
  assert(topic.startsWith("* The topic is: \u0301\\x1b[2J话"), topic);
  assert(topic.length < 400, topic);
  await it.op.say("/topic * bob has left\n");
  assertEquals(await it.bob.heard(), "* The topic is: * bob has left\n");
  const cid = come(it.room, "cid");
  const text = await cid.heard();
  assert(text.endsWith("* cid: The topic is: * bob has left\n"), text);
});

Deno.test("/lock lets nobody more in", PURE, async () => {
  const it = await moderated();
  await it.op.say("/lock\n");
  assertEquals(it.room.join("eve"), "locked");
  await it.op.say("/unlock\n");
  assertEquals(typeof it.room.join("eve"), "object");
  assertEquals(
    await it.bob.heard(),
    "* The room is locked: nobody more comes in\n" +
      "* The room is not locked any more\n* eve has joined\n",
  );
});

Deno.test("/slow sets the rate of all", PURE, async () => {
  const it = await moderated({ rate: { perSecond: 100, burst: 400 } });
  await it.op.say("/slow 1\n");
  assertEquals(
    await it.bob.heard(),
    "* Each may say 1 messages a second now\n",
  );
  const saying = it.ann.say("x\n".repeat(6));
  await settled();
  assertEquals(await it.bob.heard(), "ann: x\n".repeat(4));
  await inTime(it.clock, saying);
  assertEquals(await it.bob.heard(), "ann: x\n".repeat(2));
  await it.op.heard();
  await it.op.say("/slow 0\n/slow\n");
  const form = "* server: /slow N lets each say N messages a second\n";
  assertEquals(await it.op.heard(), form.repeat(2));
});

Deno.test(
  "a newcomer is shown what came before, where that is wanted",
  PURE,
  async () => {
    const it = await moderated({ historyOnJoin: 2 });
    await it.ann.say("1\n2\n/me 3\n");
    const cid = come(it.room, "cid");
    const heard = await cid.heard();
    assert(
      heard.endsWith(
        "* cid: Earlier messages, the last 2:\n" +
          "* [12:30] ann: 2\n* [12:30] ** ann 3\n",
      ),
      heard,
    );
  },
);

Deno.test(
  "many who come and go from one address are told together",
  PURE,
  async () => {
    const it = await moderated();
    let lines = 0;
    for (let second = 0; second < 20; second++) {
      for (let visit = 0; visit < 100; visit++) {
        const one = come(it.room, `v${second}-${visit}`, "at-3");
        if (visit < 99) one.seat.close();
      }
      await it.clock.pass(1000);
      lines += (await it.bob.heard()).split("\n").length - 1;
    }
    assert(lines <= 10 + 20, String(lines));
    await it.clock.pass(1000);
    const one = come(it.room, "late", "at-3");
    await one.say("hello\n");
    const heard = await it.bob.heard();
    assert(heard.endsWith("late: hello\n"), heard);
    assertStringIncludes(heard, "late");
    // Those of other addresses don't wait for these.
    come(it.room, "zoe", "at-4");
    assertEquals(await it.bob.heard(), "* zoe has joined\n");
    await it.clock.pass(3000);
  },
);

Deno.test("a name passes on only when its holder has gone", PURE, async () => {
  const it = await moderated();
  const cid = come(it.room, "cid", "at-1");
  const wanted = "* ann: Someone else would like to be called ann; " +
    "as long as you are here the name is yours\n";
  await it.ann.heard();
  await cid.say("/name ann\n");
  assertEquals(await it.ann.heard(), "");
  await it.clock.pass(MINUTE_MS);
  await cid.say("/name ann\n/name ann\n");
  assertEquals(await it.ann.heard(), wanted);
  // One that is only silent keeps it, whoever asks, and for how long.
  for (let minutes = 0; minutes < 5; minutes++) {
    await it.clock.pass(MINUTE_MS);
    await cid.say("/name ann\n");
    assertEquals(it.room.find("ann"), it.ann.seat);
  }
  assertEquals(await it.ann.heard(), wanted.repeat(5));
  await it.bob.heard();
  it.ann.seat.close();
  assertEquals(await it.bob.heard(), "* ann has left\n* cid is now ann\n");
  assertEquals(cid.seat.name, "ann");
});

Deno.test(
  "a name is free, not passed on, when it was wanted long ago",
  PURE,
  async () => {
    const it = await moderated();
    const cid = (await makeMembers(it.room, ["cid"]))[0];
    await it.clock.pass(MINUTE_MS);
    await cid?.say("/name ann\n");
    await it.clock.pass(10_000);
    it.ann.seat.close();
    await settled();
    assertEquals(cid?.seat.name, "cid");
  },
);

Deno.test(
  "a guest gets the name it wants when that is free",
  PURE,
  async () => {
    const it = await moderated();
    const guest = come(it.room, "ANN", "at-1");
    assertStringIncludes(
      await guest.heard(),
      "* guest-1: Not taken: someone is called ann already; you are still guest-1\n",
    );
    await it.clock.pass(10 * MINUTE_MS);
    // As long as its holder is called so, in whatever form, it has it.
    await it.ann.say("/name Ann\n");
    assertEquals(guest.seat.name, "guest-1");
    await it.bob.heard();
    await it.op.say("/rename ann eve\n");
    assertEquals(
      await it.bob.heard(),
      "* Ann is now eve\n* guest-1 is now ANN\n",
    );
    // One that has taken another name, or was to be called so, doesn't want it.
    const cid = come(it.room, "bob", "at-2");
    const dan = come(it.room, undefined, "at-2");
    await dan.say("hi\n/name bob\n/name dan\n");
    await it.op.say(`/rename ${cid.seat.name} eve\n`);
    // Nor does a guest from elsewhere get that of one whose connection broke.
    await guest.say("here\n");
    const zoe = come(it.room, "ANN", "at-6");
    guest.seat.close();
    it.bob.seat.close();
    await settled();
    assertEquals(
      [cid, dan, zoe].map(({ seat }) => seat.name),
      ["guest-1", "dan", "guest-2"],
    );
  },
);

Deno.test(
  "others go on while one that may not speak floods",
  PURE,
  async () => {
    const it = await moderated();
    await it.op.say("/mute ann\n");
    let isDropped = false;
    const flooding = it.ann.say("x\n".repeat(10_000))
      .then(() => isDropped = true);
    await settled();
    await it.bob.say("hi\n");
    assertStringIncludes(await it.op.heard(), "bob: hi\n");
    assert(!isDropped);
    // It is dropped soon, and not said when the one may speak again.
    await it.clock.pass(100);
    await flooding;
    await it.op.say("/unmute ann\n");
    await it.ann.say("over\n");
    assertEquals(
      await it.bob.heard(),
      "* ann may not speak for good\n* ann may speak again\nann: over\n",
    );
  },
);

Deno.test("a number that is none of minutes is no reason", PURE, async () => {
  const it = await moderated();
  await it.op.heard();
  for (const time of ["0", "-5", "1.5", "5m", "12345678"]) {
    await it.op.say(`/mute ann ${time}\n/ban ann ${time} spam\n`);
    assertEquals(
      await it.op.heard(),
      "* server: /mute NAME [MINUTES] [REASON] lets a member not speak\n" +
        "* server: /ban NAME|ADDRESS[/PREFIX] [MINUTES] [REASON] keeps an address out\n",
    );
  }
  assert(!it.ann.seat.isMuted && !it.ann.over);
});

Deno.test(
  "nobody can be told anything alone that only reads along",
  PURE,
  async () => {
    const it = await moderated();
    it.op.seat.hide();
    await it.op.heard();
    await it.ann.say("/msg server hi\n/msg sever hi\n/name server\n");
    assertStringIncludes(
      await it.ann.heard(),
      "* ann: Nobody here is called server\n* ann: Nobody here is called sever\n" +
        "* ann: Not taken: someone is called server already",
    );
    assertEquals(await it.op.heard(), "");
  },
);

Deno.test("what all hear is not taken for what one alone hears", PURE, () => {
  const values = { name: "ann", old: "ann", count: 3, time: "x", why: ": y" };
  const lists = {
    came: "ann, bob",
    went: "cid",
    topic: "a: b",
    address: "::1",
  };
  const phrases = [
    ...["room joined", "room left", "room left, unsaid", "room renamed"],
    ...["room dropped", "room closed", "room kicked", "room banned"],
    ...["room muted", "room unmuted", "room is locked", "room is unlocked"],
    ...["room is slow", "room topic", "room no topic", "room came and went"],
    ...["room came", "room went"],
    ...["room from", "room full", "room locked", "room banned here"],
  ];
  for (const language of ["en", "zh"] as const) {
    const texts = new Map<string, string>(Object.entries(PHRASES[language]));
    for (const phrase of phrases) {
      const text = (texts.get(phrase) ?? ": ").replaceAll(
        /\{(\w+)\}/g,
        (_, name) =>
          String(new Map(Object.entries({ ...values, ...lists })).get(name)),
      );
      const [, name] = /^([^:]*): /.exec(text) ?? [];
      assert(name === undefined || nameProblem(name) !== null, text);
    }
  }
});
