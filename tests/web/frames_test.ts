import { assert, assertEquals } from "@std/assert";
import { frame, frameHead, unmask } from "../../lib/web/frames.ts";
import { PURE } from "../kit/pure.ts";
import { masked } from "../kit/web_peer.ts";

/** The head of what a client sends, which must be whole. */
function headOf(bytes: Uint8Array, inMessage = false): unknown {
  return frameHead(bytes, inMessage);
}

Deno.test("frameHead() reads lengths of each form", PURE, () => {
  for (const length of [0, 1, 125, 126, 127, 65535, 65536, 100_000]) {
    const payload = Uint8Array.from({ length }, (_, index) => index);
    const bytes = masked(1, payload);
    const head = frameHead(bytes, false);
    assert(head && "size" in head);
    assertEquals(head.length, length);
    assertEquals(head.size + length, bytes.length);
    const back = bytes.slice(head.size);
    // It may come in parts.
    const middle = length >> 1;
    unmask(back.subarray(0, middle), head.mask, 0);
    unmask(back.subarray(middle), head.mask, middle);
    assertEquals(back, payload);
  }
});

Deno.test("frameHead() waits for the whole head", PURE, () => {
  for (const length of [5, 200, 70_000]) {
    const bytes = masked(1, new Uint8Array(length));
    const size = bytes.length - length;
    for (let end = 0; end < size; end++) {
      assertEquals(frameHead(bytes.subarray(0, end), false), undefined);
    }
  }
});

Deno.test("frameHead() takes the example of RFC 6455", PURE, () => {
  const bytes = Uint8Array.fromHex("818537fa213d7f9f4d5158");
  const head = frameHead(bytes, false);
  assert(head && "size" in head);
  const text = bytes.slice(head.size);
  unmask(text, head.mask, 0);
  assertEquals(new TextDecoder().decode(text), "Hello");
  const own = frame(1, new TextEncoder().encode("Hello"));
  assertEquals(own.toHex(), "810548656c6c6f");
});

Deno.test("frameHead() names what may not be", PURE, () => {
  const cases: [string, string, boolean, number][] = [
    ["a binary message", "8280", false, 1003],
    ["a reserved bit", "c180", false, 1002],
    ["a frame of no kind", "8380", false, 1002],
    ["a frame without a mask", "8100", false, 1002],
    ["a rest of nothing", "8080", false, 1002],
    ["a message in a message", "8180", true, 1002],
    ["a long ping", "89fe", false, 1002],
    ["a ping in parts", "0980", false, 1002],
    ["a length of 2 ** 63", "81ff800000000000000001020304", false, 1002],
  ];
  for (const [what, hex, inMessage, code] of cases) {
    const found = headOf(Uint8Array.fromHex(hex), inMessage);
    assert(found && typeof found === "object" && "code" in found, what);
    assertEquals(found.code, code, what);
  }
});
