/**
 * What only executables have: where and how they are started. Everything else
 * about them the other tests of processes say, see `deno task test:compiled`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { permissionsOf } from "../tools/options.ts";
import { run } from "../tools/bundle.ts";
import { compile, SUMS } from "../tools/compile.ts";
import { unless } from "../kit/ignored.ts";
import { Process } from "../kit/process.ts";
import {
  commandFor,
  COMPILED,
  ServerProcess,
  startAtTerminal,
} from "../kit/programs.ts";
import { REFERENCE, REFERENCE_OPTIONS } from "../kit/reference.ts";

/** The user `nobody` on most systems; any but this one will do. */
const OTHER_USER = "65534";
/** What a bundle and the standard library may add to a runtime, in bytes. */
const MAX_EMBEDDED_BYTES = 500_000;
/** For how long a network of its own is kept, in seconds. */
const NETWORK_LIFE_SECONDS = "100";
/** Starts what follows its first argument in that folder. */
const IN_FOLDER = ["sh", "-c", 'cd "$0" && exec "$@"'];

/** How the executables are started. */
interface Circumstance {
  /** The executable, where it is not where it was made. */
  path?(executable: string): Promise<string>;
  /** The command before it. */
  wrapper?: readonly string[];
}

test("start in an empty folder and leave nothing there", async () => {
  await inFolder(async (folder) => {
    await talkAsScripts({
      wrapper: [...IN_FOLDER, folder, "env", `TMPDIR=${folder}`],
    });
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

test("start with an empty environment", async () => {
  await talkAsScripts({ wrapper: ["env", "-i"] });
});

const asOther = [
  "setpriv",
  `--reuid=${OTHER_USER}`,
  `--regid=${OTHER_USER}`,
  "--clear-groups",
];
testWhere(asOther, "start as another user, who has nothing", async () => {
  await inFolder(async (folder) => {
    await talkAsScripts({
      path: copyTo(folder),
      wrapper: [...IN_FOLDER, folder, ...asOther, "env", "-i"],
    });
  });
});

testWhere(asOther, "start from a folder they can't write", async () => {
  await inFolder(async (folder) => {
    const path = copyTo(folder);
    await talkAsScripts({
      async path(executable): Promise<string> {
        await Deno.chmod(folder, 0o755);
        const copy = await path(executable);
        await Deno.chmod(folder, 0o555);
        return copy;
      },
      wrapper: [...IN_FOLDER, folder, ...asOther, "env", `TMPDIR=${folder}`],
    });
  });
});

test("start through a symbolic link", async () => {
  await inFolder(async (folder) => {
    await talkAsScripts({
      async path(executable): Promise<string> {
        const link = `${folder}/${nameOf(executable)}-link`;
        await Deno.symlink(executable, link);
        return link;
      },
    });
  });
});

test("start under a name with spaces and Chinese", async () => {
  await inFolder(async (folder) => {
    await talkAsScripts({
      path: copyTo(`${folder}/对话 程序`, " (一份 copy)"),
    });
  });
});

const inNetwork = ["unshare", "--net"];
testWhere(inNetwork, "start with no network but loopback", async () => {
  await using network = new Process(inNetwork[0] ?? "", [
    ...inNetwork.slice(1),
    "sh",
    "-c",
    'ip link set lo up && echo up && exec sleep "$0"',
    NETWORK_LIFE_SECONDS,
  ]);
  await network.stdout.until("up\n");
  await talkAsScripts({
    wrapper: ["nsenter", `--target=${network.pid}`, "--net"],
  });
});

test("print the project's version, Deno's and the target", async () => {
  for (const role of ["server", "client"] as const) {
    await using program = new Process(...commandFor(role, ["--version"]));
    const { status, stdout } = await program.finish();
    assertEquals(status, 0);
    const [version, deno, target] = stdout.trimEnd().split(", ");
    assertEquals(version, `duihua ${config.version}`);
    assert(/^deno \d+\.\d+\.\d+$/.test(deno ?? ""), stdout);
    assertEquals(target, Deno.build.target);
  }
});

test("have sums that sha256sum accepts", async () => {
  const [executable] = commandFor("server", []);
  const folder = executable.slice(0, executable.lastIndexOf("/"));
  await using check = new Process(...wrapped(
    [...IN_FOLDER, folder],
    ["sha256sum", "--check", "--strict", SUMS],
  ));
  assertEquals(await check.finish(), {
    status: 0,
    stdout:
      "client.js: OK\nduihua-client: OK\nduihua-server: OK\nserver.js: OK\n",
    stderr: "",
  });
});

test("hold only what is used", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/empty.js`, "");
    const empty = `${folder}/empty`;
    const order = { role: "server", output: empty, run } as const;
    assertEquals(await compile(`${folder}/empty.js`, order), undefined);
    for (const role of ["server", "client"] as const) {
      const { size } = await Deno.stat(commandFor(role, [])[0]);
      const embedded = size - (await Deno.stat(empty)).size;
      assert(embedded < MAX_EMBEDDED_BYTES, `${role}: ${embedded} bytes`);
    }
  });
});

/** Says of each permission whether it is there, after asking for it. */
const PROBE = `
for (const name of ["env", "ffi", "import", "net", "read", "run", "sys", "write"]) {
  const { state } = Deno.permissions.requestSync({ name });
  console.log(name, state);
}
const { state } = Deno.permissions.requestSync({
  name: "sys",
  kind: "networkInterfaces",
});
console.log("networkInterfaces", state);
`;

test("have no permission but those of the list, and never ask", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/probe.js`, PROBE);
    for (const role of ["server", "client"] as const) {
      const output = `${folder}/${role}`;
      const order = { role, output, run };
      assertEquals(await compile(`${folder}/probe.js`, order), undefined);
      await using probe = startAtTerminal([output, []]);
      const { stdout } = await probe.finish();
      const granted = [...stdout.matchAll(/^(\w+) granted\r?$/gm)]
        .map(([, name = ""]) => name);
      // What of the environment is allowed is not all of it.
      const listed = permissionsOf(role).map(({ flag }) =>
        flag.replace(/^--allow-(sys=)?/, "")
      ).filter((name) => !name.startsWith("env="));
      assertEquals(granted.sort(), listed.sort());
      assertEquals(stdout.trimEnd().split("\n").length, 9, stdout);
    }
  });
});

/** The reference conversation, which is to be as that of the scripts. */
async function talkAsScripts(
  { path = (executable) => Promise.resolve(executable), wrapper = [] }:
    Circumstance,
): Promise<void> {
  const server = await path(commandFor("server", [])[0]);
  const client = await path(commandFor("client", [])[0]);
  for (const language of ["zh", "en"] as const) {
    const parts = REFERENCE[language];
    const options = [...REFERENCE_OPTIONS, "--lang", language];
    await using listening = await new ServerProcess(
      ...wrapped(wrapper, [server, "--port", "0", ...options]),
      { input: parts.server.input },
    ).listening();
    const { host, port } = listening;
    await using talking = new Process(
      ...wrapped(wrapper, [client, host, String(port), ...options]),
      { input: parts.client.input },
    );
    assertEquals(await talking.finish(), {
      status: 0,
      stdout: parts.client.output,
      stderr: "",
    });
    const { status, stdout } = await listening.finish();
    assertEquals({ status, stdout }, {
      status: 0,
      stdout: parts.server.output,
    });
  }
}

function wrapped(
  wrapper: readonly string[],
  command: readonly string[],
): [string, string[]] {
  const [first = "", ...rest] = [...wrapper, ...command];
  return [first, rest];
}

/** Copies an executable into a folder, where everyone may start it. */
function copyTo(
  folder: string,
  suffix = "",
): (executable: string) => Promise<string> {
  return async (executable) => {
    const copy = `${folder}/${nameOf(executable)}${suffix}`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.copyFile(executable, copy);
    await Deno.chmod(copy, 0o555);
    return copy;
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Gives a new folder that others may use, and takes it away again. */
async function inFolder(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "duihua-" });
  try {
    await Deno.chmod(folder, 0o777);
    await use(folder);
  } finally {
    await Deno.chmod(folder, 0o700);
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * A test that needs to be allowed to start a command in some way. Where it
 * isn't, the test is ignored and its name says why; on a machine for tests
 * (`CI` is set) it fails instead.
 */
function testWhere(
  wrapper: readonly string[],
  name: string,
  fn: () => Promise<void>,
): void {
  if (!COMPILED) return;
  const possible = Boolean(Deno.env.get("CI")) || canStart(wrapper);
  const reason = `not allowed here: ${wrapper.join(" ")}`;
  Deno.test({ ...unless({ [reason]: !possible }, `executables ${name}`), fn });
}

function canStart(wrapper: readonly string[]): boolean {
  const [command, args] = wrapped(wrapper, ["true"]);
  try {
    return new Deno.Command(command, { args }).outputSync().success;
  } catch {
    return false;
  }
}

function test(name: string, fn: () => Promise<void>): void {
  // Scripts have nothing to be tested here.
  if (COMPILED) Deno.test(`executables ${name}`, fn);
}
