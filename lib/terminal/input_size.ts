/**
 * How much there is on standard input.
 *
 * @module
 */
import { fstatSync } from "node:fs";

const STANDARD_INPUT = 0;

/**
 * The size in bytes of the file that standard input is; undefined for a pipe,
 * a terminal, a device, and a file without a size of its own. Needs no
 * permission. What was read of the file before this program got it is part of
 * the size: asking for the place in the file would take all permissions.
 */
export function inputSize(): number | undefined {
  try {
    const information = fstatSync(STANDARD_INPUT);
    return information.isFile() && information.size > 0
      ? information.size
      : undefined;
  } catch {
    // Not every system tells of every kind of standard input.
    return undefined;
  }
}
