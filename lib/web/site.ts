/**
 * What each request to the web port is answered with: the page, a WebSocket or
 * why not.
 *
 * @module
 */
import type { Answer, Request } from "./http.ts";
import type { Page } from "./page.ts";

/** What is put before the key of a WebSocket's answer (RFC 6455, section 1.3). */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** A key is 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** An answer; `opens` tells that what follows are frames. */
export type SiteAnswer = Answer & {
  readonly opens?: true;
  /** Set for a page of another site that wants to open the WebSocket. */
  readonly foreign?: string;
};

/** What answers a request; null stands for one that is none. */
export async function answerTo(
  request: Request | null,
  page: Page,
): Promise<SiteAnswer> {
  if (request === null) return refusal("400 Bad Request", page);
  const { method, path, headers } = request;
  if (path !== "/") return refusal("404 Not Found", page);
  if (!headers.has("host")) return refusal("400 Bad Request", page);
  if (method !== "GET" && method !== "HEAD") {
    return refusal("405 Method Not Allowed", page, { "Allow": "GET, HEAD" });
  }
  const upgrade = headers.get("upgrade");
  if (upgrade === undefined) {
    return { status: "200 OK", headers: page.headers, body: page.body };
  }
  if (method !== "GET" || !has(upgrade, "websocket")) {
    return refusal("400 Bad Request", page);
  }
  return await openWebSocket(headers, page);
}

async function openWebSocket(
  headers: Request["headers"],
  page: Page,
): Promise<SiteAnswer> {
  const key = headers.get("sec-websocket-key") ?? "";
  if (!has(headers.get("connection"), "upgrade") || !KEY.test(key)) {
    return refusal("400 Bad Request", page);
  }
  if (headers.get("sec-websocket-version") !== "13") {
    const right = { "Sec-WebSocket-Version": "13" };
    return refusal("426 Upgrade Required", page, right);
  }
  const origin = headers.get("origin") ?? "";
  // Behind a proxy the scheme may be another one, the host is not.
  if (URL.parse(origin)?.host !== hostIn(headers, origin)) {
    return { ...refusal("403 Forbidden", page), foreign: origin };
  }
  const digest = await crypto.subtle.digest(
    "SHA-1",
    new TextEncoder().encode(key + GUID),
  );
  return {
    status: "101 Switching Protocols",
    headers: {
      "Upgrade": "websocket",
      "Connection": "Upgrade",
      "Sec-WebSocket-Accept": new Uint8Array(digest).toBase64(),
    },
    opens: true,
  };
}

/** The host of the page that was asked for, as a URL has it. */
function hostIn(headers: Request["headers"], origin: string): string | null {
  const { protocol = "http:" } = URL.parse(origin) ?? {};
  return URL.parse(`${protocol}//${headers.get("host")}`)?.host ?? null;
}

function has(list = "", word: string): boolean {
  return list.toLowerCase().split(",").some((entry) => entry.trim() === word);
}

function refusal(
  status: string,
  { headers }: Page,
  more: Readonly<Record<string, string>> = {},
): SiteAnswer {
  return {
    status,
    headers: {
      ...headers,
      "Content-Type": "text/plain; charset=utf-8",
      ...more,
    },
    body: new TextEncoder().encode(`${status}\n`),
  };
}
