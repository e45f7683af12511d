import { assert, assertEquals } from "@std/assert";
import { Process } from "../kit/process.ts";
import {
  freePort,
  startClient,
  startPython,
  startServer,
  testWith,
} from "../kit/programs.ts";

/** A netcat, as a client that says that it has nothing more to say. */
const CLIENTS: readonly [string, (port: string) => string[]][] = [
  ["nc", (port) => ["-N", "127.0.0.1", port]],
  ["ncat", (port) => ["127.0.0.1", port]],
  ["socat", (port) => ["-t", "60", "-", `TCP:127.0.0.1:${port}`]],
];

/** A netcat that listens for one client. */
const SERVERS: readonly [string, (port: string) => string[]][] = [
  ["nc", (port) => ["-N", "-l", "127.0.0.1", port]],
  ["ncat", (port) => ["-l", "127.0.0.1", port]],
  ["socat", (port) => [
    "-t",
    "60",
    "-",
    `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr`,
  ]],
];

for (const [program, args] of CLIENTS) {
  testWith([program], `server talks with ${program}`, async () => {
    await using server = await startServer(["--style", "chat"]);
    await using peer = new Process(program, args(String(server.port)));
    await peer.write("你好\n");
    await server.stdout.until("Client says: 你好\n");
    await server.write("你好啊\n");
    await peer.stdout.until("你好啊\n");
    await peer.write("n\n");
    await peer.closeInput();
    await server.stdout.until("The client has ended the conversation\n");
    assertEquals((await server.finish()).status, 0);
    assertEquals((await peer.finish()).stdout, "你好啊\n");
  });

  testWith([program], `server and ${program} pass files`, async () => {
    const input = "1\r\n\n二\nno ending";
    await using server = await startServer([], { input });
    await using peer = new Process(program, args(String(server.port)), {
      input,
    });
    const [heard, said] = await Promise.all([server.finish(), peer.finish()]);
    assertEquals(heard.status, 0);
    assertEquals([heard.stdout, said.stdout], [input, input]);
  });
}

for (const [program, args] of SERVERS) {
  testWith([program], `client talks with ${program}`, async () => {
    const port = freePort();
    await using peer = new Process(program, args(String(port)));
    await using client = startClient({ port }, [
      "--style",
      "chat",
      "--wait",
      "60",
    ]);
    await client.write("你好\n");
    await peer.stdout.until("你好\n");
    await peer.write("你好啊\n");
    await client.stdout.until("Server replies: 你好啊\n");
    await peer.write("n\n");
    await peer.closeInput();
    await client.stdout.until("The server has ended the conversation\n");
    assertEquals((await client.finish()).status, 0);
    assertEquals((await peer.finish()).stdout, "你好\n");
  });

  testWith([program], `client and ${program} pass files`, async () => {
    const input = "1\r\n\n二\nno ending";
    const port = freePort();
    await using peer = new Process(program, args(String(port)), { input });
    await using client = startClient({ port }, ["--wait", "60"], { input });
    const [heard, said] = await Promise.all([client.finish(), peer.finish()]);
    assertEquals(heard.status, 0);
    assertEquals([heard.stdout, said.stdout], [input, input]);
  });
}

testWith(["python3"], "server --framing raw talks with Python", async () => {
  await using server = await startServer(
    ["--framing", "raw", "--turns", "--style", "chat"],
    { input: "你好\n再见\n" },
  );
  await using peer = startPython("raw_client.py", [
    String(server.port),
    "你好啊",
    "再见",
    "n",
  ]);
  const [heard, said] = await Promise.all([server.finish(), peer.finish()]);
  assertEquals(
    heard.stdout,
    `\
Server started, waiting for a client...
Client says: 你好啊
Server: 你好
Client says: 再见
Server: 再见
The client has ended the conversation
`,
  );
  assertEquals(said, { status: 0, stdout: "你好\n再见\n", stderr: "" });
  assert(!heard.stderr.includes("hint"), heard.stderr);
});

testWith(["python3"], "client --framing raw talks with Python", async () => {
  await using peer = startPython("raw_server.py", ["你好", "再见", "n"]);
  const [, port] = await peer.stdout.until(/port (\d+)\n/);
  await using client = startClient(
    { port: Number(port) },
    ["--framing", "raw", "--turns", "--style", "chat"],
    { input: "你好啊\n再见\n三\n四\n" },
  );
  const [said, heard] = await Promise.all([client.finish(), peer.finish()]);
  assertEquals(
    said.stdout,
    `\
Connected to the server, n ends the conversation:
Client: 你好啊
Server replies: 你好
Client: 再见
Server replies: 再见
Client: 三
The server has ended the conversation
`,
  );
  assertEquals(heard, {
    status: 0,
    stdout: `port ${port}\n你好啊\n再见\n三\n`,
    stderr: "",
  });
});
