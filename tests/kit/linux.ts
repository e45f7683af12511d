/**
 * What only Linux tells of a process, for tests, which have all permissions:
 * without them Deno may not read there, see `bench/system.ts`.
 *
 * @module
 */
import { OFF_LINUX, unless } from "./ignored.ts";
import { testWith } from "./programs.ts";

/** The unit in which Linux tells of memory, in bytes. */
const KIBIBYTE = 1024;

/** How much memory a process holds, in bytes. */
export function residentBytes(pid: number): Promise<number> {
  return memoryBytes(pid, "VmRSS");
}

/** The most memory that a process has held so far, in bytes. */
export function peakBytes(pid: number): Promise<number> {
  return memoryBytes(pid, "VmHWM");
}

/** How many files and sockets a process has open. */
export function openFiles(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/**
 * A test that looks into `/proc`, or stops a process; ignored elsewhere. The
 * programs that it needs are those of {@linkcode testWith}.
 */
export function testOnLinux(
  name: string,
  fn: () => Promise<void>,
  programs: readonly string[] = [],
): void {
  if (Deno.build.os === "linux") testWith(programs, name, fn);
  else Deno.test({ ...unless(OFF_LINUX, name), fn });
}

async function memoryBytes(pid: number, field: string): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const [, kibibytes] = new RegExp(`^${field}:\\s*(\\d+) kB$`, "m")
    .exec(status) ?? [];
  if (kibibytes === undefined) throw new Error(`Process ${pid} has ended`);
  return Number(kibibytes) * KIBIBYTE;
}
