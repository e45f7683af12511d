import axe from "axe-core";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CHROMIUM, Chromium, type Tab } from "../kit/browser.ts";
import { parseOptions } from "../../lib/cli/parse.ts";
import type { Connection } from "../../lib/chat/connection.ts";
import { serve } from "../../lib/net/serve.ts";
import {
  colorOfName,
  cssColor,
  NAME_COLORS,
  wordPattern,
} from "../../lib/text/name_look.ts";
import { speaker } from "../../lib/text/phrases.ts";
import { listenWeb } from "../../lib/web/listen.ts";
import { Process } from "../kit/process.ts";
import { freePort, startClient, testWith } from "../kit/programs.ts";
import { comeAs } from "../kit/room_members.ts";
import { WebRoom } from "../kit/web_room.ts";

/** What the log shows, an entry a line. */
const SHOWN = `[...document.querySelectorAll("#log .text bdi, #log .notice")]
  .map((it) => it.textContent).join("\\n")`;
/** The elements of the page by their names, without those of entries. */
const ELEMENTS = `[...document.querySelectorAll("*")]
  .filter((it) => !it.closest(".entry, .notice, #people li"))
  .map((it) => it.localName).join(" ")`;
/** What entries are made of. */
const PARTS =
  `[...new Set([...document.querySelectorAll("#log *, #people li *")]
  .map((it) => it.localName))].sort().join(" ")`;
const IS_IN = `!document.querySelector("#room").hidden`;
const IS_LOST = `document.querySelector("#status").matches(".lost")`;
/** It is out, and does not try to come back by itself. */
const IS_OUT = `!document.querySelector("#back").hidden`;
const FITS = `document.documentElement.scrollWidth <= innerWidth`;

/** The numbers of what was counted out, in the order in which it is shown. */
function countedIn(text: string): string[] {
  return [...text.matchAll(/count (\d+)/g)].map(([, number = ""]) => number);
}

/** Whether the page lists just these, and itself as one of them. */
function peopleAre(...names: readonly string[]): string {
  const list = `[...document.querySelectorAll("#people li")]`;
  return `${list}.map((it) => it.firstChild.textContent).sort().join() ===
    ${JSON.stringify(names.toSorted().join())} &&
    ${list}.filter((it) => it.childNodes.length > 1).length === 1`;
}

/** What the log has, an entry of its classes and its text each. */
async function entriesOf(tab: Tab): Promise<string[]> {
  const entries = await tab.text(
    `[...document.querySelector("#log").children].map((it) =>
      [...it.classList].filter((name) => name !== "more").join("+") + " " +
      it.innerText.replace(/\\s+/g, " ").replace(/\\d\\d:\\d\\d/, "T")).join("\\n")`,
  );
  return entries.split("\n");
}

/** A file with a password that only its owner can read. */
async function passwordFile(password: string): Promise<string> {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, `${password}\n`);
  await Deno.chmod(file, 0o600);
  return file;
}

/** What an accessibility audit finds wrong. */
async function audit({ page }: Tab): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => " +
      "JSON.stringify(violations.map((it) => it.id + ': ' + it.nodes[0].html)))",
  );
  return JSON.parse(String(found));
}

type Trial = (chromium: Chromium) => Promise<void>;
/** What is tried in one browser, as to start one takes seconds. */
const TRIALS = new Map<string, Trial>();
/** The one to run alone, as in `deno test -A browser_test.ts -- "by keys"`. */
const [ONLY = ""] = Deno.args;

function inBrowser(name: string, trial: Trial): void {
  TRIALS.set(name, trial);
}

inBrowser(
  "browsers, our client and nc hear the same in one order",
  async (chromium) => {
    await using server = await WebRoom.open();
    const hong = await chromium.open(server.url);
    await hong.enter("小红");
    await hong.until(IS_IN);
    const ming = await chromium.open(server.url, { language: "zh-CN" });
    await ming.enter("小明");
    await ming.until(IS_IN);
    assertEquals(await ming.text("document.documentElement.lang"), "zh-CN");
    await using client = startClient(server, ["--name", "Cid"]);
    await using nc = new Process("nc", ["127.0.0.1", `${server.port}`]);
    await nc.write("/name Nell\n");
    await nc.stdout.until("Nell: welcome");
    await client.stderr.until("");
    await hong.until(`document.querySelectorAll("#people li").length === 5`);
    await hong.say("count 1");
    await ming.hears("count 1");
    await ming.say("count 2");
    await nc.stdout.until("小明: count 2");
    await nc.write("count 3\n");
    await client.stdout.until("Nell: count 3");
    await client.write("count 4\n");
    await ming.hears("count 4");
    await server.write("count 5\n");
    await nc.stdout.until("count 5");
    await client.stdout.until("count 5");
    for (const tab of [hong, ming]) {
      await tab.hears("count 5");
      assertEquals(countedIn(await tab.text(SHOWN)), ["1", "2", "3", "4", "5"]);
      assertEquals(tab.complaints, []);
    }
    // What the page asks for itself is not shown.
    assertEquals((await hong.text(SHOWN)).includes("5 here:"), false);
    await hong.say("/names");
    await hong.hears("5 here:");
    // Nobody is told of what it has said itself.
    assertEquals(countedIn(nc.stdout.text), ["1", "2", "4", "5"]);
    assertEquals(countedIn(client.stdout.text), ["1", "2", "3", "5"]);
    await hong.say("n");
    await nc.stdout.until("小红 has left");
    await hong.until(IS_OUT);
    await hong.page.click("#back");
    await nc.stdout.until(/小红 has left\n(.*\n)*\* 小红 has joined/);
  },
);

inBrowser("nothing that is said becomes markup", async (chromium) => {
  await using server = await WebRoom.open();
  const tab = await chromium.open(server.url);
  await tab.enter("Ada");
  await tab.until(IS_IN);
  const before = await tab.text(ELEMENTS);
  const hostile = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    `"><svg/onload=alert(1)>`,
    "javascript:alert(1)",
    "https://x.example/<b>?a=\"onclick=alert(1)'",
    "https://javascript:alert(1)@x.example/",
    "\u202egnp.exe \u2066x",
    "\x1b[31mred\x07",
    `a${"\u0301".repeat(10_000)}`,
    "{settings} &lt; &amp; ${x} `x`",
    "x".repeat(100_000),
  ];
  using eve = await comeAs("Eve", server.port);
  await eve.send(`/name <b>Eve</b>\n`);
  for (const text of hostile) await eve.send(`${text}\n`);
  const topic = "<img src=x onerror=alert(1)><b>topic</b>";
  await server.write(`/topic ${topic}\n`);
  await tab.hears(topic);
  await eve.send("that was it\n");
  await tab.hears("that was it");
  assertEquals(await tab.text(ELEMENTS), before);
  assertEquals(await tab.text(PARTS), "a bdi div span time");
  const shown = await tab.text(SHOWN);
  for (const text of hostile.slice(0, 4)) assertStringIncludes(shown, text);
  assertStringIncludes(shown, "\\u202egnp.exe \\u2066x");
  assertStringIncludes(shown, "\\x1b[31mred\\x07");
  const links = await tab.text(
    `[...document.links].map((it) => [it.protocol, it.target, it.rel]).join("\\n")`,
  );
  const right = "https:,_blank,noopener noreferrer";
  assertEquals(links.split("\n").every((it) => it === right), true, links);
  assertEquals(await tab.text(FITS), "true");
  assertEquals(tab.complaints, []);
});

inBrowser("the page asks for the password", async (chromium) => {
  const file = await passwordFile("open sesame");
  await using server = await WebRoom.open([
    ...["--password-file", file, "--max-clients", "1"],
  ]);
  const tab = await chromium.open(server.url);
  await tab.enter("Ada", "guess");
  await tab.until(`document.querySelector("#trouble").textContent !== ""`);
  assertEquals(await tab.text(IS_IN), "false");
  assertEquals(await audit(tab), []);
  await tab.enter("Ada", "open sesame");
  await tab.until(IS_IN);
  await server.stdout.until("Ada has joined");
  assertEquals(tab.complaints, []);
  const late = await chromium.open(server.url, { language: "zh" });
  for (let tries = 1; tries <= 3; tries++) {
    await late.enter("Eve", `guess ${tries}`);
    await late.until(
      `document.querySelector("#trouble").textContent.includes(${
        tries === 3 ? '"三次密码都不对"' : '"密码不对。"'
      })`,
    );
    if (tries < 3) {
      await late.until(`document.querySelector("#password").value === ""`);
    }
  }
  assertEquals(await late.text(IS_IN), "false");
  // It is full for one that has the password, too.
  await late.enter("Eve", "open sesame");
  await late.until(
    `document.querySelector("#trouble").textContent === "聊天室已满，请稍后再来。"`,
  );
  await Deno.remove(file);
});

inBrowser(
  "a page comes back to a server that was killed or stopped",
  async (chromium) => {
    const ports = [`--web=${freePort()}`, `--port=${freePort()}`];
    const first = await WebRoom.open(ports);
    const tab = await chromium.open(first.url);
    await tab.enter("Ada");
    await tab.until(IS_IN);
    await tab.fill("#draft", "half a line");
    first.kill("SIGKILL");
    await tab.until(IS_LOST);
    await first[Symbol.asyncDispose]();
    // What is sent now stays where it is.
    await tab.page.keyboard.press("Enter");
    await using second = await WebRoom.open(ports);
    await second.stdout.until("Ada has joined");
    await tab.until(`!(${IS_LOST})`);
    assertEquals(
      await tab.text(`document.querySelector("#draft").value`),
      "half a line",
    );
    await tab.page.keyboard.press("Enter");
    await second.stdout.until("Ada: half a line");
    await second.write("/rename Ada Countess\n");
    await tab.hears("You are Countess now");
    // One that is stopped by a signal may be started again, also with a lock.
    second.kill("SIGTERM");
    await tab.until(IS_LOST);
    await second[Symbol.asyncDispose]();
    const file = await passwordFile("open sesame");
    await using third = await WebRoom.open([...ports, "--password-file", file]);
    await tab.until(`!document.querySelector("#door").hidden`);
    assertEquals(
      await tab.text(`document.querySelector("#name").value`),
      "Countess",
    );
    assertEquals(await tab.text(IS_LOST), "false");
    assertEquals(
      await tab.text(`document.querySelector("#trouble").textContent`),
      "",
    );
    await tab.fill("#password", "open sesame");
    await tab.page.keyboard.press("Enter");
    await third.stdout.until("Countess has joined");
    await tab.until(IS_IN);
    await Deno.remove(file);
    // A room that is closed is not entered again unasked.
    await third.write("n\n");
    await tab.until(IS_OUT);
    await tab.hears("The room is closed");
  },
);

inBrowser(
  "the page works by keys alone, on a phone too",
  async (chromium) => {
    await using server = await WebRoom.open();
    const look = { width: 360, height: 640 };
    const tab = await chromium.open(server.url, look);
    const { keyboard } = tab.page;
    const focus = `document.activeElement.id`;
    const draft = `document.querySelector("#draft").value`;
    assertEquals(await tab.text(focus), "name");
    await keyboard.type("Ada");
    await keyboard.press("Enter");
    await tab.until(IS_IN);
    assertEquals(await tab.text(focus), "draft");
    using bartholomew = await comeAs("Bartholomew", server.port);
    await tab.until(
      `document.querySelector("#people").textContent.includes("Bart")`,
    );
    await keyboard.type("hi bar");
    await keyboard.press("Tab");
    assertEquals(await tab.text(draft), "hi Bartholomew ");
    await keyboard.down("Shift");
    await keyboard.press("Enter");
    await keyboard.up("Shift");
    await keyboard.type("and more");
    await keyboard.press("Enter");
    await bartholomew.until("Ada: hi Bartholomew \nAda: and more\n");
    assertEquals(await tab.text(draft), "");
    await keyboard.press("ArrowUp");
    assertEquals(await tab.text(draft), "hi Bartholomew \nand more");
    await keyboard.press("ArrowDown");
    assertEquals(await tab.text(draft), "");
    await keyboard.type("/hi");
    await keyboard.press("Tab");
    assertEquals(await tab.text(draft), "/history ");
    await keyboard.press("Enter");
    await tab.hears("Earlier messages, the last 2:");
    // All that can be pressed is reached, and the keyboard is caught nowhere.
    const seen = new Set<string>();
    for (let press = 0; press < 8; press++) {
      await keyboard.press("Tab");
      seen.add(await tab.text(focus));
    }
    for (const id of ["draft", "send", "log", "alerts", "toggle"]) {
      assert(seen.has(id), `${id} is not reached: ${[...seen]}`);
    }
    await tab.page.focus("#toggle");
    await keyboard.press("Enter");
    await tab.until(`document.querySelector("#people").matches(".open")`);
    await bartholomew.send(`${"wide".repeat(200)} Ada\n`);
    await tab.until(`document.querySelector(".mentions") !== null`);
    assertEquals(await tab.text(FITS), "true");
    assertEquals(await audit(tab), []);
    assertEquals(tab.complaints, []);
  },
);

inBrowser(
  "the page tells what is new, and who is meant",
  async (chromium) => {
    await using server = await WebRoom.open(["--rate=1000"]);
    const tab = await chromium.open(server.url, { dark: true });
    await tab.page.evaluate(
      `Object.defineProperty(document, "hidden", { get: () => globalThis.isAway })`,
    );
    await tab.enter("Ada");
    await tab.until(IS_IN);
    using ming = await comeAs("Ming", server.port);
    for (let line = 0; line < 60; line++) await ming.send(`line ${line}\n`);
    await tab.hears("line 59");
    const gap = `Math.round(document.querySelector("#log").scrollHeight -
    document.querySelector("#log").scrollTop -
    document.querySelector("#log").clientHeight)`;
    assert(Number(await tab.text(gap)) < 40);
    // One that reads what was before is not moved, nor by what it types.
    await tab.page.evaluate(`document.querySelector("#log").scrollTop = 0`);
    await tab.fill("#draft", "one\ntwo\nthree");
    await tab.page.evaluate(
      "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))",
    );
    await ming.send("Adam is not Ada, is he?\nand this\n");
    await tab.until(
      `document.querySelector("#new").textContent.startsWith("2 ")`,
    );
    assertEquals(
      await tab.text(`document.querySelector("#log").scrollTop`),
      "0",
    );
    await tab.page.click("#new");
    assert(Number(await tab.text(gap)) < 40);
    await ming.send("Adamant\n");
    await tab.hears("Adamant");
    assertEquals(
      await tab.text(`document.querySelectorAll(".mentions").length`),
      "1",
    );
    await tab.page.evaluate(
      `globalThis.isAway = true;
      globalThis.alerts = [];
      globalThis.Notification = class {
        static permission = "granted";
        constructor(title, { body }) { alerts.push(title + ": " + body); }
      }`,
    );
    await ming.send("one\ntwo, Ada\n");
    await tab.hears("two, Ada");
    assertEquals(await tab.text("document.title"), "(2) 对话");
    // Only one that has asked for alerts gets them.
    await tab.page.click("#alerts");
    await ming.send("three\nfour, Ada\n/msg Ada five\n");
    await tab.hears("five");
    assertEquals(
      await tab.text(`alerts.join("\\n")`),
      "Ming: four, Ada\nMing: five",
    );
    assertEquals(await tab.text("document.title"), "(5) 对话");
    await tab.page.evaluate(
      `globalThis.isAway = false; document.dispatchEvent(new Event("visibilitychange"))`,
    );
    assertEquals(await tab.text("document.title"), "对话");
    assertEquals(await audit(tab), []);
    assertEquals(tab.complaints, []);
  },
);

inBrowser("the page of another site can't enter", async (chromium) => {
  await using server = await WebRoom.open();
  await using evil = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<p>", { headers: { "Content-Type": "text/html" } }),
  );
  const tab = await chromium.open(`http://127.0.0.1:${evil.addr.port}`);
  const opened = await tab.text(
    `new Promise((resolve) => {
      const socket = new WebSocket("ws://127.0.0.1:${server.web}");
      socket.onopen = () => resolve("open");
      socket.onerror = () => resolve("refused");
    })`,
  );
  assertEquals(opened, "refused");
  await server.stderr.until(/Turned away .* another site/);
  // Nor can it show the page in a frame.
  await tab.page.evaluate(
    `document.body.innerHTML = "<iframe src='${server.url}'></iframe>"`,
  );
  await tab.page.waitForFunction(
    `document.querySelector("iframe").contentDocument === null`,
  );
  assertEquals(server.stdout.text.includes("has joined"), false);
});

/** A page whose room says only what the test says. */
class ScriptedRoom implements AsyncDisposable {
  readonly tab: Tab;
  readonly #connection: Connection;
  readonly #end: () => Promise<void>;

  private constructor(
    tab: Tab,
    connection: Connection,
    end: () => Promise<void>,
  ) {
    this.tab = tab;
    this.#connection = connection;
    this.#end = end;
  }

  /** Opens the page and lets one in, by the name of Ada. */
  static async open(chromium: Chromium): Promise<ScriptedRoom> {
    const over = new AbortController();
    const { signal } = over;
    const listening = await listenWeb({
      ...parseOptions(["--room"], "server"),
      web: { host: "127.0.0.1", port: 0 },
    }, { password: undefined, say: speaker("en"), signal, warn: () => {} });
    const { promise: coming, resolve } = Promise.withResolvers<Connection>();
    const serving = serve(listening, (connection): Promise<void> => {
      resolve(connection);
      return Promise.resolve();
    }, { whom: "all", signal, failed: () => {} });
    const tab = await chromium.open(listening.urls[0] ?? "");
    await tab.enter("Ada");
    const connection = await coming;
    const room = new ScriptedRoom(tab, connection, () => {
      connection.close();
      over.abort();
      return serving;
    });
    await room.say("* Ada: welcome, 3 here. /help helps, n leaves");
    await tab.until(IS_IN);
    return room;
  }

  async say(...lines: readonly string[]): Promise<void> {
    const text = `${lines.join("\n")}\n`;
    await this.#connection.send(new TextEncoder().encode(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}

inBrowser(
  "the page knows private lines, and its own name",
  async (chromium) => {
    await using room = await ScriptedRoom.open(chromium);
    const { tab } = room;
    await room.say(
      "* Eve whispers: psst, <i>you</i>",
      "* to Eve: what?",
      "** Eve waves",
      "* Ada: the topic is bread",
      "* held back",
      "* [12:34] Eve: earlier, Ada",
      "Eve: * Ada: not from the room",
    );
    await tab.hears("not from the room");
    assertEquals((await entriesOf(tab)).slice(1), [
      "entry+private Eve private T psst, <i>you</i>",
      "entry+private+own Ada to Eve T what?",
      "entry+does Eve T Eve waves",
      "notice the topic is bread",
      "entry+earlier Eve T earlier, Ada",
      "entry+mentions Eve T * Ada: not from the room",
    ]);
    assertEquals(await audit(tab), []);
    // What the room says to one alone tells its name.
    await room.say(
      "* Countess: you are renamed",
      "Eve: Ada?",
      "Eve: countess?",
    );
    await tab.hears("countess?");
    const meant =
      `[...document.querySelectorAll(".mentions bdi")].at(-1).textContent`;
    assertEquals(await tab.text(meant), "countess?");
    assertEquals(tab.complaints, []);
  },
);

inBrowser(
  "a name looks and is found as at a terminal",
  async (chromium) => {
    await using room = await ScriptedRoom.open(chromium);
    const { tab } = room;
    const names = Array.from(
      { length: 1000 },
      (_, index) =>
        `${["Ann", "ÉVE", "Ｚｏｅ", "小明", "ß👍🏽"][index % 5]}${index}`,
    );
    await room.say(...names.map((name) => `${name}: hi`), "Eve: that was it");
    await tab.hears("that was it");
    const colors = await tab.text(
      `[...document.querySelectorAll("#log .who")].slice(0, ${names.length})
        .map((it) => it.style.getPropertyValue("--name")).join("\\n")`,
    );
    assertEquals(
      colors.split("\n"),
      names.map((name) => cssColor(colorOfName(name))),
    );
    // All the colours can be read, in the log and in the list.
    const few = new Map(names.map((name) => [colorOfName(name), name]));
    assertEquals(few.size, NAME_COLORS.length);
    await tab.page.evaluate(`document.querySelector("#log").replaceChildren()`);
    for (const name of few.values()) {
      await room.say(`* ${name} has joined`, `${name}: hi`);
    }
    await room.say("Eve: and again");
    await tab.hears("and again");
    for (const value of ["light", "dark"]) {
      await tab.page.emulateMediaFeatures([
        { name: "prefers-color-scheme", value },
      ]);
      assertEquals(await audit(tab), [], value);
    }
    for (
      const [name, text] of [
        ["Ann", "ann, look"],
        ["Ann", "Anna and Hann"],
        ["Ann", "请看ann"],
        ["小明", "你好小明好"],
        ["a.b", "axb"],
        ["สมชาย", "ถามสมชายสิ"],
      ] as const
    ) {
      await room.say(`* ${name}: You are ${name} now`, `Eve: ${text}`);
      await tab.hears(text);
      const isMeant = await tab.text(
        `[...document.querySelectorAll(".entry")].at(-1).matches(".mentions")`,
      );
      assertEquals(isMeant, String(wordPattern(name).test(text)), text);
    }
    assertEquals(tab.complaints, []);
  },
);

inBrowser(
  "a page is told what the operator does, and stays out",
  async (chromium) => {
    await using server = await WebRoom.open(["--name", "Teacher"]);
    const ada = await chromium.open(server.url);
    await ada.enter("Ada");
    await ada.until(IS_IN);
    const ming = await chromium.open(server.url, { language: "zh" });
    await ming.enter("小明");
    await ming.until(peopleAre("Teacher", "Ada", "小明"));
    await ada.until(peopleAre("Teacher", "Ada", "小明"));
    await ada.say("/msg 小明 psst");
    await ming.hears("psst");
    await ming.say("/reply what?");
    await ada.hears("what?");
    await ming.say("/me waves");
    await ada.hears("waves");
    await server.write("/mute 小明 5 too loud\n");
    await ming.hears("You may not speak for 5 min: too loud");
    await ming.say("anyone?");
    await ming.hears("Not said: you may not speak");
    await server.write("/unmute 小明\n");
    await ming.hears("You may speak again");
    await server.write("/rename 小明 Rose\n");
    for (const tab of [ada, ming]) {
      await tab.until(peopleAre("Teacher", "Ada", "Rose"));
    }
    await ada.say("/ignore rose");
    await ada.hears("You don't hear Rose any more");
    await ming.say("unheard");
    await server.stdout.until("Rose: unheard");
    await ada.say("Rose, are you there?");
    await ming.until(`document.querySelector(".mentions") !== null`);
    await server.write("/kick Rose be kind\n");
    await ming.until(IS_OUT);
    await ada.until(peopleAre("Teacher", "Ada"));
    assertEquals(await entriesOf(ada), [
      "notice welcome, 2 here. /help helps, n leaves",
      "notice 小明 has joined",
      "command /msg 小明 psst",
      "entry+private+own Ada to 小明 T psst",
      "entry+private 小明 private T what?",
      "entry+does 小明 T 小明 waves",
      "notice 小明 may not speak for 5 min: too loud",
      "notice 小明 may speak again",
      "notice 小明 is now Rose",
      "command /ignore rose",
      "notice You don't hear Rose any more; /unignore Rose undoes that",
      "entry+own Ada T Rose, are you there?",
      "notice Rose was put out by the operator: be kind",
    ]);
    assertEquals((await entriesOf(ming)).slice(-3), [
      "entry+own Rose T unheard",
      "entry+mentions Ada T Rose, are you there?",
      "notice The operator has put you out: be kind",
    ]);
    // It comes back when asked, under the name that it had.
    await ming.page.click("#back");
    await ming.until(peopleAre("Teacher", "Ada", "Rose"));
    await server.write("/ban Rose\n");
    await ming.until(IS_OUT);
    await ming.hears("You are put out and banned for good");
    await ming.page.click("#back");
    await ming.hears("你的地址在这里被禁止。");
    await ming.until(IS_OUT);
    // Both are of one address. None of them has tried again by itself.
    await ada.until(IS_OUT);
    assertEquals(server.stdout.text.match(/Rose has joined/g)?.length, 1);
    for (const tab of [ada, ming]) assertEquals(tab.complaints, []);
  },
);

inBrowser(
  "a page behind a proxy has a path of its own",
  async (chromium) => {
    await using server = await WebRoom.open();
    using proxy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const paths: string[] = [];
    /** Passes on what comes for a path, as the README's proxy does. */
    async function pass(client: Deno.Conn): Promise<void> {
      const buffer = new Uint8Array(16 * 1024);
      const head = new TextDecoder().decode(
        buffer.subarray(0, await client.read(buffer) ?? 0),
      );
      const [, path = ""] = head.split(" ");
      paths.push(path);
      const target = await Deno.connect({ port: server.web });
      const request = head.replace(" /class/room/", " /");
      await target.write(new TextEncoder().encode(request));
      await Promise.allSettled([
        target.readable.pipeTo(client.writable),
        client.readable.pipeTo(target.writable),
      ]);
    }
    const passing = (async () => {
      const all: Promise<void>[] = [];
      for await (const client of proxy) all.push(pass(client).catch(() => {}));
      await Promise.all(all);
    })();
    const url = `http://127.0.0.1:${proxy.addr.port}/class/room/?from=here#top`;
    const tab = await chromium.open(url);
    await tab.enter("Ada");
    await tab.until(IS_IN);
    await tab.say("through a proxy");
    await server.stdout.until("Ada: through a proxy");
    assertEquals(paths, Array(2).fill("/class/room/?from=here"));
    assertEquals(tab.complaints, []);
    await tab.page.close();
    proxy.close();
    await passing;
  },
);

testWith([CHROMIUM, "nc"], "in a real browser", async (test) => {
  await using chromium = await Chromium.start();
  for (const [name, trial] of TRIALS) {
    await test.step({
      name,
      ignore: !name.includes(ONLY),
      fn: async () => {
        try {
          await trial(chromium);
        } finally {
          await chromium.closeTabs();
        }
      },
      // What the browser does is begun in one and goes on in the next.
      sanitizeOps: false,
      sanitizeResources: false,
    });
  }
});
