/**
 * The pages that `--help` shows; each fits 80 columns and 24 lines.
 *
 * @module
 */
import type { Language, Role } from "../text/phrases.ts";
import { textWidth } from "../text/wrap.ts";
import { type Form, optionsOf, type Text } from "./options.ts";

/** The width of the left of the two columns, and of an option in each. */
const COLUMN_WIDTH = 40;
const OPTION_WIDTH = 20;

const HEADS: Record<Role, Text> = {
  server: {
    en: "duihua server: waits for a client on a TCP port and talks with it.\n" +
      "Usage: {program} [options]",
    zh:
      "对话服务器: 在 TCP 端口上等待客户端, 与它对话。\n用法: {program} [选项]",
  },
  client: {
    en: "duihua client: connects to a server and talks with it.\n" +
      "Usage: {program} [host] [port] [options]",
    zh: "对话客户端: 连接服务器, 与它对话。\n" +
      "用法: {program} [主机] [端口] [选项]",
  },
};

const EXAMPLES: Record<Role, string> = {
  server: "--host 0.0.0.0 --port 9000",
  client: "192.168.1.5 9000 --name Ming",
};
const ROOM_EXAMPLE = "--room --host 0.0.0.0";
const EXAMPLE_HEAD: Text = { en: "Example:", zh: "例如:" };

/** What a value is called, where that is not the name of its kind. */
const VALUES: Readonly<Record<string, string>> = {
  "count": "N",
  "number": "N",
  "size": "BYTES",
  "seconds": "S",
  "path": "FILE",
  "addresses": "LIST",
};

/**
 * The page for one of the programs, a script or an executable: what it takes,
 * or what a server takes besides with `--room`.
 */
export function helpPage(
  role: Role,
  language: Language,
  { standalone, room = false }: { standalone: boolean; room?: boolean },
): string {
  const program = standalone ? `duihua-${role}` : `${role}.ts`;
  const command = standalone ? program : `deno run --allow-net ${program}`;
  const example = room ? ROOM_EXAMPLE : EXAMPLES[role];
  const options = [...optionsOf(role)]
    .filter(([, { form }]) => (form.needs === "room") === room);
  const entries = options.map(([name, { form, help }]) => {
    const text = "en" in help ? help : help[role];
    return `${pad(usageOf(name, form), OPTION_WIDTH)} ${text[language]}`;
  });
  const half = Math.ceil(entries.length / 2);
  const lines = entries.slice(0, half).map((left, index) =>
    (pad(left, COLUMN_WIDTH) + (entries[half + index] ?? "")).trimEnd()
  );
  return [
    HEADS[role][language].replace("{program}", program),
    "",
    ...lines,
    "",
    `${EXAMPLE_HEAD[language]} ${command} ${example}`,
  ].join("\n");
}

/** How an option is written: `-p, --port PORT`. */
export function usageOf(name: string, { letter, takes, value }: Form): string {
  const kind = typeof takes === "object" ? name : takes ?? "";
  const called = value ?? VALUES[kind] ?? kind.toUpperCase();
  return `${letter ? `-${letter}, ` : ""}--${name} ${called}`.trimEnd();
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}
