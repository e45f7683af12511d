import { assertEquals } from "@std/assert";
import { Introduction } from "../../lib/chat/introduction.ts";
import { FakeEndpoint } from "../kit/fake_endpoint.ts";
import { PURE } from "../kit/pure.ts";

const HELLO = new TextEncoder().encode("hello\n");

interface Started {
  remote: FakeEndpoint;
  introduction: Introduction;
  /** The names that the peer gave. */
  names: string[];
}

function startServer(): Started {
  const remote = new FakeEndpoint("remote");
  const names: string[] = [];
  const introduction = new Introduction(remote, {
    name: "Bo",
    first: false,
    named: (name) => names.push(name),
  });
  return { remote, introduction, names };
}

async function textOf(introduction: Introduction): Promise<string | null> {
  const block = await introduction.receive();
  return block && new TextDecoder().decode(block);
}

Deno.test("Introduction answers a name with its own", PURE, async () => {
  const { remote, introduction, names } = startServer();
  await introduction.begin();
  assertEquals(remote.sent, "");
  remote.give("/name Ann\nhello\n", "/name Cy\n");
  assertEquals(await textOf(introduction), "hello\n");
  assertEquals(await textOf(introduction), "/name Cy\n");
  assertEquals(names, ["Ann"]);
  assertEquals(remote.sent, "/name Bo\n");
});

Deno.test(
  "Introduction gives what comes after a name line that comes alone",
  PURE,
  async () => {
    const { remote, introduction, names } = startServer();
    remote.give("/name Ann\n", "hello\n");
    assertEquals(await textOf(introduction), "hello\n");
    assertEquals(names, ["Ann"]);
    remote.give(null);
    assertEquals(await textOf(introduction), null);
  },
);

Deno.test(
  "Introduction gives no name after something was said",
  PURE,
  async () => {
    const { remote, introduction, names } = startServer();
    await introduction.begin();
    await introduction.send(HELLO);
    remote.give("/name Ann\nhello\n");
    assertEquals(await textOf(introduction), "hello\n");
    assertEquals(names, ["Ann"]);
    assertEquals(remote.sent, "hello\n");
  },
);

Deno.test(
  "Introduction gives no name when nothing more is said",
  PURE,
  async () => {
    const { remote, introduction, names } = startServer();
    await introduction.begin();
    await introduction.closeWrite();
    remote.give("/name Ann\nhello\n");
    assertEquals(await textOf(introduction), "hello\n");
    assertEquals(names, ["Ann"]);
    assertEquals(remote.sent, "");
  },
);

Deno.test(
  "Introduction tells of a room, and whether it spoke unasked",
  PURE,
  async () => {
    for (const said of [true, false]) {
      const remote = new FakeEndpoint("remote");
      const rooms: boolean[] = [];
      const introduction = new Introduction(remote, {
        name: "Ann",
        first: true,
        named: () => {},
        inRoom: (unasked) => rooms.push(unasked),
      });
      await introduction.begin();
      if (said) await introduction.send(HELLO);
      remote.give("* You are Ann\n* Bo has joined\n", "* Bo has left\n");
      await introduction.receive();
      await introduction.receive();
      assertEquals(rooms, [!said]);
    }
  },
);

Deno.test(
  "Introduction passes a name line on without giving it as a message",
  PURE,
  async () => {
    const remote = new FakeEndpoint("remote");
    const passed: string[] = [];
    const introduction = new Introduction(remote, {
      name: "Bo",
      first: false,
      passOn(line): Promise<void> {
        passed.push(new TextDecoder().decode(line));
        return Promise.resolve();
      },
    });
    remote.give("/name Ann\nhello\n", "/name Cy\n");
    assertEquals(await textOf(introduction), "hello\n");
    assertEquals(await textOf(introduction), "/name Cy\n");
    assertEquals(passed, ["/name Ann\n"]);
    assertEquals(remote.sent, "");
  },
);

Deno.test(
  "Introduction.takesTurn() is false for a name line that comes first",
  PURE,
  async () => {
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
    const remote = new FakeEndpoint("remote");
    const nameless = new Introduction(remote, { name: undefined, first: true });
    await nameless.begin();
    assertEquals(nameless.takesTurn(encode("/name a:b\n")), true);
    assertEquals(nameless.takesTurn(HELLO), true);
    assertEquals(nameless.takesTurn(encode("/name Ann\n")), false);
    await nameless.send(encode("/name Ann\n"));
    assertEquals(nameless.takesTurn(encode("/name Bo\n")), true);

    const named = new Introduction(remote, { name: "Ann", first: true });
    await named.begin();
    assertEquals(named.takesTurn(encode("/name Bo\n")), true);
  },
);
