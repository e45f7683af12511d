/**
 * What each end of a conversation looks like to the other side, told by the
 * exit statuses.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Process, type StartOptions } from "../kit/process.ts";
import {
  commandFor,
  ServerProcess,
  startClient,
  startServer,
  testWith,
} from "../kit/programs.ts";
import { RawListener } from "../kit/raw_peer.ts";
import { comeAs, startRoom } from "../kit/room_members.ts";

const ALL = ["--allow-net", "--allow-read", "--allow-write"];
const NO_WORD = ["--end", ""];
const COMPLETE = ["--complete"];
const SMALL = "a line\n";
/** More than is read after the end, and than the buffers of sockets hold. */
const LARGE = "a line of sixteen\n".repeat(3_000_000);

/** A way for two programs to meet. */
interface Transport {
  name: string;
  tools: readonly string[];
  server(folder: string): string[];
  client(folder: string, port: number): string[];
}

const TRANSPORTS: readonly Transport[] = [
  {
    name: "TCP",
    tools: ["sh"],
    server: () => ["--port", "0"],
    client: (_, port) => ["127.0.0.1", String(port)],
  },
  {
    name: "TLS",
    tools: ["sh", "openssl"],
    server: (folder) => [
      ...["--port", "0", "--tls-cert", `${folder}/cert.pem`],
      ...["--tls-key", `${folder}/key.pem`],
    ],
    client: (folder, port) => [
      ...["127.0.0.1", String(port), "--tls"],
      ...["--tls-ca", `${folder}/cert.pem`],
    ],
  },
  {
    name: "a Unix socket",
    tools: ["sh"],
    server: (folder) => ["--unix", `${folder}/socket`],
    client: (folder) => ["--unix", `${folder}/socket`],
  },
];

/** Makes a certificate for this machine in a folder. */
async function makeCertificate(folder: string): Promise<void> {
  const { success } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt"],
      ...["ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout"],
      ...[`${folder}/key.pem`, "-out", `${folder}/cert.pem`, "-subj", "/CN=x"],
      ...["-addext", "subjectAltName=IP:127.0.0.1"],
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ],
    stderr: "null",
  }).output();
  assert(success);
}

interface Played {
  /** Options of both sides. */
  args?: readonly string[];
  /** What the server's shell is given after the command: redirections. */
  redirections?: string;
  server?: StartOptions;
  client?: StartOptions;
}

/** The statuses of a server and a client that met, and what each told. */
async function play(
  transport: Transport,
  { args = [], redirections = "", server: atServer, client: atClient }: Played,
): Promise<{ statuses: number[]; server: string; client: string }> {
  const folder = Deno.makeTempDirSync();
  try {
    if (transport.tools.includes("openssl")) await makeCertificate(folder);
    const all = [...args, "--lang", "en"];
    const [command, words] = commandFor(
      "server",
      [...transport.server(folder), ...all],
      ALL,
    );
    const script = `exec "$0" "$@" ${redirections}`;
    await using server = new ServerProcess(
      "sh",
      ["-c", script, command, ...words],
      atServer,
    );
    const [, port] = await server.stderr.until(/Listening on .*?(\d*)\n/);
    const at = transport.client(folder, Number(port));
    await using client = new Process(
      ...commandFor("client", [...at, ...all], ALL),
      atClient,
    );
    const [heard, said] = await Promise.all([server.finish(), client.finish()]);
    return {
      statuses: [heard.status, said.status],
      server: heard.stderr,
      client: said.stderr,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const transport of TRANSPORTS) {
  for (const [size, input] of [["little", SMALL], ["much", LARGE]] as const) {
    testWith(
      transport.tools,
      `a sender of ${size} over ${transport.name} learns that it can't be written`,
      async () => {
        for (const args of [[], NO_WORD, COMPLETE]) {
          for (const stdin of ["", "</dev/null"]) {
            const { statuses, client } = await play(transport, {
              args,
              redirections: `>/dev/full ${stdin}`,
              client: { input },
            });
            const which = `${args} ${stdin}: ${client}`;
            assertEquals(statuses, [1, 1], which);
            // Where much is sent a reset may be faster than the line.
            const isTold = client.includes("its output can't be written");
            assert(isTold || size === "much", which);
          }
        }
      },
    );
  }

  testWith(
    transport.tools,
    `a sender over ${transport.name} learns that its message is too long`,
    async () => {
      for (const input of ["a".repeat(5000), `${"a".repeat(5000)}\n${LARGE}`]) {
        const { statuses, client } = await play(transport, {
          args: [],
          redirections: "--max-message 1k",
          client: { input },
        });
        assertEquals(statuses, [1, 1], client);
      }
    },
  );

  testWith(
    transport.tools,
    `a receiver over ${transport.name} learns that its peer broke off`,
    async () => {
      for (const args of [[], NO_WORD, COMPLETE]) {
        const { statuses, server } = await play(transport, {
          args,
          client: { input: Uint8Array.of(0x61, 0x0a, 0xff, 0x0a) },
        });
        assertEquals(statuses, [1, 1], server);
        assertStringIncludes(server, "error: the peer broke off");
      }
    },
  );

  testWith(
    transport.tools,
    `bytes are bytes over ${transport.name}, whatever they begin with`,
    async () => {
      const beginnings = [
        ["\0", "* room full\n", "* password:\nmore\n"],
        ["\x16\x03\x01", "\x15\x03\x03", "/name x\n"],
      ];
      for (const input of beginnings.flat()) {
        for (const args of transport === TRANSPORTS[0] ? [NO_WORD, []] : [[]]) {
          const { statuses } = await play(transport, {
            args,
            server: { input },
            client: { input },
          });
          assertEquals(statuses, [0, 0], JSON.stringify(input));
        }
      }
    },
  );
}

Deno.test("a sender learns that its peer's reader has gone", async () => {
  const [transport] = TRANSPORTS;
  assert(transport);
  const { statuses, client } = await play(transport, {
    redirections: "| head -1",
    client: { input: LARGE },
  });
  assertEquals(statuses[1], 1, client);
});

Deno.test("input that was not sent is a failure", async () => {
  await using server = await startServer();
  await using client = startClient(server, [], { input: "a\nn\nb\n" });
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [0, 1]);

  using listener = new RawListener();
  await using full = startClient(listener);
  using peer = await listener.accept();
  await peer.send("n\n");
  await full.stderr.until("ended");
  await full.write("more\n");
  peer.close();
  const { status, stderr } = await full.finish();
  assertEquals(status, 1, stderr);
  assertStringIncludes(stderr, "before all of the input was sent");

  await using quiet = startClient(listener);
  using second = await listener.accept();
  await second.send("n\n");
  second.close();
  assertEquals((await quiet.finish()).status, 0);
});

Deno.test("--complete takes both sides' input to its end", async () => {
  const [mine, theirs] = ["mine\n".repeat(400_000), "theirs\n".repeat(600_000)];
  const [heard, said]: [string[], string[]] = [[], []];
  const keep = (parts: string[]) => (chunk: Uint8Array): void =>
    void parts.push(new TextDecoder().decode(chunk));
  await using server = await startServer(COMPLETE, {
    input: theirs,
    sink: keep(heard),
  });
  await using client = startClient(server, COMPLETE, {
    input: mine,
    sink: keep(said),
  });
  const ends = await Promise.all([server.finish(), client.finish()]);
  assertEquals(ends.map(({ status }) => status), [0, 0]);
  assert(heard.join("") === mine);
  assert(said.join("") === theirs);
});

Deno.test("--complete tells a peer that was killed from one that ended", async () => {
  for (const [args, expected] of [[COMPLETE, 1], [[], 0]] as const) {
    await using server = await startServer(args, { input: "" });
    await using client = startClient(server, args);
    await client.write("half\n");
    await server.stdout.until("half\n");
    client.kill("SIGKILL");
    const { status, stderr } = await server.finish();
    assertEquals(status, expected, stderr);
  }
});

Deno.test("--complete does not take an interruption for an end", async () => {
  await using server = await startServer(COMPLETE, { input: "" });
  await using client = startClient(server, COMPLETE);
  await client.write("half\n");
  await server.stdout.until("half\n");
  client.kill("SIGTERM");
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [1, 143]);
  assertStringIncludes(heard.stderr, "it was interrupted");
});

Deno.test("an idle end tells its peer so", async () => {
  await using server = await startServer(["--idle-timeout", "0.5"]);
  await using client = startClient(server);
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  assertEquals([heard.status, said.status], [1, 1]);
  assertStringIncludes(said.stderr, "--idle-timeout");
});

Deno.test("a client waits for a room that holds it back", async () => {
  const lines = 300;
  await using server = await startRoom(["--rate", "50"]);
  using ann = await comeAs("Ann", server.port);
  const input = `${
    Array.from({ length: lines }, (_, line) => `line ${line}\n`).join("")
  }n\n`;
  await using client = startClient(server, ["--name", "Bo"], { input });
  const [heard, said] = await Promise.all([
    ann.until("* Bo has left\n"),
    client.finish(),
  ]);
  assertEquals(said.status, 0, said.stderr);
  assertEquals(heard.match(/^Bo: line \d+$/gm)?.length, lines);
});

Deno.test("a client of a full room fails, and so does one without password", async () => {
  await using room = await startRoom(["--max-clients", "1"]);
  using ann = await comeAs("Ann", room.port);
  await using late = startClient(room, [], { input: "hello\n" });
  const turned = await late.finish();
  assertEquals(turned.status, 1, turned.stderr);
  assertStringIncludes(turned.stderr, "error: the peer did not take");
  assertStringIncludes(turned.stderr, "the room is full");
  ann.close();
});
