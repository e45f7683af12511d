/**
 * Makes the module with the bytes of `lib/wire/look.wat`: `deno task look`
 * writes it, `--print` only prints it.
 *
 * @module
 */

/**
 * Not named in `deno.json` or `deno.lock`: all that these name is downloaded
 * before the programs start for the first time. So it needs `--no-lock`.
 */
const ASSEMBLER = "npm:wabt@1.0.39";
const FOLDER = new URL("../../lib/wire/", import.meta.url);

/** What is used of the assembler. */
interface Wabt {
  parseWat(
    name: string,
    source: string,
    features: { simd: boolean },
  ): { toBinary(options: Record<never, never>): { buffer: Uint8Array } };
}

const { default: start }: { default(): Promise<Wabt> } = await import(
  ASSEMBLER
);
const wabt = await start();
const source = await Deno.readTextFile(new URL("look.wat", FOLDER));
const { buffer } = wabt.parseWat("look.wat", source, { simd: true })
  .toBinary({});
const module =
  `/** The bytes of \`look.wat\`, in base64: \`deno task look\` makes them. */
export const LOOK_WASM =
  "${btoa(String.fromCharCode(...buffer))}";
`;
if (Deno.args.includes("--print")) console.log(module.trimEnd());
else await Deno.writeTextFile(new URL("look_bytes.ts", FOLDER), module);
