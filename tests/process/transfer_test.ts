import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { peakBytes, testOnLinux } from "../kit/linux.ts";
import { startClient, startServer } from "../kit/programs.ts";
import { RawListener, RawPeer } from "../kit/raw_peer.ts";

const MEGABYTE = 1024 * 1024;
const TRANSFER_BYTES = 40 * MEGABYTE;
/** More than the buffers of both sockets hold. */
const IN_FLIGHT_BYTES = 16 * MEGABYTE;
const ENDLESS_BYTES = 1024 * MEGABYTE;
/** What a program and what it may buffer take, and as much again. */
const MAX_RESIDENT_BYTES = 300 * MEGABYTE;

Deno.test("40 MB each way at once arrive as they were", async () => {
  const args = ["--end", ""];
  const fromServer = lines(TRANSFER_BYTES, "服务器 server");
  const fromClient = lines(TRANSFER_BYTES, "客户端 client");
  const atServer = createHash("sha256");
  const atClient = createHash("sha256");
  await using server = await startServer(args, {
    input: fromServer,
    sink: (chunk) => void atServer.update(chunk),
  });
  await using client = startClient(server, args, {
    input: fromClient,
    sink: (chunk) => void atClient.update(chunk),
  });
  const ends = await Promise.all([server.finish(), client.finish()]);
  assertEquals(ends.map(({ status }) => status), [0, 0]);
  assertEquals(atServer.digest("hex"), hashOf(fromClient));
  assertEquals(atClient.digest("hex"), hashOf(fromServer));
});

Deno.test("nothing is lost when both close at once", async () => {
  using listener = new RawListener();
  const sent = lines(IN_FLIGHT_BYTES, "client");
  const answer = lines(IN_FLIGHT_BYTES, "server");
  const shown = createHash("sha256");
  await using client = startClient(listener, [], {
    input: sent,
    sink: (chunk) => void shown.update(chunk),
  });
  using peer = await listener.accept();
  const [heard] = await Promise.all([
    peer.end(),
    peer.send(answer).then(() => peer.closeWrite()),
  ]);
  peer.close();
  assertEquals((await client.finish()).status, 0);
  assert(heard === new TextDecoder().decode(sent));
  assertEquals(shown.digest("hex"), hashOf(answer));
});

Deno.test("nothing sent before the n is lost", async () => {
  const sent = new TextDecoder().decode(lines(IN_FLIGHT_BYTES, "x"));
  const shown = createHash("sha256");
  await using server = await startServer([], {
    sink: (chunk) => void shown.update(chunk),
  });
  await using client = startClient(server, [], { input: `${sent}n\n` });
  const ends = await Promise.all([server.finish(), client.finish()]);
  assertEquals(ends.map(({ status }) => status), [0, 0]);
  assertEquals(shown.digest("hex"), hashOf(new TextEncoder().encode(sent)));
});

testOnLinux(
  "memory stays bounded when a peer never ends its line",
  async () => {
    await using server = await startServer(["--keep-open"]);
    using peer = await RawPeer.connect(server.port);
    const part = new Uint8Array(MEGABYTE).fill(0x78);
    const sending = async (): Promise<void> => {
      for (let sent = 0; sent < ENDLESS_BYTES; sent += part.length) {
        await peer.send(part);
      }
    };
    // The server has closed on it long before the end.
    await sending().catch(() => {});
    await server.stderr.until("error: the peer sent a message of more than");
    const peak = await peakBytes(server.pid);
    assert(peak < MAX_RESIDENT_BYTES, `${peak} bytes`);
  },
);

testOnLinux("memory stays bounded when 1 GB of lines pass", async () => {
  let count = 0;
  await using server = await startServer([], {
    sink: (chunk) => void (count += chunk.length),
  });
  using peer = await RawPeer.connect(server.port);
  const part = lines(MEGABYTE, "line");
  for (let sent = 0; sent < ENDLESS_BYTES; sent += MEGABYTE) {
    await peer.send(part);
  }
  await peer.closeWrite();
  await server.stderr.until("Client connected");
  const peak = await peakBytes(server.pid);
  assert(peak < MAX_RESIDENT_BYTES, `${peak} bytes`);
  await server.closeInput();
  assertEquals((await server.finish()).status, 0);
  assertEquals(count, part.length * (ENDLESS_BYTES / MEGABYTE));
});

Deno.test("a line of the input that never ends is refused", async () => {
  await using server = await startServer([], { input: "" });
  await using client = startClient(server);
  const part = new Uint8Array(MEGABYTE).fill(0x78);
  await client.write(part);
  await client.write(part).catch(() => {});
  const [heard, said] = await Promise.all([server.finish(), client.finish()]);
  const last = "* broken off: input failed\n";
  assertEquals([heard.stdout, said.status], [last, 1]);
  assert(said.stderr.includes("error: line 1 of the input has more than"));
});

/** Numbered lines that are all different, as many as so many bytes hold. */
function lines(bytes: number, text: string): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const all = new Uint8Array(bytes);
  let length = 0;
  for (let number = 0;; number++) {
    const line = encoder.encode(`${text} ${number}\n`);
    if (length + line.length > bytes) return all.subarray(0, length);
    all.set(line, length);
    length += line.length;
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
