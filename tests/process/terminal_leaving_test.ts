import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  CONNECTED,
  startClientAtTerminal,
  startServerAtTerminal,
  testClient,
} from "../kit/at_terminal.ts";
import {
  commandFor,
  COMPILED,
  freePort,
  startPython,
  testWith,
} from "../kit/programs.ts";
import { RawListener, RawPeer } from "../kit/raw_peer.ts";
import { Tmux } from "../kit/tmux.ts";

testClient(
  "Ctrl-C clears a half-typed line, and ends on an empty one",
  {},
  async (
    client,
    peer,
  ) => {
    await client.type("half typed");
    await client.press("Left", "Left", "C-c");
    await client.shows([CONNECTED, "Client:"], [8, 1]);
    await client.press("C-c");
    assertEquals(await peer.end(), "n\n");
    peer.close();
    const { status, screen } = await client.finish();
    assertEquals(status, 130);
    assertEquals(screen, `${CONNECTED}\nClient: n`);
  },
);

testClient("Ctrl-C twice does not wait for the peer", {}, async (
  client,
  peer,
) => {
  await client.press("C-c");
  await peer.until("n\n");
  await client.press("C-c");
  assertEquals((await client.finish()).status, 130);
});

for (
  const [what, keys, shown] of [
    ["Ctrl-D", ["C-d"], "Client: n"],
    ["n", ["n", "Enter"], "Client: n"],
    ["/quit", [..."/quit", "Enter"], "Client: /quit\nClient: n"],
  ] as const
) {
  testClient(`${what} ends politely`, {}, async (client, peer) => {
    await client.press(...keys);
    assertEquals(await peer.end(), "n\n");
    peer.close();
    const { status, screen } = await client.finish();
    assertEquals(status, 0);
    assertEquals(screen, `${CONNECTED}\n${shown}`);
  });
}

for (const [signal, wanted] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  testClient(`${signal} ends politely in the middle of a line`, {}, async (
    client,
    peer,
  ) => {
    await client.type("half typed");
    await client.until("half typed");
    Deno.kill(await client.pid(), signal);
    assertEquals(await peer.end(), "n\n");
    peer.close();
    const { status, screen } = await client.finish();
    assertEquals(status, wanted);
    assertEquals(screen, `${CONNECTED}\nClient: n\nNot sent: half typed`);
  });
}

testClient("a terminal that is closed ends politely", {}, async (
  client,
  peer,
) => {
  await client.type("half typed");
  await client.until("half typed");
  await client.closeWindow();
  assertEquals(await peer.end(), "n\n");
});

for (const how of ["close", "take"]) {
  testWith(
    ["python3"],
    `a terminal that is lost is a hang-up (${how})`,
    async () => {
      using listener = new RawListener();
      const args = ["127.0.0.1", String(listener.port), "--lang", "en"];
      const [command, words] = commandFor("client", args);
      await using client = startPython("lost_terminal.py", [command, ...words]);
      using peer = await listener.accept();
      await client.stdout.until("Client: ");
      await client.write(`${how}\n`);
      assertEquals(await peer.end(), "n\n");
      peer.close();
      const { status, stderr } = await client.finish();
      // The key that it read as the last one, of which nobody was told.
      assertEquals(stderr, how === "take" ? "Not sent: x\n" : "");
      assertEquals(status, 129);
    },
  );

  testWith(
    ["python3"],
    `a terminal that is lost gives no password (${how})`,
    async () => {
      const args = ["--password", "--lang", "en"];
      const [command, words] = commandFor("client", args);
      await using client = startPython("lost_terminal.py", [command, ...words]);
      await client.stderr.until("Password: ");
      await client.write(`${how}\n`);
      const { status, stderr } = await client.finish();
      assertEquals(stderr, "Password: \n");
      assertEquals(status, 129);
    },
  );

  testWith(
    ["python3"],
    `standard error can be on the terminal that is lost (${how})`,
    async () => {
      const [command, words] = commandFor("client", ["--password"]);
      const script = 'exec "$0" "$@" 2>&1';
      await using client = startPython(
        "lost_terminal.py",
        ["sh", "-c", script, command, ...words, "--lang", "en"],
      );
      await client.stdout.until("Password: ");
      await client.write(`${how}\n`);
      assertEquals((await client.finish()).status, 129);
    },
  );
}

testWith(
  ["python3"],
  "a terminal that is lost is a hang-up also without a line editor",
  async () => {
    using listener = new RawListener();
    const args = ["127.0.0.1", String(listener.port), "--style", "plain"];
    const [command, words] = commandFor("client", [...args, "--lang", "en"]);
    await using client = startPython("lost_terminal.py", [command, ...words]);
    using peer = await listener.accept();
    await client.stderr.until("n ends the conversation:\n");
    await client.write("take\n");
    // Who waited for a line when the terminal was lost still gets that one.
    assertMatch(await peer.end(), /^(x\n)?n\n$/);
    peer.close();
    const { status, stderr } = await client.finish();
    assertEquals(stderr, `${CONNECTED}\n`);
    assertEquals(status, 129);
  },
);

testClient("the peer's leaving keeps the half-typed line", {}, async (
  client,
  peer,
) => {
  await client.type("half typed");
  await client.until("half typed");
  await peer.send("bye\n");
  peer.close();
  const { status, screen } = await client.finish();
  assertEquals(status, 0);
  assertEquals(
    screen,
    `${CONNECTED}\nServer replies: bye\nThe server has closed the connection\n` +
      "Not sent: half typed",
  );
});

testWith(
  ["tmux", "python3"],
  "a reset connection leaves the terminal as it was",
  async () => {
    await using server = startPython("reset.py", ["listen"]);
    const [, port = ""] = await server.stdout.until(/port (\d+)\n/);
    await using client = await Tmux.start(
      commandFor("client", ["127.0.0.1", port, "--lang", "en"]),
    );
    await client.until(/hello\nClient:$/);
    // The reset comes at the first message, while the second is half typed.
    await client.paste("message\nhalf typed");
    const { status, screen } = await client.finish();
    assertEquals(status, 1);
    assert(screen.includes("\nClient: message\nerror: the connection"), screen);
  },
);

testWith(
  ["tmux"],
  "a killed server leaves the client's terminal as it was",
  async () => {
    await using server = await startServerAtTerminal();
    await using client = await Tmux.start(
      commandFor("client", ["127.0.0.1", String(server.port), "--lang", "en"]),
    );
    await client.until(/Client:$/);
    await client.type("half typed");
    await client.until("half typed");
    await server.terminal.until("Client connected");
    Deno.kill(await server.terminal.pid(), "SIGKILL");
    const { screen } = await client.finish();
    assert(screen.endsWith("\nNot sent: half typed"), screen);
    const end = screen.split("\n")[1] ?? "";
    assert(/has closed the connection|^error: .* broke/.test(end), screen);
  },
);

testClient("what was entered and never said is named", {
  args: ["--turns"],
}, async (client, peer) => {
  for (const line of ["one", "two", "thr\u202eee"]) {
    await client.type(line);
    await client.press("Enter");
  }
  await peer.until("one\n");
  await client.until("thr");
  peer.close();
  const { screen } = await client.finish();
  assert(
    screen.endsWith(
      "The server has closed the connection\nNot sent: two\nNot sent: thr\\u202eee",
    ),
    screen,
  );
});

testClient("with --turns the label stands there at one's turn", {
  args: ["--turns"],
}, async (client, peer) => {
  await client.shows([CONNECTED, "Client:"], [8, 1]);
  await client.type("one");
  await client.press("Enter");
  const rows = [CONNECTED, "Client: one"];
  await peer.until("one\n");
  await client.shows(rows, [0, 2]);
  await client.type("ahead");
  await client.shows([...rows, "ahead"], [5, 2]);
  await client.press("Left");
  await peer.send("answer\n");
  rows.push("Server replies: answer");
  await client.shows([...rows, "Client: ahead"], [12, 3]);
  await client.press("Enter");
  assertEquals(await peer.until("ahead\n"), "one\nahead\n");
  await client.shows([...rows, "Client: ahead"], [0, 4]);
  // The own screen waits for no turn.
  await client.type("/clear");
  await client.press("Enter");
  await client.shows([""], [0, 0]);
  await peer.send("answer\n");
  await client.shows(["Server replies: answer", "Client:"], [8, 1]);
});

testWith(["tmux"], "with -k Ctrl-D ends one conversation only", async () => {
  await using server = await startServerAtTerminal(["-k"]);
  for (const name of ["first", "second"]) {
    using peer = await RawPeer.connect(server.port);
    await peer.send(`${name}\n`);
    await server.terminal.until(`Client says: ${name}\nServer:`);
    await server.terminal.type(`hello ${name}`);
    await server.terminal.press("Enter");
    await peer.until(`hello ${name}\n`);
    await server.terminal.press("C-d");
    assertEquals(await peer.end(), `hello ${name}\nn\n`);
  }
  // The last peer is gone, so nobody is asked to answer.
  using last = await RawPeer.connect(server.port);
  await last.send("third\n");
  await server.terminal.until(/third\nServer:$/);
  await server.terminal.press("C-c");
  await last.until("n\n");
  last.close();
  assertEquals((await server.terminal.finish()).status, 130);
});

testWith(
  ["tmux"],
  "with -k nobody gets what was for the last peer",
  async () => {
    await using server = await startServerAtTerminal(["-k"]);
    const { terminal, port } = server;
    using first = await RawPeer.connect(port);
    await terminal.until(/Server:$/);
    await terminal.type("for the first");
    first.close();
    await terminal.until(
      "closed the connection\nWaiting for the next client...\n" +
        "Server: for the first",
    );
    await terminal.press("Enter");
    await terminal.until(/Not sent: for the first\nServer:$/);
    using second = await RawPeer.connect(port);
    await terminal.until(/Client connected.*\nServer:$/);
    await terminal.press("C-d");
    assertEquals(await second.end(), "n\n");
    second.close();
    await terminal.until("Server: n\nWaiting for the next client...");
    // Lines are edited again, though Ctrl-D ended the conversation.
    await terminal.type("/cl");
    await terminal.press("Tab");
    await terminal.endsWith(["Server: /clear"], [14, 0]);
    await terminal.press("Enter");
    await terminal.shows(["Server:"], [8, 0]);
    await terminal.press("C-d");
    assertEquals((await terminal.finish()).status, 130);
  },
);

testWith(
  ["tmux"],
  "with -k nobody gets what still waited for its turn",
  async () => {
    await using server = await startServerAtTerminal(["-k", "--turns"]);
    const { terminal, port } = server;
    using first = await RawPeer.connect(port);
    await terminal.until("Client connected");
    await terminal.type("early");
    await terminal.press("Enter");
    await terminal.until(/early$/);
    first.close();
    await terminal.until("has closed the connection\nNot sent: early");
    using second = await RawPeer.connect(port);
    await second.send("hello\n");
    await terminal.until(/hello\nServer:$/);
    await terminal.type("late");
    await terminal.press("Enter");
    assertEquals(await second.until("late\n"), "late\n");
  },
);

testWith(
  ["tmux"],
  "with -k --style plain nobody gets what was for the last peer",
  async () => {
    await using server = await startServerAtTerminal([
      "-k",
      "--style",
      "plain",
    ]);
    const { terminal, port } = server;
    using first = await RawPeer.connect(port);
    await terminal.until("Client connected");
    await terminal.type("to the first");
    await terminal.press("Enter");
    await first.until("to the first\n");
    first.close();
    await terminal.until("has closed the connection");
    await terminal.type("to nobody");
    await terminal.press("Enter");
    await terminal.until("Not sent: to nobody");
    using second = await RawPeer.connect(port);
    await terminal.until(/connected[^]*connected/);
    await terminal.type("to the second");
    await terminal.press("Enter");
    assertEquals(await second.until("second\n"), "to the second\n");
    // Also after an end that was said here, when nothing is being read.
    await terminal.type("n");
    await terminal.press("Enter");
    assertEquals(await second.end(), "to the second\nn\n");
    second.close();
    await terminal.type("to nobody either");
    await terminal.press("Enter");
    await terminal.until("Not sent: to nobody either");
    using third = await RawPeer.connect(port);
    await terminal.until(/connected[^]*connected[^]*connected/);
    await terminal.type("to the third");
    await terminal.press("Enter");
    assertEquals(await third.until("third\n"), "to the third\n");
    Deno.kill(await terminal.pid(), "SIGTERM");
    assertEquals(await third.end(), "to the third\nn\n");
    third.close();
    assertEquals((await terminal.finish()).status, 143);
  },
);

testWith(
  ["tmux"],
  "a plain line that is refused sends no one away",
  async () => {
    const plain = ["--style", "plain", "--max-message", "50"];
    const tooLong = "x".repeat(51);
    await using server = await startServerAtTerminal(["-k", ...plain]);
    using first = await RawPeer.connect(server.port);
    await server.terminal.until("Client connected");
    await server.terminal.type(tooLong);
    await server.terminal.press("Enter");
    await server.terminal.until("this line has more than 50 bytes");
    await first.send("still heard\n");
    await server.terminal.until("still heard");
  },
);

for (const keys of ["/quit", "C-d"]) {
  testWith(["tmux"], `${keys} ends a server that nobody came to`, async () => {
    await using server = await startServerAtTerminal();
    const { terminal } = server;
    await terminal.type("/help");
    await terminal.press("Enter");
    await terminal.until("Commands: /help");
    await terminal.type("early");
    await terminal.press("Enter");
    if (keys === "/quit") await terminal.type(keys);
    await terminal.press(keys === "/quit" ? "Enter" : keys);
    const { status, screen } = await terminal.finish();
    assertEquals(status, 130);
    assert(screen.includes("\nNot sent: early"), screen);
  });
}

for (const style of ["chat", "plain"]) {
  testWith(
    ["tmux"],
    `what is typed under ${style} before anyone is there is said to no one`,
    async () => {
      const args = ["-k", "--style", style];
      await using server = await startServerAtTerminal(args);
      const { terminal, port } = server;
      await terminal.type("early");
      await terminal.press("Enter");
      await terminal.until("Not sent: early");
      for (const [count, text] of ["one", "two"].entries()) {
        using peer = await RawPeer.connect(port);
        await peer.send("here\n");
        await terminal.until((screen) =>
          screen.split("here").length === count + 2
        );
        await terminal.type(text);
        await terminal.press("Enter");
        assertEquals(await peer.until(`${text}\n`), `${text}\n`);
        peer.close();
        await terminal.until((screen) =>
          screen.split("Waiting for the next client...").length === count + 2
        );
        await terminal.type("late");
        await terminal.press("Enter");
        await terminal.until((screen) =>
          screen.split("Not sent: late").length === count + 2
        );
      }
    },
  );
}

for (
  const [what, redirections] of [
    ["closed", "2>&-"],
    ["full", "2>/dev/full"],
  ] as const
) {
  testClient(`a standard error that is ${what} changes nothing`, {
    redirections,
  }, async (client, peer) => {
    await client.type("half");
    await peer.send("no ending");
    await client.until("half");
    await peer.send("\n");
    await client.shows(
      [CONNECTED, "Server replies: no ending", "Client: half"],
      [12, 2],
    );
    await client.press("Enter");
    await peer.until("half\n");
    await client.type("unread");
    await client.press("Enter");
    await client.until("unread");
    peer.close();
    await client.finish();
  });
}

for (
  const [what, options, colored] of [
    ["on a terminal", {}, true],
    ["with NO_COLOR", { env: { NO_COLOR: "1" } }, false],
    ["with --no-color", { args: ["--no-color"] }, false],
  ] as const
) {
  testClient(`colours ${colored ? "are" : "none"} ${what}`, options, async (
    client,
    peer,
  ) => {
    await peer.send("hello\n");
    await client.until("hello\nClient:");
    const all = await client.everything({ colors: true });
    assertEquals(/\p{Cc}\[36m.*Server replies: /u.test(all), colored, all);
    assertEquals(/\p{Cc}\[32m.*Client:/u.test(all), colored, all);
    assertEquals(all.includes("\x1b["), colored, all);
  });
}

testClient("--time puts the clock before each message", {
  args: ["--time"],
}, async (client, peer) => {
  await client.type("hello");
  await client.press("Enter");
  await peer.until("hello\n");
  await peer.send("hi\n");
  await client.until(
    /^\[\d\d:\d\d:\d\d\] Client: hello\n\[\d\d:\d\d:\d\d\] Server replies: hi\nClient:$/m,
  );
});

for (const args of [[], ["--bell"]]) {
  const rings = args.length > 0;
  testClient(
    `a message ${rings ? "rings" : "is silent"} ${args}`,
    { args },
    async (
      client,
      peer,
    ) => {
      const before = await client.bells();
      await peer.send("hello\n");
      await client.until("hello\nClient:");
      assertEquals(await client.bells() > before, rings);
    },
  );
}

for (const role of ["server", "client"] as const) {
  testWith(["tmux"], `${role} asks for no permission`, async () => {
    using listener = new RawListener();
    const port = role === "client" ? listener.port : freePort();
    const words = role === "client"
      ? ["127.0.0.1", String(port)]
      : ["--port", String(port)];
    const args = [...words, "--lang", "en"];
    // An executable has its permissions already.
    if (!COMPILED) {
      await using refused = await Tmux.start(commandFor(role, args, []), {
        columns: 160,
      });
      const { status, screen } = await refused.finish();
      assertEquals(status, 1);
      assertEquals(
        screen,
        `error: there is no permission for the network at 127.0.0.1:${port}; start with deno run --allow-net`,
      );
    }
    await using granted = await Tmux.start(commandFor(role, args));
    const shown = await granted.until(/n ends|waiting for a client/);
    assert(!shown.toLowerCase().includes("permission"), shown);
  });
}

testWith(
  ["tmux"],
  "one line says what to type when there is no server",
  async () => {
    const port = freePort();
    await using client = await Tmux.start(
      commandFor("client", ["127.0.0.1", String(port), "--lang", "en"]),
      { columns: 160 },
    );
    const { status, screen } = await client.finish();
    assertEquals(status, 1);
    assertEquals(
      screen,
      `error: nothing listens at 127.0.0.1:${port}, or it is busy with another client; start the server first, wait for it with --wait SECONDS, or check host and port`,
    );
  },
);

testWith(
  ["tmux"],
  "one line says what to type when the port is used",
  async () => {
    using listener = new RawListener();
    await using server = await Tmux.start(
      commandFor("server", ["--port", String(listener.port), "--lang", "en"]),
      { columns: 160 },
    );
    const { status, screen } = await server.finish();
    assertEquals(status, 1);
    assertEquals(
      screen,
      `error: 127.0.0.1:${listener.port} is in use; choose another --port (0 for a free one), or stop the program that has it`,
    );
  },
);

testClient("one line says what to type for the wrong framing", {
  columns: 160,
}, async (client, peer) => {
  await client.type("half");
  await peer.send("no line ending");
  await client.shows([
    CONNECTED,
    "hint: the peer sent text without a line ending; if it never sends one, try --framing raw",
    "Server replies: no line ending",
    "Client: half",
  ], [12, 3]);
});

testWith(["tmux"], "a raw peer is sent no name unasked", async () => {
  await using server = await startServerAtTerminal(["--name", "Ming"]);
  using plain = await RawPeer.connect(server.port);
  await plain.send("hello\n");
  await server.terminal.until(/Client says: hello\nMing:$/);
  await server.terminal.type("hi");
  await server.terminal.press("Enter");
  assertEquals(await plain.until("\n"), "hi\n");
});

testWith(["tmux"], "two people see each other's names", async () => {
  await using server = await startServerAtTerminal(["--name", "张三"]);
  await using client = await Tmux.start(
    commandFor("client", [
      "127.0.0.1",
      String(server.port),
      ...["--lang", "en", "--name", "李四"],
    ]),
  );
  await client.until(/李四:$/);
  await client.type("hello");
  await client.press("Enter");
  await server.terminal.until("李四 says: hello");
  await server.terminal.type("你好");
  await server.terminal.press("Enter");
  await client.until("张三 replies: 你好");
  await client.press("C-d");
  const { screen } = await server.terminal.finish();
  assert(screen.endsWith("李四 has ended the conversation"), screen);
  assertEquals((await client.finish()).status, 0);
});

testWith(
  ["tmux"],
  "a full standard output is told and leaves the terminal",
  async () => {
    using listener = new RawListener();
    const started = await startClientAtTerminal(listener, {
      redirections: ">/dev/full",
      args: ["--style", "chat"],
    });
    await using client = started.client;
    using peer = started.peer;
    await peer.closeWrite();
    const { status, screen } = await client.finish();
    assertEquals(status, 1);
    assert(screen.includes("standard output can't be written"), screen);
  },
);
