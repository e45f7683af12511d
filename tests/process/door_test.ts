/**
 * The door with real processes: who is let in, who is not, and what each side
 * is told.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { MAX_WAITING } from "../../lib/net/serve.ts";
import { unless } from "../kit/ignored.ts";
import { Process } from "../kit/process.ts";
import {
  commandFor,
  COMPILED,
  ServerProcess,
  startAtTerminal,
  startClient,
  startPython,
  testWith,
} from "../kit/programs.ts";
import { RawPeer } from "../kit/raw_peer.ts";
import { Tmux } from "../kit/tmux.ts";

const PERMISSIONS = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
];
const PASSWORD = "开门 sesame";
/** More than may stand at a door that nobody made wider. */
const CROWD = MAX_WAITING + 10;
/** How many come one after the other, far more than one a second. */
const VISITS = 50;
/** How long a program may live that waits for a pipe, in milliseconds. */
const PIPE_LIFETIME_MS = 20_000;
/** Under which this machine is to itself what others are. */
const OWN_ADDRESS = Deno.networkInterfaces().find(({ address, family }) =>
  family === "IPv4" && !address.startsWith("127.")
)?.address;
/** What a peer sees that gives the password at once. */
const OPENED = "* password:\n* password accepted\n";

/** A folder with the files that a test needs, removed at its end. */
class Folder implements Disposable {
  readonly #path = Deno.makeTempDirSync({ prefix: "duihua-door-" });

  /** The path of a file in it. */
  at(name: string): string {
    return `${this.#path}/${name}`;
  }

  /** Writes a file that only its owner reads, and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = this.at(name);
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    Deno.writeFileSync(path, bytes, { mode: 0o600 });
    return path;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#path, { recursive: true });
  }
}

async function startServer(args: readonly string[]): Promise<ServerProcess> {
  const all = ["--lang", "en", "--port", "0", ...args];
  const command = commandFor("server", all, PERMISSIONS);
  return await new ServerProcess(...command).listening();
}

function startUnixServer(
  path: string,
  args: readonly string[] = [],
): Process {
  const all = ["--lang", "en", "--unix", path, ...args];
  return new Process(...commandFor("server", all, PERMISSIONS));
}

function client(args: readonly string[], input = "hello\nn\n"): Process {
  const all = ["--lang", "en", ...args];
  return new Process(...commandFor("client", all, PERMISSIONS), { input });
}

/** When a certificate is good, as `openssl ca` takes it. */
const VALIDITIES = {
  past: ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"],
  today: ["-days", "1"],
  future: ["-startdate", "20900101000000Z", "-enddate", "20900201000000Z"],
} as const;

/** Makes a certificate for localhost, or another; returns its options. */
async function makeCertificate(
  folder: Folder,
  name: string,
  { host = "localhost", from = "today", isAuthority = false }: {
    host?: string;
    from?: keyof typeof VALIDITIES;
    isAuthority?: boolean;
  } = {},
): Promise<{ cert: string; server: string[] }> {
  const cert = folder.at(`${name}.pem`);
  const key = folder.at(`${name}.key`);
  const request = folder.at(`${name}.csr`);
  const extensions = folder.write(
    `${name}.ext`,
    `subjectAltName=DNS:${host}\nbasicConstraints=critical,CA:${isAuthority}\n`,
  );
  await run("openssl", [
    ..."req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(" "),
    ...["-subj", `/CN=${host}`, "-keyout", key, "-out", request],
  ]);
  const list = folder.write(`${name}.list`, "");
  const config = folder.write(
    `${name}.conf`,
    `[ca]\ndefault_ca=own\n[own]\ndatabase=${list}\nnew_certs_dir=${
      folder.at("")
    }\ndefault_md=sha256\npolicy=any\nrand_serial=yes\n[any]\ncommonName=supplied\n`,
  );
  await run("openssl", [
    ...["ca", "-batch", "-selfsign", "-config", config, "-keyfile", key],
    ...["-in", request, "-out", cert, "-extfile", extensions, "-notext"],
    ...VALIDITIES[from],
  ]);
  return { cert, server: ["--tls-cert", cert, "--tls-key", key] };
}

async function run(command: string, args: readonly string[]): Promise<void> {
  await using process = new Process(command, args, { input: "" });
  const { status, stderr } = await process.finish();
  assertEquals(status, 0, stderr);
}

/** The exit of a process with that status and this in its errors. */
async function assertError(
  process: Process,
  message: string,
  expected = 1,
): Promise<void> {
  await using running = process;
  const { status, stderr } = await running.finish();
  assertStringIncludes(stderr, message);
  assertEquals(status, expected, stderr);
  assert(!stderr.includes("    at "), stderr);
}

Deno.test("server --password-file lets in who has the password", async () => {
  using folder = new Folder();
  const file = folder.write("right", `${PASSWORD}\nignored\n`);
  const other = folder.write("wrong", "guess\n");
  await using server = await startServer(["--password-file", file]);
  const address = [server.host, String(server.port)];
  await assertError(
    client([...address, "--password-file", other]),
    "does not take this password",
  );
  await assertError(client(address), "the server asks for a password");
  await using inside = client([...address, "--password-file", file]);
  assertEquals((await inside.finish()).status, 0);
  const { status, stdout, stderr } = await server.finish();
  assertEquals([status, stdout], [0, "hello\n"]);
  assertStringIncludes(stderr, "wrong password");
  assert(!stderr.includes("warning"), stderr);
});

testWith(["nc"], "server --password-file takes it from nc", async () => {
  using folder = new Folder();
  // As an editor of Windows writes it.
  const file = folder.write("right", `\ufeff${PASSWORD}\r\n`);
  await using server = await startServer(["--password-file", file, "-k"]);
  const address = [server.host, String(server.port)];
  let conversations = "";
  for (const ending of ["\n", "\r\n"]) {
    await using peer = new Process("nc", [...address]);
    await peer.stdout.until("* password:\n");
    await peer.write(`guess${ending}`);
    await peer.stdout.until("* wrong password\n* password:\n");
    await peer.write(`${PASSWORD}${ending}hello${ending}`);
    await peer.stdout.until("* password accepted\n");
    conversations += `hello${ending}`;
    await server.stdout.until(conversations);
    await server.write("welcome\n");
    await peer.stdout.until("welcome\n");
    await peer.write("n\n");
    await peer.closeInput();
    await peer.finish();
  }
  assertEquals(server.stdout.text, conversations);
});

testWith(
  ["nc"],
  "server keeps out who guesses, floods or stays silent",
  async () => {
    using folder = new Folder();
    const file = folder.write("right", PASSWORD);
    await using server = await startServer(["--password-file", file]);
    const address = [server.host, String(server.port)];
    await using silent = new Process("nc", [...address]);
    await silent.stdout.until("* password:\n");
    await using guessing = new Process("nc", [...address], {
      input: `a\nb\nc\n${PASSWORD}\nhello\n`,
    });
    const guessed = await guessing.finish();
    const answers = "* password:\n* wrong password\n".repeat(3);
    const last = "* not taken: wrong password\n";
    assertEquals(guessed.stdout, answers + last);
    await using flooding = new Process("nc", [...address], {
      input: new Uint8Array(10 * 1024 * 1024).fill(0x61),
    });
    await flooding.finish();
    assert(!flooding.stdout.text.includes("accepted"));
    await using inside = new Process("nc", [...address], {
      input: `${PASSWORD}\nhello\nn\n`,
    });
    assertEquals((await inside.finish()).stdout, OPENED);
    assertEquals((await server.finish()).stdout, "hello\n");
    await silent.closeInput();
    // The server may have gone before it could say more.
    const { stdout } = await silent.finish();
    assert(["", last].includes(stdout.replace("* password:\n", "")), stdout);
  },
);

Deno.test({
  ...unless(
    { "this machine has no address": OWN_ADDRESS === undefined },
    "server --password-file does not fill a screen with one warning",
  ),
  async fn(): Promise<void> {
    const hostname = OWN_ADDRESS ?? "";
    using folder = new Folder();
    const file = folder.write("right", PASSWORD);
    const open = ["--host", "0.0.0.0", "--password-file", file];
    await using server = await startServer(open);
    for (let count = 0; count < VISITS; count++) {
      const address = { hostname, port: server.port };
      const peer = new RawPeer(await Deno.connect(address));
      await peer.until("* password:\n");
      peer.close();
    }
    const warnings = server.stderr.text.split("is not encrypted").length - 1;
    assert(warnings >= 1, server.stderr.text);
    // Were each of them to take a second, there might be as many.
    assert(warnings < VISITS, server.stderr.text);
  },
});

Deno.test("server --max-clients lets all of them come at once", async () => {
  using folder = new Folder();
  const file = folder.write("right", PASSWORD);
  await using server = await startServer([
    ...["--room", "--password-file", file],
    ...["--max-clients", String(CROWD)],
  ]);
  await using stack = new AsyncDisposableStack();
  const peers: RawPeer[] = [];
  for (let count = 0; count < CROWD; count++) {
    const peer = await RawPeer.connect(server.port);
    stack.defer(() => peer.close());
    peers.push(peer);
    await peer.until("* password:\n");
  }
  for (const peer of peers) {
    await peer.send(`${PASSWORD}\n`);
    await peer.until("* password accepted\n");
  }
  assert(!server.stderr.text.includes("Turned away"), server.stderr.text);
});

Deno.test("client learns that a room is full behind its password, too", async () => {
  using folder = new Folder();
  const file = folder.write("right", `${PASSWORD}\n`);
  const door = ["--password-file", file];
  await using server = await startServer([
    "--room",
    "--max-clients",
    "1",
    ...door,
  ]);
  using first = await RawPeer.connect(server.port);
  await first.send(`${PASSWORD}\n`);
  await first.until(": welcome, ");
  await assertError(
    client([server.host, String(server.port), ...door]),
    "the room is full; come back later",
  );
});

Deno.test("client keeps its password from a server that does not ask", async () => {
  using folder = new Folder();
  const file = folder.write("right", `${PASSWORD}\n`);
  await using server = await startServer([]);
  await server.write("hello\n");
  await assertError(
    client([
      ...[server.host, String(server.port)],
      ...["--password-file", file],
    ]),
    "did not ask for a password",
  );
  await server.closeInput();
  assertEquals((await server.finish()).stdout, "");
});

Deno.test("client says what may be with a server that does not answer", async () => {
  using folder = new Folder();
  const file = folder.write("right", `${PASSWORD}\n`);
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = ["127.0.0.1", String(silent.addr.port)];
  address.push("--connect-timeout", "0.3");
  const password = ["--password-file", file];
  const cases: [string[], string][] = [
    [password, "need no password, or speak TLS (then use --tls)"],
    [["--tls"], "not speak TLS"],
    [["--tls", ...password], "not speak TLS"],
  ];
  for (const [args, message] of cases) {
    await assertError(client([...address, ...args]), message);
  }
});

for (
  const [role, args] of [
    ["server", ["--password-file", "PIPE"]],
    ["server", ["--tls-cert", "PIPE", "--tls-key", "PIPE"]],
    ["client", ["--tls", "--tls-ca", "PIPE"]],
  ] as const
) {
  const what = `${role} ${args.join(" ")}`;
  testWith(["mkfifo"], `SIGINT ends ${what} that nobody writes`, async () => {
    using folder = new Folder();
    const pipe = folder.at("pipe");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    const all = args.map((argument) => argument === "PIPE" ? pipe : argument);
    await using program = new Process(...commandFor(role, all, PERMISSIONS), {
      lifetime: PIPE_LIFETIME_MS,
    });
    // It can be opened as soon as the program reads it.
    using _unwritten = await Deno.open(pipe, { write: true });
    program.kill("SIGINT");
    assertEquals((await program.finish()).status, 130);
  });
}

Deno.test("server --password-file warns of a file that others can read", async () => {
  using folder = new Folder();
  const file = folder.write("open", `${PASSWORD}\n`);
  Deno.chmodSync(file, 0o644);
  await using server = await startServer(["--password-file", file]);
  assertStringIncludes(
    server.stderr.text,
    "warning: others can read the password file",
  );
});

Deno.test("server and client refuse passwords that are none", async () => {
  using folder = new Folder();
  const empty = folder.write("empty", "\nsecond\n");
  const long = folder.write("long", "p".repeat(1023));
  // 密码 in GBK, which read as UTF-8 is as good as any other four bytes.
  const gbk = folder.write("gbk", Uint8Array.of(0xc3, 0xdc, 0xc2, 0xeb, 0x0a));
  for (const role of ["server", "client"] as const) {
    const start = (...args: string[]): Process =>
      new Process(
        ...commandFor(role, ["--lang", "en", ...args], PERMISSIONS),
        { input: "" },
      );
    await assertError(start("--password-file", empty), "password is empty");
    await assertError(start("--password-file", long), "password is too long");
    await assertError(start("--password-file", gbk), "is not in UTF-8");
    await assertError(
      start("--password-file", folder.at("none")),
      "can't be read",
    );
    await assertError(start("--password=x"), "--password takes no value", 2);
    await assertError(start("--password"), "asks at a terminal");
  }
});

testWith(["script"], "server --password asks without showing it", async () => {
  using folder = new Folder();
  const file = folder.write("right", `${PASSWORD}\n`);
  const args = ["--lang", "en", "--port", "0", "--password"];
  await using server = startAtTerminal(
    commandFor("server", args, PERMISSIONS),
  );
  await server.stdout.until("Password: ");
  await server.write(`x\x7f${PASSWORD}\r`);
  const [, port = ""] = await server.stdout.until(/Listening on .*:(\d+)\r?\n/);
  assert(!server.stdout.text.includes("sesame"));
  await using inside = client(["127.0.0.1", port, "--password-file", file]);
  assertEquals((await inside.finish()).status, 0);
  await server.stdout.until("hello");
  assert(!server.stdout.text.includes("sesame"));
});

testWith(
  ["script"],
  "server --password takes Ctrl-U and Ctrl-D as a terminal does",
  async () => {
    using folder = new Folder();
    const file = folder.write("right", `${PASSWORD}\n`);
    const args = ["--lang", "en", "--port", "0", "--password"];
    const command = commandFor("server", args, PERMISSIONS);
    await using server = startAtTerminal(command);
    await server.stdout.until("Password: ");
    await server.write(`guess\x15${PASSWORD}\r`);
    const [, port = ""] = await server.stdout.until(
      /Listening on .*:(\d+)\r?\n/,
    );
    await using inside = client(["127.0.0.1", port, "--password-file", file]);
    assertEquals((await inside.finish()).status, 0);

    await using leaving = startAtTerminal(command);
    await leaving.stdout.until("Password: ");
    await leaving.write("guess\x15\x04");
    const { stdout } = await leaving.finish();
    assert(!stdout.includes("Listening"), stdout);
  },
);

testWith(
  ["script", "stty"],
  "client --password leaves the terminal as it was after Ctrl-C",
  async () => {
    const [command, args] = commandFor(
      "client",
      ["--lang", "en", "--password"],
      PERMISSIONS,
    );
    const line = [command, ...args].map((word) => `'${word}'`).join(" ");
    await using shell = startAtTerminal([
      "sh",
      ["-c", `${line}; echo "status $?"; stty -a`],
    ]);
    await shell.stdout.until("Password: ");
    await shell.write("ses\x03");
    const { stdout } = await shell.finish();
    assertStringIncludes(stdout, "status 130");
    assert(/\sicanon\s[^]*\secho\s/.test(stdout), stdout);
    assert(!stdout.includes("ses"), stdout);
  },
);

Deno.test("server --allow closes others at once, and tells it", async () => {
  await using server = await startServer([
    ...["-k", "--allow", "10.0.0.0/8,fd00::/8"],
    ...["--allow", "127.0.0.2"],
  ]);
  const port = server.port;
  for (let visit = 0; visit < 5; visit++) {
    using stranger = await Deno.connect({ hostname: "127.0.0.1", port });
    assertEquals(await readToEnd(stranger), "");
  }
  const [told] = await server.stderr.until(/Turned away .*\n/);
  assertStringIncludes(told ?? "", "not in --allow");
  assert(!server.stderr.text.includes("Client connected"));
});

Deno.test("server --allow lets in who is in the list", async () => {
  await using server = await startServer([
    ...["--host", "::", "--allow", "10.0.0.0/8", "--allow", "127.0.0.0/8"],
  ]);
  await using inside = startClient({ port: server.port }, [], {
    input: "hello\nn\n",
  });
  assertEquals((await inside.finish()).status, 0);
  assertEquals((await server.finish()).stdout, "hello\n");
});

testWith(["openssl"], "server with TLS names the port in use", async () => {
  using folder = new Folder();
  const { server } = await makeCertificate(folder, "server");
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String(other.addr.port);
  const args = ["--lang", "en", "--port", port, ...server];
  await assertError(
    new Process(...commandFor("server", args, PERMISSIONS), { input: "" }),
    `127.0.0.1:${port} is in use`,
  );
});

testWith(
  ["python3"],
  "client tells of a connection that breaks while it waits at the door",
  async () => {
    using folder = new Folder();
    const file = folder.write("right", `${PASSWORD}\n`);
    await using server = startPython("reset_at_door.py", []);
    const [, port = ""] = await server.stdout.until(/port (\d+)\n/);
    await assertError(
      client(["127.0.0.1", port, "--password-file", file]),
      `the connection with 127.0.0.1:${port} broke`,
    );
  },
);

testWith(
  ["python3"],
  "server lets in who comes after connections that were reset unseen",
  async () => {
    for (const args of [[], ["--room"]]) {
      await using server = await startServer(args);
      // While it is stopped it can accept none of them.
      server.kill("SIGSTOP");
      await run("python3", [
        ...["-u", "tests/kit/peers/reset_at_once.py"],
        ...[String(server.port), String(VISITS)],
      ]);
      server.kill("SIGCONT");
      await using inside = client([server.host, String(server.port)]);
      assertEquals((await inside.finish()).status, 0);
      await server.stdout.until("hello\n");
      assert(!server.stderr.text.includes("nobody can be let in"));
    }
  },
);

testWith(["openssl"], "server and client speak TLS", async () => {
  using folder = new Folder();
  const { cert, server: identity } = await makeCertificate(folder, "good");
  const file = folder.write("right", `${PASSWORD}\n`);
  await using server = await startServer([
    ...identity,
    ...["--password-file", file],
  ]);
  await using inside = client([
    ...["localhost", String(server.port), "--tls", "--tls-ca", cert],
    ...["--password-file", file],
  ]);
  assertEquals((await inside.finish()).status, 0);
  const { status, stdout, stderr } = await server.finish();
  assertEquals([status, stdout], [0, "hello\n"], stderr);
});

testWith(
  ["openssl"],
  "server and client take PEM that begins as editors of Windows write it",
  async () => {
    using folder = new Folder();
    const { cert, server: identity } = await makeCertificate(folder, "good");
    const [, , , key = ""] = identity;
    for (const path of [cert, key]) {
      Deno.writeTextFileSync(path, `\ufeff${Deno.readTextFileSync(path)}`);
    }
    await using server = await startServer(identity);
    const trust = ["--tls", "--tls-ca", cert];
    await using inside = client(["localhost", String(server.port), ...trust]);
    assertEquals((await inside.finish()).status, 0);
    assertEquals((await server.finish()).stdout, "hello\n");
  },
);

testWith(
  ["openssl", "ncat"],
  "server talks TLS with openssl and ncat",
  async () => {
    using folder = new Folder();
    const { cert, server: identity } = await makeCertificate(folder, "good");
    await using server = await startServer([...identity, "-k"]);
    const { port } = server;
    const peers: [string, string[]][] = [
      ["openssl", [
        ...["s_client", "-quiet", "-verify_return_error"],
        ...["-CAfile", cert, "-connect", `localhost:${port}`],
      ]],
      ["ncat", [
        ...["--ssl", "--ssl-verify", "--ssl-trustfile", cert],
        ...["localhost", String(port)],
      ]],
    ];
    for (const [command, args] of peers) {
      await using peer = new Process(command, args);
      await peer.write(`from ${command}\n`);
      await server.stdout.until(`from ${command}\n`);
      await server.write(`to ${command}\n`);
      await peer.stdout.until(`to ${command}\n`);
      await peer.write("n\n");
      await peer.stdout.done;
    }
  },
);

testWith(
  ["openssl"],
  "client refuses certificates that prove nothing",
  async () => {
    using folder = new Folder();
    const good = await makeCertificate(folder, "good");
    const other = await makeCertificate(folder, "other", { host: "other.lan" });
    const old = await makeCertificate(folder, "old", { from: "past" });
    const early = await makeCertificate(folder, "early", { from: "future" });
    const authority = await makeCertificate(folder, "ca", {
      isAuthority: true,
    });
    const cases: [string[], string[], string][] = [
      [good.server, [], "is not trusted"],
      [good.server, ["--tls-ca", other.cert], "if it is self-signed"],
      [other.server, ["--tls-ca", other.cert], "is for another name"],
      [old.server, ["--tls-ca", old.cert], "out of date"],
      [early.server, ["--tls-ca", early.cert], "out of date"],
      [
        authority.server,
        ["--tls-ca", authority.cert],
        "is one of an authority",
      ],
    ];
    for (const [identity, trust, message] of cases) {
      await using server = await startServer(identity);
      await assertError(
        client(["localhost", String(server.port), "--tls", ...trust]),
        message,
      );
      await server.stderr.until("Turned away");
    }
    // A way to write 127.0.0.1 that stands in no certificate.
    await using server = await startServer(good.server);
    await assertError(
      client(["127.1", String(server.port), "--tls", "--tls-ca", good.cert]),
      "is for another name",
    );
  },
);

testWith(
  ["openssl"],
  "server and client refuse files that hold no certificate",
  async () => {
    using folder = new Folder();
    const { cert, server: identity } = await makeCertificate(folder, "good");
    const [, , , key = ""] = identity;
    const other = await makeCertificate(folder, "other");
    const [, , , otherKey = ""] = other.server;
    const none = folder.write("none", "no PEM\n");
    const broken = folder.write(
      "broken",
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    );
    const pairs = [
      [none, key],
      [broken, key],
      [cert, none],
      [cert, cert],
      [cert, otherKey],
    ];
    for (const [first = "", second = ""] of pairs) {
      const args = ["--lang", "en", "--port", "0"];
      args.push("--tls-cert", first, "--tls-key", second);
      await assertError(
        new Process(...commandFor("server", args, PERMISSIONS), { input: "" }),
        "--tls-cert or --tls-key can't be used",
      );
    }
    await using server = await startServer([...identity, "-k"]);
    const address = ["localhost", String(server.port)];
    const indented = folder.write(
      "indented",
      Deno.readTextFileSync(cert).replaceAll(/^/gm, " "),
    );
    for (const file of [none, broken, indented]) {
      await assertError(
        client([...address, "--tls", "--tls-ca", file]),
        `${file} holds no usable certificate`,
      );
    }
  },
);

testWith(
  ["openssl"],
  "server and client say so when one speaks TLS and the other not",
  async () => {
    using folder = new Folder();
    const { cert, server: identity } = await makeCertificate(folder, "good");
    await using secure = await startServer([...identity]);
    // Who says nothing keeps nobody out.
    using silent = await Deno.connect({
      hostname: secure.host,
      port: secure.port,
    });
    await assertError(
      client([secure.host, String(secure.port)]),
      "the server speaks TLS; start the client with --tls",
    );
    await secure.stderr.until("the client does not speak TLS");
    const trust = ["--tls", "--tls-ca", cert];
    await using inside = client(["localhost", String(secure.port), ...trust]);
    assertEquals((await inside.finish()).status, 0);
    assertEquals((await secure.finish()).stdout, "hello\n");
    assertEquals(await readToEnd(silent), "");

    // In a pipe such bytes would be data.
    await using plain = await startServer(["-k", "--style", "chat"]);
    await assertError(
      client(["localhost", String(plain.port), ...trust]),
      "the server does not speak TLS",
    );
    await plain.stderr.until("the client speaks TLS");
    assert(!plain.stdout.text.includes("says"), plain.stdout.text);
    await plain.write("hello\n");
    await assertError(
      client(["localhost", String(plain.port), ...trust]),
      "the server does not speak TLS",
    );

    for (const clients of ["1", "100"]) {
      await using room = await startServer([
        "--room",
        "--max-clients",
        clients,
      ]);
      await using first = await RawPeer.connect(room.port);
      await first.until("leaves");
      await assertError(
        client(["localhost", String(room.port), ...trust]),
        "not speak TLS",
      );
      await room.stderr.until(/Turned away .*: the client speaks TLS/);
      assert(!room.stdout.text.includes("guest-2"));
    }
  },
);

Deno.test("server --unix talks at a path of its own, and removes it", async () => {
  using folder = new Folder();
  const path = folder.at("socket");
  await using server = startUnixServer(path);
  await server.stderr.until(`Listening on ${path}\n`);
  assertEquals((Deno.lstatSync(path).mode ?? 0) & 0o777, 0o600);
  await assertError(startUnixServer(path), "a server uses");
  await using inside = client(["--unix", path]);
  assertEquals((await inside.finish()).status, 0);
  assertEquals((await server.finish()).stdout, "hello\n");
  assert(!exists(path));
  await assertError(client(["--unix", path]), "nothing listens at");
});

testWith(
  ["tmux"],
  "who mistypes the password tries again, and then is connected",
  async () => {
    using folder = new Folder();
    const file = folder.write("right", PASSWORD);
    await using server = await startServer(["--password-file", file]);
    const address = [server.host, String(server.port), "--lang", "en"];
    await using client = await Tmux.start(commandFor("client", address));
    const asked = await client.until(/^Password:$/m);
    assert(!asked.includes("Connected"), asked);
    await client.type("guess");
    await client.press("Enter");
    const again = await client.until(/wrong password\nPassword:$/);
    assert(!again.includes("Connected"), again);
    await client.type(PASSWORD);
    await client.press("Enter");
    await client.until(/Connected to the server[^]*Client:$/);
    await client.type("hello");
    await client.press("Enter");
    await server.stdout.until("hello\n");
    await client.type("n");
    await client.press("Enter");
    assertEquals((await client.finish()).status, 0);
    await server.closeInput();
    const { status, stderr } = await server.finish();
    assertEquals(status, 0);
    assert(!stderr.includes("Turned away"), stderr);
  },
);

testWith(
  ["tmux"],
  "three wrong passwords are all that one may try",
  async () => {
    using folder = new Folder();
    const file = folder.write("right", PASSWORD);
    await using server = await startServer(["--password-file", file]);
    const address = [server.host, String(server.port), "--lang", "en"];
    await using client = await Tmux.start(
      commandFor("client", [...address, "--password"]),
    );
    for (let tries = 1; tries <= 3; tries++) {
      const before = "wrong password\n".repeat(tries - 1);
      await client.until((screen) => screen.endsWith(`${before}Password:`));
      await client.type("guess");
      await client.press("Enter");
    }
    const { status, screen } = await client.finish();
    assertEquals(status, 1);
    assertStringIncludes(screen, "does not take this password");
    assert(!screen.includes("Connected"), screen);
  },
);

testWith(
  ["tmux"],
  "who is not allowed reads that the server closed without a word",
  async () => {
    await using server = await startServer(["--allow", "192.0.2.9"]);
    const address = [server.host, String(server.port), "--lang", "en"];
    await using person = await Tmux.start(
      commandFor("client", [...address, "--name", "Ann"]),
    );
    const { status, screen } = await person.finish();
    assertEquals(status, 1);
    assertStringIncludes(screen, "closed the connection without a word");
    assert(!screen.includes("Connected"), screen);
    for (let turn = 0; turn < 3; turn++) {
      await using pipe = client(address, "hello\n".repeat(100_000));
      const { stderr } = await pipe.finish();
      assertStringIncludes(stderr, "closed the connection without a word");
    }
  },
);

testWith(
  ["openssl"],
  "a key with a passphrase is named, with what takes it off",
  async () => {
    using folder = new Folder();
    const { cert, server: plain } = await makeCertificate(folder, "own");
    const key = folder.at("own.key");
    const sealed = folder.at("sealed.key");
    const pass = ["-passout", "pass:secret"];
    for (const kind of ["pkcs8 -topk8 -v2 aes256", "ec -aes256"]) {
      const to = ["-in", key, "-out", sealed];
      await run("openssl", [...kind.split(" "), ...to, ...pass]);
      const args = ["--port", "0", "--lang", "en", "--tls-cert", cert];
      await using failing = new Process(
        ...commandFor("server", [...args, "--tls-key", sealed], PERMISSIONS),
      );
      const { status, stderr } = await failing.finish();
      assertEquals(status, 1);
      assertStringIncludes(stderr, "has a passphrase");
      const [, command = ""] = /openssl (.*)\n/.exec(stderr) ?? [];
      const words = command.replace("plain.key", key).split(" ");
      await run("openssl", [...words, "-passin", "pass:secret"]);
      await using server = await startServer(plain);
      await server.closeInput();
    }
  },
);

Deno.test("server --unix waits on after one that leaves without a byte", async () => {
  using folder = new Folder();
  const path = folder.at("socket");
  await using server = startUnixServer(path);
  await server.stderr.until("Listening on");
  (await Deno.connect({ transport: "unix", path })).close();
  await using inside = client(["--unix", path]);
  assertEquals((await inside.finish()).status, 0);
  const { status, stdout, stderr } = await server.finish();
  assertEquals([status, stdout], [0, "hello\n"]);
  assertEquals(stderr.match(/Client connected|Turned away/g)?.length, 1);
});

testWith(
  ["python3"],
  "server waits on after one that resets without a byte",
  async () => {
    await using server = await startServer([]);
    const { host, port } = server;
    await run("python3", [
      ...["-u", "tests/kit/peers/reset_at_once.py"],
      ...[String(port), "1"],
    ]);
    await using inside = client([host, String(port)]);
    assertEquals((await inside.finish()).status, 0);
    const { status, stdout, stderr } = await server.finish();
    assertEquals([status, stdout], [0, "hello\n"]);
    assertEquals(stderr.match(/Client connected|Turned away/g)?.length, 1);
  },
);

Deno.test("server waits on after one that leaves without a byte", async () => {
  using folder = new Folder();
  const file = folder.write("password", PASSWORD);
  const password = ["--password-file", file];
  for (const args of [[], ["-k"], password, ["--room"]]) {
    await using server = await startServer(args);
    const { host, port } = server;
    (await Deno.connect({ hostname: host, port })).close();
    const given = args === password ? password : [];
    await using inside = client([host, String(port), ...given]);
    assertEquals((await inside.finish()).status, 0);
    const isRoom = args.includes("--room");
    await server.stdout.until(isRoom ? "has left" : "hello\n");
    await server.closeInput();
    const { stdout, stderr } = server;
    const visits = /Client connected|Turned away|has joined/g;
    assertEquals((stdout.text + stderr.text).match(visits)?.length, 1);
  }
});

Deno.test("server keeps its input for one that comes after one that only looks", async () => {
  await using server = await startServer([]);
  await server.write("a\nb\n");
  const address = { hostname: server.host, port: server.port };
  (await Deno.connect(address)).close();
  using peer = await RawPeer.connect(server.port);
  await peer.send("hello\n");
  await peer.until("a\nb\n");
  await peer.send("n\n");
  await server.stderr.until("has ended the conversation");
  assertEquals(server.stdout.text, "hello\n");
});

Deno.test("a client that waits for its turn is told that the server is busy", async () => {
  using folder = new Folder();
  const file = folder.write("password", PASSWORD);
  await using server = await startServer(["-k", "--password-file", file]);
  const args = [server.host, String(server.port), "--password-file", file];
  using first = await RawPeer.connect(server.port);
  await first.send(`${PASSWORD}\nhello\n`);
  await server.stdout.until("hello\n");
  await using second = client(args, "again\nn\n");
  await second.stderr.until("it may be busy with another client");
  await first.send("n\n");
  await first.end();
  first.close();
  assertEquals((await second.finish()).status, 0);
  await server.stdout.until("again\n");
});

Deno.test("server and one that only listens pass a file", async () => {
  await using server = await startServer([]);
  const { host: hostname, port } = server;
  using peer = await Deno.connect({ hostname, port });
  await peer.closeWrite();
  await server.write("a\nb\n");
  await server.closeInput();
  assertEquals(await readToEnd(peer), "a\nb\n");
  assertEquals((await server.finish()).status, 0);
});

Deno.test("server --unix takes a text that begins with a zero", async () => {
  using folder = new Folder();
  const path = folder.at("chat.sock");
  await using server = startUnixServer(path);
  await server.stderr.until("Listening on");
  await using inside = client(["--unix", path], "\0hello\nn\n");
  assertEquals((await inside.finish()).status, 0);
  await server.stdout.until("\0hello\n");
});

Deno.test("server --unix says which path it can't listen at", async () => {
  using folder = new Folder();
  const file = folder.write("file", "");
  for (
    const path of [folder.at("none/socket"), `${file}/socket`, "s".repeat(200)]
  ) {
    await assertError(startUnixServer(path), `${path} can't be used`);
  }
});

Deno.test("client --unix says which path it can't connect to", async () => {
  using folder = new Folder();
  const file = folder.write("file", "");
  for (const path of [`${file}/socket`, "s".repeat(200)]) {
    await assertError(client(["--unix", path]), `${path} can't be used`);
  }
});

testWith(
  ["sh"],
  "server --unix lets no other user connect, whatever the mask for new files",
  async () => {
    using folder = new Folder();
    const path = folder.at("socket");
    const startUnmasked = (permissions: readonly string[]): Process => {
      const args = ["--lang", "en", "--unix", path];
      const [command, words] = commandFor("server", args, permissions);
      const script = 'umask 0; exec "$0" "$@"';
      return new Process("sh", ["-c", script, command, ...words]);
    };
    let permissions = PERMISSIONS;
    if (await isPermission({ name: "sys", kind: "umask" })) {
      await using refused = startUnmasked(PERMISSIONS);
      const { status, stderr } = await refused.finish();
      assertEquals(status, 1);
      assertStringIncludes(stderr, `other users could connect to ${path}`);
      assert(!exists(path));
      if (COMPILED) return;
      // What it advises is done: it must help.
      permissions = [...PERMISSIONS, ...stderr.match(/--allow-sys\S*/) ?? []];
    }
    await using server = startUnmasked(permissions);
    await server.stderr.until("Listening on");
    assertEquals((Deno.lstatSync(path).mode ?? 0) & 0o777, 0o600);
    server.kill("SIGTERM");
    await server.finish();
    assert(!exists(path));
  },
);

Deno.test("server --unix removes its path after a signal", async () => {
  using folder = new Folder();
  const path = folder.at("socket");
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    await using server = startUnixServer(path, ["-k"]);
    await server.stderr.until("Listening on");
    server.kill(signal);
    await server.finish();
    assert(!exists(path), signal);
  }
});

Deno.test("server --unix replaces what is left of a server, nothing else", async () => {
  using folder = new Folder();
  const path = folder.at("socket");
  await using killed = startUnixServer(path);
  await killed.stderr.until("Listening on");
  killed.kill("SIGKILL");
  await killed.finish();
  assert(exists(path));
  await using server = startUnixServer(path);
  await server.stderr.until("Listening on");
  await using inside = client(["--unix", path]);
  assertEquals((await inside.finish()).status, 0);
  assertEquals((await server.finish()).stdout, "hello\n");

  const file = folder.write("file", "precious");
  await assertError(startUnixServer(file), "is not a socket");
  assertEquals(Deno.readTextFileSync(file), "precious");
});

Deno.test("server --unix leaves what stands at its path by then", async () => {
  using folder = new Folder();
  const path = folder.at("socket");
  for (const args of [["-k"], ["--room"]]) {
    await using first = startUnixServer(path, args);
    await first.stderr.until("Listening on");
    // Who is alone has exited before its listener is gone.
    const all = ["--lang", "en", "--unix", path];
    await using talking = new Process(
      ...commandFor("client", all, PERMISSIONS),
    );
    await talking.write("hello\n");
    await first.stdout.until("hello\n");
    Deno.removeSync(path);
    await using second = startUnixServer(path);
    await second.stderr.until("Listening on");
    first.kill("SIGTERM");
    assertEquals((await first.finish()).status, 143);
    assertEquals((await talking.finish()).status, 0);
    await using inside = client(["--unix", path]);
    assertEquals((await inside.finish()).status, 0);
    assertEquals((await second.finish()).stdout, "hello\n");
    assert(!exists(path));
  }
  // Nobody waits for a listener that can't be closed.
  await using room = startUnixServer(path, ["--room"]);
  await room.stderr.until("Listening on");
  Deno.removeSync(path);
  folder.write("socket", "precious");
  await room.write("n\n");
  assertEquals((await room.finish()).status, 0);
  assertEquals(Deno.readTextFileSync(path), "precious");
});

Deno.test({
  ...unless(
    { "executables have their permissions": COMPILED },
    "server and client name the permission that a file needs",
  ),
  async fn(): Promise<void> {
    const cases: ["server" | "client", string[], string][] = [
      ["server", ["--password-file", "x"], "--allow-read=x"],
      ["client", ["--password-file", "x"], "--allow-read=x"],
      ["server", ["--tls-cert", "x", "--tls-key", "y"], "--allow-read=x"],
      ["client", ["--tls", "--tls-ca", "x"], "--allow-read=x"],
      ["server", ["--unix", "x"], "--allow-read=x --allow-write=x"],
      ["client", ["--unix", "x"], "--allow-read=x --allow-write=x"],
      ["server", ["--password-file", "my, x"], "add --allow-read\n"],
      [
        "client",
        ["--unix", "my x"],
        "--allow-net --allow-read --allow-write\n",
      ],
    ];
    for (const [role, args, flags] of cases) {
      const command = commandFor(role, ["--lang", "en", ...args]);
      await assertError(new Process(...command, { input: "" }), flags);
    }
  },
});

Deno.test({
  ...unless(
    { "executables have their permissions": COMPILED },
    "server and client name the permission for the network of a path",
  ),
  async fn(): Promise<void> {
    using folder = new Folder();
    const path = folder.at("socket");
    // Before it was a permission, a path needed none.
    if (!await isPermission({ name: "net", host: `unix:${path}` })) return;
    const permissions = ["--no-prompt", "--allow-read", "--allow-write"];
    for (const role of ["server", "client"] as const) {
      const args = ["--lang", "en", "--unix", path];
      await assertError(
        new Process(...commandFor(role, args, permissions), { input: "" }),
        `no permission for ${path}; use --allow-net`,
      );
    }
  },
});

/** Whether this Deno knows of a permission; an older one has fewer. */
async function isPermission(
  descriptor: Readonly<Record<string, string>>,
): Promise<boolean> {
  // Who has all permissions may ask for any.
  const script = `Deno.permissions.querySync(${JSON.stringify(descriptor)})`;
  await using process = new Process(Deno.execPath(), [
    ...["run", "--no-prompt"],
    `data:text/javascript,${encodeURIComponent(script)}`,
  ]);
  return (await process.finish()).status === 0;
}

async function readToEnd(connection: Deno.Conn): Promise<string> {
  return await new Response(connection.readable).text();
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
