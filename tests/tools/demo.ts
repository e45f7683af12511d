/**
 * Shows both sides of the reference conversation between two real processes,
 * as it happens: `deno task demo [--lang zh|en]`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  type Language,
  languageOf,
  type Role,
} from "../../lib/text/phrases.ts";
import type { Process } from "../kit/process.ts";
import { startClient, startServer } from "../kit/programs.ts";
import { REFERENCE, REFERENCE_OPTIONS } from "../kit/reference.ts";

/** What comes before each line of a side; all are equally wide. */
const MARKS: Record<Language, Record<Role, string>> = {
  zh: { server: "服务器 │ ", client: "客户端 │ " },
  en: { server: "server │ ", client: "client │ " },
};
const USAGE_STATUS = 2;

const language = readLanguage(Deno.args);
const args = [...REFERENCE_OPTIONS, "--lang", language];
const { server, client } = REFERENCE[language];

await using listening = await startServer(args, { input: server.input });
await using talking = startClient(listening, args, { input: client.input });
const succeeded = await Promise.all([
  show("server", listening),
  show("client", talking),
]);
if (succeeded.includes(false)) Deno.exitCode = 1;

/** Shows what a side shows; false when the side failed. */
async function show(role: Role, program: Process): Promise<boolean> {
  for await (const line of program.stdout.lines()) {
    console.log(MARKS[language][role] + line);
  }
  const { status, stderr } = await program.finish();
  if (status === 0) return true;
  console.error(`${MARKS[language][role]}${stderr.trimEnd()} (${status})`);
  return false;
}

function readLanguage(args: string[]): Language {
  const { _: stray, lang } = parseArgs(args, {
    string: ["lang"],
    boolean: [],
    alias: {},
    unknown: () => true,
  });
  if (stray.length === 0 && (lang === "zh" || lang === "en")) return lang;
  if (args.length === 0) return languageOf(navigator.language);
  console.error("deno task demo takes --lang zh or --lang en only");
  Deno.exit(USAGE_STATUS);
}
