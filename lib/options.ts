/**
 * The command line: arguments to options.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { AllowList } from "./allow_list.ts";
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
import { escapeUnsafe } from "./render.ts";

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

/** Who is let in, and where the door is. Paths are of files. */
export interface DoorSettings {
  /** Who may come in; undefined for anyone. */
  allow: AllowList | undefined;
  /** Whether to ask for a password at the terminal. */
  password: boolean;
  passwordFile: string | undefined;
  /** Whether the client speaks TLS. */
  tls: boolean;
  tlsCa: string | undefined;
  /** The server's certificate and its key: both or neither. */
  tlsCert: string | undefined;
  tlsKey: string | undefined;
  /** The Unix socket that stands for host and port. */
  unix: string | undefined;
}

/** How many members a room has at the most. */
const DEFAULT_MAX_CLIENTS = 100;
/** How many messages a room keeps for who asks. */
const DEFAULT_HISTORY = 100;
const DEFAULT_QUEUE_BYTES = 1024 * 1024;
/** How many messages a second each may say. */
const DEFAULT_RATE = 50;

/** What is asked for of a room. */
export interface RoomSettings {
  maxClients: number;
  history: number;
  /** How many bytes are kept for a member who does not read. */
  queueBytes: number;
  /** How many messages a second each may say. */
  rate: number;
}

/** What the command line asks for. Times are in milliseconds. */
export interface Options extends DoorSettings {
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
  /** Whether to show how far the sending of a file has come. */
  progress: boolean;
  /** The file to append a transcript to. */
  log: string | undefined;
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
  /** Whether the server holds a room, and what it is like. */
  room: RoomSettings | undefined;
  /** What to show instead of having a conversation. */
  show?: "help" | "version";
}

/** The command line asks for something that there is not; says what is right. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /** What the message quotes may have line endings; it stays one line. */
  constructor(message: string) {
    super(escapeUnsafe(message));
  }
}

/** What there is to know of an option before its value is looked at. */
interface Form {
  /** Whether a value belongs to it. */
  value: boolean;
  letter?: string;
  /** The only side that has it. */
  only?: Role;
  /** Whether it may be given several times. */
  list?: boolean;
}

const FORMS: Readonly<Record<string, Form>> = {
  "port": { value: true, letter: "p" },
  "host": { value: true },
  "wait": { value: true, only: "client" },
  "keep-open": { value: false, letter: "k", only: "server" },
  "name": { value: true },
  "allow": { value: true, only: "server", list: true },
  "password": { value: false },
  "password-file": { value: true },
  "tls": { value: false, only: "client" },
  "tls-ca": { value: true, only: "client" },
  "tls-cert": { value: true, only: "server" },
  "tls-key": { value: true, only: "server" },
  "unix": { value: true },
  "room": { value: false, only: "server" },
  "max-clients": { value: true, only: "server" },
  "history": { value: true, only: "server" },
  "queue": { value: true, only: "server" },
  "rate": { value: true, only: "server" },
  "end": { value: true },
  "framing": { value: true },
  "turns": { value: false },
  "lang": { value: true },
  "style": { value: true },
  "no-color": { value: false },
  "no-progress": { value: false },
  "log": { value: true },
  "time": { value: false },
  "bell": { value: false },
  "max-message": { value: true },
  "connect-timeout": { value: true },
  "idle-timeout": { value: true },
  "help": { value: false, letter: "h" },
  "version": { value: false, letter: "V" },
};

/** The names of one side's options, as `keep-open`. */
export function optionNames(role: Role): string[] {
  return Object.entries(FORMS)
    .filter(([, { only }]) => (only ?? role) === role)
    .map(([name]) => name);
}

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
    collect: names.filter((name) => forms.get(name)?.list),
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
    progress: values["no-progress"] !== true,
    log: read.path("log"),
    time: values["time"] === true,
    bell: values["bell"] === true,
    maxMessage: read.size("max-message") ?? DEFAULT_MAX_MESSAGE_BYTES,
    idleTimeout: read.time("idle-timeout") ?? Infinity,
    connectTimeout: read.time("connect-timeout") ?? DEFAULT_CONNECT_TIMEOUT_MS,
    wait: read.time("wait") ?? 0,
    keepOpen: values["keep-open"] === true,
    room: readRoom(values, read, say),
    ...readDoor(values, values._, read, say),
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

/** Of the room, whose options go with no pair. */
function readRoom(
  values: Record<string, unknown>,
  read: Reader,
  say: Say,
): RoomSettings | undefined {
  if (values["room"] !== true) {
    for (const name of ["max-clients", "history", "queue", "rate"]) {
      if (values[name] === undefined) continue;
      throw new UsageError(say("needs", { one: `--${name}`, other: "--room" }));
    }
    return undefined;
  }
  for (
    const [given, other] of [
      [values["turns"] === true, "--turns"],
      [values["keep-open"] === true, "--keep-open"],
      [values["framing"] === "raw", "--framing raw"],
    ] as const
  ) {
    if (!given) continue;
    throw new UsageError(say("not together", { one: "--room", other }));
  }
  return {
    maxClients: read.count("max-clients", 1) ?? DEFAULT_MAX_CLIENTS,
    history: read.count("history", 0) ?? DEFAULT_HISTORY,
    queueBytes: read.size("queue") ?? DEFAULT_QUEUE_BYTES,
    rate: read.count("rate", 1) ?? DEFAULT_RATE,
  };
}

/** The options of the door, which do not all go together. */
function readDoor(
  values: Record<string, unknown>,
  [argument]: readonly string[],
  read: Reader,
  say: Say,
): DoorSettings {
  const isGiven = (name: string): boolean =>
    values[name] !== undefined && values[name] !== false &&
    String(values[name]) !== "";
  const exclude = (one: string, ...others: readonly string[]): void => {
    const other = others.find(isGiven);
    if (!isGiven(one) || other === undefined) return;
    throw new UsageError(
      say("not together", { one: `--${one}`, other: `--${other}` }),
    );
  };
  const require = (one: string, other: string): void => {
    if (!isGiven(one) || isGiven(other)) return;
    throw new UsageError(
      say("needs", { one: `--${one}`, other: `--${other}` }),
    );
  };
  if (isGiven("unix") && argument !== undefined) {
    throw new UsageError(
      say("not together", { one: "--unix", other: argument }),
    );
  }
  exclude("password", "password-file");
  exclude("unix", "host", "port", "allow", "tls", "tls-cert");
  require("tls-cert", "tls-key");
  require("tls-key", "tls-cert");
  require("tls-ca", "tls");
  return {
    allow: read.addresses("allow"),
    password: values["password"] === true,
    passwordFile: read.path("password-file"),
    tls: values["tls"] === true,
    tlsCa: read.path("tls-ca"),
    tlsCert: read.path("tls-cert"),
    tlsKey: read.path("tls-key"),
    unix: read.path("unix"),
  };
}

/**
 * Joins each option to its value with `=`, so that a value may be empty or
 * begin with a dash.
 *
 * @throws {UsageError} for a long option that there is not, and for a value
 * that is missing or too much.
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
    const [, letter = "", long, joint] =
      /^(?:-([A-Za-z])|--([^=]+))(=|$)/.exec(arg) ?? [];
    const name = long ?? alias[letter] ?? "";
    const form = forms.get(name);
    // The parser would take "_" for its own list of arguments.
    if (long !== undefined ? form === undefined : /^-[A-Za-z]*_/.test(arg)) {
      throw new UsageError(say("unknown option", { option: optionIn(arg) }));
    }
    if (form?.value && joint === "") {
      const value = args[++index];
      if (value === undefined || /^--?[A-Za-z]/.test(value)) {
        throw new UsageError(say("no value", { option: arg }));
      }
      joined.push(`--${name}=${value}`);
      continue;
    }
    if (form?.value === false) {
      if (joint === "=") {
        throw new UsageError(
          name === "password"
            ? say("password as argument")
            : say("takes no value", { option: optionIn(arg) }),
        );
      }
      // Else a "true" or "false" that follows would be taken for its value.
      joined.push(`--${name}=true`);
      continue;
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
    const host = value.replace(/^\[(.*)\]$/, "$1");
    if (host.length <= MAX_HOST_CHARACTERS && /^[^\s\p{Cc}/]+$/u.test(host)) {
      return host;
    }
    throw this.#bad(name, value, this.#say("a host"));
  }

  /** A whole number from `low` on. */
  count(name: string, low: number): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const count = Number(value);
    if (/^\d{1,7}$/.test(value) && count >= low) return count;
    throw this.#bad(name, value, this.#say("a count", { low }));
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

  /** Addresses and ranges with commas between, the option given repeatedly. */
  addresses(name: string): AllowList | undefined {
    const lists = this.#values[name];
    if (!Array.isArray(lists) || lists.length === 0) return undefined;
    const list = new AllowList();
    for (const entry of lists.join(",").split(",")) {
      if (list.add(entry.trim())) continue;
      throw this.#bad(name, entry, this.#say("an address range"));
    }
    return list;
  }

  path(name: string): string | undefined {
    const value = this.#value(name);
    if (value !== "" && !value?.includes("\0")) return value;
    throw this.#bad(name, value, this.#say("a path"));
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
