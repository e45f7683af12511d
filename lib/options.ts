/**
 * The command line: arguments to options.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Framing } from "./line_codec.ts";
import { DEFAULT_END } from "./message.ts";
import { nameProblem } from "./names.ts";
import {
  type Language,
  languageOf,
  type Role,
  type Say,
  speaker,
} from "./phrases.ts";

/** Where a server listens and a client connects, unless told otherwise. */
const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_PORT = 8000;
const MAX_PORT = 65535;
const DEFAULT_MAX_MESSAGE_BYTES = 1024 * 1024;
/** The largest limit for a message that can be asked for, in bytes. */
const MAX_MAX_MESSAGE_BYTES = 1024 ** 3;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** The longest time that a timer can run, in milliseconds. */
const MAX_TIME_MS = 2 ** 31 - 1;
const MAX_HOST_CHARACTERS = 255;
const UNITS: ReadonlyMap<string, number> = new Map([
  ["k", 1024],
  ["m", 1024 ** 2],
  ["g", 1024 ** 3],
]);

/** How the conversation is shown; `auto` is decided by standard output. */
export type Style = "auto" | "chat" | "plain";

/** What the command line asks for. Times are in milliseconds. */
export interface Options {
  host: string;
  port: number;
  end: string;
  framing: Framing;
  turns: boolean;
  language: Language;
  style: Style;
  /** The name that the peer is told. */
  name: string | undefined;
  color: boolean;
  /** Whether the clock stands before each message. */
  time: boolean;
  /** Whether a message rings the terminal's bell. */
  bell: boolean;
  maxMessage: number;
  idleTimeout: number;
  connectTimeout: number;
  /** For how long the client tries again; 0 for one try. */
  wait: number;
  /** Whether the server goes on to the next client. */
  keepOpen: boolean;
  /** What to show instead of having a conversation. */
  show?: "help" | "version";
}

/** The command line asks for something that there is not; says what is right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What there is to know of an option before its value is looked at. */
interface Form {
  /** Whether a value belongs to it. */
  value: boolean;
  letter?: string;
  /** The only side that has it. */
  only?: Role;
}

const FORMS: Readonly<Record<string, Form>> = {
  "port": { value: true, letter: "p" },
  "host": { value: true },
  "wait": { value: true, only: "client" },
  "keep-open": { value: false, letter: "k", only: "server" },
  "name": { value: true },
  "end": { value: true },
  "framing": { value: true },
  "turns": { value: false },
  "lang": { value: true },
  "style": { value: true },
  "no-color": { value: false },
  "time": { value: false },
  "bell": { value: false },
  "max-message": { value: true },
  "connect-timeout": { value: true },
  "idle-timeout": { value: true },
  "help": { value: false, letter: "h" },
  "version": { value: false, letter: "V" },
};

/**
 * Reads a command line.
 *
 * `localeTag` is the language where `--lang` is not given, as in
 * `navigator.language`.
 *
 * @throws {UsageError} for an unknown option, a bad value, a stray argument.
 */
export function parseOptions(
  args: readonly string[],
  role: Role,
  localeTag: string,
): Options {
  const say = speaker(languageOf(langIn(args) ?? localeTag));
  const forms = new Map(
    Object.entries(FORMS).filter(([, { only }]) => (only ?? role) === role),
  );
  const names = [...forms.keys()];
  const alias = Object.fromEntries(
    [...forms].flatMap(([name, { letter }]) => letter ? [[letter, name]] : []),
  );
  const values = parseArgs(joinValues(args, forms, alias, say), {
    string: [...names.filter((name) => forms.get(name)?.value), "_"],
    boolean: names.filter((name) => !forms.get(name)?.value),
    alias,
    unknown(arg, key): boolean {
      if (key === undefined) return true;
      throw new UsageError(say("unknown option", { option: optionIn(arg) }));
    },
  });
  const read = new Reader(values, say);
  const { host, port } = readArguments(values._, role, read, say);
  const language = read.choice("lang", ["zh", "en"]) ?? languageOf(localeTag);
  return {
    host,
    port,
    end: read.word("end") ?? DEFAULT_END,
    framing: read.choice("framing", ["lines", "raw"]) ?? "lines",
    turns: values["turns"] === true,
    language,
    style: read.choice("style", ["auto", "chat", "plain"]) ?? "auto",
    name: read.name("name"),
    color: values["no-color"] !== true,
    time: values["time"] === true,
    bell: values["bell"] === true,
    maxMessage: read.size("max-message") ?? DEFAULT_MAX_MESSAGE_BYTES,
    idleTimeout: read.time("idle-timeout") ?? Infinity,
    connectTimeout: read.time("connect-timeout") ?? DEFAULT_CONNECT_TIMEOUT_MS,
    wait: read.time("wait") ?? 0,
    keepOpen: values["keep-open"] === true,
    ...(values["help"] === true && { show: "help" as const }),
    ...(values["version"] === true && { show: "version" as const }),
  };
}

/** The `host` and `port` of a client's arguments, or of the options. */
function readArguments(
  args: readonly string[],
  role: Role,
  read: Reader,
  say: Say,
): { host: string; port: number } {
  const [host, port, ...stray] = role === "client"
    ? args
    : [undefined, undefined, ...args];
  if (stray[0] !== undefined) {
    const right = say(role === "client" ? "client takes" : "server takes");
    throw new UsageError(say("stray argument", { argument: stray[0], right }));
  }
  const lowest = role === "server" ? 0 : 1;
  return {
    host: read.host("host", host) ?? DEFAULT_HOST,
    port: read.port("port", lowest, port) ?? DEFAULT_PORT,
  };
}

/**
 * Joins each option to its value with `=`, so that a value may be empty or
 * begin with a dash.
 */
function joinValues(
  args: readonly string[],
  forms: ReadonlyMap<string, Form>,
  alias: Record<string, string>,
  say: Say,
): string[] {
  const joined: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--") return [...joined, ...args.slice(index)];
    const letter = /^-[A-Za-z]$/.test(arg) ? alias[arg.slice(1)] : undefined;
    const name = letter ?? /^--([^=]+)$/.exec(arg)?.[1];
    if (name !== undefined && forms.get(name)?.value) {
      const value = args[++index];
      if (value === undefined || /^--?[A-Za-z]/.test(value)) {
        throw new UsageError(say("no value", { option: arg }));
      }
      joined.push(`--${name}=${value}`);
      continue;
    }
    const flag = /^--([^=]+)=/.exec(arg)?.[1];
    if (flag !== undefined && forms.get(flag)?.value === false) {
      throw new UsageError(say("takes no value", { option: `--${flag}` }));
    }
    joined.push(arg);
  }
  return joined;
}

/** The value of `--lang`, looked for first: errors are told in it. */
function langIn(args: readonly string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    const value = arg === "--lang"
      ? args[index + 1]
      : /^--lang=(.*)$/.exec(arg)?.[1];
    if (value === "zh" || value === "en") return value;
  }
  return undefined;
}

function optionIn(arg: string): string {
  return arg.replace(/=.*$/s, "");
}

/** Reads values, each undefined where it is not given. */
class Reader {
  readonly #values: Record<string, unknown>;
  readonly #say: Say;

  constructor(values: Record<string, unknown>, say: Say) {
    this.#values = values;
    this.#say = say;
  }

  choice<Choice extends string>(
    name: string,
    choices: readonly Choice[],
  ): Choice | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const choice = choices.find((choice) => choice === value);
    if (choice !== undefined) return choice;
    throw this.#bad(
      name,
      value,
      this.#say("one of", { choices: choices.join(", ") }),
    );
  }

  host(name: string, argument?: string): string | undefined {
    const value = this.#once(name, argument);
    if (value === undefined) return undefined;
    if (value.length <= MAX_HOST_CHARACTERS && /^[^\s\p{Cc}/]+$/u.test(value)) {
      return value.replace(/^\[(.*)\]$/, "$1");
    }
    throw this.#bad(name, value, this.#say("a host"));
  }

  port(name: string, low: number, argument?: string): number | undefined {
    const value = this.#once(name, argument);
    if (value === undefined) return undefined;
    const port = Number(value);
    if (/^\d{1,5}$/.test(value) && port >= low && port <= MAX_PORT) return port;
    throw this.#bad(name, value, this.#say("a port", { low }));
  }

  /** A number of seconds, in milliseconds. */
  time(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const time = Number(value) * 1000;
    if (/^\d*\.?\d+$/.test(value) && time > 0 && time <= MAX_TIME_MS) {
      return time;
    }
    throw this.#bad(name, value, this.#say("seconds"));
  }

  /** A number of bytes, with `k`, `M` or `G` for 1024, its square, its cube. */
  size(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const [, digits, unit = ""] = /^(\d+)([kmg]?)$/i.exec(value) ?? [];
    const size = Number(digits) * (UNITS.get(unit.toLowerCase()) ?? 1);
    if (size >= 1 && size <= MAX_MAX_MESSAGE_BYTES) return size;
    throw this.#bad(name, value, this.#say("a size"));
  }

  word(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || !/[\r\n]/.test(value)) return value;
    throw this.#bad(name, value, this.#say("a word"));
  }

  name(name: string): string | undefined {
    const value = this.#value(name);
    const problem = value === undefined ? null : nameProblem(value);
    if (value === undefined || problem === null) return value;
    throw this.#bad(name, value, this.#say(problem));
  }

  /** A value that may come as an argument or as an option, not as both. */
  #once(name: string, argument: string | undefined): string | undefined {
    const value = this.#value(name);
    if (value === undefined || argument === undefined) return value ?? argument;
    throw new UsageError(this.#say("given twice", { what: `--${name}` }));
  }

  #value(name: string): string | undefined {
    const value = this.#values[name];
    return value === undefined ? undefined : String(value);
  }

  #bad(name: string, value: string, right: string): UsageError {
    return new UsageError(
      this.#say("bad value", { option: `--${name}`, value, right }),
    );
  }
}
