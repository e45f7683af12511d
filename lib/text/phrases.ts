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
  "room opened": {
    zh: "聊天室已开放, {end} 关闭聊天室:",
    en: "The room is open, {end} closes it:",
  },
  "room opened, no end": { zh: "聊天室已开放:", en: "The room is open:" },
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
  "client": { zh: "客户端", en: "client" },
  "server": { zh: "服务器", en: "server" },
  "named client says": { zh: "{name}发来: ", en: "{name} says: " },
  "named server says": { zh: "{name}回复: ", en: "{name} replies: " },
  "room label": { zh: "| ", en: "| " },
  "named ended": {
    zh: "{name}终止连接",
    en: "{name} has ended the conversation",
  },
  "named closed": {
    zh: "{name}已断开连接",
    en: "{name} has closed the connection",
  },
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

  "prompt help": {
    zh:
      "命令: /help 本页; /quit 结束对话; /clear 清屏 (须独占一行, 其他内容照原样发送)\n" +
      "聊天室中另有: /name 新名字, /who, /history [条数]\n" +
      "按键: ↑ ↓ 历史; Tab 补全命令; Ctrl-A/E 行首/行尾; Ctrl-U/W 删除;\n" +
      "Ctrl-C 清空本行, 空行时结束; Ctrl-D 结束",
    en:
      "Commands: /help this page; /quit ends the conversation; /clear clears the screen\n" +
      "(each alone on its line; all else is sent).\n" +
      "In a room also: /name NEW, /who, /history [N]\n" +
      "Keys: up/down history; Tab completes commands; Ctrl-A/E start/end of line;\n" +
      "Ctrl-U/W delete; Ctrl-C clears the line, on an empty one it ends; Ctrl-D ends",
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
  "not UTF-8, passed on": {
    zh: "警告: 对方发来的内容不是 UTF-8, 已照原样输出",
    en:
      "warning: the peer sent bytes that are not UTF-8; they are written as they came",
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
  "not listening": {
    zh: "无法监听 {address} ({cause}); 请检查地址, 或用 --port 换一个端口",
    en:
      "listening on {address} failed ({cause}); check the address, or choose another --port",
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
  "line too long": {
    zh: "这一行超过 {limit} 字节, 没有发送; 可用 --max-message 放宽",
    en:
      "this line has more than {limit} bytes and was not sent; --max-message raises the limit",
  },
  "input not UTF-8": {
    zh:
      "输入的第 {line} 行 (第 {offset} 字节处) 不是 UTF-8, 从该行起没有发送; 请先转换, 如 iconv -t UTF-8",
    en:
      "line {line} of the input is not UTF-8 (at byte {offset}), nothing from that line on was sent; convert it first, as with iconv -t UTF-8",
  },
  "input failed": {
    zh: "无法读取标准输入 ({cause}); 请检查它从哪里来, 如是否为文件夹",
    en:
      "standard input can't be read ({cause}); check where it comes from, such as a folder in place of a file",
  },
  "output failed": {
    zh: "无法写入标准输出 ({cause}), 对话已结束",
    en: "standard output can't be written ({cause}), the conversation is over",
  },
  "room output failed": {
    zh: "警告: 无法写入标准输出 ({cause}); 聊天室继续开放, 但这里不再显示",
    en:
      "warning: standard output can't be written ({cause}); the room goes on, and nothing more is shown here",
  },
  "not printed": {
    zh: "无法写入标准输出 ({cause})",
    en: "standard output can't be written ({cause})",
  },
  "not accepted": {
    zh: "警告: 暂时无法接受连接 ({cause}); 会继续尝试",
    en:
      "warning: nobody can be let in for the moment ({cause}); it is tried again",
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
    zh: "{option} 的值 “{value}” 不对; 应为: {right}",
    en: '{option} can\'t be "{value}"; it takes {right}',
  },
  "bad name": {
    zh: "{option} 的值 “{value}” 不对; {problem}",
    en: '{option} can\'t be "{value}"; {problem}',
  },
  "a port": {
    zh: "{low} 到 65535 的整数",
    en: "a whole number from {low} to 65535",
  },
  "seconds": {
    zh: "大于 0、不超过 {high} 的秒数, 如 2.5",
    en: "a number of seconds above 0 and up to {high}, such as 2.5",
  },
  "a size": {
    zh: "1 到 1G 的字节数, 如 65536、64k 或 1M",
    en: "a number of bytes from 1 to 1G, such as 65536, 64k or 1M",
  },
  "one of": { zh: "{choices} 之一", en: "one of {choices}" },
  "a word": {
    zh: "一行以内的词, 或 '' 表示不用",
    en: "a word within one line, or '' for none",
  },
  "a count": {
    zh: "{low} 到 9999999 的整数",
    en: "a whole number from {low} to 9999999",
  },
  "a path": { zh: "文件路径", en: "the path of a file" },
  "a host": {
    zh: "主机名或地址, 不含端口",
    en: "a host name or an address, without a port",
  },
  "password as argument": {
    zh:
      "--password 不带值: 命令行上的密码别人看得到; 它会在终端上询问, 或用 --password-file 文件",
    en:
      "--password takes no value: others can see a command line; it asks at the terminal, or use --password-file FILE",
  },
  "not together": {
    zh: "{one} 和 {other} 不能同时使用",
    en: "{one} and {other} can't be used together",
  },
  "needs": { zh: "{one} 需要 {other}", en: "{one} needs {other}" },
  "an address range": {
    zh: "地址或范围, 用逗号隔开, 如 192.168.1.7,10.0.0.0/8,fd00::/8",
    en:
      "addresses and ranges with commas between, such as 192.168.1.7,10.0.0.0/8,fd00::/8",
  },

  // Names, of a pair and in a room.
  "name empty": { zh: "名字不能为空", en: "a name can't be empty" },
  "name too long": {
    zh: "名字最多 32 个字符",
    en: "a name has at most 32 characters",
  },
  "name unprintable": {
    zh: "名字不能含有控制字符或看不见的字符",
    en: "a name can't hold control characters or ones that are not seen",
  },
  "name beginning": {
    zh: "名字不能以 * 或 / 开头",
    en: "a name can't begin with * or /",
  },
  "name colon": { zh: "名字不能含有冒号", en: "a name can't hold a colon" },
  "name spaces": {
    zh: "名字的首尾不能有空格",
    en: "a name can't begin or end with a space",
  },
  "name taken": {
    zh: "已有人叫 {name} 或与之相似的名字",
    en: "someone is called {name} already, or nearly so",
  },

  // The room.
  "room welcome": {
    zh: "你是 {name}, 这里有 {count} 人; /help 显示帮助, {end} 离开",
    en: "You are {name}; {count} here. /help helps, {end} leaves",
  },
  "room welcome, no end": {
    zh: "你是 {name}, 这里有 {count} 人; /help 显示帮助, 断开即离开",
    en: "You are {name}; {count} here. /help helps, hanging up leaves",
  },
  "room welcome, operator": {
    zh: "你是 {name}, 这里有 {count} 人; /help 显示帮助",
    en: "You are {name}; {count} here. /help helps",
  },
  "room joined": { zh: "{name} 来了", en: "{name} has joined" },
  "room left": { zh: "{name} 走了", en: "{name} has left" },
  "room renamed": { zh: "{old} 改名为 {name}", en: "{old} is now {name}" },
  "room name": { zh: "你现在是 {name}", en: "You are {name} now" },
  "room name kept": {
    zh: "{problem}; 你仍是 {name}",
    en: "Not taken: {problem}; you are still {name}",
  },
  "room dropped": {
    zh: "{name} 来不及接收消息, 已被断开",
    en: "{name} did not read and has been let go",
  },
  "room you were dropped": {
    zh: "你来不及接收消息, 已被断开",
    en: "You did not read what was sent and have been let go",
  },
  "room you were idle": {
    zh: "你太久没有动静, 已被断开",
    en: "Nothing came or went for too long: you have been let go",
  },
  "room you said too much": {
    zh: "你的消息超过 {limit} 字节, 已被断开",
    en: "Your message has more than {limit} bytes: you have been let go",
  },
  "room missed": {
    zh: "这里没有显示一部分消息: 输出太慢",
    en: "Some messages are not shown here: the output was too slow",
  },
  "room too long": {
    zh: "消息太长, 没有发出: 连名字最多 {limit} 字节",
    en: "Too long, not said: with your name at most {limit} bytes",
  },
  "room closed": { zh: "聊天室已关闭", en: "The room is closed" },
  "room full": {
    zh: "聊天室已满, 请稍后再来",
    en: "the room is full; come back later",
  },
  "room too fast": {
    zh: "你说得太快, 消息会稍后发出, 不会丢失",
    en: "You are too fast: your messages wait, none is lost",
  },
  "room not UTF-8": {
    zh: "你的消息不是 UTF-8, 其他人看到的是 \u{fffd}; 请把终端设为 UTF-8",
    en:
      "Your message is not UTF-8, others see \u{fffd} in it; set your terminal to UTF-8",
  },
  "room who": { zh: "这里有 {count} 人:", en: "{count} here:" },
  "room who line": { zh: "{name}, 已来 {time}", en: "{name}, for {time}" },
  "room history": {
    zh: "之前的 {count} 条消息:",
    en: "Earlier messages, the last {count}:",
  },
  "room no history": {
    zh: "之前没有消息",
    en: "There are no earlier messages",
  },
  "room command history": {
    zh: "/history [条数] 显示之前的消息",
    en: "/history [N] shows the last N messages",
  },
  "room command name": {
    zh: "/name 名字 改名",
    en: "/name NAME changes your name",
  },
  "room command who": {
    zh: "/who 列出在场的人",
    en: "/who lists who is here",
  },
  "room command help": { zh: "/help 显示帮助", en: "/help shows this" },
  "room command slash": {
    zh: "//文字 说出以 / 开头的 /文字",
    en: "//text says /text",
  },
  "room unknown command": {
    zh: "没有这个命令; /help 列出命令, //文字 说出 /文字",
    en: "There is no such command; /help lists them, //text says /text",
  },

  // The progress of what is sent.
  "progress": {
    zh: "已发送 {bytes}, {rate}/s",
    en: "Sent {bytes}, {rate}/s",
  },
  "progress of total": {
    zh: "已发送 {bytes} / {total} ({percent}%), {rate}/s",
    en: "Sent {bytes} of {total} ({percent}%), {rate}/s",
  },
  "progress with time left": {
    zh: "已发送 {bytes} / {total} ({percent}%), {rate}/s, 剩余 {left}",
    en: "Sent {bytes} of {total} ({percent}%), {rate}/s, {left} left",
  },

  // The transcript.
  "no log permission": {
    zh: "没有写入 {path} 的权限; 请用 deno run --allow-net {flag} 启动",
    en:
      "there is no permission to write {path}; start with deno run --allow-net {flag}",
  },
  "no log folder": {
    zh: "--log {path} 所在的文件夹不存在; 请先创建它, 或改用其他路径",
    en:
      "the folder of --log {path} does not exist; make it first, or choose another path",
  },
  "log is a folder": {
    zh: "--log {path} 是文件夹; 请给出其中的文件名",
    en: "--log {path} is a folder; give the name of a file in it",
  },
  "log not writable": {
    zh: "系统不允许写入 {path}; 请检查它和所在文件夹的权限, 或改用其他路径",
    en:
      "writing {path} is not allowed; check who may write it and its folder, or choose another path",
  },
  "log is a device": {
    zh: "{path} 不是普通文件; 请给 --log 普通文件, 或用 deno run -A 启动",
    en: "{path} is no ordinary file; give --log one, or start with deno run -A",
  },
  "log not opened": {
    zh: "无法打开 --log {path} ({cause}); 请改用其他路径",
    en: "--log {path} can't be opened ({cause}); choose another path",
  },
  "log failed": {
    zh: "警告: 无法再写入记录 {path} ({cause}); 对话继续, 但不再记录",
    en:
      "warning: the log {path} can't be written any more ({cause}); the conversation goes on without it",
  },

  // The door: of who is turned away, and of a server that one can't talk with.
  "turned away": {
    zh: "已拒绝 {address}: {reason}",
    en: "Turned away {address}: {reason}",
  },
  "turned away, more": {
    zh: "已拒绝 {address}: {reason} (此前还有 {count} 次)",
    en: "Turned away {address}: {reason} (and {count} more before)",
  },
  "not allowed": { zh: "不在 --allow 之内", en: "not in --allow" },
  "wrong password": { zh: "密码不对", en: "wrong password" },
  "too slow at the door": {
    zh: "没有及时通过",
    en: "took too long",
  },
  "crowded out": {
    zh: "门口的人太多",
    en: "too many waited to be let in",
  },
  "left at the door": {
    zh: "没有通过就离开了",
    en: "left before it was let in",
  },
  "client without TLS": {
    zh: "客户端没有使用 TLS; 请用 --tls 启动客户端",
    en: "the client does not speak TLS; start it with --tls",
  },
  "client with TLS": {
    zh:
      "客户端使用 TLS, 而本服务器没有; 请用 --tls-cert 和 --tls-key 启动服务器, 或去掉客户端的 --tls",
    en:
      "the client speaks TLS and this server does not; start the server with --tls-cert and --tls-key, or the client without --tls",
  },
  "client refused TLS": {
    zh: "TLS 握手失败, 客户端可能不信任证书 ({cause})",
    en:
      "the TLS handshake failed, the client may not trust the certificate ({cause})",
  },
  "cut off": {
    zh: "对方没有按 TLS 告别就断开了; 最后的消息可能没有收到",
    en:
      "the peer closed without TLS's goodbye; the last messages may not have arrived",
  },
  "closed unasked": {
    zh: "服务器没有询问密码就断开了; 它可能不允许这个地址, 或没有要求密码",
    en:
      "the server closed before it asked for a password; it may not allow this address, or ask for none",
  },
  "password wanted": {
    zh: "服务器要求密码; 请用 --password 或 --password-file 文件 启动客户端",
    en:
      "the server asks for a password; start the client with --password or --password-file FILE",
  },
  "no password wanted": {
    zh:
      "服务器没有要求密码, 密码没有发出; 请去掉 --password 或 --password-file",
    en:
      "the server asked for no password, and it was not sent; leave --password or --password-file away",
  },
  "password refused": {
    zh: "服务器不接受这个密码",
    en: "the server does not take this password",
  },
  "server without TLS": {
    zh:
      "服务器没有使用 TLS; 请去掉 --tls, 或让服务器用 --tls-cert 和 --tls-key",
    en:
      "the server does not speak TLS; leave --tls away, or give the server --tls-cert and --tls-key",
  },
  "server with TLS": {
    zh: "服务器使用 TLS; 请用 --tls 启动客户端",
    en: "the server speaks TLS; start the client with --tls",
  },
  "server refused TLS": {
    zh:
      "与服务器的 TLS 握手失败 ({cause}); 它可能没有使用 TLS, 或不允许这个地址",
    en:
      "the TLS handshake with the server failed ({cause}); it may not speak TLS, or not allow this address",
  },
  "server silent": {
    zh:
      "服务器在 --connect-timeout 时间内没有应答; 它可能正忙, 没有使用 TLS, 或没有要求密码",
    en:
      "the server did not answer within --connect-timeout; it may be busy, speak no TLS, or ask for no password",
  },
  "server silent, no TLS": {
    zh:
      "服务器在 --connect-timeout 时间内没有应答; 它可能正忙, 没有要求密码, 或使用 TLS (请试用 --tls)",
    en:
      "the server did not answer within --connect-timeout; it may be busy, ask for no password, or speak TLS (then use --tls)",
  },
  "certificate for another name": {
    zh: "服务器的证书不是这个主机名的 ({cause}); 请用证书上的名字连接",
    en:
      "the server's certificate is for another name ({cause}); connect to the name in the certificate",
  },
  "certificate of unknown authority": {
    zh:
      "服务器的证书不受信任 ({cause}); 请用 --tls-ca 给出它的签发者, 自签的则给出证书本身",
    en:
      "the server's certificate is not trusted ({cause}); name its authority with --tls-ca, or the certificate itself where it is self-signed",
  },
  "certificate of an authority": {
    zh:
      "服务器的证书是签发者的 ({cause}); 请换用以 basicConstraints=CA:FALSE 生成的证书",
    en:
      "the server's certificate is an authority's ({cause}); it needs one made with basicConstraints=CA:FALSE",
  },
  "certificate out of date": {
    zh: "服务器的证书不在有效期内 ({cause}); 请换用新的证书, 并检查时钟",
    en:
      "the server's certificate is out of date ({cause}); it needs a new one; check the clocks too",
  },

  // The files for TLS, and going without it.
  "bad authority": {
    zh: "{path} 中没有可用的证书; --tls-ca 需要 PEM 格式的证书",
    en:
      "{path} holds no certificate of use; --tls-ca takes certificates in PEM",
  },
  "bad certificate": {
    zh:
      "--tls-cert 或 --tls-key 不可用 ({cause}); 需要 PEM 格式的证书和它的密钥",
    en:
      "--tls-cert or --tls-key is of no use ({cause}); they take a certificate and its key in PEM",
  },
  "not encrypted": {
    zh: "警告: 与 {address} 的连接没有加密, 途中的人能看到密码和对话; 请用 TLS",
    en:
      "warning: the connection with {address} is not encrypted, the password and the conversation can be read on the way; use TLS",
  },

  // The password.
  "password prompt": { zh: "密码: ", en: "Password: " },
  "no terminal for password": {
    zh: "--password 需要在终端上输入; 请改用 --password-file 文件",
    en: "--password asks at a terminal; use --password-file FILE instead",
  },
  "empty password": {
    zh: "密码不能为空; 请给出 1 到 {limit} 字节",
    en: "the password is empty; give 1 to {limit} bytes",
  },
  "password too long": {
    zh: "密码太长; 最多 {limit} 字节",
    en: "the password is too long; give at most {limit} bytes",
  },
  "password not UTF-8": {
    zh: "密码不是 UTF-8; 请转换文件 (如 iconv -t UTF-8), 或换用其他密码",
    en:
      "the password is not in UTF-8; convert its file, as with iconv -t UTF-8, or choose another",
  },
  "password file readable": {
    zh: "警告: 其他用户可以读取密码文件 {path}; 请用 chmod 600",
    en: "warning: others can read the password file {path}; use chmod 600",
  },

  // Files that options name.
  "no read permission": {
    zh: "没有读取 {path} 的权限; 请加上 {flag}",
    en: "there is no permission to read {path}; add {flag}",
  },
  "file not read": {
    zh: "无法读取 {path} ({cause}); 请检查路径和权限",
    en: "{path} can't be read ({cause}); check the path and who may read it",
  },

  // The Unix socket.
  "no unix sockets": {
    zh: "这个系统不支持 --unix; 请用 --host 和 --port",
    en: "this system has no --unix; use --host and --port",
  },
  "no unix permission": {
    zh: "没有使用 {path} 的权限; 请用 --allow-net {flags}",
    en: "there is no permission for {path}; use --allow-net {flags}",
  },
  "unix path taken": {
    zh: "{path} 已存在且不是套接字, 没有动它; 请换一个 --unix 路径",
    en:
      "{path} exists, is no socket and was left alone; choose another path for --unix",
  },
  "unix in use": {
    zh: "已有服务器在使用 {path}; 请换一个 --unix 路径, 或停掉它",
    en:
      "a server uses {path} already; choose another path for --unix, or stop it",
  },
  "unix open to others": {
    zh: "系统会让其他用户连接 {path}; 请先 umask 077, 或加上 --allow-sys",
    en:
      "others could connect to {path}; run umask 077 first, or add --allow-sys",
  },
  "unix not there": {
    zh: "{path} 没有服务器在监听; 请先用 --unix 启动服务器, 或用 --wait 秒数",
    en:
      "nothing listens at {path}; start a server there with --unix first, or wait for it with --wait SECONDS",
  },
  "unix failed": {
    zh: "无法使用 {path} ({cause}); 请检查路径和权限, 或换一个更短的路径",
    en:
      "{path} can't be used ({cause}); check the path and who may use it, or choose a shorter one",
  },
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
