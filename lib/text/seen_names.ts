/**
 * The names that one sees in a room, for one who wants to type them.
 *
 * @module
 */
import { type Phrase, PHRASES } from "./phrases.ts";

/** More names than anyone chooses from. */
const MAX_NAMES = 1000;
/** Names as a room lists them; none holds a blank, a colon or a comma. */
const LIST = String.raw`[^\s:,]+(?:, [^\s:,]+)*`;

/** What a room says of one that is there, and of one that isn't any more. */
const HERE: readonly Phrase[] = ["room joined", "room came", "room who line"];
const GONE: readonly Phrase[] = [
  ...["room left", "room went", "room left, unsaid", "room dropped"] as const,
  ...["room kicked", "room banned"] as const,
];

/**
 * How a room tells what became of names, in each language. Made for the first
 * line of a room: programs start sooner without it.
 */
let news: readonly RegExp[] | undefined;

/** Names in the order in which one looks for them: the last speaker's first. */
export class SeenNames {
  /** The last speaker's last. */
  #names = new Set<string>();

  #own = "";

  /** All of them but the own, the last speaker's first. */
  get latest(): string[] {
    return [...this.#names].toReversed().filter((name) => name !== this.#own);
  }

  /**
   * A line of the room has come, with its first name and what comes after that.
   * Returns whether that is a name indeed, perhaps of one that leaves.
   */
  learn(
    { kind, name, text }: Record<"kind" | "name" | "text", string>,
  ): boolean {
    const isKnown = kind !== "notice" || this.has(name);
    if (kind === "told") {
      this.#own = name;
      this.noticed(text);
    } else if (kind === "notice") this.noticed(`${name} ${text}`);
    else this.spoke(name);
    return isKnown || this.has(name);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Someone of that name has spoken. */
  spoke(name: string): void {
    this.#names.delete(name);
    this.#names.add(name);
    const [oldest = ""] = this.#names;
    if (this.#names.size > MAX_NAMES) this.#names.delete(oldest);
  }

  /** The room has said something, which may tell of names. */
  noticed(text: string): void {
    news ??= Object.values(PHRASES).flatMap(patternsOf);
    const found = news.map((pattern) => pattern.exec(text)?.groups)
      .find((groups) => groups !== undefined);
    if (found === undefined) return;
    const { old = "" } = found;
    const gone = namesIn(found["went"]);
    const fresh = namesIn(found["came"]).filter((it) => !this.#names.has(it));
    // The place of the old one, or that of one that has not spoken.
    const names = this.#names.has(old) ? [] : fresh;
    for (const name of this.#names) {
      if (name === old) names.push(...fresh);
      else if (!gone.includes(name)) names.push(name);
    }
    this.#names = new Set(names.slice(-MAX_NAMES));
  }
}

function namesIn(list = ""): string[] {
  return list.split(", ").filter((name) => name !== "");
}

/** What matches the phrases that tell of names, which become groups. */
function patternsOf(said: Readonly<Record<Phrase, string>>): RegExp[] {
  const from = form(said["room from"], { name: "", address: "\\S+" });
  const more = form(said["room and more"], { names: "", count: "\\d+" });
  const group = (meaning: string): string =>
    `(?<${meaning}>${LIST})(?:${from}|${more})?`;
  const pattern = (phrase: Phrase, meaning: string): RegExp => {
    const groups = {
      name: group(meaning),
      ...{ came: group("came"), went: group("went"), old: group("old") },
    };
    return new RegExp(`^${form(said[phrase], groups)}(?:${from})?$`);
  };
  return [
    ...HERE.map((phrase) => pattern(phrase, "came")),
    ...GONE.map((phrase) => pattern(phrase, "went")),
    ...(["room renamed", "room came and went"] as const)
      .map((phrase) => pattern(phrase, "came")),
  ];
}

/** A phrase as a pattern, in which from the first other value on all may come. */
function form(
  phrase: string,
  values: Readonly<Record<string, string>>,
): string {
  let pattern = "";
  for (const [index, part] of phrase.split(/\{(\w+)\}/).entries()) {
    const value = values[part];
    if (index % 2 === 0) {
      pattern += part.replaceAll(/[()[\]?.*+^$|\\]/g, String.raw`\$&`);
    } else if (value !== undefined) pattern += value;
    else return `${pattern}[^]*`;
  }
  return pattern;
}
