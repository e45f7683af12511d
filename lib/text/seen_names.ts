/**
 * The names that one sees in a room, for one who wants to type them.
 *
 * @module
 */
import { type Phrase, PHRASES } from "./phrases.ts";

/** More names than anyone chooses from. */
const MAX_NAMES = 1000;

/** How a room tells that there is a name, in each language. */
const NEWS = patternsOf("room joined", "room renamed");

/** Names in the order in which one looks for them: the last speaker's first. */
export class SeenNames {
  /** The last speaker's last. */
  #names = new Set<string>();

  /** All of them, the last speaker's first. */
  get latest(): string[] {
    return [...this.#names].toReversed();
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

  /** The room has said something to all, which may tell of a name. */
  noticed(text: string): void {
    for (const pattern of NEWS) {
      const { name, old = "" } = pattern.exec(text)?.groups ?? {};
      if (name === undefined || this.#names.has(name)) continue;
      // The place of the old one, or that of one that has not spoken.
      const names = this.#names.has(old)
        ? [...this.#names].map((it) => it === old ? name : it)
        : [name, ...this.#names];
      this.#names = new Set(names.slice(-MAX_NAMES));
    }
  }
}

/** What matches phrases, whose values become groups. */
function patternsOf(...phrases: Phrase[]): RegExp[] {
  return Object.values(PHRASES).flatMap((said) =>
    phrases.map((phrase) =>
      new RegExp(`^${said[phrase].replaceAll(/\{(\w+)\}/g, "(?<$1>\\S+)")}$`)
    )
  );
}
