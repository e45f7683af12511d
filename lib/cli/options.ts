/**
 * The command line: arguments to options.
 *
 * @module
 */
import type { AllowList } from "./allow_list.ts";
import { langIn, readArguments } from "./arguments.ts";
import type { Framing } from "../wire/framing.ts";
import { DEFAULT_END } from "../wire/message.ts";
import { OptionValues, UsageError } from "./option_values.ts";
import {
  type Language,
  languageOf,
  type Role,
  type Say,
  speaker,
} from "../text/phrases.ts";

const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_PORT = 8000;
const FRAMINGS = ["lines", "raw"] as const;
const DEFAULT_MAX_MESSAGE_BYTES = 1024 * 1024;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_CLIENTS = 100;
const DEFAULT_HISTORY = 100;
const DEFAULT_QUEUE_BYTES = 1024 * 1024;
/** In messages a second. */
const DEFAULT_RATE = 50;

/** How it is shown; `auto` is `chat` where standard output is a terminal. */
export type Style = "auto" | "chat" | "plain";

/** Who is let in, and how; undefined stands for what is not asked for. */
export interface DoorSettings {
  /** Who may come in; undefined for anyone. */
  allow: AllowList | undefined;
  /** Whether to ask for a password at the terminal. */
  password: boolean;
  /** The file whose first line is the password. */
  passwordFile: string | undefined;
  /** Whether the client speaks TLS. */
  tls: boolean;
  /** The file of certificates that it trusts. */
  tlsCa: string | undefined;
  /** The files of the server's certificate and its key: both or neither. */
  tlsCert: string | undefined;
  tlsKey: string | undefined;
  /** The path of the Unix socket that stands for host and port. */
  unix: string | undefined;
}

/** What is asked for of a room. */
export interface RoomSettings {
  /** How many members there may be. */
  maxClients: number;
  /** How many of the last messages are kept for who asks. */
  history: number;
  /** How many bytes are kept for a member who does not read. */
  queueBytes: number;
  /** How many messages a second each may say. */
  rate: number;
}

/** What the command line asks for. Times are in milliseconds. */
export interface Options extends DoorSettings {
  /** Where a server listens and a client connects. */
  host: string;
  /** The port there; a server takes 0 for a free one. */
  port: number;
  /** The message that ends the conversation; empty for none. */
  end: string;
  framing: Framing;
  /** Whether both speak in turn. */
  turns: boolean;
  language: Language;
  style: Style;
  /** The name that the peer is told. */
  name: string | undefined;
  /** Whether there may be colours. */
  color: boolean;
  /** Whether to show how far the sending of a file has come. */
  progress: boolean;
  /** The file to append a transcript to. */
  log: string | undefined;
  /** Whether the clock stands before each message. */
  time: boolean;
  /** Whether a message rings the terminal's bell. */
  bell: boolean;
  /** The most bytes that a message may have. */
  maxMessage: number;
  /** For how long nothing may come or go; Infinity for ever. */
  idleTimeout: number;
  /** How long a client waits for a connection, and for an answer at the door. */
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

/**
 * Reads a command line.
 *
 * `localeTag` is the language where `--lang` is not given, as in
 * `navigator.language`.
 *
 * @throws {UsageError} for an unknown option, a bad value, a stray argument.
 */
export async function parseOptions(
  args: readonly string[],
  role: Role,
  localeTag: string,
): Promise<Options> {
  const say = speaker(languageOf(langIn(args) ?? localeTag));
  const values = readArguments(args, role, say);
  const read = new OptionValues(values, say);
  const { host, port } = readAddress(values._, role, read, say);
  const language = read.choice("lang", ["zh", "en"]) ?? languageOf(localeTag);
  return {
    host,
    port,
    end: read.word("end") ?? DEFAULT_END,
    framing: read.choice("framing", FRAMINGS) ?? "lines",
    turns: read.flag("turns"),
    language,
    style: read.choice("style", ["auto", "chat", "plain"]) ?? "auto",
    name: await read.name("name"),
    color: !read.flag("no-color"),
    progress: !read.flag("no-progress"),
    log: read.path("log"),
    time: read.flag("time"),
    bell: read.flag("bell"),
    maxMessage: read.size("max-message") ?? DEFAULT_MAX_MESSAGE_BYTES,
    idleTimeout: read.time("idle-timeout") ?? Infinity,
    connectTimeout: read.time("connect-timeout") ?? DEFAULT_CONNECT_TIMEOUT_MS,
    wait: read.time("wait") ?? 0,
    keepOpen: read.flag("keep-open"),
    room: readRoom(read, say),
    ...await readDoor(values._, read, say),
    ...(read.flag("help") && { show: "help" as const }),
    ...(read.flag("version") && { show: "version" as const }),
  };
}

/** From a client's arguments, or from the options. */
function readAddress(
  args: readonly string[],
  role: Role,
  read: OptionValues,
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

/** From the options of the room, which have no meaning without `--room`. */
function readRoom(read: OptionValues, say: Say): RoomSettings | undefined {
  read.require("room", "max-clients", "history", "queue", "rate");
  if (!read.flag("room")) return undefined;
  read.exclude("room", "turns", "keep-open");
  if (read.choice("framing", FRAMINGS) === "raw") {
    const other = "--framing raw";
    throw new UsageError(say("not together", { one: "--room", other }));
  }
  return {
    maxClients: read.count("max-clients", 1) ?? DEFAULT_MAX_CLIENTS,
    history: read.count("history", 0) ?? DEFAULT_HISTORY,
    queueBytes: read.size("queue") ?? DEFAULT_QUEUE_BYTES,
    rate: read.count("rate", 1) ?? DEFAULT_RATE,
  };
}

/** From the options of the door, which do not all go together. */
async function readDoor(
  [argument]: readonly string[],
  read: OptionValues,
  say: Say,
): Promise<DoorSettings> {
  if (read.isGiven("unix") && argument !== undefined) {
    throw new UsageError(
      say("not together", { one: "--unix", other: argument }),
    );
  }
  read.exclude("password", "password-file");
  read.exclude("unix", "host", "port", "allow", "tls", "tls-cert");
  read.require("tls-key", "tls-cert");
  read.require("tls-cert", "tls-key");
  read.require("tls", "tls-ca");
  return {
    allow: await read.addresses("allow"),
    password: read.flag("password"),
    passwordFile: read.path("password-file"),
    tls: read.flag("tls"),
    tlsCa: read.path("tls-ca"),
    tlsCert: read.path("tls-cert"),
    tlsKey: read.path("tls-key"),
    unix: read.path("unix"),
  };
}
