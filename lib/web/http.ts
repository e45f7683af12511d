/**
 * Requests of HTTP/1.1 (RFC 9112), as far as a page and a WebSocket need them.
 *
 * @module
 */

import { LINE_FEED } from "../wire/framing.ts";

/** A request, without a body: none of those that are answered has one. */
export interface Request {
  readonly method: string;
  /** Without what follows a `?`. */
  readonly path: string;
  /** By their names in lower case; one that comes twice has both values. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What a request is answered with. */
export interface Answer {
  /** As in `404 Not Found`. */
  readonly status: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

const REQUEST_LINE = /^([A-Z]{1,16}) (\/[^\s?#]*)(?:\?[^\s#]*)? HTTP\/1\.[01]$/;
const HEADER = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/;
/** What no header may hold: controls but the tab. */
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/;
const END = "\r\n\r\n";

/**
 * How many bytes the head of a request has; undefined until it is whole. The
 * first `seen` bytes were looked at before.
 */
export function headLength(
  bytes: Uint8Array,
  seen: number,
): number | undefined {
  for (let end = seen; end < bytes.length; end++) {
    if (bytes[end] !== LINE_FEED) continue;
    const next = end + 1;
    if (latin1(bytes.subarray(next - END.length, next)) === END) return next;
  }
  return undefined;
}

/** Reads the head of a request; null for one that is none. */
export function parseHead(bytes: Uint8Array): Request | null {
  const [first = "", ...lines] = latin1(bytes).slice(0, -END.length)
    .split("\r\n");
  const [, method = "", path = ""] = REQUEST_LINE.exec(first) ?? [];
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ""] = HEADER.exec(line) ?? [];
    if (name === undefined || CONTROL.test(line)) return null;
    const key = name.toLowerCase();
    const earlier = headers.get(key);
    headers.set(key, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return path === "" ? null : { method, path, headers };
}

/**
 * An answer as bytes, after which the connection is closed, unless it switches
 * protocols.
 */
export function answerBytes(
  { status, headers = {}, body }: Answer,
  method?: string,
): Uint8Array {
  const all = {
    ...headers,
    ...(body && { "Content-Length": String(body.length) }),
    ...(!("Connection" in headers) && { "Connection": "close" }),
  };
  const lines = Object.entries(all).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  const head = new TextEncoder().encode(
    `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`,
  );
  if (!body || method === "HEAD") return head;
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** Each byte as a character, as headers have them. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
