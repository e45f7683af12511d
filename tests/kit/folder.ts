/**
 * Folders for tests.
 *
 * @module
 */

/** Gives a new folder, and takes it away again with all that is in it. */
export async function inFolder(
  work: (folder: string) => unknown,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "duihua-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
