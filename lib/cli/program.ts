/**
 * What both programs are around a conversation: options, signals, what a
 * person is told, the exit status.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { isBrokenPipe, OutputClosed } from "../chat/endpoint.ts";
import { orAborted } from "../chat/waiting.ts";
import { serverAddress } from "../net/admit.ts";
import { isTerminalGone } from "../terminal/input.ts";
import { writeError } from "../terminal/output.ts";
import { Terminal } from "../terminal/terminal.ts";
import { openTranscript } from "../terminal/transcript.ts";
import { reasonOf } from "../text/failure.ts";
import {
  type Language,
  type Role,
  type Say,
  speaker,
} from "../text/phrases.ts";
import { helpPage } from "./help.ts";
import type { Options } from "./options.ts";
import { languageIn, parseOptions, UsageError } from "./parse.ts";
import { describeFault, Interruption, STATUS } from "./outcome.ts";
import { readPassword } from "./password.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

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
  const controller = new AbortController();
  const { signal } = controller;
  let terminal: Terminal | undefined = undefined;
  const exit = async (
    status: number,
    wait: "normal" | "short" = "normal",
  ): Promise<never> => {
    terminal?.close();
    await terminal?.hurry(wait);
    Deno.exit(status);
  };
  const interrupt = (name: typeof SIGNALS[number]): void => {
    const interruption = new Interruption(name);
    if (!signal.aborted) {
      controller.abort(interruption);
      terminal?.hurry();
    } else if (name !== "SIGHUP") {
      // A person who asks twice doesn't want to wait for the peer. But a
      // terminal that is closed says so twice: itself, and by its shell.
      exit(interruption.status, "short");
    }
  };
  listenForSignals(interrupt);
  // Before there is a terminal, which would read what is typed.
  const password = await passwordFor(options, say, signal);
  const style = styleOf(options);
  terminal = await Terminal.open({
    ...options,
    role,
    say,
    style,
    lineByLine: options.turns,
    interrupt,
  });
  const program = { role, options, style, password, say, terminal, signal };
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
  const { options, signal, terminal } = program;
  let status: number;
  try {
    if (options.log !== undefined) {
      const opening = openTranscript(
        options.log,
        (about) => terminal.warn(about),
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

function faultStatus(
  fault: unknown,
  { terminal, say, options }: Program,
): number {
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

/** The password that the options ask for; exits when none is given. */
async function passwordFor(
  { password, passwordFile }: Options,
  say: Say,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!password && passwordFile === undefined) return undefined;
  try {
    return await readPassword(passwordFile, say, signal);
  } catch (fault) {
    if (fault instanceof Interruption) Deno.exit(fault.status);
    const message = describeFault(fault, "", say);
    writeError(`${say("error", { message })}\n`);
    Deno.exit(STATUS.failed);
  }
}

/** Calls `interrupt` for each signal. */
function listenForSignals(
  interrupt: (signal: typeof SIGNALS[number]) => void,
): void {
  for (const signal of SIGNALS) {
    try {
      Deno.addSignalListener(signal, () => interrupt(signal));
    } catch {
      // Not every system has every signal.
    }
  }
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
