import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { reasonIn, ROLES, type Run } from "./bundle.ts";
import { permissionFlags } from "./options.ts";
import {
  executableName,
  make,
  type Order,
  parseOrder,
  SUMS,
  TARGETS,
  UsageError,
  writeSums,
} from "./compile.ts";
import { PURE } from "../kit/pure.ts";
import { inFolder } from "../kit/folder.ts";

const BUNDLES = ["client.js", "server.js"];
const HERE = Deno.build.target;
const ELSEWHERE = "aarch64-apple-darwin";
const UNREACHABLE = "aarch64-unknown-linux-gnu";

/** A run of `make` over a folder of its own, with commands that do nothing. */
interface Made {
  failed: string[];
  commands: { args: readonly string[]; without: readonly string[] }[];
  told: string[];
  warned: string[];
  /** The files that were made, and those of before that are still there. */
  files: string[];
}

async function makeIn(
  folder: string,
  targets: Order["targets"],
  answer: (args: readonly string[]) => string | undefined = () => undefined,
): Promise<Made> {
  const commands: Made["commands"] = [];
  const run: Run = async (command, args, { without = [] } = {}) => {
    commands.push({
      args: command === Deno.execPath() ? args : [command, ...args],
      without,
    });
    const reason = answer(args);
    const output = args[args.indexOf("--output") + 1];
    if (reason === undefined && args.includes("--output") && output) {
      await Deno.writeTextFile(output, output);
    }
    return reason;
  };
  const told: string[] = [];
  const warned: string[] = [];
  const failed = await make({ targets, into: folder }, {
    run,
    tell: (line) => told.push(line),
    warn: (line) => warned.push(line),
  });
  const files = [];
  for await (const { name } of Deno.readDir(folder)) files.push(name);
  return { failed, commands, told, warned, files: files.sort() };
}

Deno.test({
  name: "parseOrder() reads what is to be made, and where",
  ...PURE,
  fn(): void {
    const cases: [string[], Order][] = [
      [[], { targets: [undefined], into: "dist" }],
      [["--all"], { targets: TARGETS, into: "dist" }],
      [["--target", ELSEWHERE], { targets: [ELSEWHERE], into: "dist" }],
      [["--into", "a b"], { targets: [undefined], into: "a b" }],
    ];
    for (const [args, order] of cases) {
      assertEquals(parseOrder(args, "dist"), order);
    }
  },
});

Deno.test({
  name: "parseOrder() refuses what there is not",
  ...PURE,
  fn(): void {
    const cases: [string[], string][] = [
      [["--al"], "Cannot take --al"],
      [["server"], "Cannot take server"],
      [["--target", "amiga"], TARGETS.join(", ")],
      [["--target"], TARGETS.join(", ")],
      [["--all", "--target", ELSEWHERE], "both"],
    ];
    for (const [args, message] of cases) {
      assertThrows(() => parseOrder(args, "dist"), UsageError, message);
    }
  },
});

Deno.test({
  name: "executableName() names the target where one was asked for",
  ...PURE,
  fn(): void {
    const windows = "x86_64-pc-windows-msvc";
    assertEquals(
      executableName("client", ELSEWHERE),
      `duihua-client-${ELSEWHERE}`,
    );
    assertEquals(
      executableName("server", windows),
      `duihua-server-${windows}.exe`,
    );
    const extension = Deno.build.os === "windows" ? ".exe" : "";
    assertEquals(executableName("server"), `duihua-server${extension}`);
  },
});

Deno.test({
  name: "reasonIn() finds the reason in one line",
  ...PURE,
  fn(): void {
    const cases: [string, string][] = [
      [
        "error: Writing\n\nCaused by:\n    0: Setting up.\n    1: no: dns\n    2: dns\n\nStack backtrace:\n   0: <unknown>\n   7: main\n             at ./x.h:58:16\n",
        "Setting up: no: dns",
      ],
      [
        "error: Opening 'dist/x'\n\nCaused by:\n    Read-only (os error 30)\n\nStack backtrace:\n   0: start\n",
        "Opening 'dist/x': Read-only (os error 30)",
      ],
      ["error: Not found\n    at x.ts:1\n", "Not found"],
      [
        "Compile x\nerror: Could not find it.\n\nStack backtrace:\n   0: start\n",
        "Could not find it.",
      ],
      ["Killed\nand more", "Killed"],
      ["", "no reason told"],
    ];
    for (const [output, reason] of cases) {
      assertEquals(reasonIn(output), reason);
    }
  },
});

Deno.test("make() makes both executables, each with its own permissions", async () => {
  await inFolder(async (folder) => {
    const { failed, commands, told, files } = await makeIn(folder, [undefined]);
    assertEquals(failed, []);
    const names = [executableName("server"), executableName("client")];
    assertEquals(files, [SUMS, ...BUNDLES, ...names].sort());
    assertEquals(told.length, 2);
    const compiled = commands.filter(({ args }) => args[0] === "compile");
    const flags = compiled.map(({ args }) =>
      args.filter((arg) => arg === "--no-prompt" || arg.startsWith("--allow-"))
    );
    assertEquals(flags, [permissionFlags("server"), permissionFlags("client")]);
  });
});

Deno.test("make() names a target that fails, makes the others and their sums", async () => {
  await inFolder(async (folder) => {
    const stale = executableName("client", UNREACHABLE);
    await Deno.writeTextFile(`${folder}/${stale}`, "of before");
    const targets = [UNREACHABLE, ELSEWHERE];
    const { failed, warned, files } = await makeIn(
      folder,
      targets,
      (args) => args.includes(UNREACHABLE) ? "no network" : undefined,
    );
    assertEquals(failed, [UNREACHABLE]);
    assertEquals(warned, [`Cannot make ${UNREACHABLE}: no network`]);
    const made = ROLES.map((role) => executableName(role, ELSEWHERE));
    assertEquals(files, [SUMS, ...BUNDLES, ...made].sort());
    const sums = await Deno.readTextFile(`${folder}/${SUMS}`);
    assertEquals(sums.trimEnd().split("\n").length, 4);
  });
});

Deno.test("make() leaves no executable that does not run", async () => {
  await inFolder(async (folder) => {
    const { failed, files } = await makeIn(
      folder,
      [undefined],
      (args) => args[0] === "--version" ? "does not run" : undefined,
    );
    assertEquals(failed, [HERE]);
    assertEquals(files, [SUMS, ...BUNDLES]);
  });
});

Deno.test("make() takes DENORT_BIN for this machine's target only", async () => {
  await inFolder(async (folder) => {
    const { commands } = await makeIn(folder, [undefined, HERE, ELSEWHERE]);
    const without = commands.filter(({ args }) => args[0] === "compile")
      .map(({ without }) => without);
    const other = ["DENORT_BIN"];
    assertEquals(without, [[], [], [], [], other, other]);
  });
});

Deno.test("make() makes nothing of scripts that can't be bundled", async () => {
  await inFolder(async (folder) => {
    const broken = (args: readonly string[]): string | undefined =>
      args[0] === "bundle" ? "no such module" : undefined;
    await assertRejects(
      () => makeIn(folder, TARGETS, broken),
      Error,
      "Cannot bundle server: no such module",
    );
  });
});

Deno.test("writeSums() writes what sha256sum writes, of programs only", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/duihua-server`, "abc");
    await Deno.writeTextFile(`${folder}/duihua-client`, "");
    await Deno.writeTextFile(`${folder}/notes`, "abc");
    await writeSums(folder);
    assertEquals(
      await Deno.readTextFile(`${folder}/${SUMS}`),
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  duihua-client\n" +
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  duihua-server\n",
    );
  });
});
