/**
 * Rooms of real processes for tests: who opens one, who comes.
 *
 * @module
 */
import type { StartOptions } from "./process.ts";
import { type ServerProcess, startServer } from "./programs.ts";
import { RawPeer } from "./raw_peer.ts";

/** Starts a server that holds a room. */
export function startRoom(
  args: readonly string[] = [],
  options?: StartOptions,
): Promise<ServerProcess> {
  return startServer(["--room", ...args], options);
}

/**
 * A member by that name who is in the room. Where the server was slow to read
 * the name it came as a guest, and was renamed.
 */
export async function comeAs(name: string, port: number): Promise<RawPeer> {
  const member = await RawPeer.connect(port);
  await member.send(`/name ${name}\n`);
  await member.until(`* ${name}: `);
  return member;
}

/** What was heard, without the lines that tell how someone got a name. */
export function withoutNaming(heard: string): string {
  return heard.replaceAll(
    /^(\| )?\* (\S+: (welcome, |You are ).*|.* has joined( from \S+)?|.* is now .*)\n/gm,
    "",
  );
}

/** Longer lines than this are counted, not kept, in UTF-16 units. */
const KEPT_LENGTH = 1024;

/** A member who hears much: keeps short lines, and counts long ones. */
export class Hearer {
  /** How many long lines have come. */
  long = 0;
  readonly #peer: RawPeer;
  #short = "";
  #rest = "";

  constructor(peer: RawPeer) {
    this.#peer = peer;
  }

  /** Reads until a short line with that text has come; returns all of them. */
  async until(text: string): Promise<string> {
    while (!this.#short.includes(text)) this.#take(await this.#peer.next());
    return this.#short;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.length > KEPT_LENGTH) this.long++;
      else this.#short += `${line}\n`;
    }
  }
}
