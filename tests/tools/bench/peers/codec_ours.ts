/**
 * Bytes to lines of text with this project's codec: see `codec.py`.
 *
 * @module
 */
import { BlockDecoder } from "../../../../lib/wire/framing.ts";
import { textsOf } from "../../../../lib/wire/message.ts";
import { Tally } from "../tally.ts";

const MAX_MESSAGE_BYTES = 1024 * 1024;

const [path = "", sample = ""] = Deno.args;
const tally = new Tally(Number(sample));
using file = await Deno.open(path);
const decoder = new BlockDecoder({
  framing: "lines",
  maxMessage: MAX_MESSAGE_BYTES,
});
for (let atEnd = false; !atEnd;) {
  const count = await file.read(decoder.space());
  atEnd = count === null;
  const block = count === null ? decoder.finish() : decoder.take(count);
  if (block === null) continue;
  for (const text of textsOf(block)) tally.add(text);
}
console.log(await tally.finish());
