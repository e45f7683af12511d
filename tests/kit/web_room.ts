/**
 * Rooms of real processes that browsers can enter.
 *
 * @module
 */
import { commandFor, ServerProcess } from "./programs.ts";
import type { StartOptions } from "./process.ts";

/** A server with a room and a web port. */
export class WebRoom extends ServerProcess {
  #url = "";

  /** Starts it on free ports, in English unless the arguments differ. */
  static async open(
    args: readonly string[] = [],
    options?: StartOptions,
  ): Promise<WebRoom> {
    const ports = ["--port", "0", ...args.includes("--web") ? [] : ["--web=0"]];
    const language = args.includes("--lang") ? [] : ["--lang", "en"];
    const room = new WebRoom(
      ...commandFor("server", ["--room", ...ports, ...language, ...args], [
        "--no-prompt",
        "--allow-net",
        "--allow-read",
      ]),
      options,
    );
    await room.listening();
    const [, url = ""] = await room.stderr.until(
      /(?:In a browser|用浏览器打开): (\S+)\n/,
    );
    room.#url = url;
    return room;
  }

  /** What a person types into a browser. */
  get url(): string {
    return this.#url;
  }

  /** The port in it. */
  get web(): number {
    return Number(new URL(this.#url).port);
  }
}
