/**
 * Sentences in the language of the person who reads them, and the faults that
 * carry one.
 *
 * @module
 */
import { EN } from "./en.ts";
import { ZH } from "./zh.ts";

/** The languages. */
export type Language = "zh" | "en";
/** The two sides of a conversation. */
export type Role = "client" | "server";

/** All phrases by language and name. */
export const PHRASES = { en: EN, zh: ZH } as const;

/** The name of a phrase. */
export type Phrase = keyof typeof EN;

type Placeholders<Text extends string> = Text extends
  `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;
/** What a placeholder may stand for; a sentence is said in the same language. */
type Value = string | number | Sentence;
/** The values that a phrase needs, as a further argument or none. */
type Values<Name extends Phrase> = [Placeholders<typeof EN[Name]>] extends
  [never] ? []
  : [Record<Placeholders<typeof EN[Name]>, Value>];

/** A phrase with its values, in no language yet. */
export interface Sentence {
  readonly phrase: Phrase;
  readonly values: Readonly<Record<string, Value>>;
}

/** Makes a {@linkcode Sentence}; the values are those that its phrase needs. */
export function sentence<Name extends Phrase>(
  phrase: Name,
  ...[values]: Values<Name>
): Sentence {
  return { phrase, values: values ?? {} };
}

/** Says a phrase with its values, or a sentence, in one language. */
export interface Say {
  <Name extends Phrase>(phrase: Name, ...values: Values<Name>): string;
  (sentence: Sentence): string;
}

/** The {@linkcode Say} of a language. */
export function speaker(language: Language): Say {
  return function say(
    what: Phrase | Sentence,
    given?: Sentence["values"],
  ): string {
    const { phrase, values } = typeof what === "string"
      ? { phrase: what, values: given ?? {} }
      : what;
    return PHRASES[language][phrase].replaceAll(
      /\{(\w+)\}/g,
      (_, name: string) => {
        const value = values[name];
        return typeof value === "object" ? say(value) : String(value);
      },
    );
  };
}

/**
 * The commands of a room that one may use, as the help on each names them:
 * `/who`. A server's are the operator's.
 */
export function roomCommands(role: Role): string[] {
  const head = role === "server"
    ? /^(room|operator) command /
    : /^room command /;
  return Object.entries(EN)
    .filter(([phrase]) => head.test(phrase))
    .flatMap(([, help]) => help.match(/(?<=^|\(also )\/[a-z]+/g) ?? []);
}

/** The language for a tag as in `navigator.language` (BCP 47). */
export function languageOf(tag: string): Language {
  return tag.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** Thrown where it is known what the person is to be told. */
export class Failure extends Error {
  override readonly name: string = "Failure";
  /** What went wrong and what to do; it becomes text where it is shown. */
  readonly sentence: Sentence;

  constructor(sentence: Sentence, options?: ErrorOptions) {
    super(`Cannot go on: ${sentence.phrase}`, options);
    this.sentence = sentence;
  }
}

/** The system's words for what was thrown. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
