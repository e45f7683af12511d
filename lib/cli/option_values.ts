/**
 * The values of options: texts to what they mean.
 *
 * @module
 */
import type { AllowList } from "./allow_list.ts";
import { escapeUnsafe } from "../text/safe_text.ts";
import type { Say } from "../text/phrases.ts";

const MAX_PORT = 65535;
const MAX_HOST_CHARACTERS = 255;
/** A name or an IPv4 address, or an IPv6 address, maybe with its zone. */
const HOST =
  /^(?:[\p{L}\p{M}\p{N}._-]+|[\da-f]*:[\da-f]*:[\da-f:.]*(?:%[\p{L}\p{N}._-]+)?)$/iu;
/** The largest size that can be asked for, in bytes. */
const MAX_SIZE_BYTES = 1024 ** 3;
/** The longest time that a timer can run, 2 ** 31 - 1 ms, in whole seconds. */
const MAX_TIME_SECONDS = 2_147_483;
const UNITS: ReadonlyMap<string, number> = new Map([
  ["k", 1024],
  ["m", 1024 ** 2],
  ["g", 1024 ** 3],
]);

/** The command line asks for something that there is not; says what is right. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /** What the message quotes may have line endings; it stays one line. */
  constructor(message: string) {
    super(escapeUnsafe(message));
  }
}

/**
 * Reads values, each undefined where it is not given.
 *
 * Each throws a {@linkcode UsageError} that says what would be right, for a
 * value that is not.
 */
export class OptionValues {
  readonly #values: Record<string, unknown>;
  readonly #say: Say;

  constructor(values: Record<string, unknown>, say: Say) {
    this.#values = values;
    this.#say = say;
  }

  /** Whether the option stands on the command line, with an empty value too. */
  isGiven(name: string): boolean {
    const value = this.#values[name];
    if (Array.isArray(value)) return value.length > 0;
    return value !== undefined && value !== false;
  }

  /** @throws {UsageError} when `one` is given, and one of the others too. */
  exclude(one: string, ...others: readonly string[]): void {
    const other = others.find((name) => this.isGiven(name));
    if (!this.isGiven(one) || other === undefined) return;
    throw new UsageError(
      this.#say("not together", { one: `--${one}`, other: `--${other}` }),
    );
  }

  /** @throws {UsageError} when one of `others` is given, but not `one`. */
  require(one: string, ...others: readonly string[]): void {
    const other = others.find((name) => this.isGiven(name));
    if (this.isGiven(one) || other === undefined) return;
    throw new UsageError(
      this.#say("needs", { one: `--${other}`, other: `--${one}` }),
    );
  }

  /** Whether an option without a value is given. */
  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** One of the choices. */
  choice<Choice extends string>(
    name: string,
    choices: readonly Choice[],
  ): Choice | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const choice = choices.find((choice) => choice === value);
    if (choice !== undefined) return choice;
    throw this.#bad(
      name,
      value,
      this.#say("one of", { choices: choices.join(", ") }),
    );
  }

  /** A host, without the brackets of an IPv6 address; or the argument. */
  host(name: string, argument?: string): string | undefined {
    const value = this.#once(name, argument);
    if (value === undefined) return undefined;
    const host = value.replace(/^\[(.*)\]$/, "$1");
    if (host.length <= MAX_HOST_CHARACTERS && HOST.test(host)) return host;
    throw this.#bad(name, value, this.#say("a host"));
  }

  /** A whole number from `low` on. */
  count(name: string, low: number): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const count = Number(value);
    if (/^\d{1,7}$/.test(value) && count >= low) return count;
    throw this.#bad(name, value, this.#say("a count", { low }));
  }

  /** A port from `low` on; or the argument. */
  port(name: string, low: number, argument?: string): number | undefined {
    const value = this.#once(name, argument);
    if (value === undefined) return undefined;
    const port = Number(value);
    if (/^\d{1,5}$/.test(value) && port >= low && port <= MAX_PORT) return port;
    throw this.#bad(name, value, this.#say("a port", { low }));
  }

  /** A number of seconds, in milliseconds. */
  time(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const seconds = Number(value);
    if (
      /^\d*\.?\d+$/.test(value) && seconds > 0 && seconds <= MAX_TIME_SECONDS
    ) return seconds * 1000;
    const right = this.#say("seconds", { high: MAX_TIME_SECONDS });
    throw this.#bad(name, value, right);
  }

  /** A number of bytes, with `k`, `M` or `G` for 1024, its square, its cube. */
  size(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const [, digits, unit = ""] = /^(\d+)([kmg]?)$/i.exec(value) ?? [];
    const size = Number(digits) * (UNITS.get(unit.toLowerCase()) ?? 1);
    if (size >= 1 && size <= MAX_SIZE_BYTES) return size;
    throw this.#bad(name, value, this.#say("a size"));
  }

  /** A text within one line; it may be empty. */
  word(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || !/[\r\n]/.test(value)) return value;
    throw this.#bad(name, value, this.#say("a word"));
  }

  /** Addresses and ranges with commas between, the option given repeatedly. */
  async addresses(name: string): Promise<AllowList | undefined> {
    const lists = this.#values[name];
    if (!Array.isArray(lists) || lists.length === 0) return undefined;
    // Loaded here: who has no such list starts sooner without it.
    const { AllowList } = await import("./allow_list.ts");
    const list = new AllowList();
    for (const entry of lists.join(",").split(",")) {
      if (list.add(entry.trim())) continue;
      throw this.#bad(name, entry, this.#say("an address range"));
    }
    return list;
  }

  /** The path of a file. */
  path(name: string): string | undefined {
    const value = this.#value(name);
    if (value !== "" && !value?.includes("\0")) return value;
    throw this.#bad(name, value, this.#say("a path"));
  }

  /** A name that a peer may be told. */
  async name(name: string): Promise<string | undefined> {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    // Loaded here: who has no name starts sooner without it.
    const { nameProblem } = await import("../wire/names.ts");
    const problem = nameProblem(value);
    if (problem === null) return value;
    throw new UsageError(this.#say("bad name", {
      option: `--${name}`,
      value,
      problem: this.#say(problem),
    }));
  }

  /** A value that may come as an argument or as an option, not as both. */
  #once(name: string, argument: string | undefined): string | undefined {
    const value = this.#value(name);
    if (value === undefined || argument === undefined) return value ?? argument;
    throw new UsageError(this.#say("given twice", { what: `--${name}` }));
  }

  #value(name: string): string | undefined {
    const value = this.#values[name];
    return value === undefined ? undefined : String(value);
  }

  #bad(name: string, value: string, right: string): UsageError {
    return new UsageError(
      this.#say("bad value", { option: `--${name}`, value, right }),
    );
  }
}
