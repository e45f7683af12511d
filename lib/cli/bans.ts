/**
 * The addresses that may not come into a room, and the file that keeps them.
 *
 * @module
 */
import { bareAddress } from "../net/limits.ts";
import { AllowList } from "../net/locks.ts";
import type { Bans } from "../room/commands.ts";
import { isAllowed } from "../text/allowed_file.ts";
import { Failure, reasonOf, type Sentence, sentence } from "../text/phrases.ts";
import { escapeUnsafe, pathFlag } from "../text/safe_text.ts";
import { isAddressRange } from "./parse.ts";

/** What an IPv4 range is longer as a range of IPv6. */
const MAPPED_BITS = 96;
/** A range, and until when it is banned where that is not for ever. */
const LINE = /^(\S+)(?:\s+(\S+))?$/;
const COMMENT = /^\s*(#|$)/;

/** A banned range. */
interface Ban {
  readonly addresses: AllowList;
  /** In milliseconds since 1970. */
  readonly until: number;
}

/** Where bans are kept. */
interface BanFile {
  readonly path: string;
  /** The lines that are no bans, which stay as they are. */
  readonly others: readonly string[];
  warn(about: Sentence): void;
}

/**
 * Bans of addresses and ranges of them. IPv4 in IPv6 counts as IPv4, on either
 * side. A ban that is over is forgotten.
 */
export class BanList implements Bans {
  readonly #bans = new Map<string, Ban>();
  readonly #file: BanFile | undefined;

  /** They are kept in the file, if there is one. */
  constructor(file?: BanFile) {
    this.#file = file;
  }

  /**
   * Those that a file holds, in which later ones are kept too. A line is a range
   * and, after a blank, its end as in ISO 8601. There need not be a file yet.
   *
   * @throws {Failure} when it can't be read.
   */
  static async open(
    path: string,
    warn: (about: Sentence) => void,
  ): Promise<BanList> {
    const paths = [path, newPath(path)];
    const needs = ["read", "write"] as const;
    const areAllowed = needs.every((name) =>
      paths.every((path) => isAllowed({ name, path }))
    );
    if (!areAllowed) {
      const flags = needs.map((access) => pathFlag(access, ...paths)).join(" ");
      throw new Failure(sentence("no bans permission", { path, flags }));
    }
    let text = "";
    try {
      text = await Deno.readTextFile(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        const cause = reasonOf(error);
        throw new Failure(sentence("bans not read", { path, cause }), {
          cause: error,
        });
      }
    }
    const others: string[] = [];
    const list = new BanList({ path, others, warn });
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      const [, asked = "", end] = LINE.exec(line.trim()) ?? [];
      const range = list.rangeOf(asked);
      const until = end === undefined ? Infinity : Date.parse(end);
      if (range !== null && !Number.isNaN(until)) list.#set(range, until);
      else if (line !== "") {
        others.push(line);
        if (COMMENT.test(line)) continue;
        const text = escapeUnsafe(line);
        warn(sentence("bad ban", { line: index + 1, path, text }));
      }
    }
    return list;
  }

  has(address: string): boolean {
    for (const [, { addresses }] of this.#current()) {
      if (addresses.has(address)) return true;
    }
    return false;
  }

  rangeOf(text: string): string | null {
    const [address = "", prefix] = text.split("/");
    if (!isAddressRange(text)) return null;
    const bare = bareAddress(address);
    if (prefix === undefined) return bare;
    const bits = bare === address ? 0 : MAPPED_BITS;
    if (Number(prefix) < bits) return null;
    return `${bare}/${Number(prefix) - bits}`;
  }

  add(range: string, milliseconds: number): void {
    this.#set(range, Date.now() + milliseconds);
    this.#save();
  }

  remove(range: string): boolean {
    const was = this.#bans.delete(range);
    if (was) this.#save();
    return was;
  }

  get all(): Iterable<readonly [range: string, milliseconds: number]> {
    return this.#current()
      .map(([range, { until }]) => [range, until - Date.now()] as const);
  }

  #set(range: string, until: number): void {
    this.#bans.set(range, { addresses: new AllowList([range]), until });
  }

  #current(): [string, Ban][] {
    const now = Date.now();
    return [...this.#bans].filter(([, { until }]) => until > now);
  }

  /** At any moment the file is there as a whole, as it was or as it is now. */
  #save(): void {
    if (this.#file === undefined) return;
    const { path, others, warn } = this.#file;
    const lines = [
      ...others,
      ...this.#current().map(([range, { until }]) =>
        until === Infinity ? range : `${range} ${new Date(until).toISOString()}`
      ),
    ];
    try {
      const text = new TextEncoder().encode(
        lines.map((line) => `${line}\n`).join(""),
      );
      using file = Deno.openSync(newPath(path), {
        write: true,
        create: true,
        truncate: true,
      });
      for (let done = 0; done < text.length;) {
        done += file.writeSync(text.subarray(done));
      }
      file.syncSync();
      Deno.renameSync(newPath(path), path);
    } catch (error) {
      const cause = reasonOf(error);
      warn(sentence("bans not written", { path: escapeUnsafe(path), cause }));
    }
  }
}

function newPath(path: string): string {
  return `${path}.new`;
}
