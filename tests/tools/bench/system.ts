/**
 * What the system says about a process; only Linux says it here.
 *
 * @module
 */

/** The unit of times in `/proc`, fixed in the kernel's interface. */
const TICKS_PER_SECOND = 100;
const BYTES_PER_KIBIBYTE = 1024;

/** The CPU seconds that a process has used; NaN where nobody says. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await read(`/proc/${pid}/stat`);
  // The second field is a name in parentheses, which may have spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The memory that a process holds, in bytes; NaN where nobody says. */
export function residentBytes(pid: number): Promise<number> {
  return memoryBytes(pid, "VmRSS");
}

/** The most memory that it has held so far, in bytes; NaN as above. */
export function peakBytes(pid: number): Promise<number> {
  return memoryBytes(pid, "VmHWM");
}

/** How many files a process has open; NaN where nobody says. */
export async function openFiles(pid: number): Promise<number> {
  const names = await output("ls", `/proc/${pid}/fd`);
  return names === "" ? NaN : names.trim().split("\n").length;
}

/** How many files a process may have open; Infinity where nobody says. */
export async function openFilesLimit(): Promise<number> {
  const limits = await read(`/proc/${Deno.pid}/limits`);
  const match = /^Max open files\s+(\d+)/m.exec(limits);
  return Number(match?.[1] ?? Infinity);
}

async function memoryBytes(pid: number, field: string): Promise<number> {
  const status = await read(`/proc/${pid}/status`);
  const [, kibibytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status) ?? [];
  return Number(kibibytes ?? NaN) * BYTES_PER_KIBIBYTE;
}

/** Deno itself may read there only when it may do everything. */
function read(path: string): Promise<string> {
  return output("cat", path);
}

async function output(command: string, path: string): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(command, { args: [path] })
      .output();
    return new TextDecoder().decode(stdout);
  } catch {
    return "";
  }
}
