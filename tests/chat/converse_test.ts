import { getEventListeners } from "node:events";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { CLOSING_BYTES, CLOSING_WAIT_MS } from "../../lib/chat/closing.ts";
import type {
  ConversationOptions,
  Ending,
} from "../../lib/chat/conversation.ts";
import { converse } from "../../lib/chat/converse.ts";
import {
  ConnectionError,
  OutputClosed,
  type Side,
} from "../../lib/chat/endpoint.ts";
import { Turns, within } from "../../lib/chat/waiting.ts";
import { ProtocolError } from "../../lib/wire/framing.ts";
import {
  FakeEndpoint,
  type FakeEndpointOptions,
} from "../kit/fake_endpoint.ts";
import { PURE } from "../kit/pure.ts";

const MEBIBYTE = 1024 * 1024;

/** A conversation that has begun, with both its ends in the test's hands. */
interface Started {
  local: FakeEndpoint;
  remote: FakeEndpoint;
  log: string[];
  controller: AbortController;
  /** How it ends; the remote end is closed then, and the local one is not. */
  ending: Promise<Ending>;
}

interface Setting extends Omit<Partial<ConversationOptions>, "turns"> {
  /** Who begins when both speak in turn. */
  turns?: Side;
  /** Whether someone is at the local end. */
  attended?: boolean;
  /** How the remote end tells messages apart. */
  framing?: FakeEndpointOptions["framing"];
  /** Plays with the ends before they talk. */
  prepare?(local: FakeEndpoint, remote: FakeEndpoint): void;
}

function start(setting: Setting = {}): Started {
  const log: string[] = [];
  const local = new FakeEndpoint("local", {
    log,
    attended: setting.attended ?? false,
  });
  const remote = new FakeEndpoint("remote", {
    log,
    framing: setting.framing ?? "lines",
  });
  setting.prepare?.(local, remote);
  const controller = new AbortController();
  const conversation = converse(local, remote, {
    end: "n",
    signal: controller.signal,
    ...setting,
    turns: new Turns(setting.turns),
  });
  const ending = conversation.finally(() => {
    assert(remote.closed, "The remote end is left open");
    assert(!local.closed, "The local end is closed");
    // A signal lives on: each conversation would be kept.
    assertEquals(getEventListeners(controller.signal, "abort"), []);
  });
  return { local, remote, log, controller, ending };
}

const BOTH_KINDS = [{ attended: true }, { attended: false }] as const;
const never = (): Promise<void> => new Promise(() => {});

/** Lets everything go on that does not wait for the test. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A promise that a test settles, for what is to take its time. */
function hold(): { promise: Promise<void>; release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, release: resolve };
}

Deno.test("converse() passes blocks on, each way", PURE, async () => {
  const { local, remote, ending } = start();
  local.give("你好\nhow are you\n");
  await remote.until(({ sent }) => sent === "你好\nhow are you\n");
  assertEquals(local.echoed, remote.sent);
  remote.give("fine\n", "and you\n");
  await local.until(({ sent }) => sent === "fine\nand you\n");
  local.give("well\r\n", null);
  await remote.until(({ writeClosed }) => writeClosed);
  remote.give("last", null);
  assertEquals(await ending, { how: "closed" });
  assertEquals(remote.sent, "你好\nhow are you\nwell\r\n");
  assertEquals(local.sent, "fine\nand you\nlast");
});

Deno.test(
  "converse() passes on what looks like the end word where none can be said",
  PURE,
  async () => {
    const { local, remote, ending } = start({ endBy: "remote" });
    local.give("n\n");
    await remote.until(({ sent }) => sent === "n\n");
    local.give("more\n");
    await remote.until(({ sent }) => sent === "n\nmore\n");
    remote.give("n\n", null);
    assertEquals(await ending, { how: "said", by: "remote" });
  },
);

Deno.test(
  "converse() needs no signal to end",
  PURE,
  async () => {
    const local = new FakeEndpoint("local", { attended: true });
    const remote = new FakeEndpoint("remote");
    const ending = converse(local, remote, { end: "n" });
    local.give("a\n", "n\n");
    await remote.until(({ writeClosed }) => writeClosed);
    remote.give(null);
    assertEquals(await ending, { how: "said", by: "local", leftOver: false });
    assertEquals([remote.sent, remote.closed], ["a\nn\n", true]);
  },
);

Deno.test(
  "converse() sends what the local end says up to the end word",
  PURE,
  async () => {
    for (const setting of BOTH_KINDS) {
      const { local, remote, log, ending } = start(setting);
      local.give("hello\nn\n");
      await remote.until(({ writeClosed }) => writeClosed);
      remote.give("bye\n", null);
      assertEquals(await ending, { how: "said", by: "local", leftOver: false });
      assertEquals(log, [
        "local echo hello\nn\n",
        "remote send hello\nn\n",
        "remote closeWrite",
        "local send bye\n",
        "remote close",
      ]);
    }
  },
);

Deno.test(
  "converse() tells of input left over after the end word",
  PURE,
  async () => {
    const inOneBlock = start();
    inOneBlock.local.give("n\nmore\n");
    inOneBlock.remote.give(null);
    const leftOver: Ending = { how: "said", by: "local", leftOver: true };
    assertEquals(await inOneBlock.ending, leftOver);
    assertEquals(inOneBlock.remote.sent, "n\n");

    const inTheNext = start();
    inTheNext.local.give("n\n", "more\n");
    await inTheNext.remote.until(({ writeClosed }) => writeClosed);
    inTheNext.remote.give("bye\n", null);
    assertEquals(await inTheNext.ending, leftOver);
    assertEquals(inTheNext.remote.sent, "n\n");

    const refused = start();
    refused.local.give("n\n", new TypeError("Not UTF-8"));
    await refused.remote.until(({ writeClosed }) => writeClosed);
    refused.remote.give("bye\n", null);
    assertEquals(await refused.ending, leftOver);

    // A peer may close sooner than a file is read.
    const later = start();
    later.local.give("n\n");
    await later.remote.until(({ writeClosed }) => writeClosed);
    later.remote.give(null);
    await settle();
    later.local.give("more\n");
    assertEquals(await later.ending, leftOver);

    // What is for the next conversation isn't left over.
    const forTheNext = start({ goesOn: true });
    forTheNext.local.give("n\n", "more\n");
    await forTheNext.remote.until(({ writeClosed }) => writeClosed);
    await settle();
    forTheNext.remote.give(null);
    assertEquals(await forTheNext.ending, { ...leftOver, leftOver: false });
    assertEquals(
      await forTheNext.local.receive(),
      new TextEncoder().encode("more\n"),
    );

    // What a person has typed ahead is kept; nobody looks at it here.
    const typedAhead = start({ attended: true });
    typedAhead.local.give("n\n", "more\n");
    await typedAhead.remote.until(({ writeClosed }) => writeClosed);
    typedAhead.remote.give(null);
    assertEquals(await typedAhead.ending, { ...leftOver, leftOver: false });
  },
);

Deno.test(
  "converse() ends when the remote end says the end word",
  PURE,
  async () => {
    for (const setting of BOTH_KINDS) {
      const { local, remote, log, ending } = start(setting);
      remote.give("hello\nn\r\n", null);
      assertEquals(await ending, { how: "said", by: "remote" });
      assertEquals(log, [
        "local send hello\n",
        // A pipe may have more, for which a moment is waited.
        ...setting.attended
          ? ["local closeWrite", "remote closeWrite"]
          : ["remote closeWrite", "local closeWrite"],
        "remote close",
      ]);
      assertEquals(local.echoed, "");
    }
  },
);

Deno.test(
  "converse() shows nothing that comes after the remote end word",
  PURE,
  async () => {
    const { local, remote, ending } = start();
    remote.give("a\nn\nb\n", "c\n", null);
    assertEquals(await ending, { how: "said", by: "remote" });
    assertEquals(local.sent, "a\n");
  },
);

Deno.test("converse() reads to the end before it closes", PURE, async () => {
  // Closing on unread bytes resets a connection: what was sent would be lost.
  const { remote, ending } = start();
  remote.give("n\n");
  await remote.until(({ writeClosed }) => writeClosed);
  await settle();
  assert(!remote.closed);
  remote.give("after\n");
  await settle();
  assert(!remote.closed);
  remote.give(null);
  await ending;
});

Deno.test(
  "converse() tells of the remote end word before it closes",
  PURE,
  async () => {
    const told = Promise.withResolvers<Ending>();
    const heardEnd = (ending: Ending): Promise<void> => {
      told.resolve(ending);
      return Promise.resolve();
    };
    const { remote, ending } = start({ heardEnd });
    remote.give("a\nn\n");
    const said: Ending = { how: "said", by: "remote" };
    assertEquals(await told.promise, said);
    assert(!remote.closed);
    remote.give(null);
    assertEquals(await ending, said);
  },
);

Deno.test(
  "converse() closes in good order where the end word can't be told",
  PURE,
  async () => {
    const gone = new OutputClosed("gone");
    const { remote, ending } = start({ heardEnd: () => Promise.reject(gone) });
    remote.give("n\n");
    await remote.until(({ writeClosed }) => writeClosed);
    await settle();
    assert(!remote.closed);
    remote.give(null);
    assertEquals(await assertRejects(() => ending, OutputClosed), gone);
  },
);

Deno.test(
  "converse() ends when both say the end word at once",
  PURE,
  async () => {
    const { local, remote, ending } = start();
    local.give("a\nn\n");
    remote.give("b\nn\n", "c\n", null);
    const { how } = await ending;
    assertEquals(how, "said");
    assertEquals(remote.sent, "a\nn\n");
    assertEquals(local.sent, "b\n");
  },
);

Deno.test(
  "converse() reads to the end when both say the end word",
  PURE,
  async () => {
    const { local, remote, ending } = start();
    local.give("n\n");
    await remote.until(({ writeClosed }) => writeClosed);
    remote.give("n\n", "after\n");
    await settle();
    assert(!remote.closed);
    remote.give("after\n");
    await settle();
    assert(!remote.closed);
    remote.give(null);
    assertEquals(await ending, { how: "said", by: "local", leftOver: false });
    assertEquals(local.sent, "");
  },
);

Deno.test("converse() takes another end word, and none", PURE, async () => {
  const other = start({ end: "再见" });
  other.local.give("n\n再见\n");
  await other.remote.until(({ writeClosed }) => writeClosed);
  other.remote.give("n\n", null);
  const said: Ending = { how: "said", by: "local", leftOver: false };
  assertEquals(await other.ending, said);
  assertEquals(other.remote.sent, "n\n再见\n");
  assertEquals(other.local.sent, "n\n");

  const none = start({ end: "" });
  none.local.give("n\n\n", "a\n", null);
  none.remote.give("n\n\n", null);
  assertEquals(await none.ending, { how: "closed" });
  assertEquals(none.remote.sent, "n\n\na\n");
  assertEquals(none.local.sent, "n\n\n");
});

Deno.test(
  "converse() says the end word at the end of an attended input",
  PURE,
  async () => {
    const { local, remote, log, ending } = start({ attended: true });
    local.give(null);
    await remote.until(({ writeClosed }) => writeClosed);
    remote.give("bye\n", null);
    assertEquals(await ending, { how: "said", by: "local", leftOver: false });
    assertEquals(log, [
      "local echo n\n",
      "remote send n\n",
      "remote closeWrite",
      "local send bye\n",
      "remote close",
    ]);
  },
);

Deno.test(
  "converse() says nothing at the end of an attended input without an end word",
  PURE,
  async () => {
    const { local, remote, log, ending } = start({ attended: true, end: "" });
    local.give(null);
    await remote.until(({ writeClosed }) => writeClosed);
    remote.give(null);
    assertEquals(await ending, { how: "said", by: "local", leftOver: false });
    assertEquals(log, ["remote closeWrite", "remote close"]);
  },
);

Deno.test(
  "converse() throws when it breaks after the end word was said",
  PURE,
  async () => {
    for (const setting of BOTH_KINDS) {
      for (
        const fault of [new ConnectionError("broken"), new ProtocolError(10)]
      ) {
        const { local, remote, ending } = start(setting);
        const rejection = assertRejects(() => ending, Error);
        local.give("a\nn\n");
        await remote.until(({ writeClosed }) => writeClosed);
        remote.give("late\n", fault);
        assertEquals(await rejection, fault);
        assertEquals(local.sent, "late\n");
      }
    }
  },
);

Deno.test(
  "converse() takes a peer that stays for too long after the end word for gone",
  PURE,
  async () => {
    const { local, remote, ending } = start();
    local.give("a\nn\n");
    await remote.until(({ writeClosed }) => writeClosed);
    remote.give(new ConnectionError("idle"));
    assertEquals(await ending, { how: "said", by: "local", leftOver: false });
  },
);

Deno.test(
  "converse() tells that what came after the end word can't be shown",
  PURE,
  async () => {
    for (const setting of BOTH_KINDS) {
      const { local, remote, ending } = start({
        ...setting,
        prepare: (local) => local.beforeSend = outputClosed,
      });
      local.give("n\n");
      await remote.until(({ writeClosed }) => writeClosed);
      remote.give("late\n");
      // It reads on, so that closing does not reset what it said.
      await remote.until(({ receiving }) => receiving === 1);
      remote.give(null);
      assertEquals(await ending, { how: "output closed", cause: "ENOSPC" });
    }
  },
);

Deno.test(
  "converse() goes on listening at the end of a pipe",
  PURE,
  async () => {
    const { local, remote, log, ending } = start();
    local.give("a\n", null);
    await remote.until(({ writeClosed }) => writeClosed);
    for (const text of ["b\n", "c\n"]) {
      remote.give(text);
      await local.until(({ sent }) => sent.endsWith(text));
    }
    remote.give("n\n", null);
    assertEquals(await ending, { how: "said", by: "remote" });
    assertEquals(log, [
      "local echo a\n",
      "remote send a\n",
      "remote closeWrite",
      "local send b\n",
      "local send c\n",
      "local closeWrite",
      "remote close",
    ]);
  },
);

Deno.test(
  "converse() ends for who attends when the peer closes",
  PURE,
  async () => {
    const { remote, log, ending } = start({ attended: true });
    remote.give("bye\n", null);
    assertEquals(await ending, { how: "closed" });
    assertEquals(log, [
      "local send bye\n",
      "local closeWrite",
      "remote closeWrite",
      "remote close",
    ]);
  },
);

Deno.test(
  "converse() waits for a send on its way when the peer closes",
  PURE,
  async () => {
    const sending = hold();
    const { local, remote, log, ending } = start({
      attended: true,
      prepare: (_, remote) => remote.beforeSend = () => sending.promise,
    });
    local.give("a\n");
    await remote.until(() => log.includes("remote send a\n"));
    remote.give(null);
    await settle();
    assert(!log.includes("remote closeWrite"), "It is not sent yet");
    sending.release();
    await ending;
    assertEquals(remote.sent, "a\n");
    assertEquals(log.slice(-2), ["remote closeWrite", "remote close"]);
  },
);

Deno.test(
  "converse() sends the rest of a pipe after the peer has closed",
  PURE,
  async () => {
    const { local, remote, ending } = start();
    remote.give(null);
    await remote.until(({ receiving }) => receiving === 0);
    for (const text of ["a\n", "b\n"]) {
      local.give(text);
      await remote.until(({ sent }) => sent.endsWith(text));
    }
    local.give(null);
    assertEquals(await ending, { how: "closed" });
    assertEquals(remote.sent, "a\nb\n");
    assert(remote.writeClosed);
  },
);

Deno.test(
  "converse() throws when it breaks while a pipe gives nothing to the closed peer",
  PURE,
  async () => {
    const broken = Promise.withResolvers<never>();
    const { remote, ending } = start({ broken: broken.promise });
    remote.give(null);
    await settle();
    broken.reject(new ConnectionError("idle"));
    await assertRejects(() => ending, ConnectionError);
  },
);

Deno.test(
  "converse() finds the end word in a pipe after the peer has closed",
  PURE,
  async () => {
    const { local, remote, ending } = start();
    remote.give(null);
    local.give("a\nn\nb\n");
    assertEquals(await ending, { how: "said", by: "local", leftOver: true });
    assertEquals(remote.sent, "a\nn\n");
  },
);

Deno.test(
  "converse() names what a person said after the peer had gone",
  PURE,
  async () => {
    const { local, remote, ending } = start({
      attended: true,
      prepare: (_, remote) => {
        remote.beforeSend = () => Promise.reject(new Error("Broken pipe"));
      },
    });
    local.give("hello\n");
    await remote.until(({ writeClosed }) => writeClosed);
    remote.give("bye\n", null);
    assertEquals(await ending, {
      how: "closed",
      unsent: new TextEncoder().encode("hello\n"),
    });
    assertEquals(local.sent, "bye\n");
  },
);

Deno.test(
  "converse() tells that the peer ended it rather than that a send failed",
  PURE,
  async () => {
    for (const setting of BOTH_KINDS) {
      const { local, remote, ending } = start({
        ...setting,
        prepare: (_, remote) => {
          remote.beforeSend = () => Promise.reject(new Error("Broken pipe"));
        },
      });
      local.give("hello\n");
      await remote.until(({ writeClosed }) => writeClosed);
      remote.give("bye\nn\n", null);
      assertEquals(await ending, {
        how: "said",
        by: "remote",
        ...!setting.attended && { leftOver: true },
      });
      assertEquals(local.sent, "bye\n");
    }
  },
);

Deno.test(
  "converse() tells that what came can't be shown rather than that a send failed",
  PURE,
  async () => {
    for (const setting of BOTH_KINDS) {
      const { local, remote, ending } = start({
        ...setting,
        prepare: (local, remote) => {
          local.beforeSend = outputClosed;
          remote.beforeSend = () => Promise.reject(new Error("Broken pipe"));
        },
      });
      local.give("hello\n");
      await remote.until(({ writeClosed }) => writeClosed);
      remote.give("bye\n", null);
      assertEquals(await ending, { how: "output closed", cause: "ENOSPC" });
    }
  },
);

Deno.test(
  "converse() throws when a pipe's text can't be sent, after what came",
  PURE,
  async () => {
    const { local, remote, ending } = start({
      prepare: (_, remote) => {
        remote.beforeSend = () => Promise.reject(new Error("Broken pipe"));
      },
    });
    const rejection = assertRejects(() => ending, Error, "Broken pipe");
    local.give("hello\n");
    remote.give("last words\n", null);
    await rejection;
    assertEquals(local.sent, "last words\n");
  },
);

Deno.test(
  "converse() throws for an end that is lost, after what came is shown",
  PURE,
  async () => {
    const output = hold();
    const { local, remote, log, ending } = start({
      prepare: (local, remote) => {
        local.beforeSend = () => output.promise;
        remote.closeWrite = () => Promise.reject(new Error("Broken pipe"));
      },
    });
    const rejection = assertRejects(() => ending, Error, "Broken pipe");
    remote.give("last words", null);
    await local.until(() => log.includes("local send last words"));
    local.give("n\n");
    await remote.until(() => remote.sent === "n\n");
    await settle();
    assert(!remote.closed, "Closed while its text was still being shown");
    output.release();
    await rejection;
    assertEquals(local.sent, "last words");
  },
);

Deno.test(
  "converse() throws what receiving from the remote end throws",
  PURE,
  async () => {
    for (const setting of BOTH_KINDS) {
      const { remote, local, ending } = start(setting);
      const rejection = assertRejects(() => ending, ProtocolError);
      remote.give("good\n", new ProtocolError(10));
      await rejection;
      assertEquals(local.sent, "good\n");
    }
  },
);

Deno.test(
  "converse() throws for input that is refused, after what came before it",
  PURE,
  async () => {
    for (const setting of BOTH_KINDS) {
      const { local, remote, ending } = start(setting);
      const rejection = assertRejects(() => ending, TypeError, "Not UTF-8");
      local.give("good\n", new TypeError("Not UTF-8"));
      await remote.until(({ writeClosed }) => writeClosed);
      remote.give("answer\n", null);
      await rejection;
      assertEquals(remote.sent, "good\n* broken off: input failed\n");
      assertEquals(local.sent, "answer\n");
    }
  },
);

const OUTPUT_FAILED = "* not taken: output failed\n";
const outputClosed = (): Promise<void> =>
  Promise.reject(new OutputClosed("ENOSPC"));

Deno.test(
  "converse() tells the peer when the output is closed",
  PURE,
  async () => {
    for (const setting of BOTH_KINDS) {
      const { remote, ending } = start({
        ...setting,
        prepare: (local) => local.beforeSend = outputClosed,
      });
      remote.give("a\n", "b\n");
      await remote.until(({ writeClosed }) => writeClosed);
      assertEquals(remote.sent, OUTPUT_FAILED);
      // It reads on, so that closing does not reset what it said.
      await remote.until(({ receiving }) => receiving === 1);
      remote.give("c\n", null);
      assertEquals(await ending, { how: "output closed", cause: "ENOSPC" });
    }
  },
);

Deno.test(
  "converse() breaks off where nothing tells that the output is closed",
  PURE,
  async () => {
    let received = 0;
    const prepare = (local: FakeEndpoint, remote: FakeEndpoint): void => {
      local.beforeSend = outputClosed;
      const receive = remote.receive.bind(remote);
      remote.receive = () => {
        received++;
        return receive();
      };
    };
    const expected: Ending = { how: "output closed", cause: "ENOSPC" };
    for (const setting of BOTH_KINDS) {
      const none = start({ ...setting, end: "", prepare });
      none.remote.give("a\n", "b\n", null);
      assertEquals(await none.ending, expected);
      assertEquals(none.remote.sent, OUTPUT_FAILED);
    }

    received = 0;
    const over = start({ prepare });
    over.local.give("said\n", null);
    await over.remote.until(({ writeClosed }) => writeClosed);
    over.remote.give("a\n", "b\n");
    assertEquals(await over.ending, expected);
    assertEquals(over.remote.sent, "said\n");
    // What is not read when it is closed resets the connection.
    assertEquals(received, 1);

    // One that has said nothing waits with its half-close for that.
    const silent = start({ prepare });
    silent.local.give(null);
    await settle();
    silent.remote.give("a\n", null);
    assertEquals(await silent.ending, expected);
    assertEquals(silent.remote.sent, OUTPUT_FAILED);

    // The peer of one whose reader has seen enough has to learn it too.
    const cause = new Deno.errors.BrokenPipe("Broken pipe");
    const enough = start({ end: "", prepare });
    enough.local.beforeSend = () => Promise.reject(new OutputClosed(cause));
    enough.remote.give("a\n", "b\n", null);
    assertEquals(await enough.ending, { how: "output closed", cause });
    assertEquals(enough.remote.sent, OUTPUT_FAILED);
  },
);

Deno.test(
  "converse() tells the peer also when nothing can be echoed",
  PURE,
  async () => {
    const listening = start({
      prepare: (local) => {
        local.beforeSend = outputClosed;
        local.beforeEcho = outputClosed;
      },
    });
    listening.remote.give("a\n", null);
    const ending: Ending = { how: "output closed", cause: "ENOSPC" };
    assertEquals(await listening.ending, ending);
    assertEquals(listening.remote.sent, OUTPUT_FAILED);

    const speaking = start({
      prepare: (local) => local.beforeEcho = outputClosed,
    });
    speaking.local.give("a\n");
    await speaking.remote.until(({ writeClosed }) => writeClosed);
    speaking.remote.give(null);
    assertEquals(await speaking.ending, ending);
    assertEquals(speaking.remote.sent, OUTPUT_FAILED);
  },
);

Deno.test(
  "converse() says the end word when it is interrupted",
  PURE,
  async () => {
    for (const setting of BOTH_KINDS) {
      const { local, remote, log, controller, ending } = start(setting);
      local.give("a\n");
      await remote.until(({ sent }) => sent === "a\n");
      controller.abort("Ctrl-C");
      await remote.until(({ writeClosed }) => writeClosed);
      remote.give("bye\n", null);
      assertEquals(await ending, { how: "interrupted", reason: "Ctrl-C" });
      assertEquals(log.slice(2), [
        "local echo n\n",
        "remote send n\n",
        "remote closeWrite",
        "local send bye\n",
        "remote close",
      ]);
    }
  },
);

Deno.test(
  "converse() says the end word when it was interrupted before",
  PURE,
  async () => {
    const { remote, ending } = start({ signal: AbortSignal.abort("early") });
    remote.give(null);
    assertEquals(await ending, { how: "interrupted", reason: "early" });
    assertEquals(remote.sent, "n\n");
  },
);

Deno.test(
  "converse() says no end word when it is interrupted and has none",
  PURE,
  async () => {
    const { remote, controller, log, ending } = start({ end: "" });
    controller.abort("Ctrl-C");
    await remote.until(({ writeClosed }) => writeClosed);
    remote.give(null);
    assertEquals(await ending, { how: "interrupted", reason: "Ctrl-C" });
    assertEquals(log, ["remote closeWrite", "remote close"]);
  },
);

Deno.test(
  "converse() can be interrupted when one side has closed",
  PURE,
  async () => {
    const half = start();
    half.local.give(null);
    await settle();
    half.controller.abort("Ctrl-C");
    half.remote.give("last\n", null);
    const interrupted: Ending = { how: "interrupted", reason: "Ctrl-C" };
    assertEquals(await half.ending, interrupted);
    // After a half-close there is no saying anything.
    assertEquals(half.local.echoed, "");

    const other = start();
    other.remote.give(null);
    await settle();
    other.controller.abort("Ctrl-C");
    assertEquals(await other.ending, interrupted);
    assertEquals(other.remote.sent, "n\n");
  },
);

Deno.test(
  "converse() says the end word once when it is interrupted while saying it",
  PURE,
  async () => {
    for (const said of ["n\n", null]) {
      const way = hold();
      const { local, remote, controller, log, ending } = start({
        attended: said === null,
        prepare: (_, remote) => remote.beforeSend = () => way.promise,
      });
      local.give(said);
      await remote.until(() => log.includes("remote send n\n"));
      controller.abort("Ctrl-C");
      await settle();
      way.release();
      await remote.until(({ writeClosed }) => writeClosed);
      remote.give(null);
      await ending;
      assertEquals([local.echoed, remote.sent], ["n\n", "n\n"]);
    }
  },
);

Deno.test(
  "converse() says the end word after what is on its way when interrupted",
  PURE,
  async () => {
    for (const slow of ["beforeEcho", "beforeSend"] as const) {
      const way = hold();
      const { local, remote, controller, log, ending } = start({
        prepare: (local, remote) => {
          const end = slow === "beforeEcho" ? local : remote;
          end[slow] = (block) =>
            block.length === 2 && block[0] === 0x61
              ? way.promise
              : Promise.resolve();
        },
      });
      local.give("a\n", "b\n");
      await local.until(() => log.includes("local echo a\n"));
      await settle();
      controller.abort("Ctrl-C");
      await settle();
      way.release();
      await remote.until(({ writeClosed }) => writeClosed);
      remote.give(null);
      assertEquals((await ending).how, "interrupted");
      assertEquals(remote.sent, "a\nn\n", slow);
    }
  },
);

Deno.test(
  "converse() tells of input that the peer's end left over",
  PURE,
  async () => {
    const leftOver: Ending = { how: "said", by: "remote", leftOver: true };
    const waiting = start();
    waiting.remote.give("n\n", null);
    await settle();
    waiting.local.give("more\n");
    assertEquals(await waiting.ending, leftOver);
    assertEquals(waiting.remote.sent, "");

    const inTurn = start({ turns: "remote" });
    inTurn.local.give("more\n");
    inTurn.remote.give("n\n", null);
    assertEquals(await inTurn.ending, leftOver);

    const kept = start({ goesOn: true });
    kept.remote.give("n\n", null);
    kept.local.give("more\n");
    assertEquals(await kept.ending, { how: "said", by: "remote" });

    const over = start();
    over.local.give("all\n", null);
    await over.remote.until(({ writeClosed }) => writeClosed);
    over.remote.give("n\n", null);
    assertEquals(await over.ending, { how: "said", by: "remote" });
  },
);

Deno.test(
  "converse() says last that a message is too long",
  PURE,
  async () => {
    const { remote, ending } = start();
    const rejection = assertRejects(() => ending, ProtocolError);
    let isThrown = false;
    remote.receive = () => {
      if (isThrown) return Promise.resolve(null);
      isThrown = true;
      return Promise.reject(new ProtocolError(10));
    };
    remote.give(new ProtocolError(10));
    await rejection;
    assertEquals(remote.sent, "* not taken: message too long\n");
  },
);

Deno.test(
  "converse() that is to be complete ends each direction with the end word",
  PURE,
  async () => {
    const said: Ending = { how: "said", by: "remote" };
    const both = start({ complete: true });
    both.remote.give("a\n", "n\n");
    await both.local.until(({ sent }) => sent === "a\n");
    both.local.give("b\n");
    await both.remote.until(({ sent }) => sent === "b\n");
    both.local.give(null);
    // It closes when it has both ends, and waits for the peer to do so.
    await both.remote.until(({ writeClosed }) => writeClosed);
    assertEquals(both.remote.sent, "b\nn\n");
    assert(!both.remote.closed);
    both.remote.give(null);
    assertEquals(await both.ending, said);

    const first = start({ complete: true });
    first.local.give("b\n", null);
    await first.remote.until(({ sent }) => sent === "b\nn\n");
    assert(!first.remote.writeClosed);
    first.remote.give("a\nn\n", null);
    assertEquals(await first.ending, said);
    assertEquals(first.local.sent, "a\n");

    // A person's end is the peer's.
    const person = start({ complete: true, attended: true });
    person.remote.give("a\nn\n");
    await person.remote.until(({ writeClosed }) => writeClosed);
    person.remote.give(null);
    assertEquals(await person.ending, said);
    assertEquals(person.remote.sent, "n\n");

    const more = start({ complete: true });
    more.local.give("b\nn\nmore\n");
    more.remote.give("n\n", null);
    const leftOver: Ending = { how: "said", by: "local", leftOver: true };
    assertEquals(await more.ending, leftOver);
  },
);

Deno.test(
  "converse() that is to be complete throws for an end without the end word",
  PURE,
  async () => {
    for (const input of [["b\n", null], ["b\n"]]) {
      const { local, remote, ending } = start({ complete: true });
      const rejection = assertRejects(() => ending, ConnectionError);
      local.give(...input);
      await remote.until(({ sent }) => sent.startsWith("b\n"));
      remote.give("a\n", null);
      assertEquals((await rejection).kind, "not complete");
      assertEquals(local.sent, "a\n");
    }

    // Both have said their end, and then one can't take all.
    const late = start({ complete: true });
    const rejection = assertRejects(() => late.ending, ConnectionError);
    late.local.give(null);
    late.remote.give("n\n");
    await late.remote.until(({ writeClosed }) => writeClosed);
    const reason = "output failed";
    late.remote.give(new ConnectionError("not taken", { reason }));
    assertEquals((await rejection).reason, reason);
  },
);

Deno.test(
  "converse() that is to be complete and is interrupted says no end word",
  PURE,
  async () => {
    const pipe = start({ complete: true });
    pipe.controller.abort("SIGTERM");
    await pipe.remote.until(({ writeClosed }) => writeClosed);
    pipe.remote.give(null);
    assertEquals((await pipe.ending).how, "interrupted");
    assertEquals(pipe.remote.sent, "* broken off: interrupted\n");
  },
);

Deno.test(
  "converse() waits for a room that holds back what was said",
  PURE,
  async () => {
    const { local, remote, ending } = start();
    remote.give("* guest-1: welcome\n", "* held back\n");
    local.give("a\nn\n");
    await remote.until(({ writeClosed }) => writeClosed);
    const isOver = await within(CLOSING_WAIT_MS + 500, ending);
    assertEquals([isOver, remote.closed], [undefined, false]);
    remote.give(null);
    assertEquals(await ending, { how: "said", by: "local", leftOver: false });

    // One that is idle then has not heard all.
    const idle = start();
    const rejection = assertRejects(() => idle.ending, ConnectionError);
    idle.remote.give("* guest-1: welcome\n* held back\n");
    idle.local.give("n\n");
    await idle.remote.until(({ writeClosed }) => writeClosed);
    idle.remote.give(new ConnectionError("idle"));
    await rejection;
  },
);

Deno.test("converse() says nothing more once it is over", PURE, async () => {
  const { local, remote, ending } = start({ attended: true });
  await local.until(({ receiving }) => receiving === 1);
  remote.give("n\n", null);
  await ending;
  local.give("too late\n");
  await settle();
  assertEquals(remote.sent, "");
  assertEquals(local.echoed, "");
  local.reopen();
  // What was received and never echoed is there for the next conversation.
  assertEquals(
    new TextDecoder().decode(await local.receive() ?? undefined),
    "too late\n",
  );
});

Deno.test("converse() with turns lets both speak in turn", PURE, async () => {
  const table = [
    { turns: "local", said: "a\nb\n", order: "1 a 2 b n" },
    { turns: "remote", said: "a\nb\nc\n", order: "a 1 b 2 c n" },
  ] as const;
  for (const { turns, said, order } of table) {
    const { local, remote, log, ending } = start({ turns });
    local.give("1\n", "2\n", "n\n");
    remote.give(said);
    await remote.until(({ writeClosed }) => writeClosed);
    remote.give(null);
    assertEquals(await ending, { how: "said", by: "local", leftOver: false });
    const sent = log.flatMap((entry) => / send (.*)\n$/.exec(entry)?.[1] ?? []);
    assertEquals(sent.join(" "), order);
  }
});

Deno.test(
  "converse() with turns asks for input only in its turn",
  PURE,
  async () => {
    const { local, remote, ending } = start({ turns: "remote" });
    local.give("1\n");
    await remote.until(({ receiving }) => receiving === 1);
    assertEquals(local.receiving, 0);
    assertEquals(remote.sent, "");
    remote.give("a\n");
    await remote.until(({ sent }) => sent === "1\n");
    remote.give("n\n", null);
    await ending;
  },
);

Deno.test(
  "converse() with turns shows an end word out of turn at once",
  PURE,
  async () => {
    const { local, remote, ending } = start({ turns: "local" });
    remote.give("a\nb\nn\n", null);
    assertEquals(await ending, { how: "said", by: "remote" });
    assertEquals(local.sent, "a\nb\n");
  },
);

Deno.test(
  "converse() with turns takes no more input when the peer ends it",
  PURE,
  async () => {
    for (const last of ["n\n", "a\nn\n", null]) {
      const { local, remote, ending } = start({
        turns: "remote",
        attended: true,
      });
      remote.give(last);
      if (last !== null) remote.give(null);
      await ending;
      assertEquals(local.receiving, 0);
    }
  },
);

Deno.test(
  "converse() with turns ends when the peer closes in the other's turn",
  PURE,
  async () => {
    for (const turns of ["local", "remote"] as const) {
      const { local, remote, ending } = start({ turns, attended: true });
      if (turns === "local") {
        await local.until(({ receiving }) => receiving === 1);
      }
      remote.give(null);
      assertEquals(await ending, { how: "closed" });
    }
  },
);

Deno.test(
  "converse() with turns sends the rest of a pipe when the peer has closed",
  PURE,
  async () => {
    const { local, remote, ending } = start({ turns: "remote" });
    local.give("1\n", "2\n", null);
    remote.give(null);
    assertEquals(await ending, { how: "closed" });
    assertEquals(remote.sent, "1\n2\n");
  },
);

Deno.test(
  "converse() with turns shows the rest when the pipe is at its end",
  PURE,
  async () => {
    const { local, remote, ending } = start({ turns: "local" });
    local.give("1\n", null);
    remote.give("a\nb\nc\n", "d\n", null);
    assertEquals(await ending, { how: "closed" });
    assertEquals(local.sent, "a\nb\nc\nd\n");
  },
);

Deno.test(
  "converse() with turns can be interrupted in either turn",
  PURE,
  async () => {
    for (const turns of ["local", "remote"] as const) {
      const { remote, controller, log, ending } = start({ turns });
      const outOfTurn = turns === "local" ? ["out of turn\n"] : [];
      remote.give(...outOfTurn);
      await settle();
      controller.abort("Ctrl-C");
      await remote.until(({ writeClosed }) => writeClosed);
      remote.give(null);
      assertEquals(await ending, { how: "interrupted", reason: "Ctrl-C" });
      assertEquals(remote.sent, "n\n");
      assertEquals(
        log.slice(0, log.indexOf("remote close"))
          .filter((entry) => entry.startsWith("local send")),
        outOfTurn.map((text) => `local send ${text}`),
      );
    }
  },
);

Deno.test(
  "converse() keeps the turn of what the peer takes for no message",
  PURE,
  async () => {
    const { local, remote, log, ending } = start({
      turns: "local",
      framing: "raw",
      takesTurn: (block) => block.length > 1,
    });
    local.give("\n", "1\n", "2\n");
    await remote.until(() => log.includes("remote send 1\n"));
    remote.give("a\nb");
    await remote.until(() => log.includes("remote send 2\n"));
    assertEquals(local.sent, "a\nb");
    remote.give("n", null);
    assertEquals((await ending).how, "said");
  },
);

Deno.test(
  "converse() finds the end word by each end's own framing",
  PURE,
  async () => {
    const heard = start({ framing: "raw" });
    heard.remote.give("a\nn\n", "n", null);
    assertEquals(await heard.ending, { how: "said", by: "remote" });
    assertEquals(heard.local.sent, "a\nn\n");

    const said = start({ framing: "raw" });
    said.local.give("a\nn\n");
    await said.remote.until(({ writeClosed }) => writeClosed);
    said.remote.give(null);
    assertEquals((await said.ending).how, "said");
  },
);

Deno.test(
  "converse() shows only so much after the end was said",
  PURE,
  async () => {
    const { local, remote, ending } = start();
    local.give("n\n");
    await remote.until(({ writeClosed }) => writeClosed);
    let shown = 0;
    local.beforeSend = (block) => {
      shown += block.length;
      return Promise.resolve();
    };
    const line = new Uint8Array(MEBIBYTE).fill(0x61);
    line[line.length - 1] = 0x0a;
    // A peer that never stops: it gives two lines for each that is taken.
    remote.give(line);
    const flood = remote.until(({ closed, receiving }) => {
      if (!closed && receiving > 0) remote.give(line, line);
      return closed;
    });
    assertEquals(await ending, { how: "said", by: "local", leftOver: false });
    await flood;
    assert(shown >= CLOSING_BYTES, `Only ${shown} bytes were shown`);
    assert(shown <= CLOSING_BYTES + MEBIBYTE, `${shown} bytes were shown`);
  },
);

Deno.test(
  "converse() reads only so much after the remote end word",
  PURE,
  async () => {
    const { remote, ending } = start();
    const line = new Uint8Array(MEBIBYTE).fill(0x0a);
    let given = 0;
    remote.give("n\n");
    const flood = remote.until(({ closed, receiving }) => {
      if (!closed && receiving > 0) {
        remote.give(given > CLOSING_BYTES + MEBIBYTE ? null : line);
        given += line.length;
      }
      return closed;
    });
    assertEquals(await ending, { how: "said", by: "remote" });
    await flood;
    assert(given >= CLOSING_BYTES, `Only ${given} bytes were read`);
    assert(given <= CLOSING_BYTES + 2 * MEBIBYTE, `${given} bytes were read`);
  },
);

Deno.test(
  "converse() waits for a peer that never closes, but not for long",
  PURE,
  async () => {
    const begin = performance.now();
    async function endingOf(
      setting: Setting,
      play: (started: Started) => void | Promise<void>,
    ): Promise<Ending> {
      const started = start(setting);
      await play(started);
      const ending = await started.ending;
      assert(performance.now() - begin >= CLOSING_WAIT_MS, "Did not wait");
      return ending;
    }
    const said: Ending = { how: "said", by: "local", leftOver: false };
    const heard: Ending = { how: "said", by: "remote" };
    const interrupted: Ending = { how: "interrupted", reason: "Ctrl-C" };
    await Promise.all([
      endingOf({}, ({ local }) => void local.give("n\n"))
        .then((ending) => assertEquals(ending, said)),
      endingOf({}, ({ remote }) => void remote.give("n\n"))
        .then((ending) => assertEquals(ending, heard)),
      endingOf({ attended: true }, ({ local }) => void local.give(null))
        .then((ending) => assertEquals(ending, said)),
      endingOf({}, ({ controller }) => controller.abort("Ctrl-C"))
        .then((ending) => assertEquals(ending, interrupted)),
      // A peer that does not read either: the end word can't be said.
      endingOf({
        prepare: (_, remote) => remote.beforeSend = never,
      }, async ({ local, remote, controller, log }) => {
        local.give("a\n");
        await remote.until(() => log.includes("remote send a\n"));
        controller.abort("Ctrl-C");
      }).then((ending) => assertEquals(ending, interrupted)),
      // It ended the conversation and reads no more.
      endingOf({
        prepare: (_, remote) => remote.beforeSend = never,
      }, async ({ local, remote, log }) => {
        local.give("a\n");
        await remote.until(() => log.includes("remote send a\n"));
        remote.give("n\n");
      }).then((ending) => assertEquals(ending, heard)),
      // The output is stalled: who interrupts does not wait for that either.
      interruptedWithOutputStalled(),
      endingOf({
        prepare: (local) => local.beforeSend = never,
      }, ({ remote, controller }) => {
        controller.abort("Ctrl-C");
        remote.give("a\n");
      }).then((ending) => assertEquals(ending, interrupted)),
      endingOf({
        prepare: (local) => local.beforeSend = never,
      }, async ({ local, remote, controller, log }) => {
        remote.give("a\n");
        await local.until(() => log.includes("local send a\n"));
        controller.abort("Ctrl-C");
      }).then((ending) => assertEquals(ending, interrupted)),
      endingOf({
        prepare: (local) => local.beforeSend = never,
      }, async ({ local, remote, controller, log }) => {
        remote.give("a\n");
        local.give("n\n");
        await remote.until(({ writeClosed }) => writeClosed);
        await local.until(() => log.includes("local send a\n"));
        controller.abort("Ctrl-C");
      }).then((ending) => assertEquals(ending, interrupted)),
      endingOf({
        prepare: (local) => local.beforeSend = outputClosed,
      }, ({ remote }) => void remote.give("a\n"))
        .then((ending) =>
          assertEquals(ending, { how: "output closed", cause: "ENOSPC" })
        ),
      stalledOutput("before"),
      stalledOutput("after"),
      outputLostWhileShowing({ attended: true }),
      outputLostWhileShowing({ attended: false }),
    ]);

    /** What goes on after it was given up leaves no timer behind. */
    async function interruptedWithOutputStalled(): Promise<void> {
      const output = hold();
      const { local, remote, controller, ending } = start({
        prepare: (local) => local.beforeSend = () => output.promise,
      });
      remote.give("a\n");
      await settle();
      controller.abort("Ctrl-C");
      assertEquals(await ending, interrupted);
      output.release();
      await settle();
      assertEquals(local.sent, "a\n");
    }

    /** What was being shown when the end was said is never shown. */
    async function outputLostWhileShowing(setting: Setting): Promise<void> {
      const output = Promise.withResolvers<void>();
      const ending = await endingOf({
        ...setting,
        prepare: (local) => local.beforeSend = () => output.promise,
      }, async ({ local, remote, log }) => {
        remote.give("a\n");
        await local.until(() => log.includes("local send a\n"));
        local.give("n\n");
        await remote.until(({ writeClosed }) => writeClosed);
        output.reject(new OutputClosed("ENOSPC"));
      });
      assertEquals(ending, { how: "output closed", cause: "ENOSPC" });
    }

    /** The time that showing takes is not the peer's. */
    async function stalledOutput(when: "before" | "after"): Promise<void> {
      const output = hold();
      const { local, remote, ending } = start({
        prepare: (local) => local.beforeSend = () => output.promise,
      });
      if (when === "before") {
        remote.give("a\n");
        await settle();
      }
      local.give("n\n");
      await remote.until(({ writeClosed }) => writeClosed);
      await settle();
      if (when === "after") remote.give("a\n");
      await settle();
      await endingOf({}, ({ controller }) => controller.abort("Ctrl-C"));
      assert(!remote.closed, "Closed while its text was still being shown");
      remote.give("b\n", null);
      output.release();
      assertEquals(await ending, said);
      assertEquals(local.sent, "a\nb\n");
    }
  },
);
