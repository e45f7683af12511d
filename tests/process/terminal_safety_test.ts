import { assert, assertEquals } from "@std/assert";
import {
  CONNECTED,
  reply,
  startClientAtTerminal,
  testClient,
} from "../kit/at_terminal.ts";
import { commandFor, testWith } from "../kit/programs.ts";
import { RawListener } from "../kit/raw_peer.ts";
import { Tmux } from "../kit/tmux.ts";

const MARKS = 600;

/** What a peer may try, and how it is shown. */
const HOSTILE: readonly [name: string, message: string, shown: string][] = [
  ["clear the screen", "\x1b[H\x1b[2Jgone", "\\x1b[H\\x1b[2Jgone"],
  ["clear what scrolled", "\x1b[3J\x1bc", "\\x1b[3J\\x1bc"],
  ["set the title", "\x1b]0;owned\x07", "\\x1b]0;owned\\x07"],
  ["name the window", "\x1bkowned\x1b\\", "\\x1bkowned\\x1b\\"],
  [
    "hide a link (OSC 8)",
    "\x1b]8;;http://evil.test\x1b\\bank\x1b]8;;\x1b\\",
    "\\x1b]8;;http://evil.test\\x1b\\bank\\x1b]8;;\\x1b\\",
  ],
  [
    "set the clipboard (OSC 52)",
    "\x1b]52;c;b3duZWQ=\x07",
    "\\x1b]52;c;b3duZWQ=\\x07",
  ],
  ["move up", "\x1b[5A\x1b[1Gover", "\\x1b[5A\\x1b[1Gover"],
  ["the other screen", "\x1b[?1049h", "\\x1b[?1049h"],
  ["hide the cursor", "\x1b[?25l", "\\x1b[?25l"],
  ["scroll in a part", "\x1b[2;3r", "\\x1b[2;3r"],
  ["colours", "\x1b[31;5mred", "\\x1b[31;5mred"],
  [
    "the keyboard",
    "\x1b[?1000h\x1b[?2004h\x1b=",
    "\\x1b[?1000h\\x1b[?2004h\\x1b=",
  ],
  [
    "ask the terminal",
    "\x1b[c\x1b[6n\x1b]11;?\x07",
    "\\x1b[c\\x1b[6n\\x1b]11;?\\x07",
  ],
  [
    "pass through tmux",
    "\x1bPtmux;\x1b\x1b]0;owned\x07\x1b\\",
    "\\x1bPtmux;\\x1b\\x1b]0;owned\\x07\\x1b\\",
  ],
  [
    "C1 controls",
    "\x9b2J\x9d0;owned\x9c\x85\x90",
    "\\x9b2J\\x9d0;owned\\x9c\\x85\\x90",
  ],
  ["overwrite", "good\rbad", "good\\x0dbad"],
  ["backspaces", "good\b\b\b\bbad\x7f", "good\\x08\\x08\\x08\\x08bad\\x7f"],
  [
    "feeds and shifts",
    "\v\f\x0e\x0f\0\x05\x1a",
    "\\x0b\\x0c\\x0e\\x0f\\x00\\x05\\x1a",
  ],
  [
    "a fake prompt",
    "\r\x1b[KClient: yes, I agree",
    "\\x0d\\x1b[KClient: yes, I agree",
  ],
  ["override", "\u202etxt.exe\u202c", "\\u202etxt.exe\\u202c"],
  ["isolate", "\u2066a\u2067b\u2068c\u2069", "\\u2066a\\u2067b\\u2068c\\u2069"],
  ["embed", "\u202aa\u202bb\u202dc", "\\u202aa\\u202bb\\u202dc"],
  ["separators", "one\u2028two\u2029three", "one\\u2028two\\u2029three"],
  ["a name that is none", "/name \x1b]0;owned\x07", "/name \\x1b]0;owned\\x07"],
  ["a tab is a tab", "a\tb", "a       b"],
];

/** What the terminal is like besides what it shows. */
const STATE =
  "#{pane_title}|#{window_name}|#{alternate_on}|#{cursor_flag}|#{insert_flag}|" +
  "#{keypad_cursor_flag}|#{keypad_flag}|#{mouse_any_flag}|#{origin_flag}|" +
  "#{scroll_region_upper}|#{scroll_region_lower}|#{wrap_flag}";

testClient("nothing that a peer sends acts on the terminal", {
  columns: 120,
  rows: 60,
}, async (client, peer) => {
  await client.type("half");
  await client.press("Left");
  const state = await client.ask(STATE);
  const rows = [CONNECTED];
  for (const [name, message, shown] of HOSTILE) {
    await peer.send(`${name}: ${message}\n`);
    // A tab begins at the column where it stands.
    rows.push(
      shown.includes("       ")
        ? reply(`${name}: a`).padEnd(40) + "b"
        : reply(`${name}: ${shown}`),
    );
    await client.shows([...rows, "Client: half"], [11, rows.length]);
    assertEquals(await client.ask(STATE), state, name);
  }
  assertEquals(await client.buffers(), "");
  const colored = await client.everything({ colors: true });
  assert(!colored.includes("\x1b[31"), colored);
  assert(!colored.includes("\x1b]8"), colored);
  // No answer of the terminal went into the line.
  await client.press("Enter");
  assertEquals(await peer.until("\n"), "half\n");
});

testWith(
  ["tmux"],
  "nothing that a peer sends acts on the terminal of a plain side",
  async () => {
    using listener = new RawListener();
    const started = await startClientAtTerminal(listener, {
      columns: 120,
      rows: 60,
      args: ["--style", "plain"],
    });
    await using client = started.client;
    using peer = started.peer;
    const state = await client.ask(STATE);
    const rows = [CONNECTED];
    for (const [name, message, shown] of HOSTILE) {
      await peer.send(`${name}: ${message}\r\n`);
      rows.push(
        shown.includes("       ")
          ? `${name}: a`.padEnd(24) + "b"
          : `${name}: ${shown}`,
      );
      await client.shows(rows, [0, rows.length]);
      assertEquals(await client.ask(STATE), state, name);
    }
    assertEquals(await client.buffers(), "");
  },
);

testClient("a character with very many marks stays within its line", {
  rows: 40,
}, async (client, peer) => {
  await client.type("half");
  for (const mark of ["\u0301", "\u20dd", "\u0e49", "\u200d", "\ufe0f"]) {
    await peer.send(`[x${mark.repeat(MARKS)}y]\n`);
  }
  await peer.send("after\n");
  const screen = await client.until("after\nClient: half");
  const rows = screen.split("\n");
  assertEquals(rows[0], CONNECTED);
  assertEquals(rows.length, 8, screen);
  for (const row of rows.slice(1, 6)) assert(/\[x.*y\]$/u.test(row), row);
  assertEquals(await client.cursor(), [12, 7]);
});

testClient("a name is shown, one that comes later is a message", {}, async (
  client,
  peer,
) => {
  await peer.send("/name 张三\nhello\n");
  await client.shows([CONNECTED, "张三 replies: hello", "Client:"]);
  await peer.send("/name other\n");
  await client.shows([
    CONNECTED,
    "张三 replies: hello",
    "张三 replies: /name other",
    "Client:",
  ]);
});

for (
  const [what, name, shown] of [
    ["moves the cursor", "\x1b[2Jx", "\\x1b[2Jx"],
    ["overrides", "\u202eabc", "\\u202eabc"],
    ["is a notice", "* abc", "* abc"],
    ["has a colon", "Client: a", "Client: a"],
  ] as const
) {
  testClient(`a name that ${what} is not taken`, {}, async (client, peer) => {
    await peer.send(`/name ${name}\nhello\n`);
    await client.shows([
      CONNECTED,
      reply(`/name ${shown}`),
      reply("hello"),
      "Client:",
    ], [8, 3]);
  });
}

testClient("what is typed can't act on the terminal either", {}, async (
  client,
  peer,
) => {
  await client.paste("a\u202eb\u0085c\u2066d");
  await client.shows(
    [CONNECTED, "Client: a\\u202eb\\x85c\\u2066d"],
    [8 + 20, 1],
  );
  await client.press("BSpace", "BSpace");
  await client.shows([CONNECTED, "Client: a\\u202eb\\x85c"], [21, 1]);
  await client.press("Enter");
  assertEquals(await peer.until("\n"), "a\u202eb\u0085c\n");
  await client.shows([CONNECTED, "Client: a\\u202eb\\x85c", "Client:"], [8, 2]);
});

for (
  const [what, args, shown] of [
    ["a host", ["\x1b[2J\u202e.invalid"], "\\x1b[2J\\u202e.invalid"],
    ["an option", ["--\x1b]0;owned\x07"], "--\\x1b]0;owned\\x07"],
    ["a value", ["--port", "\x1b[2J"], '"\\x1b[2J"'],
  ] as const
) {
  testWith(["tmux"], `an error that quotes ${what} is safe`, async () => {
    await using client = await Tmux.start(
      commandFor("client", [...args, "--lang", "en"]),
    );
    const title = await client.ask("#{pane_title}");
    const { status, screen } = await client.finish();
    assert(status === 1 || status === 2, String(status));
    assert(screen.replaceAll("\n", "").includes(shown), screen);
    assertEquals(await client.ask("#{pane_title}"), title);
  });
}

testWith(["tmux"], "a server's password is asked for, not shown", async () => {
  using listener = new RawListener();
  const started = await startClientAtTerminal(listener);
  await using client = started.client;
  {
    using peer = started.peer;
    await client.until(/Client:$/);
    await client.type("half");
    // Else its end could be taken for the password's beginning.
    await client.until(/Client: half$/);
    await peer.send("* password:\n");
    await client.until(/^Password:$/m);
    await client.type("sesame");
    await client.press("Enter");
  }
  using peer = await listener.accept();
  await peer.send("* password:\n");
  assertEquals(await peer.until("\n"), "sesame\n");
  await peer.send("* password accepted\n");
  // What was typed before is there again, the password is in no history.
  await client.until(/Client: half$/);
  await client.press("Enter");
  await peer.until("half\n");
  await client.press("Up", "Up");
  await client.until(/Client:$/);
  const everything = await client.everything();
  assert(!everything.includes("sesame"));
  assertEquals(everything.split(CONNECTED).length, 2, everything);
});

/** A test with a client whose server has asked for a password. */
function testAsked(
  name: string,
  fn: (client: Tmux, listener: RawListener) => Promise<void>,
): void {
  testClient(name, {}, async (client, peer, listener) => {
    await peer.send("* password:\n");
    await client.until(/^Password:$/m);
    await fn(client, listener);
  });
}

for (
  const [what, end, wanted] of [
    ["Ctrl-C", (client: Tmux) => client.press("C-c"), 130],
    [
      "SIGTERM",
      async (client: Tmux) => Deno.kill(await client.pid(), "SIGTERM"),
      143,
    ],
  ] as const
) {
  testAsked(`${what} ends it while a password is asked for`, async (client) => {
    await end(client);
    assertEquals((await client.finish()).status, wanted);
  });
}

testAsked("Ctrl-D gives no password", async (client) => {
  await client.press("C-d");
  const { status, screen } = await client.finish();
  assertEquals(status, 1);
  assert(screen.includes("error: the server asks for a password;"), screen);
});

testAsked("what is pasted after the password is said", async (
  client,
  listener,
) => {
  await client.paste("sesame\none\ntwo\n");
  using peer = await listener.accept();
  await peer.send("* password:\n");
  await peer.until("sesame\n");
  await peer.send("* password accepted\n");
  assertEquals(await peer.until("two\n"), "sesame\none\ntwo\n");
});

testAsked("Tab completes no password", async (client, listener) => {
  await client.paste("/he\t");
  await client.press("Enter");
  using peer = await listener.accept();
  await peer.send("* password:\n");
  assertEquals(await peer.until("\n"), "/he\t\n");
});
