/**
 * The programs that are measured: this project, and what else its user could
 * pick.
 *
 * @module
 */
import { isInstalled } from "../../kit/programs.ts";
import { EXECUTABLES, SCRIPTS } from "./measure.ts";

/** A command and its arguments. */
export type Command = readonly [string, readonly string[]];

/** Two programs that pass bytes from a pipe to each other's pipe. */
export interface Contender {
  readonly name: string;
  /** The programs that must be installed. */
  readonly needs: readonly string[];
  /** The side that listens; on standard error it says so. */
  listen(port: number, use: Use): Command;
  connect(port: number, use: Use): Command;
}

/** Only from the one that connects to the other, or both ways. */
export type Use = "one way" | "both ways";

const PEERS = "tests/tools/bench/peers";
const HOST = "127.0.0.1";
/** Where the executables are, if they are to be measured. */
const FOLDER = Deno.env.get("DUIHUA_DIST");

/** The command that starts one of this project's programs. */
export function ours(
  contender: string,
  role: "server" | "client",
  args: readonly string[],
): Command {
  const all = [...args, "--lang", "en", "--style", "plain"];
  return contender === EXECUTABLES
    ? [`${FOLDER}/duihua-${role}`, all]
    : [Deno.execPath(), ["run", "--allow-net", `${role}.ts`, ...all]];
}

/** What Deno takes for the same without looking at a byte. */
function relay(how: "listen" | "connect", port: number): Command {
  const script = `${PEERS}/relay.ts`;
  return [Deno.execPath(), ["run", "--allow-net", script, how, String(port)]];
}

/** This project as what can be started here. */
export const OURS: readonly string[] = FOLDER === undefined
  ? [SCRIPTS]
  : [SCRIPTS, EXECUTABLES];

/** What is to be said where executables are not measured. */
export const SKIPPED: readonly string[] = FOLDER === undefined
  ? [`${EXECUTABLES}: DUIHUA_DIST names no folder`]
  : [];

/** This project as the contender of that name. */
export function ourContender(name: string): Contender {
  return {
    name,
    needs: [],
    listen: (port) => ours(name, "server", ["--port", String(port)]),
    connect: (port) => ours(name, "client", [HOST, String(port)]),
  };
}

/** All of them, installed or not. */
const CONTENDERS: readonly Contender[] = [
  ...OURS.map(ourContender),
  {
    name: "nc",
    needs: ["nc"],
    listen: (port) => ["nc", ["-v", "-N", "-l", HOST, String(port)]],
    connect: (port) => ["nc", ["-N", HOST, String(port)]],
  },
  {
    name: "ncat",
    needs: ["ncat"],
    listen: (port, use) => [
      "ncat",
      [
        "-v",
        ...(use === "one way" ? ["--recv-only"] : []),
        "-l",
        HOST,
        String(port),
      ],
    ],
    connect: (port, use) => [
      "ncat",
      [...(use === "one way" ? ["--send-only"] : []), HOST, String(port)],
    ],
  },
  {
    name: "socat",
    needs: ["socat"],
    listen: (port, use) => {
      const address = `TCP-LISTEN:${port},bind=${HOST}`;
      return use === "one way"
        ? ["socat", ["-d", "-d", "-u", address, "STDOUT"]]
        : ["socat", ["-d", "-d", "STDIO", `${address},nodelay`]];
    },
    connect: (port, use) =>
      use === "one way"
        ? ["socat", ["-u", "STDIN", `TCP:${HOST}:${port}`]]
        : ["socat", ["STDIO", `TCP:${HOST}:${port},nodelay`]],
  },
  {
    name: "bare Deno relay",
    needs: [],
    listen: (port) => relay("listen", port),
    connect: (port) => relay("connect", port),
  },
  {
    name: "Python line peer",
    needs: ["python3"],
    listen: (port) => [
      "python3",
      [`${PEERS}/line_peer.py`, "listen", String(port)],
    ],
    connect: (port) => [
      "python3",
      [`${PEERS}/line_peer.py`, "connect", String(port)],
    ],
  },
  {
    name: "Node net + readline",
    needs: ["node"],
    listen: (port) => [
      "node",
      [`${PEERS}/line_peer.mjs`, "listen", String(port)],
    ],
    connect: (port) => [
      "node",
      [`${PEERS}/line_peer.mjs`, "connect", String(port)],
    ],
  },
];

/** Says on standard error that a listener, of whatever kind, now listens. */
export const LISTENING = /listening on/i;

/** Those of some things that can be run here, and why others can't. */
export function installed<Thing extends { needs: readonly string[] }>(
  things: readonly Thing[],
  nameOf: (thing: Thing) => string,
): { found: Thing[]; skipped: string[] } {
  const found: Thing[] = [];
  const skipped: string[] = [];
  for (const thing of things) {
    const missing = thing.needs.filter((program) => !isInstalled(program));
    if (missing.length === 0) found.push(thing);
    else skipped.push(`${nameOf(thing)}: not installed (${missing})`);
  }
  return { found, skipped };
}

/** The contenders that pass a pipe on. */
export function pipeContenders(): { found: Contender[]; skipped: string[] } {
  const { found, skipped } = installed(CONTENDERS, ({ name }) => name);
  return { found, skipped: [...SKIPPED, ...skipped] };
}
