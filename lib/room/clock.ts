/**
 * Time, as something that tests can bring along.
 *
 * @module
 */

/** What is needed of time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `ring` after so many milliseconds; what it returns cancels that. */
  after(milliseconds: number, ring: () => void): () => void;
}

/** The clock of this machine. */
export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  after(milliseconds: number, ring: () => void): () => void {
    const timer = setTimeout(ring, milliseconds);
    return () => clearTimeout(timer);
  },
};
