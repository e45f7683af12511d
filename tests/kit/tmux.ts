/**
 * Programs at a real terminal for tests: what is typed, and what the screen
 * shows then. The terminal is tmux, each with a server of its own.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { endInOrder } from "./process.ts";

/** How long the screen may take to show what is waited for, in milliseconds. */
const PATIENCE_MS = 60_000;

const ROOT = new URL("../../", import.meta.url).pathname;

/**
 * Notes the terminal's settings before and after the program, and the process
 * it is. What is said at the end begins a line only when the program left none.
 */
const WRAPPER = `
folder=$1; shift
stty -a > "$folder/before"
sh -c 'echo $$ > "$0/pid"; exec "$@"' "$folder" "$@"
status=$?
stty -a > "$folder/after"
echo "[ended with $status]"
exec sleep 600
`;

/** What a screen shows, or is to show. */
interface Shown {
  rows: readonly string[];
  cursor?: readonly [column: number, row: number];
}

/** What a terminal is started with. */
export interface TerminalOptions {
  columns?: number;
  rows?: number;
  /** Further environment variables of the program. */
  env?: Record<string, string>;
}

/** A terminal with one program in it; it is taken away when disposed of. */
export class Tmux {
  readonly #folder = Deno.makeTempDirSync();

  /** Starts a program in a terminal of 80 columns and 24 rows, or of others. */
  static async start(
    [command, args]: [string, string[]],
    { columns = 80, rows = 24, env = {} }: TerminalOptions = {},
  ): Promise<Tmux> {
    const tmux = new Tmux();
    const variables = Object.entries({ LC_ALL: "C.UTF-8", ...env });
    await tmux.#startOrRemove(
      ["start-server", ";"],
      // All that a program may do to a terminal is allowed to it.
      ["set-option", "-g", "allow-rename", "on", ";"],
      ["set-option", "-g", "allow-passthrough", "on", ";"],
      ["set-option", "-s", "set-clipboard", "on", ";"],
      ["set-option", "-s", "escape-time", "0", ";"],
      ["set-option", "-g", "status", "off", ";"],
      ["set-option", "-g", "bell-action", "any", ";"],
      ["set-hook", "-g", "alert-bell", "set-option -ag @bells x", ";"],
      ["new-session", "-d", "-x", String(columns), "-y", String(rows)],
      ["-n", "chat", "-c", ROOT, "--"],
      ["env", "-u", "NO_COLOR", "-u", "TMUX", "SHELL=/bin/sh"],
      variables.map(([name, value]) => `${name}=${value}`),
      ["sh", "-c", WRAPPER, "sh", tmux.#folder, command, ...args],
    );
    return tmux;
  }

  /** Runs the first command, and leaves nothing behind when that fails. */
  async #startOrRemove(...args: string[][]): Promise<void> {
    try {
      await this.#run(...args);
    } catch (error) {
      await this.#remove();
      throw error;
    }
  }

  /** The program's process id. */
  async pid(): Promise<number> {
    await this.until(() => this.#note("pid") !== "");
    return Number(this.#note("pid"));
  }

  /** Types text, character by character. */
  async type(text: string): Promise<void> {
    for (const character of text) {
      await this.#run(["send-keys", "-l", "--", character]);
    }
  }

  /** Presses keys by the names that tmux has for them: `Enter`, `C-a`. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.#run(["send-keys", "--", key]);
  }

  /** Gives the program bytes as they are, as if they were typed at once. */
  async give(bytes: Uint8Array): Promise<void> {
    const file = `${this.#folder}/given`;
    await Deno.writeFile(file, bytes);
    await this.#run(["load-buffer", "-b", "given", file]);
    await this.#run(["paste-buffer", "-r", "-d", "-b", "given"]);
  }

  /**
   * Pastes text all at once, as a terminal does: `\n` is the Enter key. It is
   * marked as a paste where the program asks for that.
   */
  async paste(text: string): Promise<void> {
    await this.#run(["set-buffer", "-b", "pasted", "--", text]);
    await this.#run(["paste-buffer", "-p", "-d", "-b", "pasted"]);
  }

  /** Settles when the program's terminal has that size. */
  async resize(columns: number, rows: number): Promise<void> {
    const size = ["-x", String(columns), "-y", String(rows)];
    await this.#run(["resize-window", ...size]);
    const terminal = await this.ask("#{pane_tty}");
    await this.#poll(async () => {
      const found = await output("stty", ["-F", terminal, "size"]);
      return found.trim() === `${rows} ${columns}`;
    });
  }

  /** Gives the terminal the mode of a shell, as one that stopped the program. */
  async takeBack(): Promise<void> {
    const terminal = await this.ask("#{pane_tty}");
    await output("stty", ["-F", terminal, "sane"]);
  }

  /** Settles when the program reads each key at once, without its being shown. */
  async untilRaw(): Promise<void> {
    const terminal = await this.ask("#{pane_tty}");
    await this.#poll(async () => {
      const mode = await output("stty", ["-F", terminal, "-a"]);
      return mode.includes("-icanon") && mode.includes("-echo ");
    });
  }

  /**
   * The rows of the screen, without blanks at their ends and without empty
   * rows at the bottom.
   */
  async screen(): Promise<string> {
    const rows = await this.#run(["capture-pane", "-p"]);
    return rows.replaceAll(/[ \t]+$/gm, "").trimEnd();
  }

  /** The same with what scrolled off it, and with colours if asked for. */
  async everything(options: { colors?: boolean } = {}): Promise<string> {
    const rows = await this.#run(
      ["capture-pane", "-p", "-S", "-"],
      options.colors ? ["-e"] : [],
    );
    return rows.replaceAll(/[ \t]+$/gm, "").trimEnd();
  }

  /** The column and the row of the cursor, counted from 0. */
  async cursor(): Promise<[column: number, row: number]> {
    const [column, row] = (await this.ask("#{cursor_x} #{cursor_y}"))
      .split(" ").map(Number);
    return [column ?? NaN, row ?? NaN];
  }

  /** What tmux knows: a format such as `#{pane_title}`, filled in. */
  async ask(format: string): Promise<string> {
    return (await this.#run(["display-message", "-p", format])).trimEnd();
  }

  /** How often the program rang the bell. */
  async bells(): Promise<number> {
    return (await this.ask("#{@bells}")).length;
  }

  /** Closes the terminal while the program runs. */
  async closeWindow(): Promise<void> {
    await this.#run(["kill-server"]);
  }

  /** The pasted or copied texts that tmux keeps. */
  async buffers(): Promise<string> {
    return await this.#run(["list-buffers"]);
  }

  /** Waits until the screen shows a text, or is as wanted; returns the screen. */
  async until(
    wanted: string | RegExp | ((screen: string) => boolean),
  ): Promise<string> {
    let screen = "";
    await this.#poll(async () => {
      screen = await this.screen();
      if (typeof wanted === "string") return screen.includes(wanted);
      return wanted instanceof RegExp ? wanted.test(screen) : wanted(screen);
    }, () => `No ${wanted} on the screen, but:\n${screen}`);
    return screen;
  }

  /** Waits until the screen shows just these rows, with the cursor at a place. */
  async shows(
    rows: readonly string[],
    cursor?: readonly [column: number, row: number],
  ): Promise<void> {
    await this.#compare({ rows, ...(cursor && { cursor }) }, () => 0);
  }

  /** The same for the last rows; the cursor's row is counted from their first. */
  async endsWith(
    rows: readonly string[],
    cursor?: readonly [column: number, row: number],
  ): Promise<void> {
    await this.#compare(
      { rows, ...(cursor && { cursor }) },
      (count) => Math.max(0, count - rows.length),
    );
  }

  async #compare(
    wanted: Shown,
    first: (count: number) => number,
  ): Promise<void> {
    let found: Shown = { rows: [] };
    await this.#poll(
      async () => {
        const rows = (await this.screen()).split("\n");
        const skipped = first(rows.length);
        const [column, row] = await this.cursor();
        found = {
          rows: rows.slice(skipped),
          ...(wanted.cursor && { cursor: [column, row - skipped] }),
        };
        return JSON.stringify(found) === JSON.stringify(wanted);
      },
      () => {
        assertEquals(found, wanted);
        return "The screen changed";
      },
    );
  }

  /**
   * Waits for the program to end and looks whether the terminal is as it was
   * found. Returns the exit status and the screen that it left.
   */
  async finish(): Promise<{ status: number; screen: string }> {
    const all = await this.until(/\[ended with \d+\]/);
    // Nothing of a prompt is before it.
    const end = /^(?:(.*)\n)?\[ended with (\d+)\]$/s.exec(all);
    assert(end, all);
    assertEquals(this.#note("after"), this.#note("before"));
    assertEquals(
      await this.ask("#{cursor_flag} #{alternate_on} #{cursor_x}"),
      "1 0 0",
    );
    const [, screen = "", status] = end;
    return { status: Number(status), screen };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (await this.#isThere()) await this.#end();
    } finally {
      await this.#remove();
    }
  }

  /** Ends the program, then the terminal. */
  async #end(): Promise<void> {
    const pid = await this.pid();
    // The wrapper writes its notes until it has said so.
    const ended = (): Promise<string> => this.until(/\[ended with \d+\]/);
    await endInOrder(() => this.#signal(pid, "SIGTERM"), ended);
    this.#signal(pid, "SIGKILL");
    await ended();
  }

  async #isThere(): Promise<boolean> {
    try {
      await this.#run(["has-session"]);
      return true;
    } catch {
      return false;
    }
  }

  /** Ends the tmux server and removes its socket, which tmux leaves behind. */
  async #remove(): Promise<void> {
    try {
      if (await this.#isThere()) await this.#run(["kill-server"]);
    } finally {
      await Deno.remove(this.#folder, { recursive: true });
    }
  }

  /** Sends the program a signal, if it still runs. */
  #signal(pid: number, signal: Deno.Signal): void {
    try {
      if (this.#note("after") === "") Deno.kill(pid, signal);
    } catch {
      // It has ended in this moment.
    }
  }

  #note(name: string): string {
    try {
      return Deno.readTextFileSync(`${this.#folder}/${name}`);
    } catch {
      return "";
    }
  }

  /** Each look at the terminal takes a process, which paces it. */
  async #poll(
    done: () => Promise<boolean>,
    complaint: () => string = () => "It took too long",
  ): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!await done()) {
      if (performance.now() > deadline) throw new Error(complaint());
    }
  }

  #run(...args: string[][]): Promise<string> {
    return output("tmux", [
      ...["-u", "-f", "/dev/null", "-S", `${this.#folder}/socket`],
      ...args.flat(),
    ]);
  }
}

async function output(command: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args })
    .output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}
