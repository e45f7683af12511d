/**
 * Every sentence a person reads, in Chinese and in English.
 *
 * @module
 */

/** The languages. */
export type Language = "zh" | "en";
/** The two sides of a conversation. */
export type Role = "client" | "server";

/** The language for a tag as in `navigator.language` (BCP 47). */
export function languageOf(tag: string): Language {
  return tag.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** `{name}` stands for a value. Both languages have the same ones. */
const PHRASES = {
  // The conversation, on standard output in chat style.
  "server started": {
    zh: "服务器启动 等待客户端连接...",
    en: "Server started, waiting for a client...",
  },
  "client connected": {
    zh: "客户端成功连接服务器 {end}结束:",
    en: "Connected to the server, {end} ends the conversation:",
  },
  "client connected, no end": {
    zh: "客户端成功连接服务器:",
    en: "Connected to the server:",
  },
  "client label": { zh: "客户端:", en: "Client: " },
  "server label": { zh: "服务器:", en: "Server: " },
  "client says": { zh: "客户端发来: ", en: "Client says: " },
  "server says": { zh: "服务器回复: ", en: "Server replies: " },
  "client ended": {
    zh: "客户端终止连接",
    en: "The client has ended the conversation",
  },
  "server ended": {
    zh: "服务器终止连接",
    en: "The server has ended the conversation",
  },
  "client closed": {
    zh: "客户端已断开连接",
    en: "The client has closed the connection",
  },
  "server closed": {
    zh: "服务器已断开连接",
    en: "The server has closed the connection",
  },

  // About the conversation, on standard error.
  "listening": { zh: "正在监听 {address}", en: "Listening on {address}" },
  "reachable": {
    zh: "其他机器可连接: {addresses}",
    en: "From other machines: {addresses}",
  },
  "peer connected": {
    zh: "客户端已连接: {address}",
    en: "Client connected: {address}",
  },
  "waiting for server": {
    zh: "正在等待 {address} 的服务器...",
    en: "Waiting for a server at {address}...",
  },
  "left over": {
    zh:
      "警告: 输入中 “{end}” 之后的内容没有发送; 若这样的行是数据, 请用 --end 词 或 --end ''",
    en:
      "warning: what came after \"{end}\" in the input was not sent; if such a line is data, use --end WORD or --end ''",
  },
  "not sent": { zh: "未发送: {text}", en: "Not sent: {text}" },
  "not UTF-8": {
    zh: "警告: 对方发来的内容不是 UTF-8, 无法辨认的字节显示为 \u{fffd}",
    en:
      "warning: the peer sent bytes that are not UTF-8; they are shown as \u{fffd}",
  },
  "no line ending": {
    zh: "提示: 对方发来的内容没有换行; 若对方不发换行, 请试用 --framing raw",
    en:
      "hint: the peer sent text without a line ending; if it never sends one, try --framing raw",
  },
  "empty message": {
    zh: "警告: --framing raw 不能发送空消息, 已略过",
    en: "warning: an empty message can't be sent under --framing raw; skipped",
  },

  // Faults, on standard error; each says what to do.
  "error": { zh: "错误: {message}", en: "error: {message}" },
  "connection refused": {
    zh:
      "{address} 没有服务器在监听; 请先启动服务器, 或用 --wait 秒数 等待它, 或检查地址和端口",
    en:
      "nothing listens at {address}; start the server first, wait for it with --wait SECONDS, or check host and port",
  },
  "connect timed out": {
    zh:
      "{seconds} 秒内无法连接 {address}; 请检查地址和防火墙, 或增大 --connect-timeout",
    en:
      "no answer from {address} within {seconds} s; check the address and firewalls, or raise --connect-timeout",
  },
  "host not found": {
    zh: "找不到主机 {host}; 请检查拼写, 或改用 IP 地址",
    en: "host {host} was not found; check its spelling, or give its IP address",
  },
  "unreachable": {
    zh: "无法到达 {address} ({cause}); 请检查地址和网络",
    en:
      "{address} can't be reached ({cause}); check the address and the network",
  },
  "port in use": {
    zh:
      "{address} 已被占用; 请用 --port 换一个端口 (0 为任选), 或停掉占用它的程序",
    en:
      "{address} is in use; choose another --port (0 for a free one), or stop the program that has it",
  },
  "address not ours": {
    zh:
      "{host} 不是本机地址; 请用 --host 127.0.0.1、--host 0.0.0.0 或本机的地址",
    en:
      "{host} is no address of this machine; use --host 127.0.0.1, --host 0.0.0.0 or one of its own",
  },
  "port forbidden": {
    zh: "系统不允许监听 {address}; 请用 1024 以上的 --port",
    en: "listening on {address} is not allowed; choose a --port above 1023",
  },
  "no net permission": {
    zh: "没有访问 {address} 的网络权限; 请用 deno run --allow-net 启动",
    en:
      "there is no permission for the network at {address}; start with deno run --allow-net",
  },
  "connection broken": {
    zh: "与 {address} 的连接中断 ({cause}); 最后的消息可能没有送达",
    en:
      "the connection with {address} broke ({cause}); the last messages may not have arrived",
  },
  "idle": {
    zh: "{address} 在 --idle-timeout 时间内没有动静, 对话已结束",
    en:
      "the conversation with {address} ended: nothing came or went within --idle-timeout",
  },
  "message too long": {
    zh: "对方发来的消息超过 {limit} 字节, 对话已结束; 可用 --max-message 放宽",
    en:
      "the peer sent a message of more than {limit} bytes, the conversation is over; --max-message raises the limit",
  },
  "input too long": {
    zh:
      "输入的第 {line} 行超过 {limit} 字节, 没有发送; 可用 --max-message 放宽",
    en:
      "line {line} of the input has more than {limit} bytes and was not sent; --max-message raises the limit",
  },
  "input not UTF-8": {
    zh:
      "输入的第 {line} 行 (第 {offset} 字节处) 不是 UTF-8, 从该行起没有发送; 请先转换, 如 iconv -t UTF-8",
    en:
      "line {line} of the input is not UTF-8 (at byte {offset}), nothing from that line on was sent; convert it first, as with iconv -t UTF-8",
  },
  "output failed": {
    zh: "无法写入标准输出 ({cause}), 对话已结束",
    en: "standard output can't be written ({cause}), the conversation is over",
  },
  "unexpected": {
    zh: "意外错误: {cause}",
    en: "unexpected: {cause}",
  },

  // Usage, on standard error.
  "unknown option": {
    zh: "未知选项 {option}; 用 --help 查看所有选项",
    en: "unknown option {option}; --help lists the options",
  },
  "stray argument": {
    zh: "多余的参数 {argument}; {right}",
    en: "stray argument {argument}; {right}",
  },
  "server takes": {
    zh: "服务器只接受选项, 端口用 --port",
    en: "the server takes options only, the port with --port",
  },
  "client takes": {
    zh: "客户端的参数为 [主机] [端口]",
    en: "the client takes [host] [port]",
  },
  "given twice": {
    zh: "{what} 给了两次; 请只用参数或选项之一",
    en: "{what} is given twice; use the argument or the option",
  },
  "no value": {
    zh: "选项 {option} 缺少值",
    en: "option {option} needs a value",
  },
  "takes no value": {
    zh: "选项 {option} 不带值",
    en: "option {option} takes no value",
  },
  "bad value": {
    zh: "{option} 的值 “{value}” 不对; 应为{right}",
    en: '{option} can\'t be "{value}"; it takes {right}',
  },
  "a port": {
    zh: "{low} 到 65535 的整数",
    en: "a whole number from {low} to 65535",
  },
  "seconds": {
    zh: "大于 0 的秒数, 如 2.5",
    en: "a number of seconds above 0, such as 2.5",
  },
  "a size": {
    zh: "1 到 1G 的字节数, 如 65536、64k 或 1M",
    en: "a number of bytes from 1 to 1G, such as 65536, 64k or 1M",
  },
  "one of": { zh: "以下之一: {choices}", en: "one of {choices}" },
  "a word": {
    zh: "一行以内的词, 或 '' 表示不用",
    en: "a word within one line, or '' for none",
  },
  "a host": { zh: "主机名或地址", en: "a host name or an address" },
} as const satisfies Record<string, Record<Language, string>>;

/** The name of a sentence. */
export type Phrase = keyof typeof PHRASES;

type Placeholders<Text extends string> = Text extends
  `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;
/** The values that a sentence needs, as a further argument or none. */
type Values<Name extends Phrase> =
  [Placeholders<typeof PHRASES[Name]["en"]>] extends [never] ? []
    : [Record<Placeholders<typeof PHRASES[Name]["en"]>, string | number>];

/** Says a phrase in one language, with its values put in. */
export type Say = <Name extends Phrase>(
  name: Name,
  ...values: Values<Name>
) => string;

/** The {@linkcode Say} of a language. */
export function speaker(language: Language): Say {
  return (name, ...values) => {
    const filled: Record<string, string | number> = values[0] ?? {};
    return PHRASES[name][language].replaceAll(
      /\{(\w+)\}/g,
      (_, key: string) => String(filled[key]),
    );
  };
}

/** All phrases, for the test that looks at them. */
export function allPhrases(): Readonly<
  Record<string, Record<Language, string>>
> {
  return PHRASES;
}
