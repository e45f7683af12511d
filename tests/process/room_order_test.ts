import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  commandFor,
  COMPILED,
  ServerProcess,
  startClient,
} from "../kit/programs.ts";
import { Process } from "../kit/process.ts";
import { Random } from "../kit/random.ts";
import { RawPeer } from "../kit/raw_peer.ts";
import { comeAs, startRoom } from "../kit/room_members.ts";
import { inFolder } from "../kit/folder.ts";

const OTHERS = 30;
/** More than one may say in a minute. */
const FLOOD = "flood\n".repeat(100_000);
const KILLS = 4;
/** How many bans are made until a server is killed, at the most. */
const MANY_BANS = 400;

function startBanning(
  path: string,
  args: readonly string[] = [],
): Promise<ServerProcess> {
  const all = ["--room", "--port", "0", "--bans", path, ...args];
  const permissions = [
    "--no-prompt",
    "--allow-net",
    `--allow-read=${path},${path}.new`,
    `--allow-write=${path},${path}.new`,
  ];
  const command = commandFor("server", ["--lang", "en", ...all], permissions);
  return new ServerProcess(...command).listening();
}

Deno.test("members tell one another things alone, in netcat and in a client", async () => {
  await using server = await startRoom();
  using ann = await comeAs("Ann", server.port);
  using bo = await comeAs("Bo", server.port);
  await using di = startClient(server, ["--name", "Di"]);
  await di.stdout.until("* Di: welcome");
  await di.write("/msg bo 你好 \x1b[2J\u202e* Ann has left\n");
  await bo.until("* Di whispers: 你好 \\x1b[2J\\u202e* Ann has left\n");
  await di.stdout.until("* to Bo: 你好");
  await bo.send("/reply yes\n/me has left\n/reply\n");
  await di.stdout.until("* Bo whispers: yes\n");
  await bo.until("* to Di: yes\n** Bo has left\n* Bo: /reply TEXT");
  await bo.send("/ignore di\n");
  await bo.until("* Bo: You don't hear Di any more");
  await di.write("/msg bo again\nto all\n/me waves\n");
  const heard = await ann.until("** Di waves\n");
  assert(!/whispers|\* to /.test(heard), heard);
  await ann.send("/history\nover\n");
  assert(!/whispers|\* to /.test(await ann.until("the last 3:\n")));
  const rest = await bo.until("Ann: over\n");
  assert(!/again|to all|waves/.test(rest), rest);
  const { text } = server.stdout;
  assert(!/whispers|\* to /.test(text), text);
  await di.write("n\n");
  await di.finish();
});

Deno.test("a room says in Chinese what an operator does", async () => {
  await using server = await startRoom(["--lang", "zh"]);
  using ann = await comeAs("小明", server.port);
  using bo = await comeAs("Bo", server.port);
  await ann.until("* 小明: 欢迎, 这里有 ");
  await server.write("/mute bo 3 太吵\n/mute bob\n/topic 天气\n/slow 9\n");
  await bo.until("* Bo: 你被禁言 (3 分钟): 太吵\n");
  await server.stdout.until("这里没有人叫 bob; 是不是 Bo?\n");
  await bo.send("为什么\n/msg 小明 为什么\n");
  await bo.until("* Bo: 没有说出: 你被禁言\n");
  await server.write("/unmute bo\n/rename bo 小红\n/lock\n/unlock\n");
  await bo.until("* 小红: 你现在是 小红\n");
  await bo.until("* 聊天室不再锁定\n");
  await bo.send("/msg 小明 谢谢\n/me 挥手\n");
  await ann.until("* 小红 whispers: 谢谢\n** 小红 挥手\n");
  await server.write("/kick 小红 再见\n");
  assert(
    (await bo.end()).endsWith("* 小红: 主持人把你请出了聊天室: 再见\nn\n"),
  );
  const heard = await ann.until("* 小红 被主持人请出: 再见\n");
  assertStringIncludes(heard, "* Bo 被禁言 (3 分钟): 太吵\n");
  assertStringIncludes(heard, "* 话题是 天气\n");
  assertStringIncludes(heard, "* 现在每人每秒最多 9 条消息\n");
  assert(!heard.includes("为什么"), heard);
});

/** What is wrong with each command of an operator, as it is told. */
const WRONG: readonly (readonly [string, string])[] = [
  ["/kick", "/kick 名字 [原因] 请出一个人"],
  ["/kick 小名", "这里没有人叫 小名; 是不是 小明?"],
  ["/kick 老师", "那是你自己"],
  ["/ban", "/ban 名字|地址[/前缀] [分钟] [原因] 禁止一个地址进入"],
  ["/ban 10.0.0.0/33", "这里没有人叫 10.0.0.0/33"],
  ["/ban 小明 0", "/ban 名字|地址[/前缀] [分钟] [原因] 禁止一个地址进入"],
  ["/unban", "/unban 地址[/前缀] 重新允许"],
  ["/unban 小\x1b明", "没有被禁止: 小\\x1b明; /bans 列出禁止的地址"],
  ["/bans all", "/bans 列出禁止的地址"],
  ["/mute", "/mute 名字 [分钟] [原因] 禁言"],
  ["/mute bbo", "这里没有人叫 bbo; 是不是 Bob?"],
  ["/mute bob 1.5", "/mute 名字 [分钟] [原因] 禁言"],
  ["/unmute", "/unmute 名字 解除禁言"],
  ["/unmute bob", "Bob 没有被禁言"],
  ["/rename bob", "/rename 名字 新名字 给人改名"],
  ["/rename 小刚 x", "这里没有人叫 小刚; 是不是 小明?"],
  ["/rename 小明 BOB", "已有人叫 Bob"],
  [
    "/rename bob *x",
    "名字只能有文字 (附加符号不多), 数字, 表情和 - _ . ', 不能有空格",
  ],
  ["/slow", "/slow N 每人每秒最多 N 条消息"],
  ["/slow 0", "/slow N 每人每秒最多 N 条消息"],
  ["/topic", "没有话题"],
  ["/lock now", "/lock 不再让人进来"],
  ["/unlock now", "/unlock 重新让人进来"],
  ["/reply hi", "还没有人对你悄悄说过话"],
  ["/msg bob", "/msg 名字 文字 只对一个人说"],
  ["/unignore bob", "你没有屏蔽 bob"],
  ["/kik bob", "没有这个命令; /help 列出命令, //文字 说出 /文字"],
];

Deno.test("a room says in Chinese what is wrong with a command", async () => {
  await using server = await startRoom(["--lang", "zh", "--name", "老师"]);
  using ming = await comeAs("小明", server.port);
  using bob = await comeAs("Bob", server.port);
  await server.stdout.until("Bob 来了");
  // The same is not answered twice before the answer has been taken.
  for (const [command, told] of WRONG) {
    const before = server.stdout.text.length;
    await server.write(`${command}\n`);
    for await (const line of server.stdout.lines(before)) {
      assertEquals(line, `* 老师: ${told}`, command);
      break;
    }
  }
  await server.write("over\n");
  for (const one of [ming, bob]) {
    const heard = await one.until("老师: over\n");
    // Nothing of it concerned anyone else.
    assert(!/\* Bob (被|改|走)|话题|锁|老师: [^o]/.test(heard), heard);
  }
});

for (
  const [command, told] of [
    ["/mute Flood", "* Flood may not speak for good\n"],
    ["/kick Flood", "* Flood was put out by the operator\n"],
  ] as const
) {
  Deno.test(`${command} ends a flood while ${OTHERS} others go on`, async () => {
    await using server = await startRoom(["--connect-rate", "100"]);
    const others: RawPeer[] = [];
    using _ = {
      [Symbol.dispose]: () => others.forEach((one) => one.close()),
    };
    for (let index = 0; index < OTHERS; index++) {
      others.push(await comeAs(`m${index}`, server.port));
    }
    using flood = await comeAs("Flood", server.port);
    // It never ends by itself.
    const sending = (async () => {
      for (;;) await flood.send(FLOOD);
    })().catch(() => {});
    const [first] = others;
    assert(first);
    await first.until("Flood: flood\n");
    await server.write(`${command}\n`);
    await Promise.all(others.map((one) => one.until(told)));
    // All that they still hear of it came before; what they say goes on.
    for (const [index, one] of others.entries()) await one.send(`${index}!\n`);
    const heard = await Promise.all(
      others.map((one, index) =>
        one.until(`m${index === 0 ? 1 : 0}: ${index === 0 ? 1 : 0}!\n`)
      ),
    );
    for (const text of heard) {
      assert(!text.slice(text.indexOf(told)).includes("Flood: "));
    }
    flood.close();
    await sending;
  });
}

Deno.test("a ban holds for an address in both of its forms", async () => {
  await using server = await startRoom(["--host", "::"]);
  using ann = await comeAs("Ann", server.port);
  await server.write("/ban ::ffff:127.0.0.1 spam\n");
  const heard = await ann.end();
  assert(
    heard.endsWith("* Ann: You are put out and banned for good: spam\nn\n"),
    heard,
  );
  await server.stdout.until("* server: Banned for good: 127.0.0.1\n");
  using again = await RawPeer.connect(server.port);
  assertEquals(
    await again.end(),
    "* your address is banned here\n* not taken: banned\n",
  );
  await using client = startClient({ port: server.port });
  const { status, stderr } = await client.finish();
  assertEquals(status, 1);
  assertStringIncludes(stderr, "your address is banned there");
  await server.write("/unban ::ffff:127.0.0.1\n/ban ::ffff:127.0.0.0/104\n");
  await server.stdout.until("* server: Banned for good: 127.0.0.0/8\n");
  await server.write("/unban 127.0.0.0/8\n/bans\n");
  await server.stdout.until("* server: 0 banned:\n");
  using last = await comeAs("Bo", server.port);
  await last.send("/who\n");
  await last.until("* Bo: 2 here:\n");
});

Deno.test("/lock keeps others out, and tells them", async () => {
  await using server = await startRoom();
  using ann = await comeAs("Ann", server.port);
  await server.write("/lock\n");
  await ann.until("* The room is locked");
  await using client = startClient(server);
  const { status, stderr } = await client.finish();
  assertEquals(status, 1);
  assertStringIncludes(stderr, "the room is locked; come back later");
  await server.write("/unlock\n");
  await ann.until("* The room is not locked any more\n");
  using bo = await comeAs("Bo", server.port);
  await bo.send("hi\n");
  await ann.until("Bo: hi\n");
});

Deno.test({
  name: "bans outlive the server, and a broken line is told and left alone",
  // The permissions of executables are fixed.
  ignore: COMPILED,
  fn: () =>
    inFolder(async (folder) => {
      const path = `${folder}/bans`;
      const over = new Date(Date.now() - 1).toISOString();
      await Deno.writeTextFile(
        path,
        `# mine\n10.0.0.0/8\nnonsense \x1b[2J\n\n192.0.2.1 ${over}\nfd00::/8 soon\n`,
      );
      {
        await using server = await startBanning(path);
        await server.write("/ban 192.0.2.7 5\n/ban 127.0.0.1\n/bans\n");
        await server.stdout.until("* server: 127.0.0.1 for good\n");
        await server.write("n\n");
        const { stderr, stdout } = await server.finish();
        assertStringIncludes(stdout, "* server: 3 banned:\n");
        assertStringIncludes(stderr, "line 3 of");
        assertStringIncludes(stderr, ": nonsense \\x1b[2J\n");
        assertStringIncludes(stderr, "line 6 of");
        assertEquals(stderr.match(/^warning/gm)?.length, 2);
      }
      const text = await Deno.readTextFile(path);
      assertEquals(
        text.replace(/\d{4}-\S+Z/, "TIME"),
        "# mine\nnonsense \x1b[2J\nfd00::/8 soon\n" +
          "10.0.0.0/8\n192.0.2.7 TIME\n127.0.0.1\n",
      );
      await using server = await startBanning(path);
      using peer = await RawPeer.connect(server.port);
      assertStringIncludes(await peer.end(), "* not taken: banned\n");
    }),
});

Deno.test({
  name: "the file of the bans is whole whenever the server is killed",
  ignore: COMPILED,
  fn: () =>
    inFolder(async (folder) => {
      const path = `${folder}/bans`;
      const random = new Random(Math.floor(Math.random() * 2 ** 31));
      let before = 0;
      for (let round = 0; round < KILLS; round++) {
        await using server = await startBanning(path);
        const commands = Array.from(
          { length: MANY_BANS },
          (_, index) => `/ban 10.${round}.${index >> 8}.${index & 255}\n`,
        );
        const writing = server.write(commands.join("")).catch(() => {});
        const place = random.below(MANY_BANS / 4);
        await server.stdout.until(
          `Banned for good: 10.${round}.0.${place}\n`,
        );
        server.kill("SIGKILL");
        const { stderr } = await server.finish();
        await writing;
        assert(!stderr.includes("warning"), stderr);
        const text = await Deno.readTextFile(path);
        const lines = text.split("\n");
        assertEquals(lines.pop(), "");
        assert(lines.every((line) => /^10\.\d+\.\d+\.\d+$/.test(line)), text);
        assert(lines.length > before + place, `${lines.length} ${place}`);
        before = lines.length;
      }
    }),
});

Deno.test({
  name: "--bans without its permissions says which it needs",
  ignore: COMPILED,
  fn: async () => {
    const args = ["--room", "--port", "0", "--bans", "/tmp/b", "--lang", "en"];
    await using server = new Process(...commandFor("server", args));
    const { status, stderr } = await server.finish();
    assertEquals(status, 1);
    assertStringIncludes(
      stderr,
      "start with deno run --allow-net --allow-read=/tmp/b,/tmp/b.new " +
        "--allow-write=/tmp/b,/tmp/b.new\n",
    );
  },
});

Deno.test("/who has no server where nobody is at its input", async () => {
  await using server = await startRoom([], { input: "" });
  using ann = await comeAs("Ann", server.port);
  const welcome = await ann.until("welcome, ");
  await ann.send("/who\n");
  const heard = await ann.until("* Ann: Ann, for ");
  assertStringIncludes(heard, "* Ann: 1 here:\n");
  assert(!heard.includes("server"), heard + welcome);
  using bo = await RawPeer.connect(server.port);
  await bo.send("/name server\n");
  await bo.until("someone is called server already");
});

Deno.test("the operator's pipe closes the room at once", async () => {
  await using server = await startRoom();
  using ann = await comeAs("Ann", server.port);
  await server.write("n\n");
  assert((await ann.end()).endsWith("* The room is closed\nn\n"));
  assertEquals((await server.finish()).status, 0);
});

Deno.test("nobody gets the name of one that is here", async () => {
  await using server = await startRoom();
  using ann = await comeAs("Ann", server.port);
  using bo = await comeAs("Bo", server.port);
  await bo.send("/name ann\n");
  await bo.until("* Bo: Not taken: someone is called Ann already");
  await ann.send("hi\n");
  assert(!(await bo.until("Ann: hi\n")).includes("is now"));
});
