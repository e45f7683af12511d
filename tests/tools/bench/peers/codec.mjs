// Bytes to lines of text with Node's readline: see codec.py.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";

const [, , path, sample] = process.argv;
const kept = [];
let lines = 0;
let characters = 0;
const start = performance.now();
const reader = createInterface({
  input: createReadStream(path),
  crlfDelay: Infinity,
});
reader.on("line", (line) => {
  lines++;
  characters += line.length;
  if (lines % Number(sample) === 0) kept.push(`${line}\n`);
});
reader.on("close", () => {
  const milliseconds = performance.now() - start;
  const hash = createHash("sha256").update(kept.join("")).digest("hex");
  console.log(JSON.stringify({ milliseconds, lines, characters, hash }));
});
