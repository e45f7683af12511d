/**
 * What both programs share: options, signals, faults, the exit status.
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
import { isAllowed } from "../text/allowed_file.ts";
import {
  Failure,
  reasonOf,
  type Role,
  type Say,
  sentence,
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
  /** How the conversation is shown: what `auto` means is decided. */
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
  const language = languageIn(Deno.args, locale());
  const say = speaker(language);
  const controller = new AbortController();
  const { signal } = controller;
  let address = "";
  let terminal: Terminal | undefined;

  async function exit(
    status: number,
    wait: "normal" | "short" = "normal",
  ): Promise<never> {
    terminal?.close();
    await terminal?.hurry(wait);
    Deno.exit(status);
  }

  function interrupt(name: typeof SIGNALS[number]): void {
    const interruption = new Interruption(name);
    if (!signal.aborted) {
      controller.abort(interruption);
      terminal?.hurry();
    } else if (name !== "SIGHUP") {
      // A person who asks twice doesn't want to wait for the peer. But a
      // terminal that is closed says so twice: itself, and by its shell.
      exit(interruption.status, "short");
    }
  }

  /** Tells what was thrown, if it is a fault. Returns the exit status. */
  function tellFault(fault: unknown): number {
    if (fault instanceof Interruption) return fault.status;
    if (fault instanceof OutputClosed && isBrokenPipe(fault.cause)) {
      return STATUS.ok;
    }
    const isUsage = fault instanceof UsageError;
    const message = describeFault(fault, address, say);
    const line = say("error", { message });
    if (terminal) terminal.warn(line);
    else writeError(`${line}\n`);
    return isUsage ? STATUS.usage : STATUS.failed;
  }

  for (const name of SIGNALS) {
    try {
      Deno.addSignalListener(name, () => interrupt(name));
    } catch {
      // Not every system has every signal.
    }
  }
  listenForFaults((fault) => {
    // Deno 2.6 tells nobody else that it can't read a closed terminal.
    if (isTerminalGone(fault)) interrupt("SIGHUP");
    else exit(tellFault(fault));
  });
  let status: number;
  try {
    const options = parseOptions(Deno.args, role);
    if (options.help || options.version) {
      print(
        options.version
          ? versionLine()
          : helpPage(role, language, { ...Deno.build, room: options.room }),
      );
      Deno.exit(STATUS.ok);
    }
    address = serverAddress(options);
    // Before there is a terminal, which would read what is typed.
    const password = await readPassword(options, say, signal);
    const shown = Deno.stdout.isTerminal() ? "chat" : "plain";
    const style = options.style === "auto" ? shown : options.style;
    const lineByLine = options.turns;
    const canDraw = variable("TERM") !== "dumb";
    const settings = {
      ...options,
      color: options.color && canDraw,
      ...{ role, say, style, lineByLine, canDraw, interrupt },
    };
    terminal = await Terminal.open(settings);
    if (options.log !== undefined) {
      const opening = openTranscript(
        options.log,
        (about) => terminal?.warn(about),
        options.logLimit,
      );
      terminal.transcript = await orAborted(opening, signal);
    }
    const program = { role, options, style, password, say, terminal, signal };
    status = await main(program);
  } catch (fault) {
    status = tellFault(fault);
  }
  terminal?.close();
  terminal?.warnUnsent();
  const { reason } = signal;
  return await exit(reason instanceof Interruption ? reason.status : status);
}

function versionLine(): string {
  const { version, build } = Deno;
  return `duihua ${config.version}, deno ${version.deno}, ${build.target}`;
}

/** @throws {Failure} when it can't be written, except for a broken pipe. */
function print(page: string): void {
  try {
    console.log(page);
  } catch (fault) {
    throw new Failure(sentence("not printed", { cause: reasonOf(fault) }));
  }
}

/** Calls `end` instead of leaving a stack trace and a terminal without echo. */
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

/** A variable of the environment; empty where it may not be asked for. */
function variable(name: string): string {
  return isAllowed({ name: "env", variable: name })
    ? Deno.env.get(name) ?? ""
    : "";
}

/** An empty `LC_ALL` is none (POSIX), but Deno takes it for one. */
function locale(): string {
  return navigator.language === "und"
    ? variable("LC_MESSAGES") || variable("LANG")
    : navigator.language;
}
