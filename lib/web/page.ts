/**
 * The page, and the headers that keep it what it is.
 *
 * @module
 */
import html from "./page.html" with { type: "text" };
import { TALKING } from "../room/talking.ts";
import { NAME_LOOK } from "../text/name_look.ts";
import {
  type Language,
  type Phrase,
  PHRASES,
  type Say,
} from "../text/phrases.ts";
import { UNSAFE } from "../text/safe_text.ts";

/** What is answered to a browser that asks for the page. */
export interface Page {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What the page needs to know of the room. */
export interface PageOptions {
  say: Say;
  /** The message that ends a member's part; empty for none. */
  end: string;
  hasPassword: boolean;
}

/** What the page looks for in what the room says. */
const NOTICES = [
  "room welcome",
  "room welcome, no end",
  "room name kept",
  "room you were kicked",
  "room you were banned",
  "room joined",
  "room left",
  "room left, unsaid",
  "room dropped",
  "room kicked",
  "room banned",
  "room renamed",
  "room who",
  "room who line",
] as const satisfies readonly Phrase[];
/** What each placeholder of such a notice becomes there. */
const PLACEHOLDERS: Readonly<Record<string, string>> = Object.fromEntries(
  ["name", "old", "count", "time", "end", "problem", "why"].map((name) =>
    [name, `{${name}}`] as const
  ),
);
/** What a member can type, each command with its other words. */
const COMMANDS = TALKING.map(({ name, aliases = [] }) =>
  [name, ...aliases].map((word) => `/${word}`)
);

/** What names the phrases of the page itself. */
const OWN = "page ";

/** Those phrases in a language, by the rest of their names. */
function textsIn(language: Language): Record<string, string> {
  const texts = Object.entries(PHRASES[language])
    .filter(([phrase]) => phrase.startsWith(OWN))
    .map(([phrase, text]) => [phrase.slice(OWN.length), text] as const);
  return Object.fromEntries(texts);
}

/** Makes the page for a room. */
export async function makePage(
  { say, end, hasPassword }: PageOptions,
): Promise<Page> {
  const notices = NOTICES.map((phrase) =>
    [phrase, say({ phrase, values: PLACEHOLDERS })] as const
  );
  const settings = JSON.stringify({
    end,
    hasPassword,
    commands: COMMANDS,
    look: NAME_LOOK,
    unsafe: UNSAFE.source,
    texts: { en: textsIn("en"), zh: textsIn("zh") },
    notices: Object.fromEntries(notices),
  });
  const text = html.replace("{settings}", () => escapeAttribute(settings));
  const [style, script] = await Promise.all([
    hashOf(html, "style"),
    hashOf(html, "script"),
  ]);
  const policy = [
    "default-src 'none'",
    `script-src '${script}'`,
    `style-src '${style}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": policy.join("; "),
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
      "Cache-Control": "no-store",
    },
    body: new TextEncoder().encode(text),
  };
}

/** The hash that lets the one element of that kind into the page (CSP3). */
async function hashOf(html: string, element: string): Promise<string> {
  const [, content = ""] = new RegExp(
    `<${element}>([^]*?)</${element}>`,
  ).exec(html) ?? [];
  const bytes = new TextEncoder().encode(content);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return `sha256-${new Uint8Array(digest).toBase64()}`;
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;");
}
