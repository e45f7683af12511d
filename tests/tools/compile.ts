/**
 * Makes the executables of the bundles, `deno task compile`: for this machine,
 * with `--target TARGET` for another, with `--all` for all there are. They go to
 * `dist/`, or to where `--into FOLDER` says, with the sums of all that is there.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Role } from "../../lib/text/phrases.ts";
import { bundle, bundleIn, ROLES, type Run, run } from "./bundle.ts";
import { permissionFlags } from "./options.ts";

/** What `deno compile` makes executables for. */
export const TARGETS: readonly string[] = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];
/** The sums, as `sha256sum --check` reads them. */
export const SUMS = "SHA256SUMS";
const BYTES_PER_MB = 1_000_000;

/** The command line asks for something that there is not. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What is to be made. */
export interface Order {
  /** For which targets; undefined is this machine, and not in the name. */
  targets: readonly (string | undefined)[];
  /** The folder for the executables. */
  into: string;
}

/**
 * Reads a command line. `into` is the folder where none is given.
 *
 * @throws {UsageError}
 */
export function parseOrder(args: readonly string[], into: string): Order {
  const values = parseArgs([...args], {
    string: ["target", "into"],
    boolean: ["all"],
    alias: {},
    unknown(arg): boolean {
      throw new UsageError(
        `Cannot take ${arg}: there are --all, --target TARGET, --into FOLDER`,
      );
    },
  });
  const { all, target } = values;
  if (all === true && target !== undefined) {
    throw new UsageError("Cannot take both --all and --target");
  }
  if (target !== undefined && !TARGETS.includes(String(target))) {
    throw new UsageError(
      `Cannot make executables for "${target}": TARGET is one of ` +
        TARGETS.join(", "),
    );
  }
  return {
    targets: all === true
      ? TARGETS
      : [target === undefined ? undefined : String(target)],
    into: typeof values["into"] === "string" ? values["into"] : into,
  };
}

/** The name of an executable. */
export function executableName(role: Role, target?: string): string {
  const name = target === undefined
    ? `duihua-${role}`
    : `duihua-${role}-${target}`;
  const windows = (target ?? Deno.build.target).includes("windows");
  return windows ? `${name}.exe` : name;
}

/**
 * Makes what is ordered. Where one of the executables for a target can't be
 * made, that target is named in one line by `warn` and the next is made.
 *
 * Returns the names of the targets that failed.
 *
 * @throws when the scripts can't be bundled: no target can be made then.
 */
export async function make(
  { targets, into }: Order,
  { run, tell, warn }: {
    run: Run;
    tell(line: string): void;
    warn(line: string): void;
  },
): Promise<string[]> {
  for (const role of ROLES) await bundle(role, into, run);
  const failed: string[] = [];
  for (const target of targets) {
    const reason = await makeFor(target, { into, run, tell });
    if (reason === undefined) continue;
    failed.push(target ?? Deno.build.target);
    warn(`Cannot make ${failed.at(-1)}: ${reason}`);
  }
  await writeSums(into);
  return failed;
}

async function makeFor(
  target: string | undefined,
  { into, run, tell }: {
    into: string;
    run: Run;
    tell(line: string): void;
  },
): Promise<string | undefined> {
  const outputs = ROLES.map((role) =>
    `${into}/${executableName(role, target)}`
  );
  // None from before is left to be taken for one of now.
  for (const output of outputs) await removeIfThere(output);
  const ours = target === undefined || target === Deno.build.target;
  for (const [index, role] of ROLES.entries()) {
    const output = outputs[index] ?? "";
    const reason = await compile(bundleIn(into, role), {
      role,
      target,
      output,
      // That runtime is this machine's.
      without: ours ? [] : ["DENORT_BIN"],
      run,
    }) ?? (ours ? await run(output, ["--version"]) : undefined);
    if (reason !== undefined) {
      for (const output of outputs) await removeIfThere(output);
      return reason;
    }
  }
  for (const output of outputs) {
    const { size } = await Deno.stat(output);
    tell(`${output} ${(size / BYTES_PER_MB).toFixed(1)} MB`);
  }
  return undefined;
}

/**
 * Makes one executable of one script, with what the role is allowed. Returns
 * the reason where it failed.
 */
export function compile(
  script: string,
  { role, target, output, without = [], run }: {
    role: Role;
    target?: string | undefined;
    output: string;
    without?: readonly string[];
    run: Run;
  },
): Promise<string | undefined> {
  return run(
    Deno.execPath(),
    [
      "compile",
      "--quiet",
      "--no-config",
      // Without it a file is left in the folder for temporary ones.
      "--no-code-cache",
      ...permissionFlags(role),
      ...(target === undefined ? [] : ["--target", target]),
      "--output",
      output,
      script,
    ],
    { without },
  );
}

/** Writes the sums of all programs in a folder, where there are any. */
export async function writeSums(folder: string): Promise<void> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (/^duihua-|\.js$/.test(name)) names.push(name);
  }
  const lines = [];
  for (const name of names.sort()) {
    const bytes = await Deno.readFile(`${folder}/${name}`);
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    lines.push(`${sum.toHex()}  ${name}\n`);
  }
  if (lines.length === 0) return await removeIfThere(`${folder}/${SUMS}`);
  await Deno.writeTextFile(`${folder}/${SUMS}`, lines.join(""));
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  try {
    const order = parseOrder(Deno.args, "dist");
    const failed = await make(order, {
      run,
      tell: (line) => console.log(line),
      warn: (line) => console.error(line),
    });
    return failed.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}
