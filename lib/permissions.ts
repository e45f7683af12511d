/**
 * What the programs need to be allowed: the one list of it. An executable
 * can't be given a permission when it is run, so all of it is compiled in; the
 * README shows it.
 *
 * @module
 */
import type { Role } from "./phrases.ts";

/** A permission and its need. */
export interface Permission {
  /** As `deno run` and `deno compile` take it. */
  readonly flag: string;
  /** Who needs it. */
  readonly roles: readonly Role[];
  /** The options that need it, without the dashes. */
  readonly options: readonly string[];
  /** What it is needed for, as the README says it. */
  readonly reason: string;
}

/** All that is needed; what isn't here is refused without a question. */
export const PERMISSIONS: readonly Permission[] = [
  {
    flag: "--allow-net",
    roles: ["server", "client"],
    options: ["host", "port"],
    reason: "to listen, to connect and to look up the names of hosts",
  },
  {
    flag: "--allow-sys=networkInterfaces",
    roles: ["server"],
    options: ["host"],
    reason: "to name the addresses to hand out under `--host 0.0.0.0`",
  },
];

/** The flags that give a program all it needs, and keep it from asking. */
export function permissionFlags(role: Role): string[] {
  const needed = PERMISSIONS.filter(({ roles }) => roles.includes(role));
  return ["--no-prompt", ...needed.map(({ flag }) => flag)];
}

/** The list as the README shows it. */
export function permissionTable(): string {
  const rows = PERMISSIONS.map(({ flag, roles, reason }) =>
    `| \`${flag}\` | ${roles.join(", ")} | ${reason} |`
  );
  return ["| permission | who | what for |", "| --- | --- | --- |", ...rows]
    .join("\n");
}
