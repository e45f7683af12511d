/**
 * Who in a room does not want to hear whom.
 *
 * @module
 */
import { looksOf } from "./look.ts";
import type { Member } from "./member.ts";

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
