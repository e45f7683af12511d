import { assertEquals } from "@std/assert";
import { greet, type GreetedEndpoint } from "../../lib/chat/greeting.ts";
import { FakeEndpoint } from "../kit/fake_endpoint.ts";
import { PURE } from "../kit/pure.ts";

const HELLO = new TextEncoder().encode("hello\n");

interface Started {
  remote: FakeEndpoint;
  greeted: GreetedEndpoint;
  /** The names that the peer gave. */
  names: string[];
}

async function startServer(): Promise<Started> {
  const remote = new FakeEndpoint("remote");
  const names: string[] = [];
  const greeted = await greet(remote, {
    name: "Bo",
    first: false,
    named: (name) => names.push(name),
  });
  return { remote, greeted, names };
}

async function textOf(greeted: GreetedEndpoint): Promise<string | null> {
  const block = await greeted.receive();
  return block && new TextDecoder().decode(block);
}

Deno.test("greet() answers a name with its own", PURE, async () => {
  const { remote, greeted, names } = await startServer();
  assertEquals(remote.sent, "");
  remote.give("/name Ann\nhello\n", "/name Cy\n");
  assertEquals(await textOf(greeted), "hello\n");
  assertEquals(await textOf(greeted), "/name Cy\n");
  assertEquals(names, ["Ann"]);
  assertEquals(remote.sent, "/name Bo\n");
});

Deno.test(
  "greet() gives what comes after a name line that comes alone",
  PURE,
  async () => {
    const { remote, greeted, names } = await startServer();
    remote.give("/name Ann\n", "hello\n");
    assertEquals(await textOf(greeted), "hello\n");
    assertEquals(names, ["Ann"]);
    remote.give(null);
    assertEquals(await textOf(greeted), null);
  },
);

Deno.test(
  "greet() gives no name after something was said",
  PURE,
  async () => {
    const { remote, greeted, names } = await startServer();
    await greeted.send(HELLO);
    remote.give("/name Ann\nhello\n");
    assertEquals(await textOf(greeted), "hello\n");
    assertEquals(names, ["Ann"]);
    assertEquals(remote.sent, "hello\n");
  },
);

Deno.test(
  "greet() gives no name when nothing more is said",
  PURE,
  async () => {
    const { remote, greeted, names } = await startServer();
    await greeted.closeWrite();
    remote.give("/name Ann\nhello\n");
    assertEquals(await textOf(greeted), "hello\n");
    assertEquals(names, ["Ann"]);
    assertEquals(remote.sent, "");
  },
);

Deno.test(
  "greet() tells of a room, and whether it spoke unasked",
  PURE,
  async () => {
    for (const said of [true, false]) {
      const remote = new FakeEndpoint("remote");
      const rooms: boolean[] = [];
      const greeted = await greet(remote, {
        name: "Ann",
        first: true,
        named: () => {},
        inRoom: (unasked) => rooms.push(unasked),
      });
      if (said) await greeted.send(HELLO);
      remote.give("* Ann: welcome\n* Bo has joined\n", "* Bo has left\n");
      await greeted.receive();
      await greeted.receive();
      assertEquals(rooms, [!said]);
    }
  },
);

Deno.test(
  "greet() passes a name line on without giving it as a message",
  PURE,
  async () => {
    const remote = new FakeEndpoint("remote");
    const passed: string[] = [];
    const greeted = await greet(remote, {
      name: "Bo",
      first: false,
      passOn(line): Promise<void> {
        passed.push(new TextDecoder().decode(line));
        return Promise.resolve();
      },
    });
    remote.give("/name Ann\nhello\n", "/name Cy\n");
    assertEquals(await textOf(greeted), "hello\n");
    assertEquals(await textOf(greeted), "/name Cy\n");
    assertEquals(passed, ["/name Ann\n"]);
    assertEquals(remote.sent, "");
  },
);

Deno.test(
  "greet() takesTurn() is false for a name line that comes first",
  PURE,
  async () => {
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
    const remote = new FakeEndpoint("remote");
    const nameless = await greet(remote, { name: undefined, first: true });
    assertEquals(nameless.takesTurn(encode("/name a:b\n")), true);
    assertEquals(nameless.takesTurn(HELLO), true);
    assertEquals(nameless.takesTurn(encode("/name Ann\n")), false);
    await nameless.send(encode("/name Ann\n"));
    assertEquals(nameless.takesTurn(encode("/name Bo\n")), true);

    const named = await greet(remote, { name: "Ann", first: true });
    assertEquals(named.takesTurn(encode("/name Bo\n")), true);
  },
);
