import { fuzzCodec } from "./codec_fuzz.ts";
import { Random } from "./random.ts";

const SEED = 20260801;
const CASES = 5000;

Deno.test(
  "codec and end word stand random bytes, splits and framings",
  { permissions: "none" },
  () => fuzzCodec(new Random(SEED), CASES),
);
