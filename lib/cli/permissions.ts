/**
 * What the programs need to be allowed: the one list of it. An executable
 * can't be given a permission when it is run, so all of it is compiled in; the
 * README shows it.
 *
 * @module
 */
import type { Role } from "../text/phrases.ts";

/** A permission and its need. */
export interface Permission {
  /** As `deno run` and `deno compile` take it. */
  readonly flag: string;
  /** The options of each program that need it, without the dashes. */
  readonly options: Readonly<Record<Role, readonly string[]>>;
  /** What it is needed for, as the README says it. */
  readonly reason: string;
}

/** All that is needed; what isn't here is refused without a question. */
export const PERMISSIONS: readonly Permission[] = [
  {
    flag: "--allow-net",
    options: {
      server: ["host", "port", "unix"],
      client: ["host", "port", "unix"],
    },
    reason: "listening, connecting, looking up the names of hosts",
  },
  {
    flag: "--allow-sys=networkInterfaces",
    options: { server: ["host"], client: [] },
    reason: "naming the addresses to hand out",
  },
  {
    flag: "--allow-read",
    options: {
      server: ["tls-cert", "tls-key", "password-file", "unix"],
      client: ["tls-ca", "password-file", "unix"],
    },
    reason: "reading the files that these options name",
  },
  {
    flag: "--allow-write",
    options: { server: ["log", "unix"], client: ["log", "unix"] },
    reason: "writing the files that these options name",
  },
];

/** The permissions that a program needs. */
export function permissionsOf(role: Role): Permission[] {
  return PERMISSIONS.filter(({ options }) => options[role].length > 0);
}

/** The flags that give a program all it needs, and keep it from asking. */
export function permissionFlags(role: Role): string[] {
  return ["--no-prompt", ...permissionsOf(role).map(({ flag }) => flag)];
}

/** The list as a table of the README, a line each. */
export function permissionTable(): string[] {
  const rows = PERMISSIONS.map(({ flag, options, reason }) => {
    const cells = [options.server, options.client].map(optionList);
    return `| \`${flag}\` | ${cells.join(" | ")} | ${reason} |`;
  });
  return [
    "| permission | server's options | client's options | for |",
    "| --- | --- | --- | --- |",
    ...rows,
  ];
}

function optionList(options: readonly string[]): string {
  return options.map((option) => `\`--${option}\``).join(", ") || "—";
}
