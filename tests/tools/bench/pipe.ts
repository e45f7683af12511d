/**
 * A file from one machine's pipe to another's, and messages there and back.
 *
 * @module
 */
import { Process } from "../../kit/process.ts";
import {
  BARE_RELAY,
  type Carrier,
  type Command,
  type Contender,
  LISTENING,
  newPlace,
  pipeContenders,
} from "./contenders.ts";
import {
  type Bench,
  figureOf,
  type Figures,
  goalAtMost,
  inTurn,
  isOurs,
  quantile,
  type Row,
  SCRIPTS,
  WrongAnswer,
} from "./measure.ts";
import { hashOf, type Kind, writeText } from "./text.ts";

const MEGABYTE = 1_000_000;
const MICROSECONDS_PER_MS = 1000;
/** How long a slow contender may take, in milliseconds. */
const LIFETIME_MS = 600_000;
/** How many messages go there and back before any is counted, at most. */
const WARM_UP = 200;
const MESSAGE = "你好, how are you today? 今天天气很好\n";

/** What goes through a pipe, who takes part, and what is to be reached. */
interface PipeOrder {
  readonly what: string;
  readonly carrier: Carrier;
  readonly kind: Kind;
  /** The contender that the ratios are to. */
  readonly base: string;
  /** How many times its time is the most; where it is not given, any. */
  readonly most?: number;
  /** The others; all that are there, where they are not given. */
  readonly beside?: readonly string[];
}

const NEAREST = ["nc", BARE_RELAY];
const PIPES = {
  "pipe": {
    what: "of mixed Chinese and English",
    carrier: "tcp",
    kind: "mixed",
    base: "nc",
    most: 1.3,
  },
  "pipe-ascii": {
    what: "of ASCII",
    carrier: "tcp",
    kind: "ASCII",
    base: "nc",
    most: 1.2,
    beside: NEAREST,
  },
  "pipe-latin": {
    what: "with accents",
    carrier: "tcp",
    kind: "Latin",
    base: "nc",
    beside: NEAREST,
  },
  "pipe-emoji": {
    what: "of emoji",
    carrier: "tcp",
    kind: "emoji",
    base: "nc",
    beside: NEAREST,
  },
  "pipe-tls": {
    what: "over TLS",
    carrier: "tls",
    kind: "mixed",
    base: "socat",
    most: 1.5,
  },
  "pipe-unix": {
    what: "over a Unix socket",
    carrier: "unix",
    kind: "mixed",
    base: "nc",
    most: 2.5,
  },
} as const satisfies Readonly<Record<string, PipeOrder>>;

/** The rows of the pipe, by their names. */
export const PIPE_ROWS: Readonly<
  Record<string, (bench: Bench) => Promise<Row>>
> = Object.fromEntries(
  Object.entries(PIPES).map(([name, order]) => [
    name,
    (bench: Bench) => pipeRow(bench, name, order),
  ]),
);

async function pipeRow(
  bench: Bench,
  name: string,
  { what, carrier, kind, base, most, beside }: PipeOrder,
): Promise<Row> {
  const { pipeMegabytes, rounds } = bench.sizes;
  const text = `${bench.folder}/pipe.txt`;
  const sent = await writeText(text, pipeMegabytes * MEGABYTE, { kind });
  const { found, skipped } = pipeContenders(carrier);
  const cells = await inTurn(
    found.filter(({ name }) => isOurs(name) || (beside?.includes(name) ?? true))
      .map((contender) => ({
        contender: contender.name,
        run: async (): Promise<Figures> => {
          const time = await pipe(bench, contender, { text, carrier, ...sent });
          return { time, rate: sent.size / MEGABYTE / time };
        },
      })),
    { rounds, base, bare: BARE_RELAY, note: bench.note },
  );
  await Deno.remove(text);
  const own = figureOf(cells, SCRIPTS);
  const python = figureOf(cells, "Python line peer");
  return {
    name,
    what: `${pipeMegabytes} MB of lines ${what}, from a file to a file`,
    units: { time: "s", rate: "MB/s" },
    base,
    cells,
    goals: [
      ...most === undefined ? [] : goalAtMost(
        `at most ${most} × ${base}`,
        own,
        most,
        figureOf(cells, base),
      ),
      ...goalAtMost("at least 10 × faster than Python", own, 0.1, python),
    ],
    skipped,
  };
}

/** A file from the side that connects to the side that listens. */
export interface Transfer {
  /** The file, and what it has in it. */
  readonly text: string;
  readonly hash: string;
  readonly carrier: Carrier;
  /** A file that the side that listens says; it says nothing without it. */
  readonly answer?: string;
  /** What is to hold the text; the output, where they are not given. */
  readonly copies?: readonly Copy[];
}

/** A file that is to hold the text. */
export interface Copy {
  /** The output of the side that listens, where it is not given. */
  readonly path?: string;
  /** The text is what its only group takes out of it. */
  readonly pattern?: RegExp;
}

/**
 * Sends it; returns the time in seconds.
 *
 * @throws {WrongAnswer}
 */
export async function pipe(
  { folder }: Bench,
  contender: Contender,
  { text, hash, carrier, answer = "/dev/null", copies = [{}] }: Transfer,
): Promise<number> {
  const output = `${folder}/out.txt`;
  const place = await newPlace(carrier, folder);
  const listen = contender.listen(place, "one way");
  await using server = redirected(listen, answer, output);
  await server.stderr.until(LISTENING);
  const start = performance.now();
  const connect = contender.connect(place, "one way");
  await using client = redirected(connect, text, "/dev/null");
  const { status, stderr } = await client.finish();
  // The side that listens would wait for the next.
  if (status !== 0) throw new WrongAnswer(stderr.trim());
  await server.finish();
  const time = (performance.now() - start) / 1000;
  for (const { path = output, pattern } of copies) {
    if (await hashOf(path, pattern) !== hash) {
      throw new WrongAnswer("what came is not what was sent");
    }
  }
  return time;
}

/** The row of the round trip. */
export async function roundTripRow(bench: Bench): Promise<Row> {
  const { roundTrips: count, rounds } = bench.sizes;
  const { found, skipped } = pipeContenders("tcp");
  const cells = await inTurn(
    found.map((contender) => ({
      contender: contender.name,
      run: () => roundTrips(bench, contender, count),
    })),
    { rounds, base: "nc", bare: BARE_RELAY, note: bench.note },
  );
  return {
    name: "round-trip",
    what: `a message there and back through both pipes, ${count} times`,
    units: { p50: "µs", p99: "µs" },
    base: "nc",
    cells,
    goals: goalAtMost(
      `p50 at most 1.1 × ${BARE_RELAY}`,
      figureOf(cells, SCRIPTS),
      1.1,
      figureOf(cells, BARE_RELAY),
    ),
    skipped,
  };
}

/** Messages to and fro, one at a time. */
export async function roundTrips(
  { folder }: Bench,
  contender: Contender,
  count: number,
): Promise<Figures> {
  const message = new TextEncoder().encode(MESSAGE);
  const place = await newPlace("tcp", folder);
  const there = new Arrivals(message);
  const back = new Arrivals(message);
  const [listen, listenArgs] = contender.listen(place, "both ways");
  await using server = new Process(listen, listenArgs, { sink: there.sink });
  await server.stderr.until(LISTENING);
  const [connect, connectArgs] = contender.connect(place, "both ways");
  await using client = new Process(connect, connectArgs, { sink: back.sink });
  const times: number[] = [];
  for (let trip = -Math.min(WARM_UP, count); trip < count; trip++) {
    const start = performance.now();
    await Promise.all([there.next(), client.write(message)]);
    await Promise.all([back.next(), server.write(message)]);
    const time = (performance.now() - start) * MICROSECONDS_PER_MS;
    if (trip >= 0) times.push(time);
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** What comes out of a pipe that the same message is to come out of. */
class Arrivals {
  readonly #message: Uint8Array;
  #come = 0;
  #next = Promise.withResolvers<void>();

  constructor(message: Uint8Array) {
    this.#message = message;
    // Whoever waits hears of a fault; nobody need.
    this.#next.promise.catch(() => {});
  }

  /** Takes what came. */
  readonly sink = (chunk: Uint8Array): void => {
    const { length } = this.#message;
    const right = chunk.every((byte, index) =>
      byte === this.#message[(this.#come + index) % length]
    );
    this.#come += chunk.length;
    if (!right || this.#come > length) {
      this.#next.reject(new WrongAnswer("another message came than was sent"));
    } else if (this.#come === length) {
      this.#next.resolve();
    }
  };

  /** Settles when the next message, sent after this call, has come. */
  async next(): Promise<void> {
    await this.#next.promise;
    this.#come = 0;
    this.#next = Promise.withResolvers();
    this.#next.promise.catch(() => {});
  }
}

/** Starts a command as a shell does with `< input > output`. */
function redirected(
  [command, args]: Command,
  input: string,
  output: string,
): Process {
  const script = 'input=$1 output=$2; shift 2; exec "$@" <"$input" >"$output"';
  return new Process(
    "sh",
    ["-c", script, "sh", input, output, command, ...args],
    { lifetime: LIFETIME_MS },
  );
}
