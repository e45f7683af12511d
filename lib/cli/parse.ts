/**
 * The command line: arguments to options.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  Failure,
  type Language,
  languageOf,
  type Role,
  type Sentence,
  sentence,
} from "../text/phrases.ts";
import { nameProblem } from "../wire/names.ts";
import { type Form, type Option, type Options, optionsOf } from "./options.ts";

/** The longest time that a timer can run, 2 ** 31 - 1 ms, in whole seconds. */
const MAX_SECONDS = 2_147_483;
const MAX_PORT = 65535;
/** How a number of each kind is written, its lowest and its highest. */
const NUMBERS = {
  "count": ["a count", /^\d{1,7}$/, 1, 9_999_999],
  "number": ["a count", /^\d{1,7}$/, 0, 9_999_999],
  "port": ["a port", /^\d{1,5}$/, 1, MAX_PORT],
  "size": ["a size", /^\d+[kmg]?$/i, 1, 1024 ** 3],
  "seconds": ["seconds", /^\d*\.?\d+$/, Number.MIN_VALUE, MAX_SECONDS],
} as const;
/** Each for 1024 times the one before. */
const UNITS = ["k", "m", "g"];
/** A port, maybe after a host. */
const PLACE = /^(?:(.+):)?(\d{1,5})$/;
/** How a text of each kind is written. */
const TEXTS = {
  // A name or an IPv4 address, or an IPv6 address, maybe with its zone.
  "host": [
    "a host",
    /^(?=.{1,255}$)(?!\d+$)(?:[\p{L}\p{M}\p{N}._。-]+|[\da-f]*:[\da-f]*:[\da-f:.]*(?:%[\p{L}\p{N}._-]+)?)$/iu,
  ],
  "path": ["a path", /^[^\0]+$/],
  "word": ["a word", /^[^\r\n]*$/],
} as const;
/** An address as the programs print it: host and port. */
const ADDRESS = /^(\[.*\]|[^:]*):(\d+)$/s;
/** The options that a program also takes as arguments, by their places. */
const ARGUMENTS: Readonly<Record<Role, readonly string[]>> = {
  client: ["host", "port"],
  server: [],
};

/** The command line asks for something that there is not; says what is right. */
export class UsageError extends Failure {
  override readonly name = "UsageError";
}

/**
 * Reads a command line.
 *
 * @throws {UsageError} for an unknown option, a bad value, a stray argument.
 */
export function parseOptions(args: readonly string[], role: Role): Options {
  const options = optionsOf(role);
  const names = [...options.keys()];
  const parsed = parseArgs(joinValues(args, options, role), {
    string: [...names, "_"],
    collect: names,
  });
  /** The texts of each option that is given; that of a flag means nothing. */
  const given = new Map<string, string[]>();
  for (const name of names) {
    const texts = [parsed[name]].flat().map(String);
    if (texts.length > 0) given.set(name, texts);
  }
  const words = parsed._.flatMap((word, place) =>
    place === 0 ? ADDRESS.exec(String(word))?.slice(1) ?? word : word
  ).map(String);
  for (const [place, argument] of words.entries()) {
    const name = ARGUMENTS[role][place];
    if (name === undefined) {
      const right = sentence(`${role} takes`);
      throw new UsageError(sentence("stray argument", { argument, right }));
    }
    if (given.has(name)) {
      throw new UsageError(sentence("given twice", { what: `--${name}` }));
    }
    given.set(name, [argument]);
  }
  for (const name of given.keys()) {
    const { needs, excludes = [] } = options.get(name)?.form ?? {};
    const one = `--${name}`;
    if (needs !== undefined && !given.has(needs)) {
      throw new UsageError(sentence("needs", { one, other: `--${needs}` }));
    }
    const excluded = excludes.find((other) => {
      const [option = "", value] = other.split(" ");
      const texts = given.get(option);
      return texts && (value === undefined || texts.at(-1) === value);
    });
    if (excluded === undefined) continue;
    const argument = words[ARGUMENTS[role].indexOf(excluded)];
    const other = argument ?? `--${excluded.replace(/ $/, " ''")}`;
    throw new UsageError(sentence("not together", { one, other }));
  }
  const values = [...optionsOf()].map(([name, { form }]) => {
    const texts = given.get(name);
    const isOn = name.startsWith("no-") !== (texts !== undefined);
    if (form.takes === undefined) return [propertyOf(name), isOn] as const;
    const value = texts ? valueOf(name, form, texts, role) : form.default;
    return [propertyOf(name), value] as const;
  });
  // The type is made of the same table.
  return Object.fromEntries(values) as Options;
}

function propertyOf(name: string): string {
  return name.replace(/^no-/, "")
    .replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The value of an option that takes one; the last text counts. */
function valueOf(
  name: string,
  { takes = [] }: Form,
  texts: readonly string[],
  role: Role,
): Options[keyof Options] {
  const option = `--${name}`;
  const value = texts.at(-1) ?? "";
  const wrong = (right: Sentence, part = value): UsageError =>
    new UsageError(sentence("bad value", { option, value: part, right }));
  if (takes === "name") {
    const problem = nameProblem(value);
    if (problem === null) return value;
    const values = { option, value, problem: sentence(problem) };
    throw new UsageError(sentence("bad name", values));
  }
  if (takes === "addresses") {
    const entries = texts.join(",").split(",");
    const odd = entries.find((entry) => !isAddressRange(entry.trim()));
    if (odd === undefined) return entries.map((entry) => entry.trim());
    throw wrong(sentence("an address range"), odd);
  }
  if (takes === "place") {
    const [, given, digits = ""] = PLACE.exec(value) ?? [];
    const host = given?.replace(/^\[(.*)\]$/, "$1");
    const port = Number(digits);
    const isGood = digits !== "" && port <= MAX_PORT &&
      (host === undefined || TEXTS.host[1].test(host));
    if (isGood) return { host, port };
    throw wrong(sentence("a place"));
  }
  if (takes === "host" || takes === "path" || takes === "word") {
    const [right, form] = TEXTS[takes];
    const text = takes === "host" ? value.replace(/^\[(.*)\]$/, "$1") : value;
    if (!form.test(text)) throw wrong(sentence(right));
    return takes === "host" ? inAscii(text) : text;
  }
  if (typeof takes === "object") {
    if (takes.includes(value)) return value;
    throw wrong(sentence("one of", { choices: takes.join(", ") }));
  }
  const [right, form, lowest, high] = NUMBERS[takes];
  const low = takes === "port" && role === "server" ? 0 : lowest;
  const unit = UNITS.indexOf(value.slice(-1).toLowerCase()) + 1;
  const number = Number.parseFloat(value) * 1024 ** unit;
  if (form.test(value) && number >= low && number <= high) {
    return takes === "seconds" ? number * 1000 : number;
  }
  throw wrong(sentence(right, { low, high }));
}

/** The host name that resolvers and certificates know (UTS #46, Punycode). */
function inAscii(host: string): string {
  const isAscii = /^\p{ASCII}*$/u.test(host);
  return isAscii ? host : URL.parse(`http://${host}`)?.hostname ?? host;
}

/** Whether a text is an IP address, maybe with the length of a prefix. */
export function isAddressRange(text: string): boolean {
  const [, address = "", prefix = "0"] =
    /^([^/%]+?)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (address.includes(":")) {
    return URL.canParse(`http://[${address}]`) && Number(prefix) <= 128;
  }
  const parts = /^\d+\.\d+\.\d+\.\d+$/.test(address);
  // The parser of addresses would write another form in its own way.
  return parts && URL.parse(`http://${address}`)?.hostname === address &&
    Number(prefix) <= 32;
}

/**
 * Joins each option's long name to its value with `=`, so that a value may be
 * empty or begin with a dash.
 *
 * @throws {UsageError} for an option that there is not, and for a value that
 * is missing or too much.
 */
function joinValues(
  args: readonly string[],
  options: ReadonlyMap<string, Required<Option>>,
  role: Role,
): string[] {
  const all = optionsOf();
  const letters = new Map(
    [...all].map(([name, { form }]) => [form.letter, name]),
  );
  const joined: string[] = [];
  const left = [...args];
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    if (arg === "--") return [...joined, arg, ...left];
    if (arg === "-" || !arg.startsWith("-")) {
      joined.push(arg);
      continue;
    }
    const [, long, letter = "-", rest = ""] =
      /^-(?:-([^=]+)|([A-Za-z]))(.*)$/s.exec(arg) ?? [];
    const name = long ?? letters.get(letter) ?? "";
    const form = options.get(name)?.form;
    const option = arg.replace(/=.*$/s, "");
    if (form?.takes !== undefined) {
      const { alone, takes } = form;
      // What follows may be another argument.
      const isAlone = alone !== undefined && rest === "" &&
        !takes.includes(left[0] ?? "");
      const given = isAlone ? `=${alone}` : rest;
      const value = given === "" ? left.shift() : given.replace(/^=/, "");
      if (
        value === undefined || given === "" && /^--?[A-Za-z]/.test(value)
      ) throw new UsageError(sentence("no value", { option }));
      joined.push(`--${name}=${value}`);
      continue;
    }
    if (form && rest.startsWith("=")) {
      throw new UsageError(
        name === "password"
          ? sentence("password as argument")
          : sentence("takes no value", { option }),
      );
    }
    if (!form && all.has(name)) {
      throw new UsageError(sentence(`not the ${role}'s`, { option }));
    }
    // After a flag's letter there may be more letters.
    if (!form || /^[^A-Za-z]/.test(rest)) {
      throw new UsageError(sentence("unknown option", { option }));
    }
    if (rest !== "") left.unshift(`-${rest}`);
    // The parser takes the first "no-" off.
    joined.push(`--${name.startsWith("no-") ? "no-" : ""}${name}=`);
  }
  return joined;
}

/**
 * The language of a command line: the last value of `--lang`, or that of the
 * locale, as in `navigator.language`. It is looked for before all else, so that
 * errors are told in it too.
 */
export function languageIn(args: readonly string[], locale: string): Language {
  const language = args
    .flatMap((arg, index) =>
      arg === "--lang" ? `${arg}=${args[index + 1]}` : arg
    )
    .findLast((arg) => arg === "--lang=zh" || arg === "--lang=en");
  return languageOf(language?.slice("--lang=".length) ?? locale);
}
