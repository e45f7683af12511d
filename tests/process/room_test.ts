import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  commandFor,
  startAtTerminal,
  startClient,
  testWith,
} from "../kit/programs.ts";
import { RawPeer } from "../kit/raw_peer.ts";
import { comeAs, startRoom, withoutNaming } from "../kit/room_members.ts";

/** How a room says that it ends, with what makes clients end. */
const CLOSED = "* The room is closed\nn\n";
const FULL = "* the room is full; come back later\n* not taken: room full\n";

Deno.test("a room gives each message to all others, with its sender's name", async () => {
  await using server = await startRoom();
  using ann = await comeAs("Ann", server.port);
  using bo = await comeAs("Bo", server.port);
  await ann.until("Bo");
  await ann.send("你好\r\n");
  await bo.until("Ann: 你好\n");
  await server.write("welcome\n");
  await bo.until("server: welcome\n");
  await bo.send("bye\nn\n");
  const toBo = await bo.end();
  const toAnn = await ann.until("* Bo has left\n");
  assertEquals(withoutNaming(toBo), "Ann: 你好\nserver: welcome\n");
  assertEquals(
    withoutNaming(toAnn),
    "server: welcome\nBo: bye\n* Bo has left\n",
  );
  await server.stdout.until("* Bo has left\n");
  assertEquals(
    withoutNaming(server.stdout.text),
    "Ann: 你好\nBo: bye\n* Bo has left\n",
  );
});

Deno.test("a room puts the name before each line, however it comes", async () => {
  await using server = await startRoom();
  using bo = await comeAs("Bo", server.port);
  using ann = await comeAs("Ann", server.port);
  await ann.send("one\nBo: two\n* Bo has left\n\nth");
  await bo.until("Ann: * Bo has left\nAnn: \n");
  await ann.send("ree\n");
  const heard = await bo.until("Ann: three\n");
  assert(
    heard.endsWith(
      "Ann: one\nAnn: Bo: two\nAnn: * Bo has left\nAnn: \nAnn: three\n",
    ),
    heard,
  );
});

Deno.test("a room takes no two names alike, and none that is no name", async () => {
  await using server = await startRoom();
  using ming = await comeAs("Ming", server.port);
  using guest = await RawPeer.connect(server.port);
  await guest.send("/name ming\n");
  await guest.until("* guest-1: welcome,");
  const refused = [
    ["Ｍｉｎｇ", "someone is called Ming already"],
    ["x".repeat(33), "a name has at most 32 characters"],
    ["server", "someone is called server already"],
    // As it looks on a screen, a name is its own and no sentence.
    ["M\u0456ng", "someone is called Ming already"],
    ...[
      ...["\x1b[31mred", "* Ming", "a: b", "Ming\u0378", "Ming\u2806"],
      ...["Ming\u0903", "Ming\ua4fd", "\u066dMing", "Ming has left, Bo"],
    ].map((name) =>
      [
        name,
        "a name has letters with few marks, numbers, emoji and - _ . ' only, and no space",
      ] as const
    ),
  ] as const;
  for (const [index, [name]] of refused.entries()) {
    await guest.send(`/name ${name}\nas before ${index}\n`);
    await ming.until(`guest-1: as before ${index}\n`);
  }
  await guest.send("/name 小明\nnow\n");
  const heard = await ming.until("小明: now\n");
  assertEquals(heard.match(/is now (?!Ming)/g)?.length, 1);
  assert(heard.includes("* guest-1 is now 小明\n"), heard);
  const answers = await guest.until("* 小明: You are 小明 now\n");
  assertEquals(
    answers.match(/^\* guest-1: Not taken: /gm)?.length,
    1 + refused.length,
  );
  for (const [, reason] of refused) {
    const answer = `${reason}; you are still guest-1\n`;
    assert(answers.includes(answer), `${answer} in ${answers}`);
  }
  assert(!answers.includes("\x1b"), answers);
  using other = await RawPeer.connect(server.port);
  await other.send("hello\n");
  await ming.until("guest-1: hello\n");
});

Deno.test("a room passes no escape on, and stands bytes that are no UTF-8", async () => {
  await using server = await startRoom();
  using ann = await comeAs("Ann", server.port);
  using bo = await comeAs("Bo", server.port);
  await ann.send("\x1b]0;title\x07\x9b2J\n");
  await bo.until("Ann: \\x1b]0;title\\x07\\x9b2J\n");
  await ann.send("hi\t\tyes\u061c\u200f\n");
  await bo.until(`Ann: hi${" ".repeat(14)}yes\\u061c\\u200f\n`);
  await ann.send(new Uint8Array([0x61, 0xff, 0xe4, 0xbd, 0x0a]));
  await bo.until("Ann: a\ufffd\ufffd\n");
  await bo.send("still here\n");
  await ann.until("Bo: still here\n");
});

Deno.test("a room goes on without a member who leaves, hangs up or is killed", async () => {
  await using server = await startRoom();
  using ann = await comeAs("Ann", server.port);
  {
    using bo = await comeAs("Bo", server.port);
    await bo.send("n\n");
    await bo.end();
  }
  await ann.until("* Bo has left\n");
  const cy = await comeAs("Cy", server.port);
  cy.close();
  await ann.until("* Cy has left\n");
  await using di = startClient(server, ["--name", "Di"]);
  await ann.until("Di");
  di.kill("SIGKILL");
  await ann.until("* Di has left\n");
  await using ed = startClient(server, ["--name", "Ed"]);
  await ed.write("hello\nn\n");
  await ann.until("Ed: hello\n* Ed has left\n");
  assertEquals((await ed.finish()).status, 0);
  await ann.send("/who\n");
  await ann.until("* Ann: 2 here:\n* Ann: server, for ");
});

Deno.test("a room turns nobody away whose connection breaks", async () => {
  await using server = await startRoom();
  using ann = await comeAs("Ann", server.port);
  const bo = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await bo.write(new TextEncoder().encode("/name Bo\n"));
  // Closing on the rest of its welcome resets the connection.
  await bo.read(new Uint8Array(1));
  bo.close();
  await ann.until(" has left\n");
  await server.write("n\n");
  ann.close();
  const { stderr } = await server.finish();
  assert(!stderr.includes("Turned away"), stderr);
});

Deno.test("n of a room's operator tells all and ends all", async () => {
  await using server = await startRoom();
  using raw = await comeAs("Raw", server.port);
  await using client = startClient(server);
  await client.stdout.until("* guest-1: welcome,");
  await server.write("bye\nn\nnot said\n");
  const heard = await raw.end();
  assert(heard.endsWith(`server: bye\n${CLOSED}`), heard);
  raw.close();
  const [ended, left] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([ended.status, left.status], [1, 0]);
  assert(
    left.stdout.endsWith("server: bye\n* The room is closed\n"),
    left.stdout,
  );
});

for (
  const [keys, typed] of [
    ["n", "n\r"],
    ["/quit", "/quit\r"],
    ["Ctrl-D", "\x04"],
  ] as const
) {
  testWith(
    ["script"],
    `${keys} at the prompt of a room's operator asks once, and ends all`,
    async () => {
      const args = ["--room", "--port", "0", "--lang", "en"];
      await using server = startAtTerminal(commandFor("server", args));
      const [, port] = await server.stdout.until(/Listening on \S+:(\d+)/);
      using raw = await comeAs("Raw", Number(port));
      await server.stdout.until("Raw");
      await server.write("hello\r");
      await raw.until("server: hello\n");
      await raw.send("hi\n");
      await server.stdout.until("Raw: hi");
      await server.write(typed);
      await server.stdout.until("1 here; the same again closes the room");
      // It goes on, and asks anew.
      await server.write("still here\r");
      await raw.until("server: still here\n");
      await server.write(typed);
      await server.stdout.until(/(the same again[^]*){2}/);
      await server.write(typed);
      assert((await raw.end()).endsWith(`server: still here\n${CLOSED}`));
      raw.close();
      assertEquals((await server.finish()).status, 0);
    },
  );
}

Deno.test("a member hears a room at once who came to speak in turn", async () => {
  await using server = await startRoom();
  await using client = startClient(server, ["--turns", "--style", "chat"]);
  await client.stdout.until("| * guest-1: welcome,");
  await server.write("one\ntwo\n");
  await client.stdout.until("| server: one\n| server: two\n");
  await client.write("three\nfour\n");
  await server.stdout.until("guest-1: three\nguest-1: four\n");
  await server.write("n\n");
  await client.stdout.until("The server has ended the conversation");
  assertEquals((await client.finish()).status, 0);
});

testWith(
  ["script"],
  "a plain line of a room's operator that is refused ends no room",
  async () => {
    const args = ["--room", "--style", "plain", "--max-message", "200"];
    await using server = startAtTerminal(
      commandFor("server", [...args, "--port", "0", "--lang", "en"]),
    );
    const [, port] = await server.stdout.until(/Listening on \S+:(\d+)/);
    using raw = await comeAs("Raw", Number(port));
    await server.write(`${"x".repeat(201)}\n`);
    await server.stdout.until("this line has more than 200 bytes");
    await raw.send("still here\n");
    await server.stdout.until("Raw: still here");
  },
);

Deno.test("Ctrl-C ends a room with 130, and all are told", async () => {
  await using server = await startRoom();
  using raw = await comeAs("Raw", server.port);
  await using client = startClient(server);
  await client.stdout.until("* guest-1: welcome,");
  server.kill("SIGINT");
  const heard = await raw.end();
  assert(heard.endsWith(CLOSED), heard);
  raw.close();
  const [ended, left] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([ended.status, left.status], [130, 0]);
  assert(left.stdout.endsWith("* The room is closed\n"), left.stdout);
});

Deno.test("a server fed by a pipe speaks its lines, then only relays", async () => {
  await using server = await startRoom();
  using ann = await comeAs("Ann", server.port);
  await server.write("one\ntwo\n");
  await server.closeInput();
  await ann.until("server: two\n");
  using late = await comeAs("Late", server.port);
  await late.send("/history\n");
  const earlier =
    /\* \[\d\d:\d\d\] server: one\n\* \[\d\d:\d\d\] server: two\n/;
  assert(earlier.test(await late.until("server: two\n")));
  await late.send("still open\n");
  await ann.until("Late: still open\n");
  server.kill("SIGTERM");
  assertEquals((await server.finish()).status, 143);
});

Deno.test("--idle-timeout lets no one go whose messages wait for --rate", async () => {
  const limits = ["--rate", "4", "--idle-timeout", "0.5"];
  await using server = await startRoom(limits);
  using ann = await comeAs("Ann", server.port);
  await ann.send("some\n".repeat(20));
  await server.stdout.until("some\n");
  await ann.send("last\n");
  const [next] = await server.stdout.until(/Ann: last|Ann has left/);
  assertEquals(next, "Ann: last");
});

Deno.test("--rate lets four times as much be said at once", async () => {
  await using server = await startRoom(["--rate", "2"]);
  using ann = await comeAs("Ann", server.port);
  // To be renamed, if it was, has taken one of the eight.
  await ann.send("one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
  await server.stdout.until("Ann: seven\n");
  await server.write("heard\n");
  const heard = await ann.until("server: heard\n");
  assert(!heard.includes("too fast"), heard);
});

Deno.test("a server without input only relays", async () => {
  await using server = await startRoom([], { input: "" });
  for (const name of ["Ann", "Bo"]) {
    using one = await comeAs(name, server.port);
    using other = await comeAs("Other", server.port);
    await one.send("hello\n");
    await other.until(`${name}: hello\n`);
    other.close();
    await one.until("* Other has left\n");
  }
  server.kill("SIGINT");
  assertEquals((await server.finish()).status, 130);
});

Deno.test("--max-clients lets one more in as soon as a place is free", async () => {
  const limits = ["--max-clients", "2", "--max-message", "1000"];
  await using server = await startRoom(limits);
  using ann = await comeAs("Ann", server.port);
  using bo = await comeAs("Bo", server.port);
  using cy = await RawPeer.connect(server.port);
  await cy.send("x".repeat(5000));
  assertEquals(await cy.end(), FULL);
  await using di = startClient(server, ["--name", "Di"]);
  const { status, stdout, stderr } = await di.finish();
  assertEquals([status, stdout], [1, FULL]);
  assertMatch(stderr, /^error: (.*: )?the room is full; come back later$/m);
  await bo.send("n\n");
  await bo.end();
  using ed = await comeAs("Ed", server.port);
  await ed.send("hello\n");
  const heard = await ann.until("Ed: hello\n");
  assert(!/Cy|Di|guest/.test(heard), heard);
});

Deno.test("--history keeps so many messages for those who ask", async () => {
  await using server = await startRoom(["--history", "3"]);
  using ann = await comeAs("Ann", server.port);
  await ann.send("one\ntwo\nthree\nfour\n");
  await server.stdout.until("Ann: four\n");
  using bo = await comeAs("Bo", server.port);
  await bo.send("/history\n/history 1\n/history 0\n//history\n");
  await ann.until("Bo: /history\n");
  const heard = (await bo.until("[N] shows")).replaceAll(
    /\[\d\d:\d\d\]/g,
    "[hh:mm]",
  );
  assertEquals(
    withoutNaming(heard),
    `\
* Bo: Earlier messages, the last 3:
* [hh:mm] Ann: two
* [hh:mm] Ann: three
* [hh:mm] Ann: four
* Bo: Earlier messages, the last 1:
* [hh:mm] Ann: four
* Bo: /history [N] shows the last N messages
`,
  );
});

Deno.test("a room answers /who, /help and what it does not know", async () => {
  await using server = await startRoom(["--name", "Op"]);
  using ann = await comeAs("Ann", server.port);
  using bo = await comeAs("Bo", server.port);
  await ann.until("Bo");
  await bo.send("/who\n");
  const list =
    /\* Bo: 3 here:\n\* Bo: Op, for \d+s.*\n\* Bo: Ann, for \d+s.*\n\* Bo: Bo, for \d+s/;
  assert(list.test(await bo.until("* Bo: Bo, for ")));
  await bo.send("/help\n/bye\n");
  const answered = await bo.until("* Bo: There is no such command;");
  assert(
    answered.includes("* Bo: /who lists who is here (also /names)\n"),
    answered,
  );
  await bo.send("//bye\n");
  const heard = await ann.until("Bo: /bye\n");
  assert(withoutNaming(heard) === "Bo: /bye\n", heard);
});

Deno.test("--idle-timeout ends the part of a member, never the room", async () => {
  await using server = await startRoom(["--idle-timeout", "1"]);
  using ann = await comeAs("Ann", server.port);
  const heard = await ann.end();
  assert(heard.endsWith("\n* broken off: idle\n"), heard);
  await server.stdout.until("* Ann has left\n");
  using bo = await comeAs("Bo", server.port);
  await bo.send("hello\n");
  await server.stdout.until("Bo: hello\n");
});

Deno.test("--idle-timeout takes nothing from who has to wait for its turn", async () => {
  const args = ["--idle-timeout", "1", "--rate", "1000"];
  await using server = await startRoom(args);
  using ann = await comeAs("Ann", server.port);
  // The server stops reading on the way, for longer than who is idle may stay.
  await ann.send("\n".repeat(5400) + "the last\n");
  await server.stdout.until("Ann: the last\n");
});

Deno.test("a message over --max-message ends the part of its sender only", async () => {
  await using server = await startRoom(["--max-message", "1000"]);
  using ann = await comeAs("Ann", server.port);
  using bo = await comeAs("Bo", server.port);
  await bo.send(`before\n${"x".repeat(5000)}\nafter\n`);
  const heard = await ann.until("* Bo has left\n");
  assert(heard.endsWith("Bo: before\n* Bo has left\n"), heard);
  await ann.send("still here\n");
  await server.stdout.until("Ann: still here\n");
  // What it goes on sending must not keep it from hearing why.
  await bo.send("x".repeat(500_000));
  const why = await bo.end();
  assert(why.endsWith("\n* not taken: message too long\n"), why);
});

Deno.test("a client in a room shows its lines, in chat style after a mark", async () => {
  await using server = await startRoom();
  await using chat = startClient(server, ["--style", "chat", "--name", "Chat"]);
  await chat.stdout.until("| * Chat: welcome");
  await using plain = startClient(server, ["--name", "Plain"], {
    input: "a\n//b\nc",
  });
  const { status, stdout, stderr } = await plain.finish();
  assertEquals(status, 0);
  assert(/^\* \S+: welcome, 3 here\. \/help helps, n leaves\n/.test(stdout));
  assert(!stderr.includes("error"), stderr);
  await chat.stdout.until("| * Plain has left\n");
  await chat.write("hello\n");
  await server.stdout.until("Chat: hello\n");
  await server.write("n\n");
  const shown = await chat.finish();
  assertEquals(shown.status, 0);
  assertEquals(
    withoutNaming(shown.stdout),
    `\
Connected to the server, n ends the conversation:
| Plain: a
| Plain: /b
| Plain: c
| * Plain has left
| Chat: hello
| * The room is closed
The server has ended the conversation
`,
  );
});
