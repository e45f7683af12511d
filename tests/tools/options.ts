/**
 * What is made of the tables of options and of a room's commands besides the
 * programs: the permissions that these are given, and what the README shows,
 * which `deno task options` writes there.
 *
 * @module
 */
import { usageOf } from "../../lib/cli/help.ts";
import { optionsOf } from "../../lib/cli/options.ts";
import type { RoomCommand } from "../../lib/room/commands.ts";
import { MODERATION } from "../../lib/room/moderation.ts";
import { TALKING } from "../../lib/room/talking.ts";
import { type Role, speaker } from "../../lib/text/phrases.ts";

/** The file that shows the tables. */
export const README: URL = new URL("../../README.md", import.meta.url);

/** How a command is typed, in the text that tells of it. */
const FORM = /\/[a-z]+(?: \[?[A-Z]{2,}[A-Z|/[\]]*| N\b| \[N\])*/g;

/** All that is needed; what isn't here is refused without a question. */
const PERMISSIONS = {
  net: {
    flag: "--allow-net",
  },
  sys: {
    flag: "--allow-sys=networkInterfaces",
    only: "server",
  },
  read: {
    flag: "--allow-read",
  },
  write: {
    flag: "--allow-write",
  },
  env: {
    flag: "--allow-env=LANG,LC_MESSAGES,TERM",
  },
} as const;

/** A permission that a program needs, for some of its options. */
export interface Permission {
  /** As `deno run` and `deno compile` take it. */
  readonly flag: string;
  /** Those that need it, without their dashes. */
  readonly options: readonly string[];
}

/** The permissions that a program needs. */
export function permissionsOf(role: Role): Permission[] {
  return Object.entries(PERMISSIONS).flatMap(([key, permission]) => {
    if ("only" in permission && permission.only !== role) return [];
    const options = [...optionsOf(role)]
      .filter(([, { form }]) => form.may?.some((name) => name === key))
      .map(([name]) => name);
    return { flag: permission.flag, options };
  });
}

/** The flags that give a program all it needs, and keep it from asking. */
export function permissionFlags(role: Role): string[] {
  return ["--no-prompt", ...permissionsOf(role).map(({ flag }) => flag)];
}

/** The tables by their names in the README, each a list of lines. */
export function tables(): Record<string, string[]> {
  const options = [...optionsOf()].map(([name, { form, help, does }]) => {
    const said = does === "" && "en" in help ? help.en : does;
    const side = form.side === undefined ? "" : `${form.side}: `;
    return `| \`${usageOf(name, form)}\` | ${side}${said} |`;
  });
  const say = speaker("en");
  const helpOf = ({ help }: RoomCommand): string =>
    say(help).replaceAll(FORM, "`$&`");
  const formOf = (command: RoomCommand): string =>
    /`.*?`/.exec(helpOf(command))?.[0] ?? "";
  return {
    options: ["| option | what it does |", "| --- | --- |", ...options],
    commands: [
      `- ${TALKING.map(helpOf).join("; ")}`,
      `- The operator also has ${MODERATION.map(formOf).join(", ")}.`,
    ],
  };
}

/** Where a table is in the README: between two comments with its name. */
export function placeOf(name: string): RegExp {
  return new RegExp(`(?<=<!-- ${name} -->\n)[^]*?(?=<!-- /${name} -->)`);
}

if (import.meta.main) {
  let text = await Deno.readTextFile(README);
  for (const [name, lines] of Object.entries(tables())) {
    text = text.replace(placeOf(name), () => `\n${lines.join("\n")}\n\n`);
  }
  await Deno.writeTextFile(README, text);
}
