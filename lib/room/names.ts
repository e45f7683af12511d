/**
 * Names in a room: what they look like, so that nobody is taken for another,
 * who has which, and whom one ignores by name.
 *
 * @module
 */
import { folded } from "../text/name_look.ts";
import { type Sentence, sentence } from "../text/phrases.ts";
import {
  guestName,
  guestNumber,
  MAX_NAME_CHARACTERS,
  nameProblem,
} from "../wire/names.ts";
import type { Member } from "./member.ts";
import CONFUSABLE from "unhomoglyph/data" with { type: "json" };

/** Each character that looks like others, and these (UTS #39). */
const PROTOTYPES: Readonly<Record<string, string>> = CONFUSABLE;
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * What a name can be taken for, as it is and in lower case. Two names that
 * share a look are alike: they differ in case or width, or their skeletons
 * (UTS #39) are the same. A look is to be compared, never to be shown.
 */
export function looksOf(name: string): ReadonlySet<string> {
  const forms = [name.normalize("NFKC"), folded(name)];
  return new Set(forms.map((form) => folded(skeleton(form))));
}

/** How many changes may lead from a name to the one that was meant. */
const MAX_CHANGES = 2;
/** And to how much of a short name, though at least to one character. */
const CHANGED_PART = 1 / 3;

/** The one of the names that is most like a misspelt one, if one is. */
export function nearest(
  name: string,
  names: readonly string[],
): string | undefined {
  const wanted = folded(name.slice(0, 2 * MAX_NAME_CHARACTERS));
  const part = Math.floor(wanted.length * CHANGED_PART);
  let least = Math.min(MAX_CHANGES, Math.max(1, part)) + 1;
  let found: string | undefined;
  for (const one of names) {
    const form = folded(one);
    const isBegun = form.startsWith(wanted);
    const changes = isBegun ? 1 : changesBetween(wanted, form);
    if (changes >= least) continue;
    least = changes;
    found = one;
  }
  return found;
}

/**
 * How many characters to put in, leave out or change, or to swap with the next
 * (Damerau and Levenshtein, each part of the text edited once).
 */
function changesBetween(one: string, other: string): number {
  const [ones, others] = [[...one], [...other]];
  const rows = [[0, ...others.map((_, index) => index + 1)]];
  for (const [place, character] of ones.entries()) {
    const [before, row = [], next = [place + 1]] = [rows.at(-2), rows.at(-1)];
    for (const [index, match] of others.entries()) {
      const changed = (row[index] ?? 0) + (character === match ? 0 : 1);
      const shorter = Math.min(row[index + 1] ?? 0, next[index] ?? 0) + 1;
      const isSwapped = match === ones[place - 1] &&
        character === others[index - 1];
      const swapped = isSwapped ? before?.[index - 1] ?? Infinity : Infinity;
      next.push(Math.min(changed, shorter, swapped + 1));
    }
    rows.push(next);
  }
  return rows.at(-1)?.at(-1) ?? 0;
}

function skeleton(text: string): string {
  const seen = text.normalize("NFD").replaceAll(UNSEEN, "");
  return Array.from(seen, (character) => PROTOTYPES[character] ?? character)
    .join("").normalize("NFD");
}

/** After so long without a word one may have gone, in milliseconds. */
const SILENT_MS = 60_000;
/** For how long one that wants its name waits until that is found out. */
const WISH_MS = 5000;

/** One that would like to have a name. */
interface Wish {
  readonly member: Member;
  /** How it is called itself; a later name is what it wants. */
  readonly from: string;
  readonly name: string;
  /** Until when it wants that, in milliseconds. */
  readonly until: number;
}

/**
 * The names of the members; no two of them look alike.
 *
 * A member that has not been heard for a minute may have gone. It is written to
 * when somebody wants its name: that breaks its connection where its machine is
 * there and its program is not. As long as its connection lives, it keeps the
 * name, since nobody else can show to be the same: others may share its address,
 * and all know the password. Then the one that wanted it last gets it: at any
 * time if that is a guest from the same address, since one that comes back often
 * does so before its old connection is gone.
 */
export class Names {
  readonly #now: () => number;
  readonly #ask: (holder: Member) => void;
  readonly #give: (member: Member, name: string) => void;
  /** When each was asked. */
  readonly #asked = new WeakMap<Member, number>();
  /** By the one whose name is wanted. */
  readonly #wishes = new WeakMap<Member, Wish>();
  /** All that have a name, in the room or not yet, by their looks. */
  readonly #named = new Map<string, Member>();
  /** No guest has a lower number than this that is free. */
  #lowestFree = 1;

  /**
   * `ask` writes to a member whose name is wanted, `give` renames one that
   * wanted a name which is free now.
   */
  constructor(
    now: () => number,
    { ask, give }: {
      ask(holder: Member): void;
      give(member: Member, name: string): void;
    },
  ) {
    this.#now = now;
    this.#ask = ask;
    this.#give = give;
  }

  /** All that have a name. */
  get members(): ReadonlySet<Member> {
    return new Set(this.#named.values());
  }

  /** The one that has that name, or one that looks like it. */
  find(name: string): Member | undefined {
    const looks = [...looksOf(name)];
    return looks.map((look) => this.#named.get(look)).find((one) => one);
  }

  /**
   * Gives a member a name instead of its own; null, or why it can't have it.
   * Where it `asks` for it itself, it may get it later.
   */
  claim(member: Member, name: string, asks = true): Sentence | null {
    const problem = nameProblem(name);
    if (problem !== null) return sentence(problem);
    const looks = looksOf(name);
    for (const look of looks) {
      // It would end where the room says that a name ends.
      if (look.includes(":")) return sentence("name characters");
      const holder = this.#named.get(look) ?? member;
      if (holder === member) continue;
      if (asks) this.#wish(holder, member, name);
      return sentence("name taken", { name: holder.name });
    }
    this.free(member);
    for (const look of looks) this.#named.set(look, member);
    member.rename(name);
    return null;
  }

  /** Makes a guest of a member. */
  claimGuest(member: Member): void {
    while (this.claim(member, guestName(this.#lowestFree++), false) !== null);
  }

  /** Makes the member's name free. */
  free(member: Member): void {
    const { name } = member;
    for (const look of looksOf(name)) this.#named.delete(look);
    const number = guestNumber(folded(name)) ?? Infinity;
    this.#lowestFree = Math.min(this.#lowestFree, number);
    // Others hear first what has become of the one.
    queueMicrotask(() => this.#passOn(member));
  }

  #wish(holder: Member, member: Member, name: string): void {
    const now = this.#now();
    const isSilent = now - holder.heardAt >= SILENT_MS;
    const isBack = guestNumber(member.name) !== undefined &&
      member.network === holder.network;
    if (holder.operator || !(isSilent || isBack)) return;
    const until = isBack ? Infinity : now + WISH_MS;
    this.#wishes.set(holder, { member, from: member.name, name, until });
    // Others must not be able to bother it more often.
    const asked = this.#asked.get(holder) ?? -Infinity;
    if (!isSilent || !holder.isIn || now - asked < SILENT_MS) return;
    this.#asked.set(holder, now);
    this.#ask(holder);
  }

  /** Gives the name that was a member's to the one that wants it. */
  #passOn(before: Member): void {
    const wish = this.#wishes.get(before);
    if (wish === undefined || this.find(wish.name) !== undefined) return;
    this.#wishes.delete(before);
    const { member, from, name, until } = wish;
    const isWanted = member.name === from && this.#now() <= until;
    if (isWanted && !member.isOver) this.#give(member, name);
  }
}

/** How many names one may ignore. */
export const MAX_IGNORED = 100;
const NOBODY: ReadonlySet<Member> = new Set();

/** Whom one member ignores. */
interface Ignored {
  /** As what their names looked then: one that comes again is ignored too. */
  readonly looks: Set<string>;
  /** Those themselves, whatever they are called now; the last ones. */
  readonly speakers: Set<Member>;
}

/** Those who ignore others. For those who ignore nobody it costs nothing. */
export class Ignoring {
  readonly #byReader = new Map<Member, Ignored>();
  /** Also of speakers who have gone, as long as what they said is kept. */
  readonly #bySpeaker = new WeakMap<object, Set<Member>>();

  /** Those who don't hear what the speaker says. */
  of(speaker: object): ReadonlySet<Member> {
    return this.#bySpeaker.get(speaker) ?? NOBODY;
  }

  /** The reader doesn't hear the speaker from now on; false if it ignores too many. */
  add(reader: Member, speaker: Member): boolean {
    const ignored = this.#byReader.get(reader) ??
      { looks: new Set(), speakers: new Set() };
    if (ignored.looks.size >= MAX_IGNORED) return false;
    this.#byReader.set(reader, ignored);
    for (const look of looksOf(speaker.name)) ignored.looks.add(look);
    this.#separate(reader, ignored, speaker);
    return true;
  }

  /** The reader hears those of that name again; false if it ignores none. */
  take(reader: Member, name: string): boolean {
    const ignored = this.#byReader.get(reader);
    if (ignored === undefined) return false;
    const looks = looksOf(name);
    let isKnown = false;
    for (const look of looks) isKnown = ignored.looks.delete(look) || isKnown;
    for (const speaker of ignored.speakers) {
      if (looksOf(speaker.name).isDisjointFrom(looks)) continue;
      this.#join(reader, ignored, speaker);
      isKnown = true;
    }
    const isEmpty = ignored.looks.size + ignored.speakers.size === 0;
    if (isEmpty) this.#byReader.delete(reader);
    return isKnown;
  }

  /** A member has come, perhaps one that others ignore by its name. */
  came(speaker: Member): void {
    if (this.#byReader.size === 0) return;
    const looks = looksOf(speaker.name);
    for (const [reader, ignored] of this.#byReader) {
      if (reader === speaker || ignored.looks.isDisjointFrom(looks)) continue;
      this.#separate(reader, ignored, speaker);
    }
  }

  /** A member has gone, with its wishes. */
  gone(reader: Member): void {
    const ignored = this.#byReader.get(reader);
    if (ignored === undefined) return;
    for (const speaker of ignored.speakers) {
      this.#join(reader, ignored, speaker);
    }
    this.#byReader.delete(reader);
  }

  #separate(reader: Member, { speakers }: Ignored, speaker: Member): void {
    const [first] = speakers.add(speaker);
    const readers = this.#bySpeaker.get(speaker) ?? new Set();
    this.#bySpeaker.set(speaker, readers.add(reader));
    if (first === undefined || speakers.size <= MAX_IGNORED) return;
    speakers.delete(first);
    this.#bySpeaker.get(first)?.delete(reader);
  }

  #join(reader: Member, { speakers }: Ignored, speaker: Member): void {
    speakers.delete(speaker);
    this.#bySpeaker.get(speaker)?.delete(reader);
  }
}
