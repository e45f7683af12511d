import { assert, assertEquals, assertMatch } from "@std/assert";
import { allPhrases, languageOf, speaker } from "../../lib/text/phrases.ts";
import { textWidth } from "../../lib/terminal/screen.ts";
import { PURE } from "../kit/pure.ts";

const LANGUAGES = ["zh", "en"] as const;

function placeholdersIn(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).sort();
}

Deno.test("PHRASES are there in both languages, none empty", PURE, () => {
  const phrases = Object.entries(allPhrases());
  assert(phrases.length > 0);
  for (const [name, texts] of phrases) {
    assertEquals(Object.keys(texts).sort(), ["en", "zh"], name);
    for (const language of LANGUAGES) {
      assertMatch(texts[language], /\S/, name);
    }
  }
});

Deno.test("PHRASES have the same placeholders in both languages", PURE, () => {
  for (const [name, { zh, en }] of Object.entries(allPhrases())) {
    assertEquals(placeholdersIn(zh), placeholdersIn(en), name);
    for (const text of [zh, en]) {
      // What stands in braces is a placeholder, or it would be shown.
      const rest = text.replaceAll(/\{\w+\}/g, "");
      assertEquals(/[{}]/.test(rest), false, name);
    }
  }
});

Deno.test("PHRASES in English have no Chinese in them", PURE, () => {
  for (const [name, { en }] of Object.entries(allPhrases())) {
    assertEquals(/\p{Script=Han}/u.test(en), false, name);
  }
});

Deno.test("PHRASES of the prompt's help fit 80 columns", PURE, () => {
  for (const text of Object.values(allPhrases()["prompt help"] ?? {})) {
    for (const line of text.split("\n")) {
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
  const place = en("input not UTF-8", { line: 3, offset: 7 });
  assertMatch(place, /\b3\b.*\b7\b/);
});

Deno.test("speaker() takes values as they are", PURE, () => {
  const en = speaker("en");
  for (const text of ["{text}", "$&", "$1", "{end}", "\\", ""]) {
    assertEquals(en("not sent", { text }), `Not sent: ${text}`);
  }
});
