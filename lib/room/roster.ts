/**
 * Who has which name.
 *
 * @module
 */
import { nameKey, type NameProblem, nameProblem } from "../wire/names.ts";

const GUEST = /^guest-([1-9][0-9]*)$/;

/** Why a name can't be had; each is the name of a phrase. */
export type NameRefusal = NameProblem | "name taken";

/** Something that has a name. */
export interface Named {
  name: string;
}

/** Gives names so that no two are alike. */
export class Roster<Holder extends Named> {
  readonly #holders = new Map<string, Holder>();
  /** No guest has a lower number than this that is free. */
  #lowestFree = 1;

  /** All that have a name. */
  get holders(): Iterable<Holder> {
    return this.#holders.values();
  }

  /**
   * Gives the holder that name instead of the one it has, if any. Returns null,
   * or why it can't be had.
   */
  claim(holder: Holder, name: string): NameRefusal | null {
    const problem = nameProblem(name);
    if (problem !== null) return problem;
    const key = nameKey(name);
    const other = this.#holders.get(key);
    if (other !== undefined && other !== holder) return "name taken";
    this.release(holder);
    this.#holders.set(key, holder);
    holder.name = name;
    return null;
  }

  /** Gives the holder the guest's name with the lowest free number. */
  claimGuest(holder: Holder): void {
    while (this.claim(holder, `guest-${this.#lowestFree}`) !== null) {
      this.#lowestFree++;
    }
    this.#lowestFree++;
  }

  /** Makes the holder's name free. */
  release(holder: Holder): void {
    const key = nameKey(holder.name);
    if (this.#holders.get(key) !== holder) return;
    this.#holders.delete(key);
    const number = GUEST.exec(key)?.[1];
    if (number === undefined) return;
    this.#lowestFree = Math.min(this.#lowestFree, Number(number));
  }
}
