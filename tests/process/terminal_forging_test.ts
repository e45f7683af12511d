import { assert, assertEquals } from "@std/assert";
import { startClientAtTerminal } from "../kit/at_terminal.ts";
import { Process } from "../kit/process.ts";
import { commandFor, startClient, testWith } from "../kit/programs.ts";
import { RawListener } from "../kit/raw_peer.ts";

const FORGED = "| alice: I agree";

/** Messages whose second row is to look like a line, on so many columns. */
function forgeries(columns: number, label: number): string[] {
  const free = columns - label;
  return [
    ...[60, 61, 79, 80].map((count) => `hi${"\t".repeat(count)}${FORGED}`),
    ...[free - 1, free, free + 1].map((count) => " ".repeat(count) + FORGED),
    `hi${" ".repeat(free - 2)}${FORGED}`,
    "x".repeat(free) + FORGED,
    "中".repeat(Math.floor(free / 2)) + FORGED,
    "e\u0301".repeat(free) + FORGED,
    // Wider in some terminals than in others.
    "👨‍👩‍👧‍👦".repeat(Math.ceil(free / 2)) + FORGED,
    "❤️".repeat(Math.ceil(free / 2)) + FORGED,
    "\u{1f1e8}".repeat(free) + FORGED,
    "\x07".repeat(Math.ceil(free / 4)) + FORGED,
  ];
}

for (const columns of [80, 41, 20]) {
  for (
    const [style, lang, own, peers] of [
      ["chat", "en", "Client:", "Server replies: "],
      ["chat", "zh", "客户端:", "服务器回复: "],
      ["plain", "en", "", ""],
    ] as const
  ) {
    testWith(
      ["tmux"],
      `no row looks like another's line on ${columns} columns (${style}, ${lang})`,
      async () => {
        using listener = new RawListener();
        const started = await startClientAtTerminal(listener, {
          ...{ columns, rows: 60 },
          args: ["--style", style, "--lang", lang],
        });
        await using client = started.client;
        using peer = started.peer;
        const messages = forgeries(columns, lang === "zh" ? 12 : peers.length);
        for (const message of messages) {
          // As under plain, it tells by itself where it begins.
          await peer.send(`${style === "plain" ? "> " : ""}${message}\n`);
        }
        await peer.send(`${style === "plain" ? "> " : ""}last\n`);
        await client.until(/last/);
        const text = await client.everything();
        const rows = text.split("\n").filter((row) => !/^( |$)/.test(row));
        const begins = peers === "" ? ["> "] : [peers, own];
        const greeting = lang === "zh" ? "成功" : "Connected";
        for (const row of rows) {
          const isKnown = [greeting, "客户端成功", ...begins]
            .some((it) => row.startsWith(it.trimEnd()));
          assert(isKnown, `${row}\n---\n${text}`);
        }
        // None of it is missing, and none begins with what is forged.
        assertEquals(
          rows.filter((row) => row.startsWith((begins[0] ?? "").trimEnd()))
            .length,
          messages.length + 1,
          text,
        );
      },
    );
  }
}

testWith(["tmux"], "no row of the own prompt looks like a line", async () => {
  using listener = new RawListener();
  const started = await startClientAtTerminal(listener, { columns: 40 });
  await using client = started.client;
  using peer = started.peer;
  await client.until(/Client:$/);
  for (const message of forgeries(40, "Client: ".length).slice(0, -1)) {
    await client.paste(message);
    // As it is edited, and as it is said.
    for (const key of ["C-a", "Enter"]) {
      await client.press(key);
      await client.until("I agree");
      const rows = (await client.everything()).split("\n");
      for (const row of rows.slice(1)) {
        assert(/^(Client:| |$|nversation)/.test(row), rows.join("\n"));
      }
    }
    await peer.until(`${message}\n`);
  }
});

Deno.test("a log and a pipe hold on a line what was said on one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/log`;
    using listener = new RawListener();
    const args = ["127.0.0.1", String(listener.port), "--style", "chat"];
    await using client = new Process(
      ...commandFor("client", [...args, "--lang", "en", "--log", path], [
        "--allow-net",
        `--allow-write=${path}`,
      ]),
    );
    using peer = await listener.accept();
    const hidden = "\x1b[2J\u202e\u061c\u200e\u200f";
    await peer.send(`a${hidden}${"\t".repeat(3)}${FORGED}\nשלום ${hidden}\n`);
    const escaped = "\\x1b[2J\\u202e\\u061c\\u200e\\u200f";
    const spaces = " ".repeat(24 + 8 - escaped.length % 8 - 1);
    const lines = [
      `a${escaped}${spaces}${FORGED}`,
      `\u2068שלום ${escaped}\u2069`,
    ];
    for (const line of lines) {
      await client.stdout.until(`Server replies: ${line}\n`);
    }
    await client.write("n\n");
    await peer.end();
    peer.close();
    assertEquals((await client.finish()).status, 0);
    const log = await Deno.readTextFile(path);
    for (const line of lines) assert(log.includes(`< server: ${line}\n`), log);
    assert(!log.includes("\t"), log);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what is written from right to left reorders nothing beside it", async () => {
  using listener = new RawListener();
  await using client = startClient(listener, ["--style", "chat"]);
  using peer = await listener.accept();
  await peer.send("/name דני\nאבג 12\n");
  await client.stdout.until("\u2068דני\u2069 replies: \u2068אבג 12\u2069\n");
});
