/**
 * What both programs are around a conversation: options, signals, what a
 * person is told, the exit status.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { isBrokenPipe, OutputClosed } from "../chat/endpoint.ts";
import { serverAddress } from "../net/admit.ts";
import { helpPage } from "./help.ts";
import type { Options } from "./options.ts";
import { describeFault, STATUS } from "./outcome.ts";
import { languageIn, parseOptions, UsageError } from "./parse.ts";
import { writeError } from "../terminal/output.ts";
import {
  Failure,
  Interruption,
  isTerminalGone,
  reasonOf,
} from "../text/failure.ts";
import {
  type Language,
  type Role,
  type Say,
  speaker,
} from "../text/phrases.ts";
import type { Progress } from "../terminal/progress.ts";
import { Terminal } from "../terminal/terminal.ts";
import { orAborted } from "../chat/waiting.ts";

/** What a program has once its options are read. */
export interface Program {
  readonly role: Role;
  readonly options: Options;
  /** How the conversation is shown: what `auto` stands for is decided. */
  readonly style: "chat" | "plain";
  /** The password that the server asks for, or the client gives, if any. */
  readonly password: string | undefined;
  readonly say: Say;
  readonly terminal: Terminal;
  /** Aborted with an {@linkcode Interruption} when the program is to end. */
  readonly signal: AbortSignal;
}

/**
 * Reads the options, runs `main` and exits with the status that it returns, or
 * with that of what it throws, which is told in one line.
 */
export async function runProgram(
  role: Role,
  main: (program: Program) => Promise<number>,
): Promise<never> {
  const language = languageIn(Deno.args, navigator.language);
  const say = speaker(language);
  const options = readOptions(role, language);
  // Before there is a terminal, which would read what is typed.
  const password = await passwordFor(options, say);
  const controller = new AbortController();
  const interrupt = (signal: Interruption["signal"]): void => {
    const interruption = new Interruption(signal);
    if (controller.signal.aborted) {
      // A terminal that is closed says so twice: itself, and by its shell.
      if (signal === "SIGHUP") return;
      // Who asks twice doesn't want to wait for the peer.
      exit(interruption.status, "short");
      return;
    }
    controller.abort(interruption);
    terminal.display.hurry();
  };
  const style = styleOf(options);
  const terminal = await Terminal.open({
    role,
    say,
    style,
    lineByLine: options.turns,
    maxMessage: options.maxMessage,
    color: options.color && !Deno.noColor,
    time: options.time,
    bell: options.bell,
    name: options.name ?? say(role),
    interrupt,
  });
  const program = {
    role,
    options,
    style,
    password,
    say,
    terminal,
    signal: controller.signal,
  };
  const exit = async (
    status: number,
    wait: "normal" | "short" = "normal",
  ): Promise<never> => {
    terminal.close();
    terminal.display.hurry(wait);
    await terminal.display.flush();
    Deno.exit(status);
  };
  if (options.progress) {
    terminal.display.progress = await progressOn(terminal, { style, say });
  }
  listenForSignals(interrupt);
  listenForFaults((fault) => {
    // Deno 2.6 tells nobody else that it can't read a closed terminal.
    if (isTerminalGone(fault)) interrupt("SIGHUP");
    else exit(faultStatus(fault, program));
  });

  return await exit(await statusOf(program, main));
}

async function statusOf(
  program: Program,
  main: (program: Program) => Promise<number>,
): Promise<number> {
  const { options, say, signal, terminal } = program;
  let status: number;
  try {
    if (options.log !== undefined) {
      const { openTranscript } = await import("../terminal/transcript_file.ts");
      const opening = openTranscript(
        options.log,
        (about) => terminal.warn(say(about)),
      );
      terminal.transcript = await orAborted(opening, signal);
    }
    status = await main(program);
  } catch (fault) {
    status = faultStatus(fault, program);
  }
  terminal.close();
  terminal.warnUnsent();
  return signal.reason instanceof Interruption ? signal.reason.status : status;
}

function faultStatus(fault: unknown, program: Program): number {
  const { terminal, say, options } = program;
  if (fault instanceof Interruption) return fault.status;
  if (fault instanceof OutputClosed && isBrokenPipe(fault.cause)) {
    return STATUS.ok;
  }
  const message = describeFault(fault, serverAddress(options), say);
  terminal.warn(say("error", { message }));
  return STATUS.failed;
}

function readOptions(role: Role, language: Language): Options {
  const say = speaker(language);
  try {
    const options = parseOptions(Deno.args, role);
    if (!options.help && !options.version) return options;
    const page = options.version ? versionLine() : helpPage(role, language);
    Deno.exit(print(page, say));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    writeError(`${describeFault(error, "", say)}\n`);
    Deno.exit(STATUS.usage);
  }
}

function versionLine(): string {
  const { version, build } = Deno;
  return `duihua ${config.version}, deno ${version.deno}, ${build.target}`;
}

/** Puts a page on standard output. Returns the exit status. */
function print(page: string, say: Say): number {
  try {
    // Where a pipe is broken this is silent, as it should be.
    console.log(page);
    return STATUS.ok;
  } catch (fault) {
    const message = say("not printed", { cause: reasonOf(fault) });
    writeError(`${say("error", { message })}\n`);
    return STATUS.failed;
  }
}

function styleOf({ style }: Options): "chat" | "plain" {
  if (style !== "auto") return style;
  return Deno.stdout.isTerminal() ? "chat" : "plain";
}

/** The progress of sending a file, for someone who watches. */
async function progressOn(
  terminal: Terminal,
  { style, say }: { style: "chat" | "plain"; say: Say },
): Promise<Progress | undefined> {
  if (terminal.attended || !Deno.stderr.isTerminal()) return undefined;
  // Bare bytes on the same terminal leave the cursor anywhere.
  if (style === "plain" && Deno.stdout.isTerminal()) return undefined;
  const { Progress } = await import("../terminal/progress.ts");
  const { inputSize } = await import("../terminal/input_size.ts");
  const { screenSize } = await import("../terminal/screen.ts");
  return new Progress({
    say,
    write: writeError,
    now: () => performance.now(),
    columns: () => screenSize().columns,
    total: inputSize(),
  });
}

/** The password that the options ask for; exits when none is given. */
async function passwordFor(
  options: Options,
  say: Say,
): Promise<string | undefined> {
  if (!options.password && options.passwordFile === undefined) return undefined;
  const warn = (text: string): void => writeError(`${text}\n`);
  const controller = new AbortController();
  const forget = listenForSignals((signal) =>
    controller.abort(new Interruption(signal))
  );
  try {
    const { signal } = controller;
    // Loaded here: who needs no password starts sooner without it.
    const { readPassword } = await import("../terminal/secret.ts");
    return await readPassword(options, { say, warn, signal });
  } catch (fault) {
    if (fault instanceof Interruption) Deno.exit(fault.status);
    if (!(fault instanceof Failure)) throw fault;
    warn(say("error", { message: describeFault(fault, "", say) }));
    Deno.exit(STATUS.failed);
  } finally {
    forget();
  }
}

/** Calls `interrupt` for each signal. Returns what takes the listeners away. */
function listenForSignals(
  interrupt: (signal: Interruption["signal"]) => void,
): () => void {
  const forgets: (() => void)[] = [];
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const listener = (): void => interrupt(signal);
    try {
      Deno.addSignalListener(signal, listener);
      forgets.push(() => Deno.removeSignalListener(signal, listener));
    } catch {
      // Not every system has every signal.
    }
  }
  return () => forgets.forEach((forget) => forget());
}

/**
 * Calls `end` for a fault that nobody catches, which would leave a stack trace,
 * and the terminal without its echo.
 */
function listenForFaults(end: (fault: unknown) => void): void {
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    end(event.error);
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    end(event.reason);
  });
}
