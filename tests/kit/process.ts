/**
 * Real processes for tests: what they write, and what is written to them.
 *
 * @module
 */

/** How long a process may live unless it is told, in milliseconds. */
const LIFETIME_MS = 120_000;
/**
 * How long a process that is not needed any more may take to end by itself, in
 * milliseconds: one that is killed writes no coverage.
 */
const ORDERLY_END_MS = Deno.env.has("DENO_COVERAGE_DIR") ? 5000 : 0;
/** The size of one write to a process's standard input, in bytes. */
const WRITE_BYTES = 64 * 1024;

const ROOT = new URL("../../", import.meta.url);

/** What a process is started with. */
export interface StartOptions {
  /** All of its standard input; without it that stays open. */
  input?: string | Uint8Array;
  /** Further environment variables. */
  env?: Record<string, string>;
  /** How long it may live before it is killed, in milliseconds. */
  lifetime?: number;
  /**
   * Is given what comes on standard output instead of its being kept; nothing
   * more is read until it settles.
   */
  sink?: (chunk: Uint8Array) => void | Promise<void>;
}

/** What a process left. */
export interface Finished {
  status: number;
  stdout: string;
  stderr: string;
}

/** One output of a process: what was written to it so far. */
export class Output {
  readonly #chunks: Uint8Array[] = [];
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #text = "";
  #ended = false;
  #changed = Promise.withResolvers<void>();
  /** Settles at the end of the output. */
  readonly done: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>, sink?: StartOptions["sink"]) {
    this.done = this.#read(stream, sink);
  }

  /** All of it as text; U+FFFD replaces what is not UTF-8. */
  get text(): string {
    return this.#text;
  }

  /** All of it as bytes. */
  get bytes(): Uint8Array {
    const length = this.#chunks.reduce((sum, { length }) => sum + length, 0);
    const bytes = new Uint8Array(length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return bytes;
  }

  /**
   * Settles once the output has what is waited for, with the match.
   *
   * @throws when the output ends without it.
   */
  async until(pattern: string | RegExp): Promise<readonly string[]> {
    for (;;) {
      const match = typeof pattern !== "string"
        ? pattern.exec(this.#text)
        : this.#text.includes(pattern)
        ? [pattern]
        : null;
      if (match) return match;
      if (this.#ended) {
        throw new Error(`No ${pattern} in the output:\n${this.#text}`);
      }
      await this.#changed.promise;
    }
  }

  /** Each line as it comes, without its ending, from a place in the text on. */
  async *lines(start = 0): AsyncGenerator<string> {
    for (;;) {
      const newline = this.#text.indexOf("\n", start);
      if (newline >= 0) {
        yield this.#text.slice(start, newline);
        start = newline + 1;
      } else if (this.#ended) {
        if (start < this.#text.length) yield this.#text.slice(start);
        return;
      } else {
        await this.#changed.promise;
      }
    }
  }

  async #read(
    stream: ReadableStream<Uint8Array>,
    sink: StartOptions["sink"],
  ): Promise<void> {
    try {
      for await (const chunk of stream) {
        if (sink) {
          await sink(chunk);
          continue;
        }
        this.#chunks.push(chunk);
        this.#text += this.#decoder.decode(chunk, { stream: true });
        this.#change();
      }
      this.#text += this.#decoder.decode();
    } finally {
      this.#ended = true;
      this.#change();
    }
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/**
 * Lets a process end by itself where coverage is measured, but not for long.
 * `ended` waits until it has.
 */
export async function endInOrder(
  interrupt: () => void,
  ended: () => Promise<unknown>,
): Promise<void> {
  if (ORDERLY_END_MS === 0) return;
  interrupt();
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ORDERLY_END_MS);
  await Promise.race([ended(), late.promise]);
  clearTimeout(timer);
}

/** A running process; it is killed when it is disposed of. */
export class Process {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #deadline: ReturnType<typeof setTimeout>;
  readonly #feeding: Promise<void>;
  #ended = false;
  #late = false;

  constructor(
    command: string,
    args: readonly string[],
    { input, env = {}, lifetime = LIFETIME_MS, sink }: StartOptions = {},
  ) {
    this.#child = new Deno.Command(command, {
      args: [...args],
      env,
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stdout = new Output(this.#child.stdout, sink);
    this.stderr = new Output(this.#child.stderr);
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {});
    this.#deadline = setTimeout(() => {
      this.#late = true;
      this.kill("SIGKILL");
    }, lifetime);
    this.#child.status.then(() => this.#ended = true);
    // A process need not take all of its input.
    this.#feeding = input === undefined
      ? Promise.resolve()
      : this.write(input).then(() => this.closeInput()).catch(() => {});
  }

  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Writes to standard input; settles when the process takes more.
   *
   * @throws when standard input is closed.
   */
  async write(input: string | Uint8Array): Promise<void> {
    const bytes = typeof input === "string"
      ? new TextEncoder().encode(input)
      : input;
    for (let start = 0; start < bytes.length; start += WRITE_BYTES) {
      await this.#input.write(bytes.subarray(start, start + WRITE_BYTES));
    }
  }

  /** Ends standard input. */
  async closeInput(): Promise<void> {
    try {
      await this.#input.close();
    } catch {
      // The process has closed it already.
    }
  }

  /** Sends a signal, if the process still runs. */
  kill(signal: Deno.Signal): void {
    if (!this.#ended) this.#child.kill(signal);
  }

  /**
   * Waits for the process to end by itself.
   *
   * @throws when it had to be killed for running too long.
   */
  async finish(): Promise<Finished> {
    const { code } = await this.#child.status;
    await this.#settle();
    const [stdout, stderr] = [this.stdout.text, this.stderr.text];
    if (!this.#late) return { status: code, stdout, stderr };
    throw new Error(
      `Killed for running too long:\n${stdout}${stderr}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) {
      await endInOrder(
        () => this.kill("SIGTERM"),
        () => this.#child.status,
      );
    }
    this.kill("SIGKILL");
    await this.#child.status;
    await this.#settle();
  }

  async #settle(): Promise<void> {
    clearTimeout(this.#deadline);
    await Promise.all([this.stdout.done, this.stderr.done, this.#feeding]);
    await this.#input.abort().catch(() => {});
  }
}
