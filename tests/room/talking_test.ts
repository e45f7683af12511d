import { assert, assertEquals } from "@std/assert";
import { MAX_IGNORED } from "../../lib/room/names.ts";
import { nearest } from "../../lib/room/names.ts";
import { PURE } from "../kit/pure.ts";
import { inTime, makeMembers, makeRoom, Member } from "../kit/room_fixture.ts";

const KIB = 1024;

/** Three who are called so, in a new room with an operator. */
async function three(
  options?: Parameters<typeof makeRoom>[0],
): Promise<
  Record<"ann" | "bob" | "cid" | "op", Member> & ReturnType<typeof makeRoom>
> {
  const made = makeRoom(options);
  const op = new Member(made.room.joinOperator("server"));
  void op.listen();
  const [ann, bob, cid] = await makeMembers(made.room, ["ann", "bob", "cid"]);
  assert(ann && bob && cid);
  await op.heard();
  return { ...made, ann, bob, cid, op };
}

Deno.test("/msg tells one alone, and /reply answers it", PURE, async () => {
  const { room, ann, bob, cid, op } = await three();
  await ann.say("/msg BOB  hi, \x1b[31m you\u202e\n/reply x\n");
  assertEquals(
    await bob.heard(),
    "* ann whispers: hi, \\x1b[31m you\\u202e\n",
  );
  assertEquals(
    await ann.heard(),
    "* to bob: hi, \\x1b[31m you\\u202e\n" +
      "* ann: Nobody has told you anything privately\n",
  );
  await ann.say("/name eve\n");
  await bob.say("/reply yes\n");
  assertEquals(
    await ann.heard(),
    "* eve: You are eve now\n* bob whispers: yes\n",
  );
  assertEquals(await bob.heard(), "* ann is now eve\n* to eve: yes\n");
  assertEquals(await cid.heard(), "* ann is now eve\n");
  assertEquals(await op.heard(), "* ann is now eve\n");
  assertEquals(room.history.last(9), []);
  ann.seat.close();
  await bob.heard();
  await bob.say("/reply more\n/msg eve more\n/msg cit more\n/msg bob\n");
  assertEquals(
    await bob.heard(),
    "* bob: eve has left\n* bob: Nobody here is called eve\n" +
      "* bob: Nobody here is called cit; did you mean cid?\n" +
      "* bob: /msg NAME TEXT tells one member alone\n",
  );
});

Deno.test("/msg tells nothing to one that does not read", PURE, async () => {
  const { ann, bob, cid } = await three({ queueBytes: 8 * KIB });
  cid.stall();
  await ann.say(`one\n/msg cid ${"x".repeat(3 * KIB)}\n`);
  for (const _ of [1, 2]) {
    await ann.say(`/msg cid ${"x".repeat(3 * KIB)}\n`);
  }
  const heard = await ann.heard();
  assert(
    heard.endsWith("* ann: Not told: cid does not read at the moment\n"),
    heard.replace(/x+/g, "x"),
  );
  assertEquals(await bob.heard(), "ann: one\n");
  assert(!cid.over);
});

Deno.test("/msg says no more than a line may have", PURE, async () => {
  const { clock, ann, bob } = await three({ maxMessage: 100 });
  await inTime(clock, ann.say(`/msg bob ${"x".repeat(73)}\n`));
  assertEquals(await bob.heard(), `* ann whispers: ${"x".repeat(73)}\n`);
  await ann.heard();
  await inTime(clock, ann.say(`/msg bob ${"x".repeat(74)}\n`));
  assert((await ann.heard()).startsWith("* ann: Too long"));
  assertEquals(await bob.heard(), "");
});

Deno.test("/me says to all what one does, as nobody else", PURE, async () => {
  const { ann, bob, op } = await three();
  await ann.say("/me has left\n/me a\r\x1b[2J* bob has left\n* ann waves\n");
  const all = "** ann has left\n** ann a\\x0d\\x1b[2J* bob has left\n";
  assertEquals(await ann.heard(), all);
  assertEquals(await bob.heard(), `${all}ann: * ann waves\n`);
  assertEquals(await op.heard(), `${all}ann: * ann waves\n`);
  await bob.say("/history\n/me\n");
  const history = await bob.heard();
  assert(history.includes("* [12:30] ** ann has left\n"), history);
  assert(history.endsWith("* bob: /me TEXT says what you do\n"), history);
});

Deno.test("/ignore keeps from one all that another says", PURE, async () => {
  const { room, ann, bob, cid } = await three();
  await bob.say("/ignore ANN\n");
  assertEquals(
    await bob.heard(),
    "* bob: You don't hear ann any more; /unignore ann undoes that\n",
  );
  await ann.say("one\n/me waves\n/msg bob psst\n/name eve\ntwo\n");
  await cid.say("three\n");
  assertEquals(await bob.heard(), "* ann is now eve\ncid: three\n");
  assert((await ann.heard()).includes("* to bob: psst\n"));
  assert((await cid.heard()).includes("eve: two\n"));
  await bob.say("/history\n/reply x\n");
  assertEquals(
    await bob.heard(),
    "* bob: Earlier messages, the last 1:\n* [12:30] cid: three\n" +
      "* bob: Nobody has told you anything privately\n",
  );
  ann.seat.close();
  const [again] = await makeMembers(room, ["Ann"]);
  await again?.say("four\n");
  assertEquals(await bob.heard(), "* eve has left\n* Ann has joined\n");
  await bob.say("/unignore ann\n/unignore ann\n");
  await again?.say("five\n");
  assertEquals(
    await bob.heard(),
    "* bob: You hear ann again\n* bob: You did not ignore ann\nAnn: five\n",
  );
});

Deno.test("/ignore is not for oneself or the operator", PURE, async () => {
  const { ann } = await three();
  await ann.say("/ignore ann\n/ignore server\n/ignore zoe\n/unignore \x1b\n");
  assertEquals(
    await ann.heard(),
    "* ann: You can't ignore ann\n* ann: You can't ignore server\n" +
      "* ann: Nobody here is called zoe\n* ann: You did not ignore \\x1b\n",
  );
});

Deno.test("/ignore keeps no more than so many names", PURE, async () => {
  const { room, ann, bob } = await three();
  for (let index = 0; index < 2 * MAX_IGNORED; index++) {
    await bob.say(`/name b${index}\n`);
    await ann.say(`/ignore b${index}\n`);
  }
  const heard = await ann.heard();
  assert(heard.includes("You don't hear too many already"), heard);
  await bob.say("anyone?\n");
  assertEquals(await ann.heard(), "");
  ann.seat.close();
  assertEquals(room.ignoring.of(bob.seat).size, 0);
});

Deno.test("/quit and /exit end one's part", PURE, async () => {
  const { ann, bob, cid } = await three();
  await ann.say("bye\n/quit\nmore\n");
  await bob.say("/exit\n");
  assertEquals(
    await cid.heard(),
    "ann: bye\n* ann has left\n* bob has left\n",
  );
  assert(ann.over && bob.over);
});

Deno.test("nearest() finds the name that was meant", PURE, () => {
  const names = ["Ann", "Bob", "小明", "Johanna"];
  assertEquals(nearest("ana", names), "Ann");
  assertEquals(nearest("小名", names), "小明");
  assertEquals(nearest("joh", names), "Johanna");
  assertEquals(nearest("bbo", names), "Bob");
  assertEquals(nearest("obo", names), undefined);
  assertEquals(nearest("Jhoanan", names), "Johanna");
  assertEquals(nearest("Zoe", names), undefined);
  assertEquals(nearest("x".repeat(500), names), undefined);
});
