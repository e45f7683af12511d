/**
 * Strangers with real processes: whoever comes often, stays silent or doesn't
 * read keeps nobody else out, and leaves nothing open.
 */
import { assert, assertEquals } from "@std/assert";
import { MAX_WAITING } from "../../lib/net/serve.ts";
import { unless } from "../kit/ignored.ts";
import { openFiles, testOnLinux } from "../kit/linux.ts";
import { Process } from "../kit/process.ts";
import {
  commandFor,
  COMPILED,
  IS_OLDEST_DENO,
  ServerProcess,
  testWith,
} from "../kit/programs.ts";
import { RawPeer } from "../kit/raw_peer.ts";

const PERMISSIONS = ["--no-prompt", "--allow-net", "--allow-read"];
const PASSWORD = "P\u00e4ssw\u00f6rd";
/** As some keyboards give it: each letter, then its mark. */
const DECOMPOSED = PASSWORD.normalize("NFD");
/** More open files than these a server may not have here. */
const MAX_FILES = 512;
/** How many strangers come: more than may wait, and than files may be open. */
const STRANGERS = 600;
/** So that no limit of an address holds. */
const UNLIMITED = [
  ...["--connections", "9999", "--per-address", "9999"],
  ...["--connect-rate", "9999"],
];
/** How a TLS client's first message begins. */
const HELLO_BEGINS = Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00);
/** How many members don't read, and what files the runtime opens meanwhile. */
const SILENT_MEMBERS = 10;
const RUNTIME_FILES = 3;
/** How often it is looked whether all that was closed is closed. */
const MAX_LOOKS = 1000;
const LOOK_MS = 10;

interface Folder extends Disposable {
  write(name: string, text: string): string;
  at(name: string): string;
}

function makeFolder(): Folder {
  const path = Deno.makeTempDirSync({ prefix: "duihua-limits-" });
  const at = (name: string): string => `${path}/${name}`;
  return {
    at,
    write(name, text): string {
      Deno.writeTextFileSync(at(name), text, { mode: 0o600 });
      return at(name);
    },
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

/** Makes a certificate for localhost; returns its file and its options. */
async function makeCertificate(
  folder: Folder,
): Promise<{ cert: string; options: string[] }> {
  const [cert, key] = [folder.at("cert.pem"), folder.at("key.pem")];
  const args =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 " +
    "-subj /CN=localhost -addext subjectAltName=DNS:localhost " +
    "-addext basicConstraints=critical,CA:FALSE";
  const all = [...args.split(" "), "-keyout", key, "-out", cert];
  await using process = new Process("openssl", all, { input: "" });
  const { status, stderr } = await process.finish();
  assertEquals(status, 0, stderr);
  return { cert, options: ["--tls-cert", cert, "--tls-key", key] };
}

/** Starts a server that may have so many files open. */
async function startServer(
  args: readonly string[],
  maxFiles = MAX_FILES,
): Promise<ServerProcess> {
  const all = ["--lang", "en", "--port", "0", ...args];
  const [command, words] = commandFor("server", all, PERMISSIONS);
  const script = `ulimit -n ${maxFiles}; exec "$0" "$@"`;
  return await new ServerProcess("sh", ["-c", script, command, ...words])
    .listening();
}

/** Strangers that hold their connections until the test ends. */
async function comeInCrowds(
  stack: DisposableStack,
  { port }: ServerProcess,
  { count = STRANGERS, first = new Uint8Array() } = {},
): Promise<RawPeer[]> {
  const peers: RawPeer[] = [];
  while (peers.length < count) {
    const peer = await RawPeer.connect(port);
    stack.defer(() => peer.close());
    if (first.length > 0) await peer.send(first);
    peers.push(peer);
  }
  return peers;
}

/** Settles once a process has no more open files than that. */
async function filesClosed(pid: number, count: number): Promise<void> {
  for (let look = 0; openFiles(pid) > count; look++) {
    assert(look < MAX_LOOKS, `${openFiles(pid)} are open, not ${count}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

for (
  const [what, first] of [
    ["send nothing", new Uint8Array()],
    ["begin to shake hands", HELLO_BEGINS],
  ] as const
) {
  testOnLinux(`server over TLS closes those who ${what}`, async () => {
    using folder = makeFolder();
    const { cert, options } = await makeCertificate(folder);
    await using server = await startServer([...options, ...UNLIMITED]);
    const files = openFiles(server.pid);
    using stack = new DisposableStack();
    await comeInCrowds(stack, server, { first });
    const trust = ["--tls", "--tls-ca", cert];
    await using inside = new Process(
      ...commandFor("client", [
        ...["localhost", String(server.port), "--lang", "en", ...trust],
      ], PERMISSIONS),
    );
    await inside.write("hello\n");
    await server.stdout.until("hello\n");
    // All strangers are still there, but nothing of them is open.
    const own = 3;
    await filesClosed(server.pid, files + own);
    await inside.write("n\n");
    assertEquals((await inside.finish()).status, 0);
  }, ["openssl", "sh"]);
}

testOnLinux(
  "server over TLS closes those outside --allow at once",
  async () => {
    using folder = makeFolder();
    const { options } = await makeCertificate(folder);
    await using server = await startServer([
      ...options,
      ...["--allow", "192.0.2.1", "-k"],
    ]);
    const files = openFiles(server.pid);
    using stack = new DisposableStack();
    const strangers = await comeInCrowds(stack, server);
    for (const stranger of strangers) assertEquals(await stranger.end(), "");
    await filesClosed(server.pid, files);
    assert(server.stderr.text.includes("not in --allow"), server.stderr.text);
  },
  ["openssl", "sh"],
);

/** Members that come and never read a byte. */
const SILENT_ONES = {
  "TCP": (_: Folder, { port }: ServerProcess): Promise<Deno.Conn> =>
    Deno.connect({ hostname: "127.0.0.1", port }),
  "TLS": async (
    folder: Folder,
    { port }: ServerProcess,
  ): Promise<Deno.Conn> => {
    const caCerts = [Deno.readTextFileSync(folder.at("cert.pem"))];
    const address = { hostname: "localhost", port };
    const peer = await Deno.connectTls({ ...address, caCerts });
    await peer.handshake();
    return peer;
  },
};

for (const [over, come] of Object.entries(SILENT_ONES)) {
  const name = `server over ${over} closes a member that does not read`;
  Deno.test({
    ...unless({
      "Deno 2.6 goes on with a write to a connection that it closes":
        IS_OLDEST_DENO,
      "needs /proc": Deno.build.os !== "linux",
    }, name),
    async fn(): Promise<void> {
      using folder = makeFolder();
      const { options } = await makeCertificate(folder);
      const room = ["--room", "--queue", "64k"];
      await using server = await startServer([
        ...room,
        ...over === "TLS" ? options : [],
      ]);
      const files = openFiles(server.pid);
      using stack = new DisposableStack();
      for (let count = 1; count <= SILENT_MEMBERS; count++) {
        stack.use(await come(folder, server));
        await server.stdout.until(`guest-${count} has joined`);
      }
      const line = `${"x".repeat(100_000)}\n`;
      const all = Promise.all(
        Array.from(
          { length: SILENT_MEMBERS },
          (_, index) =>
            server.stdout.until(
              new RegExp(`guest-${index + 1} (did not read|has left)`),
            ),
        ),
      );
      let done = false;
      const stop = (): true => done = true;
      all.then(stop, stop);
      while (!done) await server.write(line);
      await all;
      await filesClosed(server.pid, files + RUNTIME_FILES);
    },
  });
}

Deno.test({
  ...unless(
    { "executables have their permissions": COMPILED },
    "server over TLS names the permission that it needs",
  ),
  async fn(): Promise<void> {
    using folder = makeFolder();
    const { options } = await makeCertificate(folder);
    const args = ["--lang", "en", "--host", "0.0.0.0", ...options];
    const net = "--allow-net=0.0.0.0:8000";
    const permissions = ["--no-prompt", "--allow-read", net];
    const command = commandFor("server", args, permissions);
    await using server = new Process(...command, { input: "" });
    const { status, stderr } = await server.finish();
    assertEquals(status, 1);
    assert(
      stderr.includes("no permission for the network at 127.0.0.1"),
      stderr,
    );
  },
});

Deno.test("server lets an address have only so many connections", async () => {
  await using server = await startServer(
    ["--room", "--per-address", "2", "--connect-rate", "9999"],
  );
  await using stack = new AsyncDisposableStack();
  for (let count = 0; count < 2; count++) {
    const peer = await RawPeer.connect(server.port);
    stack.defer(() => peer.close());
    await peer.until(": welcome, ");
  }
  using third = await RawPeer.connect(server.port);
  assertEquals(await third.end(), "");
  await server.stderr.until("too many connections from its address");
});

Deno.test("server lets an address come only so often", async () => {
  await using server = await startServer(
    ["--room", "--per-address", "5", "--connect-rate", "1"],
  );
  let refused = 0;
  for (let count = 0; count < 50; count++) {
    using peer = await RawPeer.connect(server.port);
    await peer.closeWrite();
    if (await peer.end() === "") refused++;
  }
  assert(refused > 20, String(refused));
  await server.stderr.until("connects too often (--connect-rate)");
});

Deno.test("server lets only so many connections in, in all", async () => {
  await using server = await startServer(["--room", "--connections", "1"]);
  using first = await RawPeer.connect(server.port);
  await first.until(": welcome, ");
  using second = await RawPeer.connect(server.port);
  assertEquals(await second.end(), "");
  await server.stderr.until("too many connections (--connections)");
});

testWith(
  ["nc"],
  "server keeps a person's place in a crowd of one address",
  async () => {
    using folder = makeFolder();
    const file = folder.write("password", PASSWORD);
    await using server = await startServer([
      ...["--room", "--password-file", file, "--host", "0.0.0.0"],
      ...UNLIMITED,
    ]);
    const port = String(server.port);
    await using person = new Process("nc", [
      ...["-s", "127.0.0.2", "127.0.0.1", port],
    ]);
    await person.stdout.until("* password:\n");
    using stack = new DisposableStack();
    const crowd = await comeInCrowds(stack, server, { count: 2 * MAX_WAITING });
    await crowd.at(-1)?.until("* password:\n");
    await person.write(`${PASSWORD}\n`);
    await person.stdout.until(": welcome, ");
  },
);

Deno.test("server tells a right password no sooner than wrong ones before it", async () => {
  using folder = makeFolder();
  const file = folder.write("password", PASSWORD);
  await using server = await startServer([
    ...["--room", "--password-file", file, "--guesses", "1"],
  ]);
  const answers: string[] = [];
  using stack = new DisposableStack();
  const guesses = ["a", "b", "c", PASSWORD];
  const peers = await comeInCrowds(stack, server, { count: guesses.length });
  const answered: Promise<void>[] = [];
  for (const [index, peer] of peers.entries()) {
    const guess = guesses[index] ?? "";
    await peer.until("* password:\n");
    await peer.send(`${guess}\n`);
    const answer = guess === PASSWORD ? "* password acc" : "* wrong password";
    answered.push(peer.until(answer).then(() => void answers.push(guess)));
  }
  await Promise.all(answered);
  assertEquals(answers.at(-1), PASSWORD);
});

Deno.test("server and client take a password in any form of Unicode", async () => {
  using folder = makeFolder();
  const composed = folder.write("composed", PASSWORD);
  const decomposed = folder.write("decomposed", DECOMPOSED);
  for (const [own, other] of [[composed, decomposed], [decomposed, composed]]) {
    const all = ["--password-file", own ?? "", "--lang", "en"];
    const command = commandFor("server", ["--port", "0", ...all], PERMISSIONS);
    await using server = await new ServerProcess(...command).listening();
    const args = [server.host, String(server.port), "--password-file"];
    await using client = new Process(
      ...commandFor("client", [...args, other ?? ""], PERMISSIONS),
      { input: "hello\nn\n" },
    );
    assertEquals((await client.finish()).status, 0);
    assertEquals((await server.finish()).stdout, "hello\n");
  }
});

testWith(
  ["nc"],
  "server takes a password of nc in any form of Unicode",
  async () => {
    using folder = makeFolder();
    const file = folder.write("password", PASSWORD);
    await using server = await startServer(["--password-file", file]);
    await using peer = new Process("nc", [server.host, String(server.port)], {
      input: `${DECOMPOSED}\nhello\nn\n`,
    });
    await peer.stdout.until("* password accepted\n");
    assertEquals((await server.finish()).stdout, "hello\n");
  },
);
