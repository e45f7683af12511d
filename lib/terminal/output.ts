/**
 * Standard output and error, where all that is given is written.
 *
 * @module
 */
import { OutputClosed } from "../chat/endpoint.ts";

/** Something to write to; `Deno.stdout` and `Deno.stderr` fit. */
export interface Output {
  /** Takes some of the bytes; settles with how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * Writes all of the bytes; settles when they are taken.
 *
 * @throws {OutputClosed} when standard output can't be written.
 */
export async function writeOutput(
  output: Output,
  bytes: Uint8Array,
): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;) {
      done += await output.write(bytes.subarray(done));
    }
  } catch (cause) {
    throw new OutputClosed(cause);
  }
}

/** The same, without waiting; `Deno.stderr` fits. */
export interface ErrorOutput {
  /** Takes some of the bytes; returns how many. */
  writeSync(bytes: Uint8Array): number;
}

/** Puts text on standard error as it is. Never throws: nobody could be told. */
export function writeError(
  text: string,
  stderr: ErrorOutput = Deno.stderr,
): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let done = 0; done < bytes.length;) {
      done += stderr.writeSync(bytes.subarray(done));
    }
  } catch {
    // Closed, or full.
  }
}
