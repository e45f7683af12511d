import { getEventListeners } from "node:events";
import { assertEquals, assertRejects } from "@std/assert";
import { Connection } from "../../lib/chat/connection.ts";
import { type Door, serve } from "../../lib/net/serve.ts";
import { FakeStream } from "../kit/fake_stream.ts";
import { PURE } from "../kit/pure.ts";

function unexpected(fault: unknown): never {
  throw fault;
}

/** A listener whose clients, and faults, a test names. */
class FakeListener implements Door {
  readonly log: string[] = [];
  #changed = Promise.withResolvers<void>();
  readonly limits = { enter: () => (): void => {} };
  readonly locks = [];
  readonly #waiting: (string | Error)[];
  readonly #closed = Promise.withResolvers<never>();
  /** Settles once it waits for a client that there is not. */
  readonly idle = Promise.withResolvers<void>();

  constructor(waiting: readonly (string | Error)[]) {
    this.#waiting = [...waiting];
    this.#closed.promise.catch(() => {});
  }

  accept(): Promise<Connection> {
    const next = this.#waiting.shift();
    if (next instanceof Error) return Promise.reject(next);
    if (next !== undefined) {
      const stream = new FakeStream(next);
      return Promise.resolve(new Connection(stream, stream));
    }
    this.idle.resolve();
    return this.#closed.promise;
  }

  tellRefused(_: unknown, fault: unknown): void {
    unexpected(fault);
  }

  /** Adds a line to the log. */
  note(line: string): void {
    this.log.push(line);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Settles once that line is in the log. */
  async noted(line: string): Promise<void> {
    while (!this.log.includes(line)) await this.#changed.promise;
  }

  close(): void {
    this.note("close");
    this.#closed.reject(new Error("Listener has been closed"));
  }
}

Deno.test(
  "serve() handles one client and closes the listener before it",
  PURE,
  async () => {
    const listener = new FakeListener(["a", "b"]);
    const { signal } = new AbortController();
    await serve(listener, async ({ host: client }) => {
      listener.note(`begin ${client}`);
      await Promise.resolve();
      listener.note(`end ${client}`);
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
    const serving = serve(listener, async ({ host: client }) => {
      listener.note(`begin ${client}`);
      await Promise.resolve();
      listener.note(`end ${client}`);
    }, { whom: "next", signal: controller.signal, failed: unexpected });
    await listener.noted("end c");
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
    const serving = serve(listener, async ({ host: client }) => {
      begun.resolve();
      await handling.promise;
      listener.note(`end ${client}`);
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
    const serving = serve(listener, ({ host }) => {
      listener.note(String(host));
      return Promise.resolve();
    }, {
      whom: "next",
      signal: controller.signal,
      failed: (fault) => listener.note(String(fault)),
    });
    await listener.idle.promise;
    await listener.noted("a");
    controller.abort();
    await serving;
    assertEquals(listener.log, [String(fault), String(fault), "a", "close"]);
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
    const serving = serve(listener, async ({ host: client }) => {
      listener.note(`begin ${client}`);
      await handling.promise;
      listener.note(`end ${client}`);
    }, { whom: "all", signal: controller.signal, failed: unexpected });
    await listener.noted("begin c");
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
  const serving = serve(listener, async ({ host: client }) => {
    await Promise.resolve();
    if (client === "a") throw new Error("Broken");
    listener.note(`end ${client}`);
  }, { whom: "all", signal: controller.signal, failed: unexpected });
  await listener.idle.promise;
  controller.abort();
  await serving;
  assertEquals(listener.log.toSorted(), ["close", "end b"]);
});
