import { assertEquals } from "@std/assert";
import {
  CONNECTED,
  reply,
  startClientAtTerminal,
  testClient,
} from "../kit/at_terminal.ts";
import { testWith } from "../kit/programs.ts";
import { RawListener } from "../kit/raw_peer.ts";

/** The most bytes of a message, and what that is as an option. */
const MESSAGE_BYTES = 1024;
const MAX_MESSAGE = ["--max-message", "1k"];

testClient("ten messages leave a half-typed line and its cursor as they are", {
  rows: 40,
}, async (client, peer) => {
  await client.type("half typed");
  await client.press("Left", "Left", "Left", "Left");
  const rows = [CONNECTED];
  for (let number = 1; number <= 10; number++) {
    await peer.send(`message ${number}\n`);
    rows.push(reply(`message ${number}`));
    await client.shows([...rows, "Client: half typed"], [14, rows.length]);
  }
  await client.type("ly-");
  await client.press("Enter");
  assertEquals(await peer.until("\n"), "half tly-yped\n");
  await client.shows([...rows, "Client: half tly-yped", "Client:"], [8, 12]);
});

testClient("a message leaves no copy of a line at the top of the screen", {
  rows: 10,
}, async (client, peer) => {
  await client.press("C-l");
  await client.type("half typed");
  await client.shows(["Client: half typed"], [18, 0]);
  await peer.send("one\n");
  await client.shows([reply("one"), "Client: half typed"], [18, 1]);
  assertEquals((await client.everything()).split("half typed").length - 1, 1);
});

testClient("messages leave a line of several rows as it is", {
  columns: 20,
}, async (client, peer) => {
  // The label takes 8 columns: the last 中 does not fit its row.
  const line = ["Client: abcdefghijkl", "  1234567中文字abcd", "  中文xyz"];
  await client.type("abcdefghijkl1234567中文字abcd中文xyz");
  const rows = [
    "Connected to the ser",
    "  ver, n ends the co",
    "  nversation:",
  ];
  await client.shows([...rows, ...line], [9, 5]);
  for (const message of ["one", "two", "three"]) {
    await client.press("Left", "Left", "Left", "Left", "Left", "Left");
    await peer.send(`${message}\n`);
    rows.push(`Server replies: ${message.slice(0, 4)}`);
    if (message.length > 4) rows.push(`  ${message.slice(4)}`);
    await client.until((screen) => screen.includes(rows.at(-1) ?? ""));
  }
  // 18 characters to the left of the end.
  await client.shows([...rows, ...line], [3, rows.length + 1]);
  await client.press("C-a");
  await peer.send("four\n");
  rows.push("Server replies: four");
  await client.shows([...rows, ...line], [8, rows.length]);
  await client.press("C-e", "BSpace", "Enter");
  assertEquals(
    await peer.until("\n"),
    "abcdefghijkl1234567中文字abcd中文xy\n",
  );
});

testClient("wide characters and tabs at the right margin", {
  columns: 20,
}, async (client, peer) => {
  const rows = [
    "Connected to the ser",
    "  ver, n ends the co",
    "  nversation:",
  ];
  // One column is left for a character that takes two.
  await client.type("12345678901");
  await client.shows([...rows, "Client: 12345678901"], [19, 3]);
  await client.type("中");
  await client.shows([...rows, "Client: 12345678901", "  中"], [4, 4]);
  await peer.send("one\n");
  rows.push("Server replies: one");
  await client.shows([...rows, "Client: 12345678901", "  中"], [4, 5]);
  await client.press("Left", "Left");
  await client.shows([...rows, "Client: 12345678901", "  中"], [18, 4]);
  await client.type("0");
  await client.shows([...rows, "Client: 123456789001", "  中"], [19, 4]);
  await peer.send("two\n");
  rows.push("Server replies: two");
  await client.shows([...rows, "Client: 123456789001", "  中"], [19, 5]);
  // Nothing stays where the wide one does not fit.
  await client.press("BSpace");
  await client.shows([...rows, "Client: 12345678901", "  中"], [18, 5]);
  await client.press("C-e", "C-u");
  await client.shows([...rows, "Client:"], [8, 5]);

  // To the margin exactly, where a terminal waits with going on.
  await client.type("123456789012");
  await client.shows([...rows, "Client: 123456789012"], [2, 6]);
  await peer.send("three\n");
  rows.push("Server replies: thre", "  e");
  await client.shows([...rows, "Client: 123456789012"], [2, 8]);
  await client.press("C-u");

  // From column 17 to the next stop, 24, which is in the next row.
  await client.paste("123456789\tx");
  await client.shows([...rows, "Client: 123456789", "      x"], [7, 8]);
  await peer.send("four\n");
  rows.push("Server replies: four");
  await client.shows([...rows, "Client: 123456789", "      x"], [7, 9]);
  await client.press("Left", "Left", "BSpace");
  await client.shows([...rows, "Client: 12345678", "      x"], [16, 8]);
  await client.press("Enter");
  assertEquals(await peer.until("\n"), "12345678\tx\n");
});

testClient("a resize to 20 columns and back leaves the line as it is", {
  columns: 60,
  rows: 12,
}, async (client, peer) => {
  // tmux keeps a screen as it is only when it is full.
  const filling = Array.from({ length: 20 }, (_, index) => `before ${index}`);
  await peer.send(`${filling.join("\n")}\n`);
  const line = "The quick brown fox 跳过 the lazy dog";
  const narrow = ["Client: The quick br", "  own fox 跳过 the l", "  azy dog"];
  await client.type(line);
  await client.press("Left", "Left", "Left");
  await client.endsWith([reply("before 19"), `Client: ${line}`], [42, 1]);
  await client.resize(20, 12);
  await client.endsWith(narrow, [6, 2]);
  await peer.send("one\n");
  await client.endsWith(["Server replies: one", ...narrow], [6, 3]);
  await client.press("Home");
  await client.endsWith(["Server replies: one", ...narrow], [8, 1]);
  await peer.send("two\n");
  const both = ["Server replies: one", "Server replies: two"];
  await client.endsWith([...both, ...narrow], [8, 2]);
  await client.resize(60, 12);
  await client.endsWith([...both, `Client: ${line}`], [8, 2]);
  await peer.send("three\n");
  const rows = [...both, "Server replies: three"];
  await client.endsWith([...rows, `Client: ${line}`], [8, 3]);
  assertEquals(
    await client.everything(),
    [CONNECTED, ...filling.map(reply), ...rows, `Client: ${line}`].join("\n"),
  );
  await client.press("End", "Enter");
  assertEquals(await peer.until("\n"), `${line}\n`);
  await client.endsWith([...rows, `Client: ${line}`, "Client:"], [8, 4]);
});

testClient("a message is drawn well before a resize is heard of", {
  columns: 60,
  rows: 12,
  blocked: "SIGWINCH",
}, async (client, peer) => {
  const filling = Array.from({ length: 20 }, (_, index) => `before ${index}`);
  await peer.send(`${filling.join("\n")}\n`);
  const line = "The quick brown fox jumps over the lazy dog";
  // By the terminal, and by the program.
  const start = "Client: The quick br";
  const broken = [start, "own fox jumps over t", "he lazy dog"];
  const drawn = [start, "  own fox jumps over", "   the lazy dog"];
  await client.type(line);
  await client.endsWith([reply("before 19"), `Client: ${line}`], [51, 1]);
  await client.resize(20, 12);
  await client.endsWith(broken, [11, 2]);
  await peer.send("one\n");
  await client.endsWith(["Server replies: one", ...drawn], [15, 3]);
  await client.press("Home");
  await client.endsWith(["Server replies: one", ...drawn], [8, 1]);
  await client.resize(60, 12);
  await peer.send("two\n");
  const rows = ["one", "two"].map(reply);
  await client.endsWith([...rows, `Client: ${line}`], [8, 2]);
  assertEquals(
    await client.everything(),
    [CONNECTED, ...filling.map(reply), ...rows, `Client: ${line}`].join("\n"),
  );
});

testClient("a line of more rows than the screen has stays editable", {
  columns: 20,
  rows: 6,
}, async (client, peer) => {
  const text = Array.from({ length: 20 }, (_, index) => `row-${10 + index}:`)
    .join("--------------");
  await client.paste(text);
  await client.until("row-29:");
  await peer.send("hello\n");
  await client.until((screen) => screen.endsWith("row-29:"));
  const before = (await client.everything()).split("row-29:").length;
  await client.press("Home");
  await client.until((screen) => screen.startsWith("Client: row-10:"));
  await client.type("x");
  await client.until((screen) => screen.startsWith("Client: xrow-10:"));
  await client.press("End");
  await client.until((screen) => screen.endsWith("row-29:"));
  // Going up and down left no copies behind.
  assertEquals((await client.everything()).split("row-29:").length, before);
  await client.press("Enter");
  assertEquals(await peer.until("\n"), `x${text}\n`);
});

testClient("a paste of several lines is as many messages", {
  rows: 40,
}, async (client, peer) => {
  const lines = Array.from({ length: 12 }, (_, index) => `第${index}行\tend`);
  const pasting = client.paste(`${lines.join("\n")}\nhalf`);
  for (let number = 0; number < 5; number++) {
    await peer.send(`meanwhile ${number}\n`);
  }
  await pasting;
  assertEquals(await peer.until("第11行\tend\n"), `${lines.join("\n")}\n`);
  const screen = await client.until((screen) =>
    screen.endsWith("Client: half") && screen.includes("meanwhile 4")
  );
  const rows = screen.split("\n");
  assertEquals(rows.length, 1 + lines.length + 5 + 1);
  assertEquals(
    rows.filter((row) => row.startsWith("Client: 第")),
    lines.map((_, index) =>
      `Client: 第${index}行${index < 10 ? "   " : "  "}end`
    ),
  );
  assertEquals(
    rows.filter((row) => row.startsWith("Server")),
    [0, 1, 2, 3, 4].map((number) => reply(`meanwhile ${number}`)),
  );
});

testClient("a very long line can be pasted", {}, async (client, peer) => {
  // Beyond all patience where each character costs a look at the whole line.
  const part = "一段很长的话。".repeat(700);
  for (let number = 0; number < 4; number++) await client.paste(part);
  await client.press("Enter");
  assertEquals(await peer.until("\n"), `${part.repeat(4)}\n`);
});

testClient("a Tab at the end of a paste is text", {}, async (client, peer) => {
  await client.paste("name\t");
  await client.until(/Client: name$/);
  await client.paste("value\n\t\t");
  // All of the paste was read in one, so this Tab stands alone.
  await peer.until("value\n");
  await client.press("Tab");
  await client.type("x");
  await client.press("Enter");
  assertEquals(await peer.until("x\n"), "name\tvalue\n\t\tx\n");
});

testClient("Chinese text is edited by whole characters", {
  language: "zh",
}, async (client, peer) => {
  const head = "客户端成功连接服务器 n结束:";
  await client.type("你好世界");
  await client.shows([head, "客户端:你好世界"], [15, 1]);
  await client.press("BSpace");
  await client.shows([head, "客户端:你好世"], [13, 1]);
  await client.press("Left", "Left");
  await client.shows([head, "客户端:你好世"], [9, 1]);
  await peer.send("在吗\n");
  const rows = [head, "服务器回复: 在吗"];
  await client.shows([...rows, "客户端:你好世"], [9, 2]);
  await client.press("BSpace");
  await client.type("您");
  await client.shows([...rows, "客户端:您好世"], [9, 2]);
  await client.press("DC", "Right");
  await client.shows([...rows, "客户端:您世"], [11, 2]);
  await client.type("界🎈");
  await client.press("Home");
  await client.shows([...rows, "客户端:您世界🎈"], [7, 2]);
  await client.press("End", "Left");
  await client.shows([...rows, "客户端:您世界🎈"], [13, 2]);
  await client.press("Enter");
  assertEquals(await peer.until("\n"), "您世界🎈\n");
});

testClient("the keys of a line editor", {}, async (client, peer) => {
  await client.type("one two three");
  await client.press("C-w");
  await client.shows([CONNECTED, "Client: one two"], [16, 1]);
  await client.press("C-a");
  await client.shows([CONNECTED, "Client: one two"], [8, 1]);
  await client.type("zero ");
  await client.shows([CONNECTED, "Client: zero one two"], [13, 1]);
  await client.press("C-u");
  await client.shows([CONNECTED, "Client: one two"], [8, 1]);
  await client.press("C-e", "C-u");
  await client.type("first");
  await client.press("Enter");
  await client.type("second");
  await client.press("Enter");
  assertEquals(await peer.until("second\n"), "first\nsecond\n");
  const rows = [CONNECTED, "Client: first", "Client: second"];
  await client.type("new");
  await client.shows([...rows, "Client: new"], [11, 3]);
  await client.press("C-u", "Up");
  await client.shows([...rows, "Client: second"], [14, 3]);
  await client.press("Up");
  await client.shows([...rows, "Client: first"], [13, 3]);
  await peer.send("hello\n");
  rows.push(reply("hello"));
  await client.shows([...rows, "Client: first"], [13, 4]);
  await client.press("Down", "Enter");
  assertEquals(
    await peer.until("second\nsecond\n"),
    "first\nsecond\nsecond\n",
  );
  // Ctrl-Z stops nothing and asks for nothing.
  await client.type("still");
  await client.press("C-z");
  await client.type(" here");
  await client.shows([...rows, "Client: second", "Client: still here"], [
    18,
    5,
  ]);
});

testClient("commands at the prompt and their completion", {
  rows: 30,
}, async (client, peer) => {
  await client.type("/h");
  await client.press("Tab");
  await client.shows([CONNECTED, "Client: /help"], [13, 1]);
  await client.press("Enter");
  const helped = await client.until(/Ctrl-D ends\nClient:$/);
  assertEquals(helped.startsWith(`${CONNECTED}\nClient: /help\n`), true);
  await client.type("/");
  await client.press("Tab");
  await client.shows([
    ...helped.split("\n").slice(0, -1),
    "/clear  /exit  /help  /quit",
    "Client: /",
  ]);
  await client.type("cl");
  await client.press("Tab");
  await client.until(/Client: \/clear$/);
  await client.press("Enter");
  await client.shows(["Client:"], [8, 0]);
  // What is more than the command is a message.
  await client.type("/help me");
  await client.press("Enter");
  assertEquals(await peer.until("\n"), "/help me\n");
  await client.type("kept");
  await client.press("C-l");
  await client.shows(["Client: kept"], [12, 0]);
  await peer.send("hello\n");
  await client.shows([reply("hello"), "Client: kept"], [12, 1]);
});

testClient("Shift-Tab completes nothing", {}, async (client, peer) => {
  await client.type("/he");
  await client.press("BTab");
  await client.type("y");
  await client.press("Enter");
  assertEquals(await peer.until("\n"), "/hey\n");
  await client.endsWith(["Client: /hey", "Client:"]);
});

testClient("a line over --max-message is refused at the prompt", {
  args: MAX_MESSAGE,
  columns: 120,
}, async (client, peer) => {
  await client.paste("x".repeat(MESSAGE_BYTES + 1));
  await client.press("Enter");
  await client.until(
    `this line has more than ${MESSAGE_BYTES} bytes and was not sent; --max-message raises the limit\nClient:`,
  );
  await client.paste("y".repeat(MESSAGE_BYTES));
  await client.press("Enter");
  assertEquals(await peer.until("\n"), `${"y".repeat(MESSAGE_BYTES)}\n`);
  await client.press("C-d");
  assertEquals(await peer.end(), `${"y".repeat(MESSAGE_BYTES)}\nn\n`);
  peer.close();
  assertEquals((await client.finish()).status, 0);
});

testClient("a line can be edited on after the program was stopped", {}, async (
  client,
  peer,
) => {
  await client.type("half typed");
  await client.shows([CONNECTED, "Client: half typed"], [18, 1]);
  const pid = await client.pid();
  Deno.kill(pid, "SIGSTOP");
  await client.takeBack();
  Deno.kill(pid, "SIGCONT");
  await client.untilRaw();
  await client.type("!");
  await client.press("Left", "BSpace");
  await client.shows([CONNECTED, "Client: half type!"], [17, 1]);
  await client.press("Enter");
  assertEquals(await peer.until("\n"), "half type!\n");
});

for (
  const [language, sentence] of [
    ["en", 'the pasted line "n" would end the conversation'],
    ["zh", '粘贴的一行 "n" 会结束对话'],
  ] as const
) {
  testClient(
    `a pasted end word ends nothing (${language})`,
    { language },
    async (
      client,
      peer,
    ) => {
      await client.paste("to\twin\nn\nmore\nlast");
      await peer.until("to\twin\n");
      const label = language === "en" ? "Client: " : "客户端:";
      await client.until(`${label}n`);
      await client.until(sentence);
      // What stays in the line can be edited: only the last line is left then.
      await client.press("C-u");
      await client.type("still here");
      await client.press("Enter");
      await peer.until("to\twin\nstill here\n");
    },
  );
}

testClient("bytes that are not UTF-8 are not sent as others", {}, async (
  client,
  peer,
) => {
  await client.give(Uint8Array.of(0xc4, 0xe3, 0xba, 0xc3, 0x0d));
  await client.until("your terminal does not send UTF-8");
  await client.type("好");
  await client.press("Enter");
  await peer.until("好\n");
  await client.press("C-d");
  assertEquals(await peer.end(), "好\nn\n");
});

testClient("an empty line is not said in a room", {}, async (client, peer) => {
  await peer.send("* guest-1: welcome, 2 here\n");
  await client.until("guest-1: welcome");
  await client.press("Enter", "Enter");
  await client.type("hello");
  await client.press("Enter", "C-d");
  assertEquals(await peer.end(), "hello\nn\n");
});

for (
  const [options, redirections] of [[[], "| cat"], [
    [],
    "| tee /dev/null",
  ]] as const
) {
  testClient(`a line is edited beside a pipe (${redirections})`, {
    args: options,
    redirections,
  }, async (client, peer) => {
    // More than a terminal gives of a line that it edits itself.
    const long = "你".repeat(1400);
    await client.paste(`${long}\nhalf`);
    assertEquals(await peer.until("\n"), `${long}\n`);
    for (const word of ["one", "two", "three"]) {
      await peer.send(`${word} ${"x".repeat(70)}\n`);
      await client.until(`${word} `);
    }
    await client.until(/three x{70}\nClient: half$/);
    await client.press("BSpace");
    await client.type("ve");
    await client.press("Enter");
    await peer.until("halve\n");
  });
}

testWith(["tmux"], "a terminal's own lines can be refused", async () => {
  using listener = new RawListener();
  const started = await startClientAtTerminal(listener, {
    args: ["--style", "plain"],
  });
  await using client = started.client;
  using peer = started.peer;
  await client.give(Uint8Array.of(0xc4, 0xe3, 0xba, 0xc3, 0x0a));
  await client.until("your terminal does not send UTF-8");
  await client.give(new TextEncoder().encode(`${"a".repeat(6000)}\n`));
  await client.until("only its first 4095 bytes");
  await client.give(new TextEncoder().encode("good\n"));
  assertEquals(await peer.until("\n"), "good\n");
});
