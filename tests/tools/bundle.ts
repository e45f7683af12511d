/**
 * Makes `dist/server.js` and `dist/client.js`, `deno task bundle`: each is one
 * file that runs anywhere with `deno run --allow-net server.js`.
 *
 * @module
 */
import type { Role } from "../../lib/text/phrases.ts";

/** Both programs. */
export const ROLES: readonly Role[] = ["server", "client"];
const ROOT = new URL("../../", import.meta.url);

/** How a command is run. */
export interface RunOptions {
  /** The variables of the environment to leave out. */
  without?: readonly string[];
}

/** Runs a command; why it failed in one line, undefined when it did not. */
export type Run = (
  command: string,
  args: readonly string[],
  options?: RunOptions,
) => Promise<string | undefined>;

/** Runs a command for real, with its output to standard error kept. */
export async function run(
  command: string,
  args: readonly string[],
  { without = [] }: RunOptions = {},
): Promise<string | undefined> {
  const env = { ...Deno.env.toObject(), NO_COLOR: "1" };
  for (const name of without) Reflect.deleteProperty(env, name);
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: ROOT,
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "null",
  }).output();
  return success ? undefined : reasonIn(new TextDecoder().decode(stderr));
}

/**
 * The reason in one line out of what Deno says when it fails: the step that
 * failed and the first cause under it, which names the causes under that.
 */
export function reasonIn(output: string): string {
  const [text = ""] = output.split("\nStack backtrace:");
  const [head = "", chain = ""] = text.split("\nCaused by:\n");
  const [, error = "no reason told"] = /^error: (.*)$/m.exec(head) ??
    /^(.+)/.exec(head) ?? [];
  // Deno numbers the causes, but for a lone one.
  const causes = Array.from(
    chain.matchAll(/^ +(?:[0-9]+: )?(.*)$/gm),
    ([, cause = ""]) => cause,
  );
  const [step = "", cause] = causes.length > 1 ? causes : [error, ...causes];
  return cause === undefined ? step : `${step.replace(/\.$/, "")}: ${cause}`;
}

/**
 * Makes one file of all that a script imports, which needs no other file, no
 * package and no network. The same sources give the same bytes wherever and
 * whenever it is made.
 *
 * @throws when the script can't be bundled.
 */
export async function bundle(
  role: Role,
  folder: string,
  run: Run,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const output = bundleIn(folder, role);
  const reason = await run(
    Deno.execPath(),
    // Comments in it would name the folders of this machine.
    ["bundle", "--quiet", "--minify", "--output", output, `${role}.ts`],
  );
  if (reason !== undefined) throw new Error(`Cannot bundle ${role}: ${reason}`);
  // The time is kept in the executable.
  await Deno.utime(output, 0, 0);
}

/** Where the bundle of a program is. */
export function bundleIn(folder: string, role: Role): string {
  return `${folder}/${role}.js`;
}

if (import.meta.main) {
  for (const role of ROLES) {
    await bundle(role, "dist", run);
    console.log(bundleIn("dist", role));
  }
}
