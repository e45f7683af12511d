import { assert, assertEquals } from "@std/assert";
import {
  CONNECTED,
  startServerAtTerminal,
  testClient,
} from "../kit/at_terminal.ts";
import { testWith } from "../kit/programs.ts";
import { comeAs } from "../kit/room_members.ts";
import { colorOfName } from "../../lib/text/name_look.ts";

/** What a room says to one that comes. */
const WELCOME = "* 小明: You are 小明; 3 here\n";
const ESCAPE = "\x1b";

/** The name in its colour, as tmux shows it. */
function colored(name: string): string {
  return `${ESCAPE}[38;5;${colorOfName(name)}m${name}`;
}

testClient("a client learns its name from the room", {}, async (
  client,
  peer,
) => {
  await client.type("early");
  await peer.send(WELCOME);
  const rows = [CONNECTED, "| * 小明: You are 小明; 3 here"];
  await client.shows([...rows, "小明: early"], [11, 2]);
  await client.press("Enter");
  await client.shows([...rows, "| 小明: early", "小明:"], [6, 3]);
  await client.type("/who");
  await client.press("Enter");
  await client.shows([...rows, "| 小明: early", "小明: /who", "小明:"]);
  assertEquals(await peer.until("/who\n"), "early\n/who\n");
  // A member can't say that: its line begins with its name.
  await peer.send("Bo: * Bo: You are Bo now\n");
  await peer.send("* 小红: You are 小红 now\n");
  await client.until(/You are 小红 now\n小红:$/);
});

testClient("a side of a pair has its name as its prompt", {
  args: ["--name", "Ann"],
  prompt: /Ann:$/,
}, async (client, peer) => {
  await client.type("hello");
  await client.press("Enter");
  await client.shows([CONNECTED, "Ann: hello", "Ann:"], [5, 2]);
  await peer.send("hi\n* Bo: this is no room\n");
  await client.until(/no room\nAnn:$/);
  assertEquals(await peer.until("hello\n"), "/name Ann\nhello\n");
});

testClient("each name has its colour, and the own one stands out", {
  args: ["--bell", "mention"],
}, async (client, peer) => {
  await peer.send(WELCOME);
  await client.until("You are");
  await peer.send("Bo: hello\n** Bo waves\n");
  await client.until("waves");
  assertEquals(await client.bells(), 0);
  await peer.send("Bo: 小明你好\n* Bo whispers: psst\n* Bo has left\n");
  await client.until("has left");
  const all = await client.everything({ colors: true });
  for (const line of ["* ", "", "** "]) {
    const name = line === "* " ? "小明" : "Bo";
    assert(all.includes(`${line}${colored(name)}`), all);
  }
  assert(all.includes(`* ${colored("Bo")}${ESCAPE}[39m has left`), all);
  // In bold, with the name marked; a private one is as bold.
  assert(all.includes(`${ESCAPE}[1m`) && all.includes(`${ESCAPE}[7m小明`), all);
  assert(all.includes(`Bo${ESCAPE}[1m${ESCAPE}[39m whispers: psst`), all);
  assert(await client.bells() > 0);
});

for (
  const [options, rings] of [
    [["--bell"], true],
    [["--bell", "all"], true],
    [["--bell=mention"], false],
  ] as const
) {
  testClient(`${options.join(" ")} rings for any message: ${rings}`, {
    args: options,
  }, async (client, peer) => {
    await peer.send("hello\n");
    await client.until("hello\nClient:");
    assertEquals(await client.bells() > 0, rings);
  });
}

testClient("Tab completes the room's commands, and names", {
  args: ["--name", "Ann"],
  prompt: /Ann:$/,
}, async (client, peer) => {
  await peer.send("* Ann: You are Ann; 4 here\n* Anton has joined\n");
  await peer.send("* 小红 has joined\nBo: hi\nBert: hi\n");
  await client.until("Bert: hi");
  await client.type("/hi");
  await client.press("Tab");
  await client.until(/^Ann: \/history$/m);
  await client.press("C-u");
  for (
    const [typed, offered] of [
      ["/n", "/name  /names  /nick"],
      // The operator's are not among them.
      ["/un", "Ann: /unignore"],
      ["/ki", "Ann: /ki"],
      ["/e", "Ann: /exit"],
    ] as const
  ) {
    await client.type(typed);
    await client.press("Tab");
    await client.until(new RegExp(`^${offered}$`, "m"));
    await client.press("C-u");
  }
  await client.type("hi b");
  // The last speaker first.
  for (const name of ["Bert", "Bo", "Bert"]) {
    await client.press("Tab");
    await client.until(new RegExp(`^Ann: hi ${name}$`, "m"));
  }
  await peer.send("* Bert was put out by the operator\nCy: hi\n");
  await peer.send("* Ann: Anna, for 3s, idle 1s\n* Anna has left\n");
  await client.until("Anna has left");
  await client.type(" b");
  await client.press("Tab");
  await client.until(/^Ann: hi Bert Bo$/m);
  await client.type(" and an");
  await client.press("Tab");
  await client.type(" 小");
  await client.press("Tab", "Enter");
  await peer.until("hi Bert Bo and Anton 小红\n");
  await client.type("/exit");
  await client.press("Enter");
  assert((await peer.end()).endsWith("小红\nn\n"));
  peer.close();
  assertEquals((await client.finish()).status, 0);
});

testWith(
  ["tmux"],
  "an operator's Tab knows its commands, and who came",
  async () => {
    await using server = await startServerAtTerminal(["--room"]);
    const { terminal, port } = server;
    using ann = await comeAs("Ann", port);
    await terminal.until("Ann has joined from 127.0.0.1");
    await terminal.type("/ki");
    await terminal.press("Tab");
    await terminal.type(" a");
    await terminal.press("Tab");
    await terminal.type(" bye");
    await terminal.until(/: \/kick Ann bye$/);
    await terminal.press("Enter");
    assert((await ann.end()).endsWith("has put you out: bye\nn\n"));
  },
);

testClient("/help in a room shows the room's too", {}, async (client, peer) => {
  await peer.send(WELCOME);
  await client.until("You are");
  await client.type("/help");
  await client.press("Enter");
  await client.until("Ctrl-D ends");
  await peer.until("/help\n");
});

testClient("a paste that is kept shows its line endings", {}, async (
  client,
  peer,
) => {
  await client.paste("n\n二\n\nlast");
  await client.until(/^Client: n⏎二⏎⏎last$/m);
  await client.press("C-a");
  await client.type("x");
  await client.press("Enter");
  assertEquals(await peer.until("last\n"), "xn\n二\n\nlast\n");
});

testClient("twelve joined emoji stay where they are among messages", {
  columns: 60,
  rows: 20,
}, async (client, peer) => {
  const family = "👨‍👩‍👧‍👦";
  await client.paste(family.repeat(12));
  const rows = [CONNECTED];
  for (let number = 1; number <= 5; number++) {
    await peer.send(`message ${number}\n`);
    rows.push(`Server replies: message ${number}`);
    const screen = await client.until(`message ${number}`);
    assertEquals(screen.split("\n").slice(0, rows.length), rows);
  }
  // The cursor is behind the text, and each key goes over one of them.
  await client.press("BSpace", "Left", "Left", "DC", "Home", "Right");
  await client.type("|");
  await client.press("End");
  await client.type("end");
  await client.press("Enter");
  const sent = await peer.until("\n");
  assertEquals(sent, `${family}|${family.repeat(9)}end\n`);
  const screen = await client.until("end\nClient:");
  assertEquals(screen.split("\n").slice(0, rows.length), rows);
});
