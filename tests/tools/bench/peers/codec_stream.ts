/**
 * Bytes to lines of text with `TextLineStream`: see `codec.py`.
 *
 * @module
 */
import { TextLineStream } from "@std/streams/text-line-stream";
import { Tally } from "../tally.ts";

const [path = "", sample = ""] = Deno.args;
const tally = new Tally(Number(sample));
using file = await Deno.open(path);
const lines = file.readable
  .pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const line of lines) tally.add(line);
console.log(await tally.finish());
