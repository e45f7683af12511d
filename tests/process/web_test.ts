import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { comeAs } from "../kit/room_members.ts";
import { masked, upgrade, WebPeer } from "../kit/web_peer.ts";
import {
  commandFor,
  COMPILED,
  start,
  startAtTerminal,
  testWith,
} from "../kit/programs.ts";
import { WebRoom } from "../kit/web_room.ts";

/** A browser's seat by that name. */
async function sitDown(name: string, port: number): Promise<WebPeer> {
  const peer = await WebPeer.open(port);
  await peer.say(`/name ${name}`);
  await peer.until(`* ${name}: welcome`);
  return peer;
}

/** The server answers others all the same. */
async function goesOn(server: WebRoom): Promise<void> {
  using ming = await comeAs("Ming", server.port);
  using hong = await sitDown("Hong", server.web);
  await hong.say("still here?");
  await ming.until("Hong: still here?\n");
  await ming.send("yes\n");
  await hong.until("Ming: yes\n");
}

Deno.test("a browser is a member like any other", async () => {
  await using server = await WebRoom.open();
  using ming = await comeAs("Ming", server.port);
  using hong = await sitDown("小红", server.web);
  await ming.until("小红 has joined");
  // A message is a line, however it comes.
  await hong.say("one", "two\n", "three\r\nfour");
  await hong.send(masked(1, "five ").map((byte, at) => at ? byte : 0x01));
  await hong.send(masked(9, "ping"));
  await hong.send(masked(0, "six"));
  const lines = ["one", "two", "three", "four", "five six"];
  const said = lines.map((line) => `小红: ${line}\n`).join("");
  assertStringIncludes(await ming.until("five six"), said);
  const { opcode, payload } = await hong.next() ?? {};
  assertEquals([opcode, new TextDecoder().decode(payload)], [10, "ping"]);
  const long = "长".repeat(30_000);
  await ming.send(`${long}\nend\n`);
  assertStringIncludes(await hong.until("Ming: end"), `Ming: ${long}\n`);
  assertEquals(await hong.leave(), "1000");
  await ming.until("小红 has left");
  // The end word is one here too.
  using last = await sitDown("Last", server.web);
  await last.say("n");
  assertEquals(await last.closed(), "1000");
  await ming.until("Last has left");
});

Deno.test("a browser is told whether the room or the server ends", async () => {
  await using closing = await WebRoom.open();
  using hong = await sitDown("Hong", closing.web);
  await closing.write("n\n");
  assertEquals(await hong.closed(), "1000");
  await using stopping = await WebRoom.open();
  using ming = await sitDown("Ming", stopping.web);
  stopping.kill("SIGTERM");
  assertEquals(await ming.closed(), "1001");
});

Deno.test("the limits of a room hold for browsers", async () => {
  await using server = await WebRoom.open([
    "--max-clients=2",
    "--max-message=1k",
    "--idle-timeout=600",
  ]);
  using ming = await comeAs("Ming", server.port);
  using long = await sitDown("Long", server.web);
  using full = await WebPeer.open(server.web);
  await full.until("full");
  assertEquals(await full.closed(), "1000");
  // A frame that claims more is not waited for to its end.
  const huge = masked(1, new Uint8Array(70_000).fill(0x61));
  await long.send(huge.subarray(0, 5000));
  await long.until("* not taken: message too long\n");
  assertEquals(await long.closed(), "1000");
  await ming.until("Long has left");
});

Deno.test("a browser that is idle is let go", async () => {
  await using server = await WebRoom.open(["--idle-timeout=0.5"]);
  using idle = await WebPeer.open(server.web);
  await idle.until("* broken off: idle\n");
  assertEquals(await idle.closed(), "1000");
  await server.stdout.until("has left");
});

Deno.test("a browser is asked for the password", async () => {
  const password = await Deno.makeTempFile();
  await Deno.writeTextFile(password, "open sesame\n");
  await Deno.chmod(password, 0o600);
  await using server = await WebRoom.open(["--password-file", password]);
  using right = await WebPeer.open(server.web);
  await right.until("* password:\n");
  await right.say("open says me");
  await right.until("* wrong password\n");
  await right.until("* password:\n");
  await right.say("open sesame");
  await right.until("* password accepted\n");
  await right.say("/name Ming");
  await right.until("* Ming: welcome");
  using wrong = await WebPeer.open(server.web);
  for (let tries = 0; tries < 3; tries++) {
    await wrong.until("* password:\n");
    await wrong.say("guess");
    await wrong.until("* wrong password\n");
  }
  while (await wrong.next());
  await server.stderr.until(/Turned away .*: wrong password/);
  await Deno.remove(password);
});

Deno.test("--web names an address that can be typed", async () => {
  await using everywhere = await WebRoom.open(["--web=0.0.0.0:0"]);
  const { url } = everywhere;
  // An executable may ask for the addresses of its networks.
  if (!COMPILED) assertEquals(url, `http://localhost:${everywhere.web}`);
  assertEquals(new URL(url).hostname === "0.0.0.0", false);
  const page = await fetch(`http://127.0.0.1:${everywhere.web}`);
  assertStringIncludes(await page.text(), "<!DOCTYPE html>");
  // The room's host is its own, unless it has another.
  await using apart = await WebRoom.open(["--web=127.0.0.2:0"]);
  assertEquals(apart.url, `http://127.0.0.2:${apart.web}`);
  assertEquals(apart.host, "127.0.0.1");
});

Deno.test("--web tells what it can't have", async () => {
  await using first = await WebRoom.open();
  const args = ["--room", "--port=0", `--web=${first.web}`, "--lang=en"];
  await using second = start("server", args);
  const { status, stderr } = await second.finish();
  assertEquals(status, 1);
  assertStringIncludes(stderr, `127.0.0.1:${first.web} is in use`);
});

testWith(["script"], "--web shows a QR code at a terminal", async () => {
  const args = ["--room", "--port=0", "--web=0", "--lang=en"];
  for (const more of [[], ["--no-qr"]]) {
    await using server = startAtTerminal(
      commandFor("server", [...args, ...more]),
    );
    await server.stdout.until("welcome, 1 here");
    const isShown = /(█.*\r\n){13}/.test(server.stdout.text);
    assertEquals(isShown, more.length === 0, server.stdout.text);
    await server.write("n\r");
    await server.finish();
  }
});

testWith(["openssl"], "--tls-cert is shown to browsers too", async () => {
  const folder = await Deno.makeTempDir();
  const [cert, key] = [`${folder}/cert.pem`, `${folder}/key.pem`];
  await new Deno.Command("openssl", {
    args: [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256".split(" "),
      ...["-nodes", "-days", "1", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
      ...["-keyout", key, "-out", cert],
    ],
    stderr: "null",
  }).output();
  const caCerts = [await Deno.readTextFile(cert)];
  await using server = await WebRoom.open(
    ["--tls-cert", cert, "--tls-key", key],
  );
  const { url, web: port } = server;
  assertStringIncludes(url, "https://");
  using client = Deno.createHttpClient({ caCerts });
  const page = await fetch(url, { client });
  assertStringIncludes(await page.text(), "<!DOCTYPE html>");
  const hostname = "localhost";
  using peer = new WebPeer(await Deno.connectTls({ hostname, port, caCerts }));
  await peer.send(upgrade(port, { Origin: url }));
  assertStringIncludes(await peer.head(), " 101 ");
  await peer.until(": welcome");
  await peer.say("hello over TLS");
  await server.stdout.until("hello over TLS");
  using plain = await WebPeer.connect(port);
  await plain.send(upgrade(port));
  await plain.rest().catch(() => "");
  await server.stderr.until(/does not speak TLS/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("TLS where none is spoken is told", async () => {
  await using server = await WebRoom.open();
  using peer = await WebPeer.connect(server.web);
  await peer.send(Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01));
  await peer.rest().catch(() => "");
  await server.stderr.until(/the client speaks TLS and this server does not/);
});

Deno.test("--allow is asked before a request is read", async () => {
  await using server = await WebRoom.open(["--allow=192.0.2.1"]);
  using peer = await WebPeer.connect(server.web);
  await peer.send(upgrade(server.web)).catch(() => {});
  assertEquals(await peer.rest().catch(() => ""), "");
  await server.stderr.until(/Turned away .*: not in --allow/);
});

Deno.test("a bad request gets an answer, and the room goes on", async () => {
  await using server = await WebRoom.open();
  const cases: [string, string | Uint8Array, string][] = [
    ["garbage", "\x00\x01garbage\r\n\r\n", "400"],
    ["a large head", `GET / HTTP/1.1\r\nA: ${"x".repeat(20_000)}`, "400"],
    ["another path", "GET /lib/ HTTP/1.1\r\nHost: x\r\n\r\n", "404"],
    [
      "a body",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
      "405",
    ],
    ["no key", upgrade(server.web, { "Sec-WebSocket-Key": undefined }), "400"],
    [
      "an old version",
      upgrade(server.web, { "Sec-WebSocket-Version": "7" }),
      "426",
    ],
    [
      "another site",
      upgrade(server.web, { "Origin": "http://evil.example" }),
      "403",
    ],
    ["pipelined", "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200), "200"],
  ];
  for (const [what, request, status] of cases) {
    using peer = await WebPeer.connect(server.web);
    await peer.send(request);
    const head = await peer.head();
    assertEquals(head.split(" ")[1], status, what);
    assertStringIncludes(head, "Connection: close", what);
    const body = await peer.rest();
    assertEquals(
      body.includes("Index of") || body.includes(".ts"),
      false,
      what,
    );
  }
  await server.stderr.until(/Turned away .*another site \(http:\/\/evil/);
  await goesOn(server);
});

Deno.test("frames that may not be are closed with a code and a reason", async () => {
  await using server = await WebRoom.open();
  const cases: [string, Uint8Array, RegExp][] = [
    ["binary", masked(2, "x"), /^1003 only text/],
    ["not UTF-8", masked(1, Uint8Array.of(0x61, 0xff)), /^1007 text is not/],
    ["cut UTF-8", masked(1, Uint8Array.of(0xe4, 0xbd)), /^1007 text is not/],
    ["unmasked", Uint8Array.of(0x81, 1, 0x61), /^1002 .*masked/],
    ["reserved", masked(1, "x").map((it, at) => at ? it : 0xc1), /^1002 /],
    ["of no kind", masked(5, "x"), /^1002 /],
    ["a rest", masked(0, "x"), /^1002 /],
    ["a long ping", masked(9, "x".repeat(126)), /^1002 /],
  ];
  for (const [what, bytes, right] of cases) {
    using peer = await WebPeer.open(server.web);
    await peer.until(": welcome");
    await peer.send(bytes);
    await peer.send(masked(1, "after it")).catch(() => {});
    const why = await peer.closed();
    assert(right.test(why), `${what}: ${why}`);
  }
  assertEquals(server.stdout.text.includes("after it"), false);
  await goesOn(server);
});

Deno.test("10,000 frames at once wait for their turn", async () => {
  await using server = await WebRoom.open(["--rate=1000000"]);
  using ming = await comeAs("Ming", server.port);
  using flood = await sitDown("Flood", server.web);
  const frames = Array.from(
    { length: 10_000 },
    (_, index) => masked(1, `${index}`),
  );
  const all = new Uint8Array(frames.reduce((sum, it) => sum + it.length, 0));
  let at = 0;
  for (const one of frames) {
    all.set(one, at);
    at += one.length;
  }
  await flood.send(all);
  const heard = await ming.until("Flood: 9999\n");
  const numbers = [...heard.matchAll(/^Flood: (\d+)$/gm)].map(([, it]) => it);
  assertEquals(numbers, frames.map((_, index) => `${index}`));
});

Deno.test("one that never reads is let go", async () => {
  await using server = await WebRoom.open(["--queue=64k", "--rate=1000000"]);
  using loud = await comeAs("Loud", server.port);
  using deaf = await sitDown("Deaf", server.web);
  const line = `${"x".repeat(60_000)}\n`;
  let isOver = false;
  const over = loud.until("Deaf did not read").then(() => isOver = true);
  while (!isOver) await loud.send(line);
  await over;
  // All that it has said comes before the answer.
  await loud.send("/who\n");
  await loud.until("here:");
  deaf.close();
  await goesOn(server);
});

Deno.test("sockets that say nothing keep nobody out", async () => {
  await using server = await WebRoom.open(["--max-clients=5"]);
  const silent: WebPeer[] = [];
  for (let count = 0; count < 40; count++) {
    silent.push(await WebPeer.connect(server.web));
    // Half of them begin a request, and never end it.
    if (count % 2 === 0) await silent.at(-1)?.send("GET / HTTP/1.1\r\nA: ");
  }
  await goesOn(server);
  for (const peer of silent) peer.close();
});
