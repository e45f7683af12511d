/**
 * A file from one machine's pipe to another's, and messages there and back.
 *
 * @module
 */
import { Process } from "../../kit/process.ts";
import { freePort } from "../../kit/programs.ts";
import {
  type Command,
  type Contender,
  LISTENING,
  pipeContenders,
} from "./contenders.ts";
import {
  type Bench,
  figureOf,
  type Figures,
  goalAtMost,
  inTurn,
  quantile,
  type Row,
  SCRIPTS,
  WrongAnswer,
} from "./measure.ts";
import { hashOf, writeText } from "./text.ts";

const MEGABYTE = 1_000_000;
const MICROSECONDS_PER_MS = 1000;
/** How long a slow contender may take, in milliseconds. */
const LIFETIME_MS = 600_000;
/** How many messages go there and back before any is counted. */
const WARM_UP = 200;
const MESSAGE = "你好, how are you today? 今天天气很好\n";

/** The row of the pipe. */
export async function pipeRow(bench: Bench): Promise<Row> {
  const { pipeMegabytes, rounds } = bench.sizes;
  const text = `${bench.folder}/pipe.txt`;
  const { size, hash } = await writeText(text, pipeMegabytes * MEGABYTE);
  const { found, skipped } = pipeContenders();
  const cells = await inTurn(
    found.map((contender) => ({
      contender: contender.name,
      run: () => pipe(contender, { text, size, hash, bench }),
    })),
    { rounds, base: "nc", note: bench.note },
  );
  await Deno.remove(text);
  const own = figureOf(cells, SCRIPTS);
  const python = figureOf(cells, "Python line peer");
  return {
    name: "pipe",
    what: `${pipeMegabytes} MB of lines, from a file to a file`,
    units: { time: "s", rate: "MB/s" },
    base: "nc",
    cells,
    goals: [
      ...goalAtMost("at most 2 × nc", own, 2, figureOf(cells, "nc")),
      ...goalAtMost("at least 10 × faster than Python", own, 0.1, python),
    ],
    skipped,
  };
}

/** One file from the side that connects to the side that listens. */
export async function pipe(
  contender: Contender,
  { text, size, hash, bench }: {
    text: string;
    size: number;
    hash: string;
    bench: Bench;
  },
): Promise<Figures> {
  const output = `${bench.folder}/out.txt`;
  const port = freePort();
  const listen = contender.listen(port, "one way");
  await using server = redirected(listen, "/dev/null", output);
  await server.stderr.until(LISTENING);
  const start = performance.now();
  const connect = contender.connect(port, "one way");
  await using client = redirected(connect, text, "/dev/null");
  await Promise.all([server.finish(), client.finish()]);
  const time = (performance.now() - start) / 1000;
  if (await hashOf(output) !== hash) {
    throw new WrongAnswer("what came is not what was sent");
  }
  return { time, rate: size / MEGABYTE / time };
}

/** The row of the round trip. */
export async function roundTripRow(bench: Bench): Promise<Row> {
  const { found, skipped } = pipeContenders();
  const cells = await inTurn(
    found.map((contender) => ({
      contender: contender.name,
      run: () => roundTrips(contender, bench.sizes.roundTrips),
    })),
    { rounds: bench.sizes.rounds, base: "nc", note: bench.note },
  );
  return {
    name: "round-trip",
    what:
      `a message there and back through both pipes, ${bench.sizes.roundTrips} times`,
    units: { p50: "µs", p99: "µs" },
    base: "nc",
    cells,
    goals: goalAtMost(
      "p50 at most 1.5 × nc",
      figureOf(cells, SCRIPTS, "p50"),
      1.5,
      figureOf(cells, "nc", "p50"),
    ),
    skipped,
  };
}

/** Messages to and fro, one at a time. */
export async function roundTrips(
  contender: Contender,
  count: number,
): Promise<Figures> {
  const message = new TextEncoder().encode(MESSAGE);
  const port = freePort();
  const there = new Arrivals(message);
  const back = new Arrivals(message);
  const [listen, listenArgs] = contender.listen(port, "both ways");
  await using server = new Process(listen, listenArgs, { sink: there.sink });
  await server.stderr.until(LISTENING);
  const [connect, connectArgs] = contender.connect(port, "both ways");
  await using client = new Process(connect, connectArgs, { sink: back.sink });
  const times: number[] = [];
  for (let trip = -WARM_UP; trip < count; trip++) {
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
