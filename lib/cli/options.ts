/**
 * The options of both programs, in one table. A new option is one entry here:
 * parsing, the type `Options`, `--help`, the permissions of the programs and
 * the tables of the README come from it.
 *
 * @module
 */
import type { Language, Role } from "../text/phrases.ts";

/** The kinds of values, and what each becomes. */
interface Kinds {
  /** From 1 on; a number is one from 0 on. */
  count: number;
  number: number;
  /** A server also takes 0, for any that is free. */
  port: number;
  /** In bytes. */
  size: number;
  /** Given in seconds; it becomes milliseconds. */
  seconds: number;
  host: string;
  /** A host, where one is given, and a port. */
  place: { readonly host: string | undefined; readonly port: number };
  path: string;
  /** Within one line; it may be empty. */
  word: string;
  name: string;
  /** With commas between; the option may be given several times. */
  addresses: readonly string[];
}

/** How an option is given, and what goes with it. */
export interface Form {
  /** Its kind of value, or all its values; none for a flag. */
  readonly takes?: keyof Kinds | readonly string[];
  /** Its value where it is given alone; else a value has to follow. */
  readonly alone?: string;
  /** Its value where it is not given; a flag is off then, with "no-" on. */
  readonly default?: string | number;
  /** Its short name. */
  readonly letter?: string;
  /** The only side that has it. */
  readonly side?: Role;
  /** What its value is called, where not as its kind. */
  readonly value?: string;
  /** The option without which it has no meaning. */
  readonly needs?: string;
  /** What it does not go with: options, or a value of one, as `framing raw`. */
  readonly excludes?: readonly string[];
  /** The permissions that it needs. */
  readonly may?: readonly ("net" | "sys" | "read" | "write")[];
}

/** A text in both languages. */
export type Text = Readonly<Record<Language, string>>;

/** An option; it has no form when it is a flag of both sides. */
export interface Option {
  readonly form?: Form;
  /** What `--help` says, in at most 19 columns; sides may differ. */
  readonly help: Text | Readonly<Record<Role, Text>>;
  /** What the README says, where that is more. */
  readonly does?: string;
}

const MIB = 1024 ** 2;

const OPTIONS = {
  "port": {
    form: { takes: "port", letter: "p", default: 8000, may: ["net"] },
    help: {
      server: { en: "8000; 0 picks one", zh: "8000; 0 为任选" },
      client: { en: "8000", zh: "8000" },
    },
    does: "8000; a server takes 0 for a free one, and names it",
  },
  "host": {
    form: { takes: "host", default: "127.0.0.1", may: ["net", "sys"] },
    help: { en: "127.0.0.1", zh: "127.0.0.1" },
    does: "127.0.0.1; `0.0.0.0` or `::` opens a server to other machines",
  },
  "unix": {
    form: {
      takes: "path",
      value: "PATH",
      excludes: ["host", "port", "allow", "tls", "tls-cert"],
      may: ["net", "read", "write"],
    },
    help: { en: "a socket, no port", zh: "不用端口, 用套接字" },
    does: "a Unix socket instead of host and port; only its owner can connect",
  },
  "keep-open": {
    form: { letter: "k", side: "server" },
    help: { en: "then the next one", zh: "一个接一个" },
    does: "go on to the next client, one at a time; others wait meanwhile",
  },
  "room": {
    form: { side: "server", excludes: ["turns", "keep-open", "framing raw"] },
    help: { en: "many: --room -h", zh: "多人: --room -h" },
    does: "one room for all clients",
  },
  "max-clients": {
    form: { takes: "count", side: "server", default: 100, needs: "room" },
    help: { en: "in it (100)", zh: "人数 (100)" },
    does: "how many clients may be in the room, 100",
  },
  "history": {
    form: { takes: "number", side: "server", default: 100, needs: "room" },
    help: { en: "it keeps (100)", zh: "保留条数 (100)" },
    does: "how many messages the room keeps for `/history`, 100",
  },
  "history-on-join": {
    form: { takes: "number", side: "server", default: 0, needs: "room" },
    help: { en: "told who comes (0)", zh: "新人先看几条 (0)" },
    does: "how many of them a newcomer is shown, 0",
  },
  "bans": {
    form: {
      takes: "path",
      side: "server",
      needs: "room",
      may: ["read", "write"],
    },
    help: { en: "keeps the bans", zh: "保存禁止名单" },
    does: "keep the bans in this file, an address or range a line",
  },
  "queue": {
    form: { takes: "size", side: "server", default: MIB, needs: "room" },
    help: { en: "a member's (1M)", zh: "每人队列 (1M)" },
    does: "how much may wait for a member that does not read, 1M",
  },
  "rate": {
    form: { takes: "count", side: "server", default: 50, needs: "room" },
    help: { en: "a second each (50)", zh: "每人每秒 (50)" },
    does: "how many messages a second each member may say, 50",
  },
  "address-rate": {
    form: { takes: "count", side: "server", needs: "room" },
    help: { en: "an address (10x)", zh: "每个地址 (10 倍)" },
    does: "how many all of one address may say together, ten times that",
  },
  "connections": {
    form: { takes: "count", side: "server" },
    help: { en: "at once, in all", zh: "总连接数上限" },
    does: "how many connections there may be at once; 100 more than are served",
  },
  "per-address": {
    form: { takes: "count", side: "server" },
    help: { en: "of them from one", zh: "每地址连接数上限" },
    does: "how many of them from one address; 50 more than are served",
  },
  "connect-rate": {
    form: { takes: "count", side: "server", default: 20 },
    help: { en: "a second each (20)", zh: "每秒新连接 (20)" },
    does:
      "how many more a second from one address, 20; from all ten times as many",
  },
  "web": {
    form: {
      takes: "place",
      side: "server",
      value: "PORT",
      needs: "room",
      may: ["net", "sys"],
    },
    help: { en: "for browsers", zh: "供浏览器使用" },
    does: "open the room to browsers on this port, `HOST:PORT` on another host",
  },
  "no-qr": {
    form: { side: "server", needs: "web" },
    help: { en: "no QR code", zh: "不显示二维码" },
    does: "no QR code of the web address at a terminal",
  },
  "allow": {
    form: { takes: "addresses", side: "server" },
    help: { en: "only from there", zh: "只许这些地址" },
    does: "let in only these addresses and ranges: `192.168.1.0/24,fd00::/8`",
  },
  "tls-cert": {
    form: { takes: "path", side: "server", needs: "tls-key", may: ["read"] },
    help: { en: "TLS: certificate", zh: "TLS 证书" },
    does: "speak TLS with this certificate (PEM)",
  },
  "tls-key": {
    form: { takes: "path", side: "server", needs: "tls-cert", may: ["read"] },
    help: { en: "and its key", zh: "及其私钥" },
    does: "and the key of the certificate (PEM)",
  },
  "wait": {
    form: { takes: "seconds", side: "client", default: 0 },
    help: { en: "for a server", zh: "等待服务器的秒数" },
    does: "keep trying for so long until a server is there",
  },
  "reconnect": {
    form: { side: "client" },
    help: { en: "when it breaks", zh: "断线后重新连接" },
    does: "when the connection breaks, connect again, with pauses that grow " +
      "to 10 seconds; the name stays, and what is typed meanwhile is sent then",
  },
  "tls": {
    form: { side: "client" },
    help: { en: "speak TLS", zh: "使用 TLS" },
    does: "speak TLS, if the server's certificate is for the host's name",
  },
  "tls-ca": {
    form: { takes: "path", side: "client", needs: "tls", may: ["read"] },
    help: { en: "who signs it", zh: "信任的证书" },
    does: "trust this certificate, or this authority's (PEM)",
  },
  "password": {
    form: { excludes: ["password-file"] },
    help: { en: "ask for it", zh: "输入密码" },
    does: "let in only who has the password; it is asked for at the terminal",
  },
  "password-file": {
    form: { takes: "path", may: ["read"] },
    help: { en: "or read it", zh: "密码文件" },
    does: "the same; the password is the first line of the file",
  },
  "guesses": {
    form: { takes: "count", side: "server", default: 20 },
    help: { en: "before pauses (20)", zh: "猜错 20 次后等待" },
    does: "how many wrong passwords of an address pass without a pause, 20",
  },
  "name": {
    form: { takes: "name" },
    help: { en: "told to the peer", zh: "告诉对方的名字" },
    does: "your name, which the other side shows",
  },
  "turns": {
    help: { en: "client goes first", zh: "轮流, 客户端先说" },
    does: "speak in turn, the client first",
  },
  "end": {
    form: { takes: "word", default: "n" },
    help: { en: "n; '' for none", zh: "结束词 n; '' 为无" },
    does: "the message that ends the conversation, `n`; `''` for none",
  },
  "complete": {
    form: { excludes: ["end ", "framing raw", "room"] },
    help: { en: "end, or it failed", zh: "须说结束词" },
    does: "say `n` at the end of a pipe too, and fail (with status 1) where " +
      "the peer closes without it; for both sides",
  },
  "framing": {
    form: { takes: ["lines", "raw"], default: "lines", value: "KIND" },
    help: { en: "lines or raw", zh: "lines 或 raw" },
    does: "a message is a line (`lines`), or what one read brings (`raw`)",
  },
  "style": {
    form: { takes: ["auto", "chat", "plain"], default: "auto" },
    help: { en: "auto, chat, plain", zh: "auto, chat, plain" },
    does: "`chat` has labels and prompts, `plain` is bytes; `auto` chooses",
  },
  "lang": {
    form: { takes: ["zh", "en"] },
    help: { en: "zh or en", zh: "zh 或 en" },
    does: "the language, `zh` or `en`; your machine's where it is not given",
  },
  "time": { help: { en: "show the clock", zh: "显示时间" } },
  "bell": {
    form: { takes: ["all", "mention"], alone: "all", value: "[KIND]" },
    help: { en: "ring: all, mention", zh: "响铃: all, mention" },
    does: "ring the terminal's bell on a message: `all` of them, as `--bell` " +
      "alone does, or `mention`: those with your name, and private ones",
  },
  "no-color": {
    help: { en: "black and white", zh: "不用颜色" },
    does: "no colours; `NO_COLOR` does the same",
  },
  "quiet": {
    form: { letter: "q" },
    help: { en: "errors only", zh: "只显示错误" },
    does: "under `plain`, only errors and warnings on standard error",
  },
  "no-progress": { help: { en: "no progress line", zh: "不显示进度" } },
  "log": {
    form: { takes: "path", may: ["write"] },
    help: { en: "append all said", zh: "记录到文件" },
    does: "append a transcript",
  },
  "log-limit": {
    form: { takes: "size", needs: "log", may: ["read", "write"] },
    help: { en: "then a new one", zh: "满了就换新文件" },
    does: "how large it gets; then it becomes `FILE.1`, and a new one begins",
  },
  "max-message": {
    form: { takes: "size", default: MIB },
    help: { en: "longest (1M)", zh: "最长 (1M)" },
    does: "the longest message, 1M; `65536` and `64k` work too",
  },
  "connect-timeout": {
    form: { takes: "seconds", default: 10_000 },
    help: {
      server: { en: "for the client", zh: "仅对客户端有用" },
      client: { en: "then give up (10)", zh: "连接限时秒数 (10)" },
    },
    does: "how long a client waits for a connection, and to be let in, 10",
  },
  "idle-timeout": {
    form: { takes: "seconds", default: Infinity },
    help: { en: "quiet for S: end", zh: "无动静则结束" },
    does: "end (with status 1) when nothing comes or goes for so long",
  },
  "help": {
    form: { letter: "h" },
    help: { en: "this page", zh: "本页" },
    does: "the options on one page",
  },
  "version": {
    form: { letter: "V" },
    help: { en: "and runtime", zh: "版本" },
    does: "the versions of duihua and Deno",
  },
} as const satisfies Readonly<Record<string, Option>>;

/** The name of an option's value: `keepOpen`, and `color` for `no-color`. */
type Property<Name extends string> = Name extends `no-${infer Rest}` ? Rest
  : Name extends `${infer Head}-${infer Tail}`
    ? `${Head}${Capitalize<Property<Tail>>}`
  : Name;

type Value<Entry> = Entry extends { form: { takes: infer Takes } } ?
    | (Takes extends readonly (infer Choice)[] ? Choice
      : Takes extends keyof Kinds ? Kinds[Takes]
      : never)
    | (Entry["form"] extends { default: unknown } ? never : undefined)
  : boolean;

/**
 * What a command line asks for; it has the options of both sides. Times are in
 * milliseconds, sizes in bytes; undefined is for what has no default.
 */
export type Options = {
  readonly [Name in keyof typeof OPTIONS as Property<Name>]: Value<
    typeof OPTIONS[Name]
  >;
};

/** All options by their long names, or those of one side, in their order. */
export function optionsOf(role?: Role): Map<string, Required<Option>> {
  const all: [string, Option][] = Object.entries(OPTIONS);
  return new Map(
    all.map(([name, option]) =>
      [name, { form: {}, does: "", ...option }] as const
    )
      .filter(([, { form }]) => !role || (form.side ?? role) === role),
  );
}
