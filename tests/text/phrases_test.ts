import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  languageOf,
  PHRASES,
  roomCommands,
  sentence,
  speaker,
} from "../../lib/text/phrases.ts";
import { textWidth } from "../../lib/text/wrap.ts";
import { PURE } from "../kit/pure.ts";

function placeholdersIn(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).sort();
}

Deno.test("PHRASES are there in both languages, none empty", PURE, () => {
  const { en, zh } = PHRASES;
  assert(Object.keys(en).length > 0);
  assertEquals(Object.keys(zh), Object.keys(en));
  for (const text of [...Object.values(en), ...Object.values(zh)]) {
    assertMatch(text, /\S/);
  }
});

Deno.test("PHRASES have the same placeholders in both languages", PURE, () => {
  const english = Object.values(PHRASES.en);
  const chinese = Object.values(PHRASES.zh);
  assertEquals(chinese.map(placeholdersIn), english.map(placeholdersIn));
  for (const text of [...english, ...chinese]) {
    // What stands in braces is a placeholder, or it would be shown.
    assertEquals(/[{}]/.test(text.replaceAll(/\{\w+\}/g, "")), false, text);
  }
});

Deno.test("PHRASES in English have no Chinese in them", PURE, () => {
  for (const text of Object.values(PHRASES.en)) {
    assertEquals(/\p{Script=Han}/u.test(text), false, text);
  }
});

Deno.test("PHRASES of the prompt's help fit 80 columns", PURE, () => {
  for (const phrases of [PHRASES.en, PHRASES.zh]) {
    for (const line of phrases["prompt help"].split("\n")) {
      assert(textWidth(line) <= 80, line);
    }
  }
});

Deno.test(
  "languageOf() is Chinese for tags of Chinese, else English",
  PURE,
  () => {
    for (const tag of ["zh", "zh-CN", "zh-Hant-HK", "ZH-TW", "zh_CN"]) {
      assertEquals(languageOf(tag), "zh", tag);
    }
    for (const tag of ["en", "en-US", "de-DE", "ja", "", "C", "e-zh"]) {
      assertEquals(languageOf(tag), "en", tag);
    }
  },
);

Deno.test("speaker() says a phrase with its values", PURE, () => {
  const zh = speaker("zh");
  const en = speaker("en");
  assertEquals(zh("server started"), "服务器启动 等待客户端连接...");
  assertEquals(
    zh("client connected", { end: "n" }),
    "客户端成功连接服务器 n结束:",
  );
  assertEquals(en("client says"), "Client says: ");
  const place = en("input too long", { line: 3, limit: 7 });
  assertMatch(place, /\b3\b.*\b7\b/);
});

Deno.test("speaker() takes values as they are", PURE, () => {
  const en = speaker("en");
  for (const text of ["{text}", "$&", "$1", "{end}", "\\", ""]) {
    assertEquals(en("not sent", { text }), `Not sent: ${text}`);
  }
});

Deno.test("speaker() says a sentence, and one within another", PURE, () => {
  const inner = sentence("a port", { low: 1 });
  const outer = sentence("bad value", {
    option: "--port",
    value: "x",
    right: inner,
  });
  assertEquals(
    speaker("en")(outer),
    '--port can\'t be "x"; it takes a whole number from 1 to 65535',
  );
  assertMatch(speaker("zh")(outer), /应为: 1 到 65535 的整数$/);
});

Deno.test("roomCommands() has those that the help names", PURE, () => {
  const commands = roomCommands("server");
  for (const command of ["/name", "/who", "/history", "/help"]) {
    assertEquals(commands.filter((it) => it === command).length, 1, command);
  }
  for (const command of commands) assert(/^\/[a-z]+$/.test(command), command);
});
