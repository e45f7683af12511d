import { assertEquals, assertStringIncludes } from "@std/assert";
import { connectFailure, isToItself } from "../../lib/net/connect.ts";
import { hintsFor, listenFailure } from "../../lib/net/listen.ts";
import { parseOptions } from "../../lib/cli/parse.ts";
import { Failure, sentence, speaker } from "../../lib/text/phrases.ts";
import { PURE } from "../kit/pure.ts";

const OPTIONS = parseOptions(["--port", "80"], "client");
const { errors } = Deno;

Deno.test("listenFailure() says what to do", PURE, () => {
  const table: [fault: Error, en: string, zh: string][] = [
    [new errors.AddrInUse("in use"), "is in use", "已被占用"],
    [
      new errors.AddrNotAvailable("no"),
      "not an address of this",
      "不是本机地址",
    ],
    [new errors.PermissionDenied("no"), "choose a --port above", "1024 以上"],
    [new Error("EMFILE"), "listening on 127.0.0.1:80 failed (EMFILE)", "监听"],
    [new Error("failed to lookup address"), "was not found", "找不到主机"],
  ];
  for (const [fault, en, zh] of table) {
    const { sentence } = listenFailure(fault, OPTIONS);
    assertStringIncludes(speaker("en")(sentence), en);
    assertStringIncludes(speaker("zh")(sentence), zh);
  }
  const known = new Failure(sentence("room full"));
  assertEquals(listenFailure(known, OPTIONS), known);
});

Deno.test("connectFailure() gives no advice for listening", PURE, () => {
  const table: [fault: Error, en: string, zh: string][] = [
    [new errors.ConnectionRefused("no"), "start the server first", "--wait"],
    [new errors.TimedOut("late"), "within 10 s", "--connect-timeout"],
    [new Error("failed to lookup address"), "was not found", "找不到主机"],
    // A firewall; no port of its own left; one that is not free.
    [new errors.PermissionDenied("EPERM"), "reached (EPERM)", "无法到达"],
    [new errors.AddrNotAvailable("full"), "reached (full)", "无法到达"],
    [new errors.AddrInUse("in use"), "reached (in use)", "无法到达"],
  ];
  for (const [fault, en, zh] of table) {
    const { sentence } = connectFailure(fault, OPTIONS);
    assertStringIncludes(speaker("en")(sentence), en);
    assertStringIncludes(speaker("zh")(sentence), zh);
  }
});

function address(hostname: string, port: number): Deno.NetAddr {
  return { transport: "tcp", hostname, port };
}

Deno.test("isToItself() tells a port that is connected to itself", PURE, () => {
  const own = address("127.0.0.1", 40_000);
  const table = [
    { remoteAddr: address("127.0.0.1", 40_000), itself: true },
    { remoteAddr: address("127.0.0.1", 8000), itself: false },
    { remoteAddr: address("192.168.1.5", 40_000), itself: false },
  ];
  for (const { remoteAddr, itself } of table) {
    assertEquals(isToItself({ localAddr: own, remoteAddr }), itself);
  }
});

Deno.test("hintsFor() names what other machines can reach", {
  ...PURE,
  permissions: { sys: ["networkInterfaces"] },
}, () => {
  const addresses = Deno.networkInterfaces()
    .map(({ address, name }) =>
      address.startsWith("fe80:") ? `${address}%${name}` : address
    )
    .filter((address) => !/^(127|::1$)/.test(address));
  const four = addresses.filter((address) => !address.includes(":"))
    .map((address) => `${address}:8000`);
  const six = addresses.filter((address) => address.includes(":"))
    .map((address) => `[${address}]:8000`);
  const handedOut = (hostname: string): string[] =>
    hintsFor(address(hostname, 8000), hostname)
      .flatMap(({ values }) => String(values?.["addresses"]).split(" "))
      .sort();
  assertEquals(handedOut("0.0.0.0"), four.sort());
  assertEquals(handedOut("::"), [...four, ...six].sort());
  for (const one of ["127.0.0.1", "::1"]) assertEquals(handedOut(one), []);
});

Deno.test("hintsFor() says where a name stands for IPv6 alone", PURE, () => {
  const [hint] = hintsFor(address("::1", 8000), "localhost");
  assertEquals(hint?.phrase, "only IPv6");
  assertEquals(hintsFor(address("127.0.0.1", 8000), "localhost"), []);
});
