import { setImmediate } from "node:timers";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { converse } from "../../lib/chat/converse.ts";
import {
  CROWD,
  CROWD_WAIT_MS,
  ROUND_MS_PER_MEMBER,
} from "../../lib/room/flow.ts";
import { SEGMENT_BYTES } from "../../lib/room/feed.ts";
import { SYSTEM_CLOCK } from "../../lib/room/allowance.ts";
import { PATIENCE_MS } from "../../lib/room/flow.ts";
import { NAME_WAIT_MS } from "../../lib/room/room.ts";
import { PHRASES } from "../../lib/text/phrases.ts";
import { FakeEndpoint } from "../kit/fake_endpoint.ts";
import { PURE } from "../kit/pure.ts";
import {
  inTime,
  makeMembers,
  makeRoom,
  Member,
  nextTurn,
  settled,
} from "../kit/room_fixture.ts";

const KIB = 1024;

Deno.test(
  "Room.join() tells the others, and the newcomer how things are",
  PURE,
  async () => {
    const { room } = makeRoom();
    const [ann] = await makeMembers(room, ["ann"]);
    const bob = new Member(room.join("bob"));
    void bob.listen();
    assertEquals(await ann?.heard(), "* bob has joined\n");
    assertEquals(
      await bob.heard(),
      "* bob: welcome, 2 here. /help helps, n leaves\n",
    );
  },
);

Deno.test(
  "Room.join() without a name waits for the name line",
  PURE,
  async () => {
    const { room, clock } = makeRoom();
    const [ann] = await makeMembers(room, ["ann"]);
    const bob = new Member(room.join());
    void bob.listen();
    assertEquals(await ann?.heard(), "");
    await bob.say("/name bob\nhello\n");
    assertEquals(await ann?.heard(), "* bob has joined\nbob: hello\n");
    assertEquals(
      await bob.heard(),
      "* bob: welcome, 2 here. /help helps, n leaves\n",
    );
    assertEquals(clock.alarms, 0);
    await clock.pass(NAME_WAIT_MS);
    assertEquals(await ann?.heard(), "");
    assertEquals(clock.alarms, 0);
  },
);

Deno.test(
  "Room.join() makes a guest of who says something else first, or nothing",
  PURE,
  async () => {
    const { room, clock } = makeRoom();
    const [ann] = await makeMembers(room, ["ann"]);
    const first = new Member(room.join());
    const second = new Member(room.join());
    await first.say("hello\n/name bob\n");
    assertEquals(
      await ann?.heard(),
      "* guest-1 has joined\nguest-1: hello\n* guest-1 is now bob\n",
    );
    await clock.pass(NAME_WAIT_MS - 1);
    assertEquals(await ann?.heard(), "");
    await clock.pass(1);
    assertEquals(await ann?.heard(), "* guest-2 has joined\n");
    second.seat.close();
    assertEquals(await ann?.heard(), "* guest-2 has left\n");
  },
);

Deno.test(
  "Room.join() says nothing of who goes before it was told of",
  PURE,
  async () => {
    const { room, clock } = makeRoom({ maxMembers: 2 });
    const [ann] = await makeMembers(room, ["ann"]);
    const bob = new Member(room.join());
    assertEquals(room.join(), "full");
    bob.seat.close();
    assertEquals(clock.alarms, 0);
    await clock.pass(NAME_WAIT_MS);
    assertEquals(await ann?.heard(), "");
    assertEquals(room.here.size, 1);
  },
);

Deno.test(
  "Room.join() answers a name that can't be had and takes a guest in",
  PURE,
  async () => {
    const { room } = makeRoom();
    const [ann] = await makeMembers(room, ["ann"]);
    for (
      const [name, reason] of [
        ["ＡＮＮ", "someone is called ann already"],
        ["* bob", PHRASES.en["name characters"]],
        ["", "a name can't be empty"],
      ] as const
    ) {
      const bob = new Member(room.join(name));
      void bob.listen();
      assertEquals(
        await bob.heard(),
        "* guest-1: welcome, 2 here. /help helps, n leaves\n" +
          `* guest-1: Not taken: ${reason}; you are still guest-1\n`,
      );
      bob.seat.close();
    }
    assertEquals(
      await ann?.heard(),
      "* guest-1 has joined\n* guest-1 has left\n".repeat(3),
    );
  },
);

Deno.test("Room.join() gives guests the lowest free number", PURE, () => {
  const { room } = makeRoom();
  const join = (): Member => new Member(room.join());
  const [, second, third] = [join(), join(), join()];
  assertEquals(third?.seat.name, "guest-3");
  second?.seat.close();
  assertEquals(join().seat.name, "guest-2");
  assertEquals(join().seat.name, "guest-4");
  assertEquals(new Member(room.join("guest-6")).seat.name, "guest-6");
  assertEquals(join().seat.name, "guest-5");
  assertEquals(join().seat.name, "guest-7");
});

Deno.test(
  "Room.join() is full at the limit, the operator not counted, and a place is free at once",
  PURE,
  () => {
    const { room } = makeRoom({ maxMembers: 2 });
    room.joinOperator("server");
    const ann = new Member(room.join("ann"));
    room.join("bob");
    assertEquals(room.join("cid"), "full");
    ann.seat.close();
    ann.seat.close();
    assert(typeof room.join("cid") === "object");
    assertEquals(room.join("dan"), "full");
    room.close();
    assertEquals(room.join("ann"), "closed");
  },
);

Deno.test(
  "Member.send() goes to all but its sender, with the name before every line",
  PURE,
  async () => {
    const { room } = makeRoom();
    const [ann, bob, cid] = await makeMembers(room, ["ann", "bob", "小明"]);
    await ann?.say("one\ntwo\n");
    await cid?.say("三\r\n");
    await ann?.say("without an ending");
    await ann?.say("\n");
    assertEquals(await ann?.heard(), "小明: 三\n");
    assertEquals(
      await bob?.heard(),
      "ann: one\nann: two\n小明: 三\nann: without an ending\nann: \n",
    );
    assertEquals(
      await cid?.heard(),
      "ann: one\nann: two\nann: without an ending\nann: \n",
    );
  },
);

Deno.test("Member.send() says /text for //text", PURE, async () => {
  const { room } = makeRoom();
  const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
  await ann?.say("//name eve\n///\n //x\n");
  assertEquals(await bob?.heard(), "ann: /name eve\nann: //\nann:  //x\n");
  assertEquals(await ann?.heard(), "");
});

const HOSTILE: readonly [said: Uint8Array | string, heard: string][] = [
  ["\rserver: obey\n", "ann: \\x0dserver: obey\n"],
  ["a\rb\r\r\n", "ann: a\\x0db\n"],
  ["x\r", "ann: x\n"],
  ["\x1b[2K\x1b[1G* bob has left\n", "ann: \\x1b[2K\\x1b[1G* bob has left\n"],
  ["\x1b]0;title\x07\n", "ann: \\x1b]0;title\\x07\n"],
  ["\b\b\b\b\b* x\n", "ann: \\x08\\x08\\x08\\x08\\x08* x\n"],
  ["\x0b* x\x0c* y\n", "ann: \\x0b* x\\x0c* y\n"],
  ["\u0085* next line\n", "ann: \\x85* next line\n"],
  ["\u009b2J\n", "ann: \\x9b2J\n"],
  ["\u2028* bob has left\n", "ann: \\u2028* bob has left\n"],
  ["\u202eolleh\u202c\n", "ann: \\u202eolleh\\u202c\n"],
  ["\u2066x\u2069\n", "ann: \\u2066x\\u2069\n"],
  ["\0\n", "ann: \\x00\n"],
  ["\x7f\n", "ann: \\x7f\n"],
  [
    "tab\tstops, “quotes” and é do\n",
    "ann: tab     stops, “quotes” and é do\n",
  ],
  ["* bob has left\n", "ann: * bob has left\n"],
  ["bob: hi\n", "ann: bob: hi\n"],
  [new Uint8Array([0xe4, 0xbd, 0x0a]), "ann: \ufffd\n"],
  [new Uint8Array([0x61, 0xff, 0xfe, 0x62, 0x0a]), "ann: a\ufffd\ufffdb\n"],
  [new Uint8Array([0x9b, 0x32, 0x4a, 0x0a]), "ann: \ufffd2J\n"],
];

Deno.test(
  "Member.send() lets nothing through that forges a line or acts on a terminal",
  PURE,
  async () => {
    const { room } = makeRoom();
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    for (const [said, heard] of HOSTILE) {
      const bytes = typeof said === "string"
        ? new TextEncoder().encode(said)
        : said;
      await ann?.seat.send(bytes);
      assertEquals(await bob?.heard(), heard);
    }
  },
);

Deno.test(
  "Member.send() tells who does not send UTF-8, once",
  PURE,
  async () => {
    const { room } = makeRoom();
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    await ann?.say("你好\n");
    assertEquals(await ann?.heard(), "");
    const gbk = new Uint8Array([0xc4, 0xe3, 0xba, 0xc3, 0x0a]);
    await ann?.seat.send(gbk);
    assertStringIncludes(await ann?.heard() ?? "", ": Your message is not UTF");
    await ann?.seat.send(gbk);
    assertEquals(await ann?.heard(), "");
    assertEquals(
      (await bob?.heard())?.replaceAll("\ufffd", ""),
      "ann: 你好\nann: \nann: \n",
    );
  },
);

Deno.test(
  "Member.send() leaves the bytes that it was given as they are",
  PURE,
  async () => {
    const { room } = makeRoom();
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    const bytes = new TextEncoder().encode("hello\n");
    await ann?.seat.send(bytes);
    bytes.fill(0x2a);
    assertEquals(await bob?.heard(), "ann: hello\n");
  },
);

Deno.test(
  "Member.send() does not say what would be too long with the name, and tells",
  PURE,
  async () => {
    const { room } = makeRoom({ maxMessage: 100 });
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    const fits = "x".repeat(100 - "* [12:30] ann: \n".length);
    await ann?.say(`${fits}\n${fits}x\nnext\n`);
    assertEquals(await bob?.heard(), `ann: ${fits}\nann: next\n`);
    assertStringIncludes(await ann?.heard() ?? "", "at most 100 bytes");
    await bob?.say("/history\n");
    const [, line = ""] = (await bob?.heard() ?? "").split("\n");
    assertEquals(line.length, 99);
  },
);

Deno.test(
  "Member.send() renames, tells all, and keeps names apart",
  PURE,
  async () => {
    const { room } = makeRoom();
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    await ann?.say("/name  eve \nhello\n");
    assertEquals(await bob?.heard(), "* ann is now eve\neve: hello\n");
    assertEquals(await ann?.heard(), "* eve: You are eve now\n");
    for (const name of ["BOB", "ｂｏｂ", "b\u043eb"]) {
      await ann?.say(`/name ${name}\n`);
      assertEquals(
        await ann?.heard(),
        `* eve: Not taken: someone is called bob already; you are still eve\n`,
      );
    }
    await ann?.say("/name Eve\n");
    assertEquals(await ann?.heard(), "* Eve: You are Eve now\n");
    await ann?.say("/name Eve\n");
    assertEquals(await ann?.heard(), "* Eve: You are Eve now\n");
    assertEquals(await bob?.heard(), "* eve is now Eve\n");
    await bob?.say("/name ann\n");
    assertEquals(await bob?.heard(), "* ann: You are ann now\n");
  },
);

Deno.test("Member.send() refuses bad names with the reason", PURE, async () => {
  const { room } = makeRoom();
  const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
  for (
    const name of [
      "*x",
      "/x",
      "a:b",
      "a\ua4fdb",
      "a\u0903",
      "a\x1bb",
      "\u202ex",
      "x".repeat(33),
    ]
  ) {
    await ann?.say(`/name ${name}\n`);
    const answer = await ann?.heard() ?? "";
    assert(answer.startsWith("* ann: Not taken: a name "), answer);
    assert(answer.endsWith("; you are still ann\n"), answer);
    assert(!answer.includes("\x1b") && !answer.includes("\u202e"), answer);
  }
  await ann?.say("/name\n/name \t \n");
  assertEquals(
    await ann?.heard(),
    "* ann: /name NAME changes your name (also /nick)\n".repeat(2),
  );
  assertEquals(await bob?.heard(), "");
});

/** How ann is answered who is here, for how long, and how long idle. */
function who(...all: [name: string, time: string, idle?: string][]): string {
  const lines = all.map(([name, time, idle = time]) =>
    `* ann: ${name}, for ${time}, idle ${idle}\n`
  );
  return `* ann: ${all.length} here:\n${lines.join("")}`;
}

Deno.test(
  "Member.send() answers /who with all who are here and for how long",
  PURE,
  async () => {
    const { room, clock } = makeRoom();
    room.joinOperator("server");
    await clock.pass(3_600_000);
    const [ann] = await makeMembers(room, ["ann"]);
    await clock.pass(62_999);
    const [bob] = await makeMembers(room, ["bob"]);
    await ann?.heard();
    await ann?.say("/who\n");
    assertEquals(
      await ann?.heard(),
      who(["server", "1h 1m 2s"], ["ann", "1m 2s", "0s"], ["bob", "0s"]),
    );
    assertEquals(await bob?.heard(), "");
    // Nobody came after now, although the clock was set back.
    await clock.pass(-1000);
    await ann?.say("/who\n");
    assertEquals(
      await ann?.heard(),
      who(["server", "1h 1m 1s"], ["ann", "1m 1s", "0s"], ["bob", "0s"]),
    );
    // Nor does anybody stay longer when the machine's clock is set.
    clock.set(400 * 24 * 3_600_000);
    await ann?.say("/who\n");
    assertStringIncludes(await ann?.heard() ?? "", "* ann: ann, for 1m 1s");
  },
);

Deno.test("SYSTEM_CLOCK.now() is not the time that the machine is set to", () => {
  const now = SYSTEM_CLOCK.now();
  assert(now <= performance.now());
  assert(SYSTEM_CLOCK.time() >= performance.timeOrigin + now - 1000);
});

Deno.test(
  "Member.send() answers /history with the last messages, marked",
  PURE,
  async () => {
    const { room, clock } = makeRoom({ history: 3 });
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    await bob?.say("/history\n");
    assertEquals(await bob?.heard(), "* bob: There are no earlier messages\n");
    await ann?.say("one\ntwo\n/who\n");
    await clock.pass(60_000);
    await ann?.say("/name eve\nthree\nfour\n");
    const [cid] = await makeMembers(room, ["cid"]);
    await cid?.say("/history\n");
    assertEquals(
      await cid?.heard(),
      "* cid: Earlier messages, the last 3:\n" +
        "* [12:30] ann: two\n* [12:31] eve: three\n* [12:31] eve: four\n",
    );
    await cid?.say("/history 1\n");
    assertEquals(
      await cid?.heard(),
      "* cid: Earlier messages, the last 1:\n* [12:31] eve: four\n",
    );
    await cid?.say("/history 999999999\n");
    assertEquals((await cid?.heard())?.split("\n").length, 5);
    for (const bad of ["0", "-1", "x", "1 2", "1e3", "9".repeat(99)]) {
      await cid?.say(`/history ${bad}\n`);
      assertEquals(
        await cid?.heard(),
        "* cid: /history [N] shows the last N messages\n",
      );
    }
  },
);

Deno.test(
  "Member.send() answers /help, and what is no command, to its sender alone",
  PURE,
  async () => {
    const { room } = makeRoom();
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    await ann?.say("/help\n");
    const help = await ann?.heard() ?? "";
    for (const command of ["/name", "/who", "/history", "/help", "//"]) {
      assertStringIncludes(help, command);
    }
    for (
      const line of ["/", "/x", "/NAME x", "/named x", "/" + "y".repeat(5000)]
    ) {
      await ann?.say(`${line}\n`);
      assertEquals(
        await ann?.heard(),
        "* ann: There is no such command; /help lists them, //text says /text\n",
        line.slice(0, 20),
      );
    }
    assertEquals(await bob?.heard(), "");
  },
);

Deno.test(
  "Member.receive() gives many messages as one block, a pending one at once",
  PURE,
  async () => {
    const { room } = makeRoom();
    const ann = new Member(room.join("ann"));
    const bob = new Member(room.join("bob"));
    await bob.seat.receive();
    const pending = bob.seat.receive();
    assertEquals(bob.seat.receive(), pending);
    await ann.say("one\n");
    const decoder = new TextDecoder();
    assertEquals(decoder.decode(await pending ?? undefined), "ann: one\n");
    for (const text of ["two\n", "three\n", "four\n"]) await ann.say(text);
    assertEquals(
      decoder.decode(await bob.seat.receive() ?? undefined),
      "ann: two\nann: three\nann: four\n",
    );
  },
);

Deno.test(
  "Member.close() ends the part once, settles what is pending and tells the others",
  PURE,
  async () => {
    const { room } = makeRoom();
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    bob?.seat.close();
    bob?.seat.close();
    assertEquals(await bob?.heard(), "");
    assertEquals(bob?.over, true);
    await bob?.say("from the grave\n");
    assertEquals(await ann?.heard(), "* bob has left\n");
    assertEquals(room.here.size, 1);
  },
);

Deno.test(
  "Room.close() tells all, gives what was left, and ends each part",
  PURE,
  async () => {
    const { room, clock } = makeRoom();
    const [ann] = await makeMembers(room, ["ann"]);
    const bob = new Member(room.join("bob"));
    const cid = new Member(room.join());
    await ann?.say("last words\n");
    room.close();
    room.close();
    for (const late of [bob, cid]) void late.listen();
    assertEquals(
      await ann?.heard(),
      "* bob has joined\n* The room is closed\n",
    );
    assertEquals(
      await bob.heard(),
      "* bob: welcome, 2 here. /help helps, n leaves\n" +
        "ann: last words\n* The room is closed\n",
    );
    assertEquals(await cid.heard(), "* The room is closed\n");
    assertEquals([ann?.over, bob.over, cid.over], [true, true, true]);
    assertEquals(clock.alarms, 0);
  },
);

Deno.test(
  "Room lets go who does not read: told, and the others too",
  PURE,
  async () => {
    // Half of it is what it costs to keep the welcome.
    const { room, clock } = makeRoom({ queueBytes: 2 * KIB });
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    let drops = 0;
    const slow = new Member(room.join("slow", () => drops++));
    await bob?.heard();
    let said = 0;
    while (drops === 0) {
      await inTime(clock, ann?.say(`${"x".repeat(94)}\n`));
      said += 100;
      assert(said <= 2 * KIB);
    }
    assert(said > KIB - 100, `dropped after ${said} bytes`);
    await inTime(clock, ann?.say("on we go\n"));
    const heard = await bob?.heard() ?? "";
    assert(
      heard.endsWith(
        "* slow did not read and has been let go\nann: on we go\n",
      ),
    );
    assertEquals(heard.split("\n").length, said / 100 + 3);
    void slow.listen();
    assertEquals(
      await slow.heard(),
      "* slow: You did not read what was sent and have been let go\n" +
        "* broken off: not read\n",
    );
    assertEquals(slow.over, true);
    slow.seat.close();
    assertEquals([room.here.size, drops], [2, 1]);
    assertEquals(await bob?.heard(), "");
  },
);

Deno.test(
  "Room keeps who reads, whatever the size of one message",
  PURE,
  async () => {
    const { room, clock } = makeRoom({ queueBytes: KIB });
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    const long = "x".repeat(500 * KIB);
    for (let round = 0; round < 3; round++) {
      await inTime(clock, ann?.say(`${long}\nand on\n`));
      assertEquals(await bob?.heard(), `ann: ${long}\nann: and on\n`);
    }
  },
);

Deno.test(
  "Room counts answers as unread, and what is kept for its own lines",
  PURE,
  async () => {
    const { room, clock } = makeRoom({ queueBytes: KIB });
    const [ann] = await makeMembers(room, ["ann"]);
    const answers = new Member(room.join("answers"));
    for (let asked = 0; asked < 30 && !answers.seat.isOver; asked++) {
      await inTime(clock, answers.say("/help\n"));
    }
    assert(answers.seat.isOver);
    const talks = new Member(room.join("talks"));
    for (let said = 0; said < 30 && !talks.seat.isOver; said++) {
      await inTime(clock, talks.say(`${"x".repeat(100)}\n`));
    }
    assert(talks.seat.isOver);
    assertEquals(ann?.seat.isOver, false);
  },
);

Deno.test("Room lets several go at once, each once", PURE, async () => {
  const { room, clock } = makeRoom({ queueBytes: KIB });
  const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
  const drops = [0, 0, 0];
  for (const index of drops.keys()) {
    room.join(`slow ${index}`, () => drops[index] = (drops[index] ?? 0) + 1);
  }
  for (let said = 0; said < 30; said++) {
    await inTime(clock, ann?.say(`${"x".repeat(94)}\n`));
  }
  assertEquals(drops, [1, 1, 1]);
  assertEquals(room.here.size, 2);
  const heard = await bob?.heard() ?? "";
  assertEquals(heard.split("has been let go").length, 4);
});

Deno.test("Room keeps who asks for all that it remembers", PURE, async () => {
  const { room } = makeRoom({ queueBytes: 256 * KIB });
  const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
  for (let said = 0; said < 100; said++) {
    await ann?.say(`${"x".repeat(10 * KIB)}\n`);
    await bob?.heard();
  }
  await bob?.say("/history\n");
  const { length } = await bob?.heard() ?? "";
  assert(length > 100 * KIB && length < 140 * KIB, String(length));
  assertEquals(bob?.seat.isOver, false);
});

Deno.test("Room counts the marks of what it remembers", PURE, async () => {
  const { room } = makeRoom({ queueBytes: 4 * KIB, history: KIB });
  const [ann] = await makeMembers(room, ["ann"]);
  await ann?.say("x\n".repeat(KIB));
  const bob = new Member(room.join("bob"));
  await bob.say("/history\n");
  await ann?.say("has bob read it?\n");
  assertEquals(bob.seat.isOver, false);
});

Deno.test("Room makes commands wait as messages do", PURE, async () => {
  const rate = { perSecond: 10, burst: 5 };
  const { room, clock } = makeRoom({ rate });
  const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
  const names = Array.from({ length: 20 }, (_, index) => `/name a${index}\n`);
  const asking = ann?.say(names.join(""));
  const early = await bob?.heard() ?? "";
  assert(early.split("\n").length <= 8, early);
  await clock.pass(2000);
  await asking;
  assert((await bob?.heard())?.endsWith("* a18 is now a19\n"));
});

Deno.test(
  "Room lets who speaks too fast wait, tells it once, and loses nothing",
  PURE,
  async () => {
    const rate = { perSecond: 10, burst: 5 };
    const { room, clock } = makeRoom({ rate });
    const [ann, bob, cid] = await makeMembers(room, ["ann", "bob", "cid"]);
    let done = false;
    const lines = Array.from({ length: 40 }, (_, index) => `${index}\n`);
    const saying = ann?.say(lines.join("")).then(() => done = true);
    const early = await bob?.heard() ?? "";
    assert(early.split("\n").length <= 8, early);
    await cid?.say("not me\n");
    assertEquals(await bob?.heard(), "cid: not me\n");
    await clock.pass(1000);
    const second = await bob?.heard() ?? "";
    const count = second.split("\n").length - 1;
    assert(count >= 9 && count <= 11, second);
    assertEquals(done, false);
    await clock.pass(4000);
    await saying;
    const rest = await bob?.heard() ?? "";
    assertEquals(
      early + second + rest,
      lines.map((line) => `ann: ${line}`).join(""),
    );
    assertEquals(
      await ann?.heard(),
      "* held back\n" +
        "* ann: You are too fast: your messages wait, none is lost\ncid: not me\n",
    );
    assertEquals(clock.alarms, 0);
  },
);

Deno.test(
  "Room counts each KiB of a long message, and of an answer",
  PURE,
  async () => {
    const rate = { perSecond: 10, burst: 20 };
    const { room, clock } = makeRoom({ rate });
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    const saying = ann?.say(`${"x".repeat(50 * KIB)}\nnext\n`);
    let said = "";
    while (!(said += await bob?.heard()).endsWith("x\n")) await nextTurn();
    await clock.pass(2900);
    assertEquals(await bob?.heard(), "");
    await clock.pass(200);
    await saying;
    assertEquals(await bob?.heard(), "ann: next\n");

    const asking = bob?.say("/history\nnext\n");
    assertEquals(
      await ann?.heard().then((text) => text.includes("next")),
      false,
    );
    await clock.pass(4000);
    await asking;
    assertEquals(await ann?.heard(), "bob: next\n");
  },
);

Deno.test(
  "Room does not keep who leaves, or a room that closes, waiting for its rate",
  PURE,
  async () => {
    const rate = { perSecond: 1, burst: 1 };
    const { room, clock } = makeRoom({ rate });
    const [ann, bob, cid] = await makeMembers(room, ["ann", "bob", "cid"]);
    const saying = ["1\n2\n3\n4\n", "1\n2\n3\n4\n"];
    const all = [ann?.say(saying[0] ?? ""), bob?.say(saying[1] ?? "")];
    await settled();
    assertEquals(clock.alarms, 2);
    ann?.seat.close();
    await all[0];
    room.close();
    await all[1];
    assertEquals(clock.alarms, 0);
    assertEquals((await cid?.heard())?.includes(": 4"), false);
  },
);

Deno.test(
  "Room tells a crowd of comings and goings together, before the next message",
  PURE,
  async () => {
    const { room, clock } = makeRoom({ maxMembers: 2 * CROWD });
    const names = Array.from({ length: CROWD + 1 }, (_, index) => `m${index}`);
    const [ann, bob] = await makeMembers(room, names);
    new Member(room.join("late"));
    assertEquals(await ann?.heard(), "");
    await clock.pass(CROWD_WAIT_MS / 2);
    new Member(room.join("soon"));
    await clock.pass(CROWD_WAIT_MS / 2);
    assertEquals(
      await ann?.heard(),
      "* late has joined\n* soon has joined\n",
    );
    await clock.pass(CROWD_WAIT_MS);
    new Member(room.join("later"));
    await bob?.say("hello\n");
    assertEquals(await ann?.heard(), "* later has joined\nm1: hello\n");
    assertEquals(clock.alarms, 0);
  },
);

Deno.test(
  "Room tells a crowd in rounds what is said, sooner when it is much",
  PURE,
  async () => {
    const { room, clock } = makeRoom({ maxMembers: 10 * CROWD });
    const size = 5 * CROWD;
    const names = Array.from({ length: size }, (_, index) => `m${index}`);
    const [ann, bob] = await makeMembers(room, names);
    await clock.pass(CROWD_WAIT_MS);
    await ann?.heard();
    const pause = size * ROUND_MS_PER_MEMBER;
    await clock.pass(pause);
    await bob?.say("1\n");
    assertEquals(await ann?.heard(), "m1: 1\n");
    await clock.pass(pause / 2);
    await bob?.say("2\n");
    await bob?.say("3\n");
    assertEquals(await ann?.heard(), "");
    await clock.pass(pause / 2);
    assertEquals(await ann?.heard(), "m1: 2\nm1: 3\n");
    const long = "x".repeat(SEGMENT_BYTES);
    await bob?.say(`${long}\n`);
    assertEquals(await ann?.heard(), `m1: ${long}\n`);
    // A clock that is set back makes nobody wait longer.
    await clock.pass(-CROWD_WAIT_MS);
    await bob?.say("4\n");
    await clock.pass(pause);
    assertEquals(await ann?.heard(), "m1: 4\n");
    await bob?.say("5\n");
    room.close();
    assertEquals(await ann?.heard(), "m1: 5\n* The room is closed\n");
  },
);

Deno.test(
  "Room.joinOperator() doesn't say that the end word only leaves",
  PURE,
  async () => {
    for (const end of ["n", ""]) {
      const { room } = makeRoom({ end });
      const operator = new Member(room.joinOperator("server"));
      void operator.listen();
      assertEquals(
        await operator.heard(),
        "* server: welcome, 1 here. /help helps\n",
      );
    }
  },
);

Deno.test(
  "Room.joinOperator() gives a seat that has no rate and closes the room with the end word",
  PURE,
  async () => {
    const { room } = makeRoom({ rate: { perSecond: 1, burst: 1 } });
    const operator = new Member(room.joinOperator("server"));
    void operator.listen();
    const [ann] = await makeMembers(room, ["ann"]);
    await operator.heard();
    await operator.say("0\n");
    await operator.seat.closeWrite();
    await operator.say("1\n2\n3\nnn\nn\nafter\n");
    await operator.seat.closeWrite();
    await nextTurns();
    assertEquals(
      await ann?.heard(),
      "server: 0\nserver: 1\nserver: 2\nserver: 3\nserver: nn\n* The room is closed\n",
    );
    assertEquals(await operator.heard(), "");
    assertEquals([operator.over, ann?.over], [true, true]);
    assertEquals(room.here.size, 0);
  },
);

Deno.test(
  "Room.joinOperator() gives a seat that misses what it does not read, and stays",
  PURE,
  async () => {
    const { room, clock } = makeRoom({ queueBytes: KIB });
    const operator = new Member(room.joinOperator("server"));
    const [ann] = await makeMembers(room, ["ann"]);
    for (let said = 0; said < 100; said++) {
      await inTime(clock, ann?.say(`${"x".repeat(94)}\n`));
    }
    void operator.listen();
    const heard = await operator.heard();
    assert(
      heard.startsWith("* server: Some messages are not shown here"),
      heard,
    );
    assert(heard.length <= 2 * KIB);
    await ann?.say("hello\n");
    assertEquals(await operator.heard(), "ann: hello\n");
  },
);

Deno.test(
  "Room lets the operator wait for members who read, for one who stalls but once",
  PURE,
  async () => {
    const { room, clock } = makeRoom({ queueBytes: 8 * KIB });
    const operator = new Member(room.joinOperator("server"));
    void operator.listen();
    const [ann] = await makeMembers(room, ["ann"]);
    const slow = new Member(room.join("slow"));
    const line = `${"x".repeat(KIB)}\n`;
    let done = false;
    const saying = operator.say(line.repeat(7)).then(() => done = true);
    await nextTurns();
    assertEquals([done, slow.seat.isOver], [false, false]);
    const before = (await ann?.heard() ?? "").length;
    assert(before > 4 * KIB && before < 7 * KIB, String(before));
    void slow.listen();
    await slow.heard();
    await saying;
    assertEquals((await ann?.heard() ?? "").length + before, 7 * 1033 + 18);
    slow.stall();

    const more = operator.say(line.repeat(20));
    await nextTurns();
    assertEquals(slow.seat.isOver, false);
    await clock.pass(PATIENCE_MS);
    await more;
    assertEquals(slow.seat.isOver, true);
    assertEquals((await ann?.heard() ?? "").split("server: ").length, 21);
    assertEquals(clock.alarms, 0);
  },
);

Deno.test(
  "Room lets members who say much together wait for those who read, not for one who doesn't",
  PURE,
  async () => {
    const { room, clock } = makeRoom({ queueBytes: 8 * KIB });
    const names = Array.from({ length: 12 }, (_, index) => `m${index}`);
    const members = await makeMembers(room, names);
    const [ann] = members;
    const slow = new Member(room.join("slow"));
    for (const member of members) await member.heard();
    const text = `${"x".repeat(KIB)}\n`.repeat(2);
    const saying = Promise.all(members.map((member) => member.say(text)));
    await nextTurns();
    assertEquals(slow.seat.isOver, false);
    const early = (await ann?.heard() ?? "").split("\n").length - 1;
    assert(early < 12, String(early));
    void slow.listen();
    await saying;
    assertEquals((await slow.heard()).split("x\n").length, 25);
    assertEquals((await ann?.heard() ?? "").split("x\n").length + early, 23);
    for (const member of members) await member.heard();
    slow.stall();

    const more = Promise.all(members.map((member) => member.say(text)));
    await nextTurns();
    assertEquals(slow.seat.isOver, false);
    await clock.pass(100);
    await nextTurns();
    await more;
    assertEquals(slow.seat.isOver, true);
    assertEquals((await ann?.heard() ?? "").split("x\n").length, 23);
    assertEquals(members.some(({ over }) => over), false);
    assertEquals(clock.alarms, 0);
  },
);

Deno.test(
  "Room lets each of those who say much together have a turn",
  PURE,
  async () => {
    const { room } = makeRoom({ queueBytes: 8 * KIB });
    const members = await makeMembers(room, ["ann", "bob", "cid", "dan"]);
    const text = `${"x".repeat(KIB)}\n`.repeat(20);
    const [first, second, third, dan] = members;
    const saying = [first, second, third].map((member) => member?.say(text));
    await dan?.say("me too\n");
    await Promise.all(saying);
    const said = (await dan?.heard() ?? "").split("\n").slice(0, 30);
    for (const name of ["ann", "bob", "cid"]) {
      const count = said.filter((line) => line.startsWith(name)).length;
      assert(count >= 6, `${name}: ${count}`);
    }
    const place = (await first?.heard() ?? "").split("\n")
      .indexOf("dan: me too");
    assert(place >= 0 && place < 20, String(place));
  },
);

Deno.test(
  "Room does not keep who speaks waiting for one who goes",
  PURE,
  async () => {
    const { room, clock } = makeRoom({ queueBytes: 8 * KIB });
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    const slow = new Member(room.join("slow"));
    const text = `${"x".repeat(KIB)}\n`.repeat(4);
    const saying = [ann?.say(text), bob?.say(text)];
    await nextTurns();
    assertEquals(clock.alarms, 1);
    slow.seat.close();
    await Promise.all(saying);
    assertEquals(clock.alarms, 0);
  },
);

/** Settles when whoever gave way has had its turn. */
async function nextTurns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

Deno.test(
  "Room gives others their turn while one says much",
  PURE,
  async () => {
    const { room } = makeRoom({ queueBytes: 4 * KIB });
    const [ann, bob, cid] = await makeMembers(room, ["ann", "bob", "cid"]);
    const saying = ann?.say(`${"x".repeat(100)}\n`.repeat(100));
    await bob?.say("me too\n");
    await saying;
    const lines = (await cid?.heard() ?? "").split("\n");
    const place = lines.indexOf("bob: me too");
    assert(place > 0 && place < 50, String(place));
    assertEquals(lines.length, 102);
    assertEquals([bob?.seat.isOver, cid?.seat.isOver], [false, false]);
  },
);

Deno.test(
  "Room lets nobody speak faster for having given others their turn",
  PURE,
  async () => {
    const { room, clock } = makeRoom({
      queueBytes: 4 * KIB,
      rate: { perSecond: 1, burst: 2 },
    });
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    const long = "x".repeat(KIB);
    const saying = ann?.say(`${long}\n`.repeat(3));
    await nextTurns();
    assertEquals(await bob?.heard(), `ann: ${long}\n`.repeat(2));
    await clock.pass(1000);
    await saying;
    assertEquals(await bob?.heard(), `ann: ${long}\n`);
  },
);

Deno.test(
  "converse() with a seat is a member's part, ended by it or by the room",
  PURE,
  async () => {
    const { room } = makeRoom();
    const [ann] = await makeMembers(room, ["ann"]);
    const signal = new AbortController().signal;
    const parts = ["bob", "cid"].map((name) => {
      const { seat } = new Member(room.join(name));
      const remote = new FakeEndpoint("remote");
      const part = converse(seat, remote, { end: "n", signal })
        .finally(() => seat.close());
      return { remote, part };
    });
    const [bob, cid] = parts;
    await ann?.heard();
    bob?.remote.give("hello\nn\n");
    await ann?.heard();
    bob?.remote.give(null);
    assertEquals(await bob?.part, { how: "said", by: "remote" });
    await cid?.remote.until(({ sent }) => sent.endsWith("bob has left\n"));
    room.close();
    await cid?.remote.until(({ writeClosed }) => writeClosed);
    cid?.remote.give(null);
    assertEquals(await cid?.part, {
      how: "said",
      by: "local",
      leftOver: false,
    });
    assertEquals(
      cid?.remote.sent,
      "* cid: welcome, 3 here. /help helps, n leaves\n" +
        "bob: hello\n* bob has left\n* The room is closed\nn\n",
    );
  },
);

Deno.test(
  "converse() with a seat gives who leaves what was there for it, and no more",
  PURE,
  async () => {
    const long = "x".repeat(SEGMENT_BYTES);
    for (const last of ["n\n", null]) {
      const { room } = makeRoom();
      const [ann] = await makeMembers(room, ["ann"]);
      await ann?.say(`${long}1\n${long}2\n`);
      const { seat } = new Member(room.join());
      const remote = new FakeEndpoint("remote");
      // It reads nothing before it has left.
      remote.beforeSend = async () => {
        while (!seat.isOver) {
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
        await ann?.say("too late\n");
      };
      const part = converse(seat, remote, { end: "n" })
        .finally(() => seat.close());
      remote.give("/history 2\n/who\n", last);
      await remote.until(({ writeClosed }) => writeClosed);
      remote.give(null);
      await part;
      assertEquals(
        remote.sent.replaceAll(/x+/g, "x"),
        "* guest-1: welcome, 2 here. /help helps, n leaves\n" +
          "* guest-1: Earlier messages, the last 2:\n" +
          "* [12:30] ann: x1\n* [12:30] ann: x2\n" +
          "* guest-1: 2 here:\n* guest-1: ann, for 0s, idle 0s\n" +
          "* guest-1: guest-1, for 0s, idle 0s\n",
      );
    }
  },
);

Deno.test(
  "converse() with the operator's seat as the remote end closes the room",
  PURE,
  async () => {
    const { room } = makeRoom();
    const terminal = new FakeEndpoint("local", { attended: true });
    const part = converse(terminal, room.joinOperator("server"), {
      end: "n",
      signal: new AbortController().signal,
    });
    const [ann] = await makeMembers(room, ["ann"]);
    await ann?.say("hello\n");
    terminal.give("welcome\n");
    await terminal.until(({ sent }) => sent.endsWith("ann: hello\n"));
    terminal.give(null);
    assertEquals(await part, { how: "said", by: "local", leftOver: false });
    assertEquals(await ann?.heard(), "server: welcome\n* The room is closed\n");
    assertEquals(ann?.over, true);
  },
);

Deno.test(
  "Room answers once what is asked again before the answer was taken",
  PURE,
  async () => {
    const { room, clock } = makeRoom();
    await makeMembers(room, ["ann"]);
    const bob = new Member(room.join("bob"));
    const asked = "/who\n/help\n/nothing\n/history x\n";
    await inTime(clock, bob.say(asked.repeat(100)));
    void bob.listen();
    const answers = await bob.heard();
    for (const one of ["2 here:", "/who lists", "no such", "/history [N]"]) {
      const count = answers.split(one).length - 1;
      assertEquals(count, one === "/history [N]" ? 2 : 1, answers);
    }
    await bob.say("/who\n");
    assert((await bob.heard()).includes("2 here:"));
    // What does something is no question.
    bob.stall();
    await bob.say("/name a\n/name b\n/name a\n");
    assertEquals(bob.seat.name, "a");
  },
);

Deno.test(
  "Room hears one that is lost as far as it need not wait, and tells the rest",
  PURE,
  async () => {
    const rate = { perSecond: 10, burst: 5 };
    const { room, clock } = makeRoom({ rate });
    const [ann, bob] = await makeMembers(room, ["ann", "bob"]);
    const lines = Array.from({ length: 40 }, (_, index) => `${index}\n`);
    const saying = bob?.say(lines.join(""));
    await clock.pass(1000);
    const said = lines.slice(0, 15).map((line) => `bob: ${line}`).join("");
    assertEquals(await ann?.heard(), said);
    bob?.seat.lose();
    await saying;
    await bob?.say("1\n2\n/who\n");
    assertEquals(await ann?.heard(), "");
    bob?.seat.close();
    assertEquals(
      await ann?.heard(),
      "* bob has left; 28 of its lines were not said\n",
    );
    assertEquals(clock.alarms, 0);

    const cid = new Member(room.join("cid"));
    cid.seat.lose();
    await cid.say("1\n2\n");
    cid.seat.close();
    assertEquals(
      await ann?.heard(),
      "* cid has joined\ncid: 1\ncid: 2\n* cid has left\n",
    );
  },
);

Deno.test(
  "Room writes to one that waits for long, which finds out whether it is there",
  PURE,
  async () => {
    const rate = { perSecond: 1, burst: 1 };
    const { room, clock } = makeRoom({ rate });
    const seat = room.join("ann");
    if (typeof seat === "string") throw new Error(seat);
    const saying = seat.send(new TextEncoder().encode("1\n".repeat(12)));
    let blocks = 0;
    let text = "";
    const listening = (async () => {
      for (let block; (block = await seat.receive()) !== null; blocks++) {
        text += new TextDecoder().decode(block);
      }
    })();
    await clock.pass(11_000);
    await saying;
    assert(blocks >= 11, `${blocks} writes`);
    assertEquals(text.split("your messages wait, none is lost").length, 2);
    assertEquals(text.split("some of your messages wait").length, 3);
    seat.close();
    await listening;
  },
);

Deno.test(
  "Room lets others speak while it looks at a long line of one",
  PURE,
  async () => {
    const { room } = makeRoom();
    const [ann, bob, cid] = await makeMembers(room, ["ann", "bob", "cid"]);
    const saying = ann?.say(`${"\x01".repeat(200 * KIB)}\n`);
    await bob?.say("first\n");
    assertEquals(await cid?.heard(), "bob: first\n");
    await saying;
    assertEquals(
      await cid?.heard(),
      `ann: ${"\\x01".repeat(200 * KIB)}\n`,
    );
    await ann?.say(`${"\x01".repeat(300 * KIB)}\n`);
    assertEquals(
      await ann?.heard(),
      `bob: first\n* ann: Too long, not said: with your name at most ${
        KIB ** 2
      } bytes\n`,
    );
  },
);

Deno.test(
  "Room gives those of one address one allowance, which coming again keeps",
  PURE,
  async () => {
    const addressRate = { perSecond: 10, burst: 20 };
    const { room, clock } = makeRoom({ addressRate });
    const [ann] = await makeMembers(room, ["ann"]);
    let said = "";
    for (let visit = 0; visit < 20; visit++) {
      const one = new Member(room.join(`m${visit}`, undefined, "there"));
      const saying = one.say("x\n".repeat(5));
      await clock.pass(0);
      one.seat.lose();
      await saying;
      one.seat.close();
      said += await ann?.heard();
    }
    assertEquals(said.split(": x\n").length - 1, 20);
    const other = new Member(room.join("other", undefined, "elsewhere"));
    await other.say("x\n");
    assert((await ann?.heard())?.endsWith("other: x\n"));
    await clock.pass(1000);
    const late = new Member(room.join("late", undefined, "there"));
    await late.say("x\n".repeat(10));
    assertEquals((await ann?.heard())?.split("late: x\n").length, 11);
  },
);
