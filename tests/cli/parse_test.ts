import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Options, optionsOf } from "../../lib/cli/options.ts";
import { describeFault } from "../../lib/cli/outcome.ts";
import { languageIn, parseOptions, UsageError } from "../../lib/cli/parse.ts";
import { type Role, speaker } from "../../lib/text/phrases.ts";
import { PURE } from "../kit/pure.ts";

const ROLES: readonly Role[] = ["server", "client"];

/** What a command line sets: the options that are not as they are by default. */
function setBy(args: string[], role: Role): Partial<Options> {
  const defaults = new Map(Object.entries(parseOptions([], role)));
  return Object.fromEntries(
    Object.entries(parseOptions(args, role))
      .filter(([name, value]) => value !== defaults.get(name)),
  );
}

/** What is said of a command line that is wrong. */
function complaintOf(args: string[], role: Role, tag = "en"): string {
  const error = assertThrows(() => parseOptions(args, role), UsageError);
  const message = describeFault(error, "", speaker(languageIn(args, tag)));
  assertEquals(message.split("\n").length, 1, "It is one line");
  return message;
}

Deno.test("parseOptions() has defaults", PURE, () => {
  for (const role of ROLES) {
    const options = parseOptions([], role);
    assertEquals(options.host, "127.0.0.1");
    assertEquals(options.port, 8000);
    assertEquals(options.end, "n");
    assertEquals(options.framing, "lines");
    assertEquals(options.turns, false);
    assertEquals(options.lang, undefined);
    assertEquals(options.style, "auto");
    assertEquals(options.maxMessage, 1024 * 1024);
    assertEquals(options.idleTimeout, Infinity);
    assertEquals(options.connectTimeout, 10_000);
    assertEquals(options.wait, 0);
    assertEquals(options.keepOpen, false);
    assertEquals(options.help, false);
    assertEquals(options.version, false);
    assertEquals(options.color, true);
  }
});

Deno.test(
  "languageIn() takes the language from the locale, unless told",
  PURE,
  () => {
    const table = [
      ["zh", "zh"],
      ["zh-CN", "zh"],
      ["zh-Hant-TW", "zh"],
      ["ZH-cn", "zh"],
      ["en-US", "en"],
      ["de", "en"],
      ["", "en"],
    ] as const;
    for (const [tag, language] of table) {
      assertEquals(languageIn([], tag), language, tag);
      for (const told of ["zh", "en"] as const) {
        assertEquals(languageIn(["--lang", told], tag), told);
      }
    }
  },
);

Deno.test("parseOptions() reads every option of both sides", PURE, () => {
  const table: [args: string[], set: Partial<Options>][] = [
    [["--port", "9000"], { port: 9000 }],
    [["--port=9000"], { port: 9000 }],
    [["-p", "9000"], { port: 9000 }],
    [["-p9000"], { port: 9000 }],
    [["-p=9000"], { port: 9000 }],
    [["-p", "65535"], { port: 65535 }],
    [["-p", "1"], { port: 1 }],
    [["-p", "1", "-p", "2"], { port: 2 }],
    [["--host", "0.0.0.0"], { host: "0.0.0.0" }],
    [["--host", "::1"], { host: "::1" }],
    [["--host", "[::1]"], { host: "::1" }],
    [["--host", "例子.cn"], { host: "xn--fsqu00a.cn" }],
    [["--host", "中文。Example"], { host: "xn--fiq228c.example" }],
    [["--host", "my_host-2.lan."], { host: "my_host-2.lan." }],
    [["--host", "::"], { host: "::" }],
    [["--host", "fe80::1%eth0"], { host: "fe80::1%eth0" }],
    [["--host", "::ffff:1.2.3.4"], { host: "::ffff:1.2.3.4" }],
    [["--host", "FD00::A"], { host: "FD00::A" }],
    [["--end", "再见"], { end: "再见" }],
    [["--end", ""], { end: "" }],
    [["--end="], { end: "" }],
    [["--end=-x"], { end: "-x" }],
    [["--end", "-5"], { end: "-5" }],
    [["--end", "--"], { end: "--" }],
    [["--end", "a=b"], { end: "a=b" }],
    [["--end=a=b"], { end: "a=b" }],
    [["--end", "good bye"], { end: "good bye" }],
    [["--end", "007"], { end: "007" }],
    [["--framing", "raw"], { framing: "raw" }],
    [["--framing", "raw", "--framing", "lines"], {}],
    [["--turns"], { turns: true }],
    [["--lang", "zh"], { lang: "zh" }],
    [["--style", "chat"], { style: "chat" }],
    [["--style", "plain"], { style: "plain" }],
    [["--max-message", "65536"], { maxMessage: 65536 }],
    [["--max-message", "64k"], { maxMessage: 64 * 1024 }],
    [["--max-message", "2M"], { maxMessage: 2 * 1024 ** 2 }],
    [["--max-message", "1G"], { maxMessage: 1024 ** 3 }],
    [["--max-message", "3m"], { maxMessage: 3 * 1024 ** 2 }],
    [["--max-message", "1"], { maxMessage: 1 }],
    [["--name", "小明"], { name: "小明" }],
    [["--time"], { time: true }],
    [["--bell"], { bell: "all" }],
    [["--bell", "--turns"], { bell: "all", turns: true }],
    [["--bell", "mention"], { bell: "mention" }],
    [["--bell=all"], { bell: "all" }],
    [["--no-color"], { color: false }],
    [["--no-progress"], { progress: false }],
    [["--log", "a b"], { log: "a b" }],
    [["--password"], { password: true }],
    [["--password-file", "a b"], { passwordFile: "a b" }],
    [["--unix", "a b"], { unix: "a b" }],
    [["--connect-timeout", "2.5"], { connectTimeout: 2500 }],
    [["--idle-timeout", ".5"], { idleTimeout: 500 }],
    [["--idle-timeout", "60"], { idleTimeout: 60_000 }],
    [["--idle-timeout", "2147483"], { idleTimeout: 2_147_483_000 }],
    [["--help"], { help: true }],
    [["-h"], { help: true }],
    [["--version"], { version: true }],
    [["-V"], { version: true }],
    [["--turns", "--end", "", "-p", "9"], { turns: true, end: "", port: 9 }],
    [["--"], {}],
  ];
  for (const role of ROLES) {
    for (const [args, set] of table) {
      assertEquals(
        setBy(args, role),
        set,
        `${role} ${JSON.stringify(args)}`,
      );
    }
  }
});

Deno.test("parseOptions() reads where browsers come in", PURE, () => {
  const cases: [string, string | undefined, number][] = [
    ["8080", undefined, 8080],
    ["0", undefined, 0],
    ["0.0.0.0:65535", "0.0.0.0", 65535],
    ["[::]:80", "::", 80],
    ["chat.lan:8080", "chat.lan", 8080],
  ];
  for (const [value, host, port] of cases) {
    const { web } = parseOptions(["--room", "--web", value], "server");
    assertEquals(web, { host, port }, value);
  }
  assertEquals(parseOptions([], "server").web, undefined);
  assertEquals(parseOptions([], "server").qr, true);
});

Deno.test("parseOptions() reads who may come in", PURE, () => {
  const lists = [
    ["--allow", "192.0.2.7, 10.0.0.0/8"],
    ["--allow=192.0.2.7", "--allow", "10.0.0.0/8"],
  ];
  for (const args of lists) {
    const { allow } = parseOptions(args, "server");
    assertEquals(allow, ["192.0.2.7", "10.0.0.0/8"], JSON.stringify(args));
  }
  for (const entry of ["::1", "::/0", "::ffff:192.0.2.0/120", "2001:DB8::7"]) {
    assertEquals(parseOptions(["--allow", entry], "server").allow, [entry]);
  }
  const bad = [
    "",
    "localhost",
    "10",
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/255.0.0.0",
    "/8",
    ":::",
    "fd00::/129",
    "fe80::1%eth0",
  ];
  for (const entry of bad) {
    assertThrows(
      () => parseOptions([`--allow=${entry}`], "server"),
      UsageError,
    );
  }
});

Deno.test("parseOptions() reads what only one side has", PURE, () => {
  const table: [role: Role, args: string[], set: Partial<Options>][] = [
    ["server", ["--port", "0"], { port: 0 }],
    ["server", ["--keep-open"], { keepOpen: true }],
    ["server", ["-k"], { keepOpen: true }],
    ["server", ["-kp", "9"], { keepOpen: true, port: 9 }],
    ["server", ["-kp9"], { keepOpen: true, port: 9 }],
    ["server", ["-kp=9"], { keepOpen: true, port: 9 }],
    ["server", ["-kkp0", "-k"], { keepOpen: true, port: 0 }],
    ["server", ["-Vk"], { keepOpen: true, version: true }],
    ["server", ["--room"], { room: true }],
    ["server", ["--room", "--max-clients", "2", "--rate", "9"], {
      room: true,
      maxClients: 2,
      rate: 9,
    }],
    ["server", ["--room", "--history", "0", "--queue", "2M"], {
      room: true,
      history: 0,
      queue: 2 * 1024 ** 2,
    }],
    ["server", ["--tls-cert", "c", "--tls-key", "k"], {
      tlsCert: "c",
      tlsKey: "k",
    }],
    ["client", ["--tls"], { tls: true }],
    ["client", ["--tls", "--tls-ca", "a"], { tls: true, tlsCa: "a" }],
    ["client", ["--wait", "3"], { wait: 3000 }],
    ["client", ["example.org"], { host: "example.org" }],
    ["client", ["example.org", "9"], { host: "example.org", port: 9 }],
    ["client", ["::1", "9"], { host: "::1", port: 9 }],
    ["client", ["[::1]"], { host: "::1" }],
    ["client", ["192.0.2.7:9"], { host: "192.0.2.7", port: 9 }],
    ["client", ["[fd00::2]:9"], { host: "fd00::2", port: 9 }],
    ["client", ["[fe80::2%eth0]:9"], { host: "fe80::2%eth0", port: 9 }],
    ["client", ["fd00::9"], { host: "fd00::9" }],
    ["client", ["--turns", "h", "9"], { turns: true, host: "h", port: 9 }],
    ["client", ["h", "--turns", "9"], { turns: true, host: "h", port: 9 }],
    ["client", ["h", "-p", "9"], { host: "h", port: 9 }],
    ["client", ["--", "h", "9"], { host: "h", port: 9 }],
    ["client", ["--", "-h"], { host: "-h" }],
    // A host has a name like any other, also after an option without a value.
    ["client", ["--turns", "true"], { turns: true, host: "true" }],
    ["client", ["--turns", "false"], { turns: true, host: "false" }],
    ["client", ["1e3"], { host: "1e3" }],
  ];
  for (const [role, args, set] of table) {
    assertEquals(
      setBy(args, role),
      set,
      `${role} ${JSON.stringify(args)}`,
    );
  }
});

/** Command lines that are wrong, what is named of each, and what is right. */
const WRONG: {
  args: string[];
  role?: Role;
  names: string[];
  en: string;
  zh: string;
}[] = [
  ...[
    ["--prot", "9"],
    ["--prot=9"],
    ["-x"],
    ["-x=5"],
    ["--no-turns"],
    ["--no-end"],
    ["--PORT", "9"],
    ["-P", "9"],
    ["--_", "9"],
    ["-_"],
    ["--__proto__", "9"],
    ["--constructor"],
    ["--end.x", "9"],
    ["-5"],
    ["-5V"],
    ["-V5"],
    ["-V-"],
    ["-V_"],
    ["-h0x"],
    ["--名"],
  ].map((args) => ({
    args,
    names: [args[0]?.split("=")[0] ?? ""],
    en: "--help lists the options",
    zh: "用 --help 查看所有选项",
  })),
  ...["--port", "-p", "--end", "--lang", "--host", "--idle-timeout"].flatMap((
    option,
  ) =>
    [[option], [option, "--turns"], [option, "-h"]].map((args) => ({
      args,
      names: [option],
      en: "needs a value",
      zh: "缺少值",
    }))
  ),
  ...[["--turns=true"], ["--turns="], ["--help=no"], ["-h=1"], ["-V="]].map((
    args,
  ) => ({
    args,
    names: [args[0]?.split("=")[0] ?? ""],
    en: "takes no value",
    zh: "不带值",
  })),
  ...["", "x", "-1", "65536", "99999999", "80.5", "1e3", " 80", "０"].map((
    value,
  ) => ({
    args: [`--port=${value}`],
    names: ["--port", value],
    en: "to 65535",
    zh: "到 65535 的整数",
  })),
  ...["", "0", "x", "-1", "1.5k", "64kb", "2G", "1e3", "k"].map((value) => ({
    args: [`--max-message=${value}`],
    names: ["--max-message", value],
    en: "a number of bytes from 1 to 1G",
    zh: "应为: 1 到 1G 的字节数",
  })),
  ...["connect-timeout", "idle-timeout"].flatMap((name) =>
    ["", "0", "-1", "x", "1s", "1e3", "Infinity", "2147484", "1."].map((
      value,
    ) => ({
      args: [`--${name}=${value}`],
      names: [`--${name}`, value],
      en: "a number of seconds above 0 and up to 2147483,",
      zh: "大于 0、不超过 2147483 的秒数",
    }))
  ),
  ...[
    { name: "framing", right: "lines, raw" },
    { name: "lang", right: "zh, en" },
    { name: "style", right: "auto, chat, plain" },
  ].flatMap(({ name, right }) =>
    ["", "x", right, "LINES", "ZH"].map((value) => ({
      args: [`--${name}=${value}`],
      names: [`--${name}`, value],
      en: `one of ${right}`,
      zh: `${right} 之一`,
    }))
  ),
  ...[
    ...["", "a b", "a/b", "[]", "a\0b", "x".repeat(256)],
    ...["localhost:9000", "127.0.0.1:9000", "[::1]:9000", "[::1", "http:"],
    ...["me@example.org", "*", "a,b", "a%20b", "a#b", "::1%a b"],
  ].map((value) => ({
    args: [`--host=${value}`],
    names: ["--host"],
    en: "a host name or an address, without a port",
    zh: "主机名或地址, 不含端口",
  })),
  ...[
    ["a\nb", "a\\x0ab"],
    ["\n", "\\x0a"],
    ["n\r", "n\\x0d"],
  ].map(([value = "", shown = ""]) => ({
    args: ["--end", value],
    names: ["--end", shown],
    en: "a word within one line",
    zh: "一行以内的词",
  })),
  {
    args: ["--password", "--password-file", "f"],
    names: ["--password ", "--password-file"],
    en: "can't be used together",
    zh: "不能同时使用",
  },
  ...["log", "unix", "password-file"].flatMap((name) =>
    ["", "a\0b"].map((value) => ({
      args: [`--${name}=${value}`],
      names: [`--${name}`],
      en: "the path of a file",
      zh: "文件路径",
    }))
  ),
  ...[
    { value: "", en: "; a name can't be empty", zh: "不能为空" },
    { value: "x".repeat(33), en: "at most 32 characters", zh: "32" },
    { value: "a\x1bb", en: "letters", zh: "文字" },
    { value: "*a", en: "letters", zh: "文字" },
    { value: "a:b", en: "letters", zh: "文字" },
    { value: " a", en: "no space", zh: "空格" },
  ].map(({ value, en, zh }) => ({
    args: [`--name=${value}`],
    names: ["--name"],
    en,
    zh,
  })),
];

/** The same for what is wrong on one side only. */
const WRONG_ON_ONE_SIDE: typeof WRONG = [
  ...["", "x", "10.0.0.1,", "10.0.0.0/33", "1.2.3", "fd00::/129", "::1/x"].map(
    (value) => ({
      role: "server" as const,
      args: ["--allow", "10.0.0.1", `--allow=${value}`],
      names: ["--allow", value.split(",").at(-1) ?? ""],
      en: "addresses and ranges with commas between",
      zh: "地址或范围, 用逗号隔开",
    }),
  ),
  ...([
    ["client", "--unix", ["example.org"]],
    ["client", "--unix", ["--tls"]],
    ["server", "--unix", ["--host", "::1"]],
    ["server", "--unix", ["--port", "1"]],
    ["server", "--unix", ["--allow", "::1"]],
    ["server", "--unix", ["--tls-cert", "c", "--tls-key", "k"]],
  ] as const).map(([role, one, others]) => ({
    role,
    args: [one, "s", ...others],
    names: [one, others[0]],
    en: "can't be used together",
    zh: "不能同时使用",
  })),
  ...["", "x", "65536", ":80", "host:", "a b:80", "host:x"].map((value) => ({
    role: "server" as const,
    args: ["--room", `--web=${value}`],
    names: ["--web", value],
    en: "a port from 0 to 65535, maybe with a host before it",
    zh: "0 到 65535 的端口, 前面可以有主机",
  })),
  ...["--turns", "--keep-open", "--framing raw"].map((other) => ({
    role: "server" as const,
    args: ["--room", ...other.split(" ")],
    names: ["--room", other],
    en: "can't be used together",
    zh: "不能同时使用",
  })),
  ...([
    ["server", "--max-clients", "--room"],
    ["server", "--web", "--room"],
    ["server", "--history", "--room"],
    ["server", "--queue", "--room"],
    ["server", "--rate", "--room"],
    ["server", "--tls-cert", "--tls-key"],
    ["server", "--tls-key", "--tls-cert"],
    ["client", "--tls-ca", "--tls"],
  ] as const).flatMap(([role, one, other]) =>
    ["1", ""].map((value) => ({
      role,
      args: [one, value],
      names: [`${one} `, ` ${other}`],
      en: "needs",
      zh: "需要",
    }))
  ),
  ...["max-clients=0", "rate=0", "history=-1", "history=1.5"].map((option) => ({
    role: "server" as const,
    args: ["--room", `--${option}`],
    names: [option.replace(/=.*/, "")],
    en: "a whole number from",
    zh: "的整数",
  })),
  {
    role: "server",
    args: ["9000"],
    names: ["9000"],
    en: "the server takes options only",
    zh: "服务器只接受选项",
  },
  {
    role: "server",
    args: ["--turns", "no"],
    names: ["no"],
    en: "stray argument",
    zh: "多余的参数",
  },
  {
    role: "server",
    args: ["--", "-k"],
    names: ["-k"],
    en: "stray argument",
    zh: "多余的参数",
  },
  {
    role: "client",
    args: ["h", "9", "more"],
    names: ["more"],
    en: "the client takes [host] [port]",
    zh: "客户端的参数为 [主机] [端口]",
  },
  {
    role: "client",
    args: ["h", "9", "-p", "8"],
    names: ["--port"],
    en: "is given twice",
    zh: "给了两次",
  },
  {
    role: "client",
    args: ["h", "--host", "g"],
    names: ["--host"],
    en: "is given twice",
    zh: "给了两次",
  },
  {
    role: "client",
    args: ["h", "x"],
    names: ["x"],
    en: "a whole number from 1 to 65535",
    zh: "1 到 65535 的整数",
  },
  {
    role: "client",
    args: ["-p", "0"],
    names: ["--port", "0"],
    en: "a whole number from 1 to 65535",
    zh: "1 到 65535 的整数",
  },
  {
    role: "server",
    args: ["-p", "-1"],
    names: ["--port", "-1"],
    en: "a whole number from 0 to 65535",
    zh: "0 到 65535 的整数",
  },
  {
    role: "client",
    args: [""],
    names: ["--host"],
    en: "a host name or an address",
    zh: "主机名或地址",
  },
  {
    role: "server",
    args: ["--wait", "1"],
    names: ["--wait"],
    en: "is an option of the client",
    zh: "是客户端的选项",
  },
  ...["-k", "--keep-open"].map((option) => ({
    role: "client" as const,
    args: [option],
    names: [option],
    en: "is an option of the server",
    zh: "是服务器的选项",
  })),
  ...[["-k9", "-k9"], ["-k-", "-k-"], ["-kx", "-x"], ["-kp9", "-kp9"]].map((
    [arg = "", named = ""],
  ) => ({
    role: arg === "-kp9" ? "client" as const : "server" as const,
    args: [arg],
    names: [named],
    en: arg === "-kp9" ? "is an option of the server" : "unknown option",
    zh: arg === "-kp9" ? "是服务器的选项" : "未知选项",
  })),
  {
    role: "server",
    args: ["-pk"],
    names: ["--port", '"k"'],
    en: "a whole number from 0 to 65535",
    zh: "0 到 65535 的整数",
  },
  {
    role: "server",
    args: ["-kp"],
    names: ["-p"],
    en: "needs a value",
    zh: "缺少值",
  },
  {
    role: "server",
    args: ["-kV="],
    names: ["-V"],
    en: "takes no value",
    zh: "不带值",
  },
  {
    role: "server",
    args: ["-k=false"],
    names: ["-k"],
    en: "takes no value",
    zh: "不带值",
  },
  {
    role: "client",
    args: ["--wait", "0"],
    names: ["--wait", "0"],
    en: "a number of seconds above 0 and up to 2147483,",
    zh: "大于 0、不超过 2147483 的秒数",
  },
];

Deno.test(
  "parseOptions() names what is wrong and says what is right",
  PURE,
  () => {
    const all = [
      ...ROLES.flatMap((role) => WRONG.map((wrong) => ({ ...wrong, role }))),
      ...WRONG_ON_ONE_SIDE,
    ];
    for (const { role = "client", args, names, en, zh } of all) {
      const command = `${role} ${JSON.stringify(args)}`;
      for (const name of names) {
        assertStringIncludes(complaintOf(args, role), name, command);
      }
      assertStringIncludes(complaintOf(args, role), en, command);
      assertStringIncludes(complaintOf(args, role, "zh-CN"), zh, command);
    }
  },
);

Deno.test(
  "parseOptions() complains in the language that is asked for",
  PURE,
  () => {
    const table: [args: string[], tag: string, part: string][] = [
      [["--lang", "zh", "--prot"], "en", "未知选项"],
      [["--prot", "--lang=zh"], "en", "未知选项"],
      [["--lang", "en", "--prot"], "zh-CN", "unknown option"],
      [["--lang", "en", "--lang", "zh", "--prot"], "en", "未知选项"],
      [["--lang", "fr"], "zh-CN", "zh, en 之一"],
      [["--lang", "fr"], "en", "one of zh, en"],
    ];
    for (const [args, tag, part] of table) {
      assertStringIncludes(complaintOf(args, "client", tag), part);
    }
  },
);

Deno.test("optionsOf() names only options that there are", PURE, () => {
  for (const role of ROLES) {
    const options = optionsOf(role);
    for (const [name, { form, does, help }] of options) {
      if (form.needs) assertEquals(options.has(form.needs), true, name);
      for (const other of form.excludes ?? []) {
        assertEquals(optionsOf().has(other.replace(/ .*/, "")), true, name);
      }
      // What the README says is more than what the page says.
      if (does !== "" && "en" in help) assertEquals(does === help.en, false);
    }
  }
});

Deno.test("optionsOf() has each letter once on a side", PURE, () => {
  for (const role of ROLES) {
    const letters = [...optionsOf(role).values()]
      .flatMap(({ form }) => form.letter ?? []);
    assertEquals(new Set(letters).size, letters.length);
  }
});
