/**
 * The pages that `--help` shows; each fits 80 columns and 24 lines.
 *
 * @module
 */
import type { Language, Role } from "./phrases.ts";

const BOTH = {
  en: `\
  -p, --port PORT          port (8000)
      --host HOST          address (127.0.0.1)
      --turns              speak in turn, the client first
      --end WORD           the message that ends it (n); '' for none
      --framing KIND       lines (default), or raw: a message is what a read brings
      --style STYLE        chat, plain (only the messages), or auto (default)
      --lang LANG          zh or en
      --max-message BYTES  the longest message (1M)
      --connect-timeout S  seconds to wait for a connection (10)
      --idle-timeout S     end after S seconds without a sign of life
  -h, --help               this page
  -V, --version            the version`,
  zh: `\
  -p, --port 端口          端口 (8000)
      --host 主机          地址 (127.0.0.1)
      --turns              轮流发言, 客户端先说
      --end 词             结束对话的消息 (n); '' 表示没有
      --framing 方式       lines (默认, 按行), 或 raw: 每次读到的就是一条消息
      --style 样式         chat, plain (只输出消息), 或 auto (默认)
      --lang 语言          zh 或 en
      --max-message 字节   消息的最大长度 (1M)
      --connect-timeout 秒 等待连接的秒数 (10)
      --idle-timeout 秒    这么久没有动静就结束对话
  -h, --help               显示本页
  -V, --version            显示版本`,
} as const;

const PAGES: Record<Role, Record<Language, string>> = {
  server: {
    en: `\
duihua server: waits for a client on a TCP port and talks with it.

server.ts [options]

${BOTH.en}
  -k, --keep-open          go on to the next client, one at a time

A port of 0 takes a free one. --host 0.0.0.0 lets other machines connect.
Examples:
  deno run --allow-net server.ts --host 0.0.0.0 --port 9000
  deno run --allow-net server.ts --end '' > received.txt`,
    zh: `\
对话服务器: 在 TCP 端口上等待客户端, 与它对话。

server.ts [选项]

${BOTH.zh}
  -k, --keep-open          对话结束后等待下一个客户端, 一次一个

端口 0 表示任选一个空闲的。--host 0.0.0.0 允许其他机器连接。
例子:
  deno run --allow-net server.ts --host 0.0.0.0 --port 9000
  deno run --allow-net server.ts --end '' > received.txt`,
  },
  client: {
    en: `\
duihua client: connects to a server and talks with it.

client.ts [host] [port] [options]

${BOTH.en}
      --wait SECONDS       keep trying until a server is there

Examples:
  deno run --allow-net client.ts 192.168.1.5 9000
  deno run --allow-net client.ts --end '' --wait 10 < send.txt`,
    zh: `\
对话客户端: 连接服务器, 与它对话。

client.ts [主机] [端口] [选项]

${BOTH.zh}
      --wait 秒            一直尝试, 直到有服务器为止

例子:
  deno run --allow-net client.ts 192.168.1.5 9000
  deno run --allow-net client.ts --end '' --wait 10 < send.txt`,
  },
};

/** The page for one of the programs. */
export function helpPage(role: Role, language: Language): string {
  return PAGES[role][language];
}
