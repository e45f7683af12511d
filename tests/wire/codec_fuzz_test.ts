import { fuzzCodec } from "../kit/codec_fuzz.ts";
import { PURE } from "../kit/pure.ts";
import { Random } from "../kit/random.ts";

const SEED = 20260801;
const CASES = 5000;

Deno.test(
  "codec and end word stand random bytes, splits and framings",
  PURE,
  () => fuzzCodec(new Random(SEED), CASES),
);
