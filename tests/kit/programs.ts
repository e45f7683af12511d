/**
 * Starts real processes for tests: both programs, and the peers they talk
 * with. What the programs are is decided here alone: the scripts, or the
 * executables in the folder that `DUIHUA_DIST` names.
 *
 * @module
 */
import type { Role } from "../../lib/text/phrases.ts";
import { unless } from "./ignored.ts";
import { Process, type StartOptions } from "./process.ts";

const EXECUTABLES = Deno.env.get("DUIHUA_DIST");

/** Whether the programs are executables, whose permissions are fixed. */
export const COMPILED = EXECUTABLES !== undefined;

/** Whether this is the oldest Deno that is supported: it lacks some things. */
export const IS_OLDEST_DENO = Deno.version.deno.startsWith("2.6.");

/** A server that listens. */
export class ServerProcess extends Process {
  #host = "";
  #port = 0;

  /** The host that it listens on, as a client is given it. */
  get host(): string {
    return this.#host;
  }

  get port(): number {
    return this.#port;
  }

  /** Waits for the line on standard error that names the address. */
  async listening(): Promise<this> {
    const [, host = "", port] = await this.stderr.until(
      /(?:Listening on|正在监听) \[?(\S+?)\]?:(\d+)\n/,
    );
    this.#host = host;
    this.#port = Number(port);
    return this;
  }
}

/** The command that starts a program, and its arguments. */
export function commandFor(
  role: Role,
  args: readonly string[],
  permissions: readonly string[] = ["--allow-net"],
): [string, string[]] {
  if (EXECUTABLES !== undefined) {
    return [`${EXECUTABLES}/duihua-${role}`, [...args]];
  }
  // With an empty cache Deno still fetches when the first of them starts, and
  // would tell of it among what the program says.
  const flags = ["run", "--quiet", ...permissions];
  return [Deno.execPath(), [...flags, `${role}.ts`, ...args]];
}

/** Starts a program with just these arguments. */
export function start(
  role: Role,
  args: readonly string[],
  options?: StartOptions,
): Process {
  return new Process(...commandFor(role, args), options);
}

/** Starts a server on a free port, in English unless the arguments differ. */
export function startServer(
  args: readonly string[] = [],
  options?: StartOptions,
): Promise<ServerProcess> {
  const all = ["--port", "0", ...english(args), ...args];
  return new ServerProcess(...commandFor("server", all), options).listening();
}

/** Starts a client of a port on this machine, in English as above. */
export function startClient(
  { port, host = "127.0.0.1" }: { port: number; host?: string },
  args: readonly string[] = [],
  options?: StartOptions,
): Process {
  const all = [host, String(port), ...english(args), ...args];
  return start("client", all, options);
}

/**
 * Starts a command under a pseudo-terminal, where it reads what is written to
 * standard input as if it was typed, and all it shows is on standard output.
 * It is wide enough for every sentence, and shows no colours.
 */
export function startAtTerminal(
  [command, args]: [string, string[]],
  env: Record<string, string> = {},
): Process {
  const quoted = [command, ...args].map((word) =>
    `'${word.replaceAll("'", `'\\''`)}'`
  );
  return new Process("script", [
    "-qec",
    `stty cols 1000; exec ${quoted.join(" ")}`,
    "/dev/null",
  ], {
    env: { SHELL: "/bin/sh", TERM: "xterm", NO_COLOR: "1", ...env },
  });
}

/** Starts one of the Python programs in `tests/kit/peers`. */
export function startPython(
  name: string,
  args: readonly string[],
  options?: StartOptions,
): Process {
  return new Process(
    "python3",
    ["-u", `tests/kit/peers/${name}`, ...args],
    options,
  );
}

/**
 * A test that needs programs which are not part of the project. Where one is
 * missing the test is ignored and its name says why; on a machine for tests
 * (`CI` is set) it fails instead.
 */
export function testWith(
  programs: readonly string[],
  name: string,
  fn: (test: Deno.TestContext) => Promise<void>,
): void {
  const missing = Deno.env.get("CI")
    ? []
    : programs.filter((program) => !isInstalled(program));
  const reason = `not installed: ${missing.join(", ")}`;
  Deno.test({ ...unless({ [reason]: missing.length > 0 }, name), fn });
}

/** A port that nothing listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Whether a program can be started by its name. */
export function isInstalled(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

function english(args: readonly string[]): string[] {
  return args.includes("--lang") ? [] : ["--lang", "en"];
}
