import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { commandsFor } from "../../lib/room/commands.ts";
import { answerBytes, headLength, parseHead } from "../../lib/web/http.ts";
import { makePage } from "../../lib/web/page.ts";
import { answerTo } from "../../lib/web/site.ts";
import { speaker } from "../../lib/text/phrases.ts";
import { PURE } from "../kit/pure.ts";
import { makeRoom } from "../kit/room_fixture.ts";
import { ACCEPT, upgrade } from "../kit/web_peer.ts";

const encoder = new TextEncoder();

/** What a request is answered with. */
async function answer(
  request: string,
): Promise<Awaited<ReturnType<typeof answerTo>>> {
  const bytes = encoder.encode(request);
  const length = headLength(bytes, 0);
  const page = await makePage({
    say: speaker("en"),
    end: "n",
    hasPassword: false,
  });
  return await answerTo(parseHead(bytes.subarray(0, length)), page);
}

Deno.test("headLength() waits for the empty line", PURE, () => {
  assertEquals(
    headLength(encoder.encode("GET / HTTP/1.1\r\nA: b\r\n"), 0),
    undefined,
  );
  const text = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
  for (let seen = 0; seen < text.length; seen++) {
    assertEquals(headLength(encoder.encode(text), seen), text.length);
  }
  assertEquals(headLength(encoder.encode("GET / HTTP/1.1\r\n\r\nmore"), 0), 18);
});

Deno.test("parseHead() takes requests, and nothing like them", PURE, () => {
  const parse = (text: string): unknown => parseHead(encoder.encode(text));
  assertEquals(
    parse("GET /a?b=c HTTP/1.1\r\nHost:  x \r\nA: 1\r\na: 2\r\n\r\n"),
    {
      method: "GET",
      path: "/a",
      headers: new Map([["host", "x"], ["a", "1, 2"]]),
    },
  );
  for (
    const wrong of [
      "",
      "\r\n\r\n",
      "GET / HTTP/2\r\n\r\n",
      "GET http://x/ HTTP/1.1\r\n\r\n",
      "get / HTTP/1.1\r\n\r\n",
      "GET  / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nno colon\r\n\r\n",
      "GET / HTTP/1.1\r\nA : b\r\n\r\n",
      "GET / HTTP/1.1\r\n folded: b\r\n\r\n",
      "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n",
      "GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n",
    ]
  ) assertEquals(parse(wrong), null, JSON.stringify(wrong));
});

Deno.test("answerTo() gives the page, and nothing else", async () => {
  const host = "Host: x\r\n\r\n";
  const cases: [string, string][] = [
    [`GET / HTTP/1.1\r\n${host}`, "200 OK"],
    [`GET /?x=1 HTTP/1.1\r\n${host}`, "200 OK"],
    [`HEAD / HTTP/1.1\r\n${host}`, "200 OK"],
    ["GET / HTTP/1.1\r\n\r\n", "400 Bad Request"],
    [`GET /../etc/passwd HTTP/1.1\r\n${host}`, "404 Not Found"],
    [`GET /favicon.ico HTTP/1.1\r\n${host}`, "404 Not Found"],
    [`POST / HTTP/1.1\r\n${host}`, "405 Method Not Allowed"],
    ["garbage\r\n\r\n", "400 Bad Request"],
  ];
  for (const [request, status] of cases) {
    const found = await answer(request);
    assertEquals(found.status, status, request);
    const { headers = {} } = found;
    assertEquals(headers["X-Content-Type-Options"], "nosniff", request);
    assertMatch(
      headers["Content-Security-Policy"] ?? "",
      /default-src 'none'; script-src 'sha256-[^']{44}'; .*frame-ancestors 'none'/,
    );
  }
});

Deno.test("answerTo() opens the WebSocket for its own page alone", async () => {
  const right = await answer(upgrade(80));
  assertEquals(right.opens, true);
  assertEquals(right.headers?.["Sec-WebSocket-Accept"], ACCEPT);
  const cases: [Record<string, string | undefined>, string][] = [
    [{ "Sec-WebSocket-Key": undefined }, "400 Bad Request"],
    [{ "Sec-WebSocket-Key": "short" }, "400 Bad Request"],
    [{ "Connection": "close" }, "400 Bad Request"],
    [{ "Upgrade": "h2c" }, "400 Bad Request"],
    [{ "Sec-WebSocket-Version": "8" }, "426 Upgrade Required"],
    [{ "Origin": undefined }, "403 Forbidden"],
    [{ "Origin": "null" }, "403 Forbidden"],
    [{ "Origin": "http://evil.example" }, "403 Forbidden"],
    [{ "Origin": "http://127.0.0.1:81" }, "403 Forbidden"],
    [{ "Host": "127.0.0.1, evil.example" }, "403 Forbidden"],
  ];
  for (const [headers, status] of cases) {
    const found = await answer(upgrade(80, headers));
    assertEquals([found.status, found.opens], [status, undefined]);
  }
  // The usual port may be left out; a proxy may speak TLS.
  for (
    const [host, origin] of [
      ["chat.example", "https://chat.example"],
      ["chat.example:443", "https://chat.example"],
      ["[::1]:8080", "http://[::1]:8080"],
    ]
  ) {
    const found = await answer(upgrade(80, { Host: host, Origin: origin }));
    assertEquals(found.opens, true, origin);
  }
});

Deno.test("answerBytes() leaves the body out for HEAD", PURE, () => {
  const page = { status: "200 OK", body: encoder.encode("hi") };
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const right =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n";
  assertEquals(text(answerBytes(page, "GET")), `${right}hi`);
  assertEquals(text(answerBytes(page, "HEAD")), right);
});

Deno.test("makePage() puts what the room says where markup can't be", async () => {
  const end = `"><script>alert(1)</script>`;
  const page = await makePage({ say: speaker("zh"), end, hasPassword: true });
  const html = new TextDecoder().decode(page.body);
  assertEquals(html.match(/<script>/g)?.length, 1);
  assertStringIncludes(html, "&quot;>&lt;script>".slice(0, 6));
  assertEquals(
    /\bon[a-z]+=|\bsrc=|\bstyle=|https?:\/\/(?!www\.w3\.org)/.test(
      html.replace(/<script>[^]*<\/script>/, ""),
    ),
    false,
  );
});

Deno.test("makePage() tells what a member may type", async () => {
  const page = await makePage({
    say: speaker("en"),
    end: "n",
    hasPassword: false,
  });
  const html = new TextDecoder().decode(page.body);
  const [, settings = ""] = /data-room="([^"]*)"/.exec(html) ?? [];
  const { commands } = JSON.parse(
    settings.replaceAll("&quot;", '"').replaceAll("&lt;", "<")
      .replaceAll("&amp;", "&"),
  );
  const { room } = makeRoom();
  const right = commandsFor({ operator: false }, room.commands)
    .flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  assertEquals(commands.flat(), right.map((word) => `/${word}`));
  assertEquals(right.includes("kick"), false);
});
