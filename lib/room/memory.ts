/**
 * Memory that is no longer used, given back to the system.
 *
 * The runtime collects garbage as it creates more, so a room that has come to
 * rest after a rush would keep all that the rush took, for ever.
 *
 * @module
 */
import { Alarm } from "../chat/waiting.ts";

/** How many come or go before there is much to give back. */
export const RUSH = 100;
/** For how many milliseconds nothing goes on before it is given back. */
const REST_MS = 1000;

/** Gives memory back each time that a rush is over. */
export class MemoryKeeper {
  readonly #alarm: Alarm;
  #changes = 0;

  /** Calls `release` when many have come or gone and nothing goes on. */
  constructor(release: () => void) {
    this.#alarm = new Alarm(REST_MS, () => {
      this.#changes = 0;
      release();
    });
  }

  /** Someone has come or gone. */
  changed(): void {
    this.#changes++;
    this.busy();
    if (this.#changes >= RUSH) this.#alarm.run();
  }

  /** Something goes on. */
  busy(): void {
    this.#alarm.reset();
  }

  /** Nothing is given back any more. */
  stop(): void {
    this.#alarm.stop();
  }
}

/**
 * Collects all garbage and gives its memory back, where the runtime lets a
 * program do so: Deno 2.9 does, 2.6 does not. Nothing else runs meanwhile: some
 * 20 microseconds for each member of a room.
 */
export async function releaseMemory(): Promise<void> {
  // Loaded here: few ever need it.
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  // A context made from now on has the collector as a function.
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("globalThis.gc");
  if (typeof collect === "function") collect();
}
