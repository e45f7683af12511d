/**
 * The room's web port: where it is, as a person is told.
 *
 * @module
 */
import { orAborted } from "../chat/waiting.ts";
import type { Listening } from "../net/listen.ts";
import { listenWeb, type WebOptions } from "../web/listen.ts";
import type { Program } from "./program.ts";

/**
 * Listens for browsers, and tells the addresses to type; at a terminal the
 * first one also as a QR code.
 *
 * @throws {Failure} when it can't listen.
 */
export async function openWeb(
  { options, password, say, terminal, signal }: Program,
  web: WebOptions["web"],
): Promise<Listening> {
  const opening = listenWeb({ ...options, web }, {
    password,
    say,
    signal,
    warn: (sentence) => terminal.warn(sentence),
  });
  const listening = await orAborted(opening, signal);
  const { urls } = listening;
  terminal.note(say("web", { addresses: urls.join(" ") }));
  const [url] = urls;
  if (options.qr && url !== undefined && Deno.stderr.isTerminal()) {
    const { renderUnicodeCompact } = await import("uqr");
    terminal.note(renderUnicodeCompact(url, { border: 2 }));
  }
  return listening;
}
