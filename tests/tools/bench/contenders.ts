/**
 * The programs that are measured: this project, and what else its user could
 * pick.
 *
 * @module
 */
import { Process } from "../../kit/process.ts";
import { freePort, isInstalled } from "../../kit/programs.ts";
import { EXECUTABLES, SCRIPTS } from "./measure.ts";

/** A command and its arguments. */
export type Command = readonly [string, readonly string[]];

/** What carries the bytes from one program to the other. */
export type Carrier = "tcp" | "tls" | "unix";

/** Where two programs meet. */
export interface Place {
  readonly carrier: Carrier;
  readonly hostname: string;
  readonly port: number;
  /** Of the socket, where the carrier is one. */
  readonly path: string;
  /** The file of a certificate that the client trusts, and of its key. */
  readonly cert: string;
  readonly key: string;
}

/** Two programs that pass bytes from a pipe to each other's pipe. */
export interface Contender {
  readonly name: string;
  /** The programs that must be installed. */
  readonly needs: readonly string[];
  readonly carriers: readonly Carrier[];
  /** The side that listens; on standard error it says so. */
  listen(place: Place, use: Use): Command;
  connect(place: Place, use: Use): Command;
}

/** Only from the one that connects to the other, or both ways. */
export type Use = "one way" | "both ways";

const PEERS = "tests/tools/bench/peers";
const HOST = "127.0.0.1";
const EVERY_CARRIER = ["tcp", "tls", "unix"] as const;
/** Where the executables are, if they are to be measured. */
const FOLDER = Deno.env.get("DUIHUA_DIST");

/** A new place, with its files in that folder. */
export async function newPlace(
  carrier: Carrier,
  folder: string,
): Promise<Place> {
  const port = freePort();
  const [cert, key] = [`${folder}/cert.pem`, `${folder}/key.pem`];
  if (carrier === "tls") await makeCertificate(cert, key);
  const path = `${folder}/${port}.socket`;
  return { carrier, hostname: HOST, port, path, cert, key };
}

/** One that signs itself. */
async function makeCertificate(cert: string, key: string): Promise<void> {
  await using process = new Process("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(
      " ",
    ),
    ...["-subj", `/CN=${HOST}`, "-addext", `subjectAltName=IP:${HOST}`],
    ...["-addext", "basicConstraints=critical,CA:FALSE", "-days", "1"],
    ...["-out", cert, "-keyout", key],
  ], { input: "" });
  await process.finish();
}

/** The command that starts one of this project's programs. */
export function ours(
  contender: string,
  role: "server" | "client",
  args: readonly string[],
): Command {
  const style = args.includes("--style") ? [] : ["--style", "plain"];
  const all = [...args, "--lang", "en", ...style];
  return contender === EXECUTABLES
    ? [`${FOLDER}/duihua-${role}`, all]
    : deno(`${role}.ts`, all);
}

/** A script that may do what the programs of this project may. */
export function deno(script: string, args: readonly string[]): Command {
  const may = ["--allow-net", "--allow-read", "--allow-write"];
  return [Deno.execPath(), ["run", ...may, script, ...args]];
}

/** This project as what can be started here. */
export const OURS: readonly string[] = FOLDER === undefined
  ? [SCRIPTS]
  : [SCRIPTS, EXECUTABLES];

/** What is to be said where executables are not measured. */
export const SKIPPED: readonly string[] = FOLDER === undefined
  ? [`${EXECUTABLES}: DUIHUA_DIST names no folder`]
  : [];

/** This project as the contender of that name, with options for each side. */
export function ourContender(
  name: string,
  options: { listen?: readonly string[]; connect?: readonly string[] } = {},
): Contender {
  return {
    name,
    needs: [],
    carriers: EVERY_CARRIER,
    listen: ({ carrier, port, path, cert, key }) =>
      ours(name, "server", [
        ...carrier === "unix" ? ["--unix", path] : ["--port", String(port)],
        ...carrier === "tls" ? ["--tls-cert", cert, "--tls-key", key] : [],
        ...options.listen ?? [],
      ]),
    connect: ({ carrier, port, path, cert }) =>
      ours(name, "client", [
        ...carrier === "unix" ? ["--unix", path] : [HOST, String(port)],
        ...carrier === "tls" ? ["--tls", "--tls-ca", cert] : [],
        ...options.connect ?? [],
      ]),
  };
}

/** What Deno takes for the same without looking at a byte. */
export const BARE_RELAY = "bare Deno relay";

/** A peer as one writes it, line by line. */
function linePeer(
  name: string,
  program: string,
  script: string,
): Contender {
  const command = (how: string, port: number): Command => [
    program,
    [`${PEERS}/${script}`, how, String(port)],
  ];
  return {
    name,
    needs: [program],
    carriers: ["tcp"],
    listen: ({ port }) => command("listen", port),
    connect: ({ port }) => command("connect", port),
  };
}

/** All of them, installed or not. */
const CONTENDERS: readonly Contender[] = [
  ...OURS.map((name) => ourContender(name)),
  {
    name: "nc",
    needs: ["nc"],
    carriers: ["tcp", "unix"],
    listen: (place) => ["nc", ["-v", "-N", "-l", ...netcatAddress(place)]],
    connect: (place) => ["nc", ["-N", ...netcatAddress(place)]],
  },
  {
    name: "ncat",
    needs: ["ncat"],
    carriers: EVERY_CARRIER,
    listen: (place, use) => [
      "ncat",
      [
        ...use === "one way" ? ["--recv-only"] : [],
        ...place.carrier === "tls"
          ? ["--ssl", "--ssl-cert", place.cert, "--ssl-key", place.key]
          : [],
        ...["-v", "-l", ...netcatAddress(place)],
      ],
    ],
    connect: (place, use) => [
      "ncat",
      [
        ...use === "one way" ? ["--send-only"] : [],
        ...place.carrier === "tls" ? ["--ssl"] : [],
        ...netcatAddress(place),
      ],
    ],
  },
  {
    name: "socat",
    needs: ["socat"],
    carriers: EVERY_CARRIER,
    listen: ({ carrier, port, path, cert, key }, use) => {
      const address = {
        tcp: `TCP-LISTEN:${port},bind=${HOST}`,
        tls:
          `OPENSSL-LISTEN:${port},bind=${HOST},cert=${cert},key=${key},verify=0`,
        unix: `UNIX-LISTEN:${path}`,
      }[carrier];
      return use === "one way"
        ? ["socat", ["-d", "-d", "-u", address, "STDOUT"]]
        : ["socat", ["-d", "-d", "STDIO", `${address},nodelay`]];
    },
    connect: ({ carrier, port, path, cert }, use) => {
      const address = {
        tcp: `TCP:${HOST}:${port}`,
        tls: `OPENSSL:${HOST}:${port},cafile=${cert}`,
        unix: `UNIX-CONNECT:${path}`,
      }[carrier];
      return use === "one way"
        ? ["socat", ["-u", "STDIN", address]]
        : ["socat", ["STDIO", `${address},nodelay`]];
    },
  },
  {
    name: BARE_RELAY,
    needs: [],
    carriers: EVERY_CARRIER,
    listen: (place) =>
      deno(`${PEERS}/relay.ts`, ["listen", JSON.stringify(place)]),
    connect: (place) =>
      deno(`${PEERS}/relay.ts`, ["connect", JSON.stringify(place)]),
  },
  linePeer("Python line peer", "python3", "line_peer.py"),
  linePeer("Node net + readline", "node", "line_peer.mjs"),
];

function netcatAddress({ carrier, port, path }: Place): string[] {
  return carrier === "unix" ? ["-U", path] : [HOST, String(port)];
}

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

/** The contenders that pass a pipe on over such a carrier. */
export function pipeContenders(
  carrier: Carrier,
): { found: Contender[]; skipped: string[] } {
  const certificate = carrier === "tls" ? ["openssl"] : [];
  const { found, skipped } = installed(
    CONTENDERS.filter(({ carriers }) => carriers.includes(carrier))
      .map((contender) => ({
        ...contender,
        needs: [...contender.needs, ...certificate],
      })),
    ({ name }) => name,
  );
  return { found, skipped: [...SKIPPED, ...skipped] };
}
