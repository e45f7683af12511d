import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Ending } from "../../lib/chat/conversation.ts";
import { ConnectionError } from "../../lib/chat/endpoint.ts";
import { InputError } from "../../lib/terminal/input.ts";
import { ProtocolError } from "../../lib/wire/framing.ts";
import {
  describeEnding,
  describeFault,
  Interruption,
  STATUS,
} from "../../lib/cli/outcome.ts";
import {
  Failure,
  reasonOf,
  sentence,
  speaker,
} from "../../lib/text/phrases.ts";
import { PURE } from "../kit/pure.ts";

const ADDRESS = "192.0.2.1:8000";

const zh = speaker("zh");
const en = speaker("en");

Deno.test("STATUS has the statuses of the README", PURE, () => {
  assertEquals(STATUS, { ok: 0, failed: 1, usage: 2 });
});

Deno.test(
  "Interruption leads to the status that shells have for its signal",
  PURE,
  () => {
    assertEquals(new Interruption("SIGINT").status, 130);
    assertEquals(new Interruption("SIGTERM").status, 143);
    assertEquals(new Interruption("SIGHUP").status, 129);
  },
);

Deno.test("describeEnding() tells who ended it", PURE, () => {
  const said: Ending = { how: "said", by: "remote" };
  const closed: Ending = { how: "closed" };
  const table = [
    { ending: said, role: "client", text: "客户端终止连接" },
    { ending: said, role: "server", text: "服务器终止连接" },
    { ending: closed, role: "client", text: "客户端已断开连接" },
    { ending: closed, role: "server", text: "服务器已断开连接" },
  ] as const;
  for (const { ending, role, text } of table) {
    const told = describeEnding(ending, role, undefined);
    const named = describeEnding(ending, role, "小明");
    assert(told && named);
    assertEquals(zh(told), text);
    assertStringIncludes(zh(named), "小明");
  }
});

Deno.test(
  "describeEnding() tells nothing of what this side did itself",
  PURE,
  () => {
    const endings: Ending[] = [
      { how: "said", by: "local", leftOver: false },
      { how: "said", by: "local", leftOver: true },
      { how: "interrupted", reason: "Ctrl-C" },
      { how: "output closed", cause: "EPIPE" },
    ];
    for (const ending of endings) {
      const told = describeEnding(ending, "client", undefined);
      assertEquals(told, undefined, ending.how);
    }
  },
);

Deno.test("describeFault() is one line that says what to do", PURE, () => {
  const reset = new Error("Connection reset by peer (os error 104)");
  const table: { fault: unknown; parts: string[] }[] = [
    {
      fault: new Failure(sentence("unix in use", { path: "a path\n\x1b" })),
      parts: ["a path\\x0a\\x1b"],
    },
    { fault: new ProtocolError(1000), parts: ["1000", "--max-message"] },
    {
      fault: new InputError(
        sentence("input too long", { line: 3, limit: 7 }),
      ),
      parts: ["3", "7", "--max-message"],
    },
    {
      fault: new ConnectionError("idle"),
      parts: [ADDRESS, "--idle-timeout"],
    },
    {
      fault: new ConnectionError("broken", { cause: reset }),
      parts: [ADDRESS, "Connection reset by peer"],
    },
    {
      fault: new Failure(
        sentence("server refused TLS", { cause: reset.message }),
      ),
      parts: ["Connection reset by peer"],
    },
    {
      fault: new ConnectionError("broken", {
        cause: new Failure(sentence("password wanted")),
      }),
      parts: ["--password-file"],
    },
    { fault: new RangeError("what nobody thought of"), parts: ["nobody"] },
    { fault: "a string", parts: ["a string"] },
  ];
  for (const { fault, parts } of table) {
    for (const say of [zh, en]) {
      const text = describeFault(fault, ADDRESS, say);
      for (const part of parts) assertStringIncludes(text, part);
      assertEquals(text.includes("\n"), false);
      assertEquals(text.includes("undefined"), false, text);
    }
  }
});

Deno.test(
  "reasonOf() gives an error's message, or the text of what else it is",
  PURE,
  () => {
    assertEquals(reasonOf(new Error("No route to host")), "No route to host");
    assertEquals(reasonOf("gone"), "gone");
  },
);
