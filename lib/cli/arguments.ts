/**
 * The arguments of the command line: which belong to which option.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "./option_values.ts";
import type { Role, Say } from "../text/phrases.ts";

/** How an option is written, whatever its value. */
interface Form {
  /** Whether a value belongs to it. */
  value: boolean;
  /** Its short name. */
  letter?: string;
  /** The only side that has it. */
  only?: Role;
  /** Whether it may be given several times. */
  list?: boolean;
}

const FORMS: Readonly<Record<string, Form>> = {
  "port": { value: true, letter: "p" },
  "host": { value: true },
  "wait": { value: true, only: "client" },
  "keep-open": { value: false, letter: "k", only: "server" },
  "name": { value: true },
  "allow": { value: true, only: "server", list: true },
  "password": { value: false },
  "password-file": { value: true },
  "tls": { value: false, only: "client" },
  "tls-ca": { value: true, only: "client" },
  "tls-cert": { value: true, only: "server" },
  "tls-key": { value: true, only: "server" },
  "unix": { value: true },
  "room": { value: false, only: "server" },
  "max-clients": { value: true, only: "server" },
  "history": { value: true, only: "server" },
  "queue": { value: true, only: "server" },
  "rate": { value: true, only: "server" },
  "end": { value: true },
  "framing": { value: true },
  "turns": { value: false },
  "lang": { value: true },
  "style": { value: true },
  "no-color": { value: false },
  "no-progress": { value: false },
  "log": { value: true },
  "time": { value: false },
  "bell": { value: false },
  "max-message": { value: true },
  "connect-timeout": { value: true },
  "idle-timeout": { value: true },
  "help": { value: false, letter: "h" },
  "version": { value: false, letter: "V" },
};

/** The names of one side's options, as `keep-open`. */
export function optionNames(role: Role): string[] {
  return [...formsOf(role).keys()];
}

function formsOf(role: Role): Map<string, Form> {
  return new Map(
    Object.entries(FORMS).filter(([, { only }]) => (only ?? role) === role),
  );
}

/**
 * The options as they are given, under their long names, and under `_` the
 * arguments that belong to none. The language is `say`'s.
 *
 * @throws {UsageError} for an option that there is not, and for a value that
 * is missing or too much.
 */
export function readArguments(
  args: readonly string[],
  role: Role,
  say: Say,
): { _: string[]; [name: string]: unknown } {
  const forms = formsOf(role);
  const names = [...forms.keys()];
  const alias = Object.fromEntries(
    [...forms].flatMap(([name, { letter }]) => letter ? [[letter, name]] : []),
  );
  return parseArgs(joinValues(args, forms, alias, say), {
    string: [...names.filter((name) => forms.get(name)?.value), "_"],
    boolean: names.filter((name) => !forms.get(name)?.value),
    collect: names.filter((name) => forms.get(name)?.list),
    alias,
    unknown(arg, key): boolean {
      if (key === undefined) return true;
      throw new UsageError(say("unknown option", { option: optionIn(arg) }));
    },
  });
}

/**
 * Joins each option to its value with `=`, so that a value may be empty or
 * begin with a dash.
 *
 * @throws {UsageError} for a long option that there is not, and for a value
 * that is missing or too much.
 */
function joinValues(
  args: readonly string[],
  forms: ReadonlyMap<string, Form>,
  alias: Record<string, string>,
  say: Say,
): string[] {
  const joined: string[] = [];
  const left = [...args];
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    if (arg === "--") return [...joined, arg, ...left];
    if (isGroup(arg)) {
      left.unshift(...splitGroup(arg, forms, alias, say));
      continue;
    }
    const [, letter = "", long, joint] =
      /^(?:-([A-Za-z])|--([^=]+))(=|$)/.exec(arg) ?? [];
    const name = long ?? alias[letter] ?? "";
    const form = forms.get(name);
    // The parser would take "_" for its own list of arguments.
    if (long !== undefined ? form === undefined : arg.startsWith("-_")) {
      throw new UsageError(say("unknown option", { option: optionIn(arg) }));
    }
    if (form?.value && joint === "") {
      const value = left.shift();
      if (value === undefined || /^--?[A-Za-z]/.test(value)) {
        throw new UsageError(say("no value", { option: arg }));
      }
      joined.push(`--${name}=${value}`);
      continue;
    }
    if (form?.value === false) {
      if (joint === "=") {
        throw new UsageError(
          name === "password"
            ? say("password as argument")
            : say("takes no value", { option: optionIn(arg) }),
        );
      }
      // Else a "true" or "false" that follows would be taken for its value.
      // And of what has a value the parser takes the first "no-" off.
      joined.push(`--${name.startsWith("no-") ? "no-" : ""}${name}=true`);
      continue;
    }
    joined.push(arg);
  }
  return joined;
}

/** Whether more than one letter, or its value, follows a dash: `-kp`, `-p80`. */
function isGroup(arg: string): boolean {
  return /^-[A-Za-z][^=]/.test(arg);
}

/**
 * The first letter of a group on its own, and the rest: more letters, or its
 * value. The parser would drop what ends with a digit, as in `-kp80`.
 *
 * @throws {UsageError} for a rest that is neither.
 */
function splitGroup(
  arg: string,
  forms: ReadonlyMap<string, Form>,
  alias: Record<string, string>,
  say: Say,
): string[] {
  const first = arg.slice(0, 2);
  const rest = arg.slice(2);
  const form = forms.get(alias[arg.charAt(1)] ?? "");
  if (form?.value) return [`${first}=${rest}`];
  if (form && /^[A-Za-z]/.test(rest)) return [first, `-${rest}`];
  throw new UsageError(say("unknown option", { option: optionIn(arg) }));
}

/** The last value of `--lang`, looked for first: errors are told in it. */
export function langIn(args: readonly string[]): string | undefined {
  let language: string | undefined;
  for (const [index, arg] of args.entries()) {
    const value = arg === "--lang"
      ? args[index + 1]
      : /^--lang=(.*)$/.exec(arg)?.[1];
    if (value === "zh" || value === "en") language = value;
  }
  return language;
}

function optionIn(arg: string): string {
  return arg.replace(/=.*$/s, "");
}
