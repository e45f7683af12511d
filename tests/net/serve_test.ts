import { getEventListeners } from "node:events";
import { assertEquals, assertRejects } from "@std/assert";
import { serve } from "../../lib/net/listen.ts";
import { PURE } from "../kit/pure.ts";

function unexpected(fault: unknown): never {
  throw fault;
}

/** A listener whose clients, and faults, a test names. */
class FakeListener {
  readonly log: string[] = [];
  readonly #waiting: (string | Error)[];
  readonly #closed = Promise.withResolvers<never>();
  /** Settles once it waits for a client that there is not. */
  readonly idle = Promise.withResolvers<void>();

  constructor(waiting: readonly (string | Error)[]) {
    this.#waiting = [...waiting];
    this.#closed.promise.catch(() => {});
  }

  accept(): Promise<string> {
    const next = this.#waiting.shift();
    if (next instanceof Error) return Promise.reject(next);
    if (next !== undefined) return Promise.resolve(next);
    this.idle.resolve();
    return this.#closed.promise;
  }

  close(): void {
    this.log.push("close");
    this.#closed.reject(new Error("Listener has been closed"));
  }
}

Deno.test(
  "serve() handles one client and closes the listener before it",
  PURE,
  async () => {
    const listener = new FakeListener(["a", "b"]);
    const { signal } = new AbortController();
    await serve(listener, async (client) => {
      listener.log.push(`begin ${client}`);
      await Promise.resolve();
      listener.log.push(`end ${client}`);
    }, { whom: "one", signal, failed: unexpected });
    assertEquals(listener.log, ["close", "begin a", "end a"]);
    assertEquals(getEventListeners(signal, "abort"), []);
  },
);

Deno.test(
  "serve() of the next handles one client after the other",
  PURE,
  async () => {
    const listener = new FakeListener(["a", "b", "c"]);
    const controller = new AbortController();
    const serving = serve(listener, async (client) => {
      listener.log.push(`begin ${client}`);
      await Promise.resolve();
      listener.log.push(`end ${client}`);
    }, { whom: "next", signal: controller.signal, failed: unexpected });
    await listener.idle.promise;
    assertEquals(listener.log, [
      "begin a",
      "end a",
      "begin b",
      "end b",
      "begin c",
      "end c",
    ]);
    controller.abort();
    await serving;
    assertEquals(listener.log.at(-1), "close");
  },
);

Deno.test("serve() ends when it is aborted while it waits", PURE, async () => {
  for (const whom of ["one", "next", "all"] as const) {
    const listener = new FakeListener([]);
    const controller = new AbortController();
    const serving = serve(listener, () => Promise.resolve(), {
      whom,
      signal: controller.signal,
      failed: unexpected,
    });
    await listener.idle.promise;
    controller.abort();
    await serving;
    assertEquals(listener.log, ["close"]);
  }
});

Deno.test("serve() ends at once when it was aborted before", PURE, async () => {
  const listener = new FakeListener([]);
  await serve(listener, () => Promise.resolve(), {
    whom: "next",
    signal: AbortSignal.abort(),
    failed: unexpected,
  });
  assertEquals(listener.log, ["close"]);
});

Deno.test(
  "serve() waits for the conversation when it is aborted",
  PURE,
  async () => {
    const listener = new FakeListener(["a", "b"]);
    const controller = new AbortController();
    const handling = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const serving = serve(listener, async (client) => {
      begun.resolve();
      await handling.promise;
      listener.log.push(`end ${client}`);
    }, { whom: "next", signal: controller.signal, failed: unexpected });
    await begun.promise;
    controller.abort();
    assertEquals(listener.log, ["close"]);
    handling.resolve();
    await serving;
    assertEquals(listener.log, ["close", "end a"]);
  },
);

Deno.test(
  "serve() tells what accept() throws, once, and tries again",
  PURE,
  async () => {
    const fault = new Error("Too many open files");
    const listener = new FakeListener([fault, fault, "a", fault]);
    const controller = new AbortController();
    const serving = serve(listener, (client) => {
      listener.log.push(client);
      return Promise.resolve();
    }, {
      whom: "next",
      signal: controller.signal,
      failed: (fault) => listener.log.push(String(fault)),
    });
    await listener.idle.promise;
    controller.abort();
    await serving;
    assertEquals(listener.log, [String(fault), "a", String(fault), "close"]);
  },
);

Deno.test(
  "serve() throws what handle() throws, and closes the listener",
  PURE,
  async () => {
    const listener = new FakeListener(["a", "b"]);
    await assertRejects(
      () =>
        serve(listener, () => Promise.reject(new Error("No output")), {
          whom: "next",
          signal: new AbortController().signal,
          failed: unexpected,
        }),
      Error,
      "No output",
    );
    assertEquals(listener.log, ["close"]);
  },
);

Deno.test(
  "serve() of all handles all at once, and waits for them",
  PURE,
  async () => {
    const listener = new FakeListener(["a", "b", "c"]);
    const controller = new AbortController();
    const handling = Promise.withResolvers<void>();
    const serving = serve(listener, async (client) => {
      listener.log.push(`begin ${client}`);
      await handling.promise;
      listener.log.push(`end ${client}`);
    }, { whom: "all", signal: controller.signal, failed: unexpected });
    await listener.idle.promise;
    controller.abort();
    handling.resolve();
    await serving;
    assertEquals(listener.log, [
      "begin a",
      "begin b",
      "begin c",
      "close",
      "end a",
      "end b",
      "end c",
    ]);
  },
);

Deno.test("serve() of all goes on when one fails", PURE, async () => {
  const listener = new FakeListener(["a", "b"]);
  const controller = new AbortController();
  const serving = serve(listener, async (client) => {
    await Promise.resolve();
    if (client === "a") throw new Error("Broken");
    listener.log.push(`end ${client}`);
  }, { whom: "all", signal: controller.signal, failed: unexpected });
  await listener.idle.promise;
  controller.abort();
  await serving;
  assertEquals(listener.log.toSorted(), ["close", "end b"]);
});
