import { assertEquals } from "@std/assert";
import { likelyEncoding } from "../../lib/text/encoding.ts";
import { PURE } from "../kit/pure.ts";

Deno.test("likelyEncoding() tells the usual ones apart", PURE, () => {
  for (
    const [encoding, bytes] of [
      ["GB18030", [0xc4, 0xe3, 0xba, 0xc3, 0x0a]],
      ["GB18030", [0x61, 0xd6, 0xd0, 0x20, 0xce, 0xc4]],
      // Of GBK only: it has a low second byte that Big5 does not take.
      ["GB18030", [0x81, 0x40, 0x81, 0x41]],
      ["BIG5", [0xa4, 0x40, 0xa7, 0x41, 0xa6, 0x6e]],
      ["ISO-8859-1", [0x63, 0x61, 0x66, 0xe9, 0x20, 0x61, 0x75]],
      ["ISO-8859-1", [0xe9]],
      ["ISO-8859-1", [0xff, 0xff, 0x61]],
      ["UTF-16", [0xff, 0xfe, 0x60, 0x4f]],
      ["UTF-16", [0xfe, 0xff, 0x4f, 0x60]],
    ] as const
  ) {
    assertEquals(likelyEncoding(Uint8Array.from(bytes)), encoding, `${bytes}`);
  }
});
