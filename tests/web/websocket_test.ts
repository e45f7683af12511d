import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { speaker } from "../../lib/text/phrases.ts";
import { makePage } from "../../lib/web/page.ts";
import {
  Answered,
  type WebSocketOptions,
  WebSocketStream,
} from "../../lib/web/websocket.ts";
import { FakeStream } from "../kit/fake_stream.ts";
import { masked, upgrade } from "../kit/web_peer.ts";

const PAGE = await makePage({
  say: speaker("en"),
  end: "n",
  hasPassword: false,
});
const REMOTE = { transport: "tcp", hostname: "192.0.2.1", port: 1 } as const;

/** A WebSocket over a stream that the test gives its bytes. */
function webSocket(
  options?: WebSocketOptions,
): { peer: FakeStream; stream: WebSocketStream } {
  const peer = new FakeStream();
  const accepted = Object.assign(peer, { remoteAddr: REMOTE });
  return { peer, stream: new WebSocketStream(accepted, PAGE, options) };
}

/** All that it reads, in reads of at most so many bytes. */
async function readAll(stream: WebSocketStream, size: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const into = new Uint8Array(size);
  for (let count; (count = await stream.read(into)) !== null;) {
    text += decoder.decode(into.subarray(0, count), { stream: true });
  }
  return text;
}

Deno.test("WebSocketStream reads the same, however it comes", async () => {
  const first = masked(1, "你");
  first[0] = 0x01;
  const frames = [
    masked(1, "hello"),
    first,
    masked(9, "are you there?"),
    masked(0, "好\n"),
    masked(1, ""),
    masked(1, "x".repeat(300)),
    masked(8, new Uint8Array()),
    masked(1, "after the end"),
  ];
  const right = `hello\n你好\n\n${"x".repeat(300)}\n`;
  const bytes = Uint8Array.of(
    ...new TextEncoder().encode(upgrade(80)),
    ...frames.flatMap((frame) => [...frame]),
  );
  for (const part of [1, 2, 7, 300, 5000]) {
    for (const size of [1, 2, 5, 4096]) {
      const { peer, stream } = webSocket();
      for (let at = 0; at < bytes.length; at += part) {
        peer.give(bytes.slice(at, at + part));
      }
      assertEquals(await readAll(stream, size), right, `${part}, ${size}`);
      assertStringIncludes(peer.written, "\x0eare you there?");
      peer.give(null);
      stream.close();
    }
  }
});

Deno.test("WebSocketStream takes the end of its stream for its own", async () => {
  const endings = [[], [0x81], [...masked(1, "cut").slice(0, -1)]];
  for (const rest of [...endings, [...masked(9, "cut").slice(0, -1)]]) {
    const { peer, stream } = webSocket();
    peer.give(upgrade(80));
    if (rest.length > 0) peer.give(Uint8Array.from(rest));
    peer.give(null);
    const text = await readAll(stream, 100);
    assertEquals("cut\n".startsWith(text), true, text);
    stream.close();
  }
});

Deno.test("WebSocketStream writes whole characters in frames", async () => {
  const { peer, stream } = webSocket();
  peer.give(upgrade(80));
  const text = new TextEncoder().encode("长".repeat(20_000));
  for (let done = 0; done < text.length;) {
    const count = await stream.write(text.subarray(done));
    assertEquals(count % 3, 0);
    done += count;
  }
  assertEquals(peer.written.match(/长/g)?.length, 20_000);
  await stream.closeWrite();
  await stream.closeWrite();
  await assertRejects(() => stream.write(text), Deno.errors.BrokenPipe);
  peer.give(null);
  stream.close();
});

Deno.test("WebSocketStream answers what is no request for it", async () => {
  const requests = ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "nothing\r\n\r\n"];
  for (const request of requests) {
    const { peer, stream } = webSocket();
    peer.give(request);
    await assertRejects(() => stream.write(new Uint8Array()), Answered);
    peer.give(null);
    stream.close();
  }
  const { peer, stream } = webSocket();
  peer.give("GET / HT");
  peer.give(null);
  await assertRejects(() => stream.read(new Uint8Array(1)), Answered);
  assertEquals(peer.written, "");
});

Deno.test("WebSocketStream asks a quiet peer for an answer", async () => {
  const { peer, stream } = webSocket({ pingEvery: 1 });
  peer.give(upgrade(80));
  const reading = stream.read(new Uint8Array(10));
  await peer.until("\x00");
  peer.give(masked(10, ""));
  peer.give(masked(1, "here"));
  assertEquals(await reading, 5);
  peer.give(null);
  stream.close();
});

Deno.test("WebSocketStream says why before it closes", async () => {
  const { peer, stream } = webSocket();
  peer.give(upgrade(80));
  const reading = stream.read(new Uint8Array(10));
  reading.catch(() => {});
  await peer.starved();
  stream.close();
  await peer.until("\x02\x03");
  await reading.catch(() => {});
  assertEquals(peer.closed, true);
});

Deno.test("WebSocketStream closes at once before it is open", async () => {
  const { peer, stream } = webSocket();
  const reading = stream.read(new Uint8Array(10));
  reading.catch(() => {});
  await peer.starved();
  stream.close();
  assertEquals(peer.closed, true);
  assertEquals(peer.written, "");
  await reading.catch(() => {});
});
