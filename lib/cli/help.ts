/**
 * The pages that `--help` shows; each fits 80 columns and 24 lines.
 *
 * @module
 */
import type { Language, Role } from "../text/phrases.ts";
import { textWidth } from "../text/width.ts";

/** The width of the left of the two columns, and of an option in each. */
const COLUMN_WIDTH = 40;
const OPTION_WIDTH = 20;

type Text = Record<Language, string>;
/** An option with its value, what it is for, and the only side that has it. */
type Entry = readonly [option: string, Text, Role?];

const ENTRIES: readonly Entry[] = [
  [
    "-p, --port PORT",
    { en: "8000; 0 picks one", zh: "8000; 0 为任选" },
    "server",
  ],
  ["-p, --port PORT", { en: "8000", zh: "8000" }, "client"],
  ["--host HOST", { en: "127.0.0.1", zh: "127.0.0.1" }],
  ["--unix PATH", { en: "a socket, no port", zh: "不用端口, 用套接字" }],
  ["-k, --keep-open", { en: "then the next one", zh: "一个接一个" }, "server"],
  ["--room", { en: "many at once", zh: "聊天室, 多人" }, "server"],
  ["--max-clients N", { en: "in it (100)", zh: "人数 (100)" }, "server"],
  ["--history N", { en: "it keeps (100)", zh: "保留条数 (100)" }, "server"],
  [
    "--queue BYTES",
    { en: "a member's (1M)", zh: "每人队列 (1M)" },
    "server",
  ],
  [
    "--rate N",
    { en: "a second each (50)", zh: "每人每秒 (50)" },
    "server",
  ],
  ["--allow LIST", { en: "only from there", zh: "只许这些地址" }, "server"],
  ["--tls-cert FILE", { en: "TLS: certificate", zh: "TLS 证书" }, "server"],
  ["--tls-key FILE", { en: "and its key", zh: "及其私钥" }, "server"],
  ["--wait S", { en: "for a server", zh: "等待服务器的秒数" }, "client"],
  ["--tls", { en: "speak TLS", zh: "使用 TLS" }, "client"],
  ["--tls-ca FILE", { en: "who signs it", zh: "信任的证书" }, "client"],
  ["--password", { en: "ask for it", zh: "输入密码" }],
  ["--password-file FILE", { en: "or read it", zh: "密码文件" }],
  ["--name NAME", { en: "told to the peer", zh: "告诉对方的名字" }],
  ["--turns", { en: "client goes first", zh: "轮流, 客户端先说" }],
  ["--end WORD", { en: "n; '' for none", zh: "结束词 n; '' 为无" }],
  ["--framing KIND", { en: "lines or raw", zh: "lines 或 raw" }],
  ["--style STYLE", { en: "auto, chat, plain", zh: "auto, chat, plain" }],
  ["--lang LANG", { en: "zh or en", zh: "zh 或 en" }],
  ["--time", { en: "show the clock", zh: "显示时间" }],
  ["--bell", { en: "ring on a message", zh: "来消息时响铃" }],
  ["--no-color", { en: "black and white", zh: "不用颜色" }],
  ["--no-progress", { en: "no progress line", zh: "不显示进度" }],
  ["--log FILE", { en: "append all said", zh: "记录到文件" }],
  ["--max-message BYTES", { en: "longest (1M)", zh: "最长 (1M)" }],
  [
    "--connect-timeout S",
    { en: "for the client", zh: "仅对客户端有用" },
    "server",
  ],
  [
    "--connect-timeout S",
    { en: "then give up (10)", zh: "连接限时秒数 (10)" },
    "client",
  ],
  ["--idle-timeout S", { en: "quiet for S: end", zh: "无动静则结束" }],
  ["-h, --help", { en: "this page", zh: "本页" }],
  ["-V, --version", { en: "and runtime", zh: "版本" }],
];

const HEADS: Record<Role, Text> = {
  server: {
    en: "duihua server: waits for a client on a TCP port and talks with it.\n" +
      "Usage: server.ts [options]",
    zh:
      "对话服务器: 在 TCP 端口上等待客户端, 与它对话。\n用法: server.ts [选项]",
  },
  client: {
    en: "duihua client: connects to a server and talks with it.\n" +
      "Usage: client.ts [host] [port] [options]",
    zh: "对话客户端: 连接服务器, 与它对话。\n" +
      "用法: client.ts [主机] [端口] [选项]",
  },
};

const EXAMPLES: Record<Role, string> = {
  server: "  deno run --allow-net server.ts --host 0.0.0.0 --port 9000\n" +
    "  deno run --allow-net server.ts --end '' > received.txt",
  client: "  deno run --allow-net client.ts 192.168.1.5 9000 --name Ming\n" +
    "  deno run --allow-net client.ts --end '' --wait 10 < send.txt",
};
const EXAMPLES_HEAD: Text = { en: "Examples:", zh: "例子:" };

/** The page for one of the programs. */
export function helpPage(role: Role, language: Language): string {
  const entries = ENTRIES
    .filter(([, , only]) => (only ?? role) === role)
    .map(([option, text]) => pad(option, OPTION_WIDTH) + " " + text[language]);
  const half = Math.ceil(entries.length / 2);
  const lines = entries.slice(0, half).map((left, index) =>
    (pad(left, COLUMN_WIDTH) + (entries[half + index] ?? "")).trimEnd()
  );
  return [
    HEADS[role][language],
    "",
    ...lines,
    "",
    EXAMPLES_HEAD[language],
    EXAMPLES[role],
  ].join("\n");
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}
